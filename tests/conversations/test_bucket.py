"""Attachments in a bucket instead of a folder: kept, served, thrown away, over HTTP with real signatures."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from bridgedesk.channels.events import File, MessageReceived, Person
from bridgedesk.conversations import actions, attachments, sending
from bridgedesk.conversations.models import Attachment, Message
from bridgedesk.lib import clock, storage
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent
from tests import bucket as buckets
from tests.bucket import KEY, SECRET, Bucket

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
SignIn = Callable[[Agent], Client]


@pytest.fixture
def bucket(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Bucket]:
    """The installation as an operator would point it at a bucket."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with buckets.opened() as opened:
        env = {"BRIDGEDESK_S3_BUCKET": "lamps", "AWS_S3_ENDPOINT_URL": opened.url, "AWS_S3_REGION_NAME": "eu-central-1"}
        settings.STORAGES = settings.STORAGES | {"default": storage.settings(env, tmp_path)}
        yield opened


@pytest.fixture
def message(shop: Shop) -> Message:
    made = actions.receive(shop, MessageReceived("t1", "m1", Person("b1"), clock.now(), "See the photo"))
    assert made
    return made


def keep(message: Message, data: bytes = PNG) -> Attachment:
    return attachments.store(message.conversation, message, File(name="台灯 1.png", data=data))


def test_without_a_bucket_files_lie_in_the_folder(tmp_path: Any) -> None:
    assert storage.settings({}, tmp_path)["OPTIONS"]["location"] == tmp_path


def test_a_file_lies_in_the_bucket_under_its_random_name(bucket: Bucket, message: Message) -> None:
    kept = keep(message)
    assert bucket.objects == {f"/lamps/{kept.storage_key}": PNG}
    assert attachments.open_bytes(kept) == PNG
    assert bucket.refused == []
    assert {method for method, _path, _headers in bucket.taken} <= {"PUT", "HEAD", "GET"}


def test_it_is_served_by_us_and_only_to_who_may_see_it(
    bucket: Bucket, message: Message, alice: Agent, charlie: Agent, sign_in: SignIn
) -> None:
    kept = keep(message)
    answer = sign_in(alice).get(f"/files/{kept.token}")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert "sandbox" in answer["Content-Security-Policy"]
    asked = len(bucket.taken)
    assert sign_in(charlie).get(f"/files/{kept.token}").status_code == 404
    assert len(bucket.taken) == asked


def test_a_file_of_many_megabytes_is_kept_whole(bucket: Bucket, message: Message) -> None:
    data = PNG + bytes(range(256)) * 50_000
    assert attachments.open_bytes(keep(message, data)) == data
    assert [method for method, _path, _headers in bucket.taken].count("PUT") == 1


def test_what_is_thrown_away_is_gone_from_the_bucket(bucket: Bucket, alice: Agent) -> None:
    draft = attachments.draft("lamp.png", PNG, by=alice)
    assert attachments.discard(draft.token, by=alice)
    assert bucket.objects == {}


def test_a_bucket_that_does_not_delete_costs_no_answer(bucket: Bucket, alice: Agent) -> None:
    draft = attachments.draft("lamp.png", PNG, by=alice)
    bucket.away = True
    assert attachments.discard(draft.token, by=alice)
    assert not Attachment.objects.exists()


def test_a_file_lost_from_the_bucket_is_not_found(bucket: Bucket, message: Message, alice: Agent, sign_in: SignIn) -> None:
    kept = keep(message)
    bucket.objects.clear()
    assert sign_in(alice).get(f"/files/{kept.token}").status_code == 404


def test_a_wrong_secret_is_refused_by_the_bucket(bucket: Bucket, message: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(Exception, match="SignatureDoesNotMatch"):
        keep(message)
    assert bucket.objects == {}


@pytest.mark.parametrize(("away", "state"), [(True, "queued"), (False, "failed")])
def test_an_answer_whose_file_cannot_be_read_waits_or_says_so(
    away: bool, state: str, bucket: Bucket, message: Message, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bridgedesk.channels.registry import CHANNELS
    from tests.pretend import Pretend

    platform = Pretend()
    monkeypatch.setitem(CHANNELS, "manual", platform)
    draft = attachments.draft("lamp.png", PNG, by=alice)
    (answer,) = actions.reply(message.conversation, "Here it is", by=alice, files=[draft])
    Message.objects.filter(pk=answer.pk).update(not_before=clock.now())
    bucket.away = away
    bucket.objects.clear()
    sending.send(answer.pk)
    answer.refresh_from_db()
    assert (answer.state, platform.outbox) == (state, [])
    assert answer.error
