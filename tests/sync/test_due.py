"""What time makes happen: whatever no job woke is found."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from bridgedesk import jobs
from bridgedesk.channels.base import SendError
from bridgedesk.channels.events import File
from bridgedesk.conversations.models import Attachment, Message
from bridgedesk.lib import clock
from bridgedesk.lib.queue import enqueue
from bridgedesk.shops.models import Shop
from bridgedesk.sync import due, fetching, watching
from bridgedesk.sync.models import Delivery
from tests.pretend import Pretend

Say = Callable[..., Delivery]
FILES = [{"name": "photo.png", "url": "https://files.example/1"}]


def waiting() -> list[tuple[str, Any]]:
    rows = ProcrastinateJob.objects.filter(status="todo").order_by("task_name", "id").values_list("task_name", "args")
    return [(name, next(iter(args.values()), None)) for name, args in rows]


@pytest.fixture
def nothing_queued(db: None) -> Callable[[], None]:
    """As if every job had been lost."""

    def forget() -> None:
        with connection.cursor() as cursor:
            cursor.execute("delete from procrastinate_jobs")

    return forget


@pytest.fixture(autouse=True)
def _empty_queue(nothing_queued: Callable[[], None]) -> None:
    """Tests with real transactions leave their jobs behind: the queue's tables are not Django's to flush."""
    nothing_queued()


def test_when_every_job_is_lost_the_sweep_finds_every_row(
    say: Say, write: Callable[..., list[Message]], pretend_shop: Shop, nothing_queued: Callable[[], None]
) -> None:
    (message,), delivery = write(), say("m1", thread="t9")
    nothing_queued()
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        due.sweep()
        due.sweep()
    assert waiting() == [("apply_deliveries", delivery.shop_id), ("poll_shop", pretend_shop.pk), ("send_message", message.pk)]


def test_the_sweep_leaves_what_is_done_alone(say: Say, pretend_shop: Shop, nothing_queued: Callable[[], None]) -> None:
    say("m1", apply=True)
    nothing_queued()
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        due.sweep()
    assert waiting() == [("poll_shop", pretend_shop.pk)]


def test_every_job_that_is_queued_exists() -> None:
    names = set(jobs.app.tasks)
    assert {
        "apply_deliveries",
        "apply_delivery",
        "follow_up",
        "send_message",
        "fetch_file",
        "poll_shop",
        "notify_endpoint",
        "perform_act",
    } <= names
    assert {"sweep", "retry_stalled", "tidy"} <= names


def test_a_job_asked_for_once_waits_once(db: None) -> None:
    for _ in range(3):
        enqueue("poll_shop", once="poll:7", shop=7)
    assert waiting() == [("poll_shop", 7)]


def test_raw_bytes_are_forgotten_after_their_time_and_the_row_stays(say: Say, settings: Any) -> None:
    settings.RAW_DAYS = 30
    kept, old = say("m1", apply=True), say("m2", apply=True)
    stuck = say("m3", thread="t3")
    Delivery.objects.exclude(pk=kept.pk).update(received_at=clock.now() - timedelta(days=31))
    due.tidy()
    bodies = {row.pk: bytes(row.body) for row in Delivery.objects.all()}
    assert bodies[old.pk] == b""
    assert bodies[kept.pk]
    assert bodies[stuck.pk]


def test_a_named_file_is_fetched_and_typed_by_its_bytes(say: Say, platform: Pretend) -> None:
    say("m1", apply=True, files=FILES)
    row = Attachment.objects.get()
    fetching.fetch_file(row.pk)
    row.refresh_from_db()
    assert (row.state, row.type, row.attempts) == ("stored", "image/png", 1)


def test_a_file_that_is_gone_says_so_and_one_that_is_late_is_fetched_later(say: Say, platform: Pretend) -> None:
    def gone(file: File) -> bytes:
        raise SendError("the platform does not have it any more", permanent=True)

    def late(file: File) -> bytes:
        raise SendError("busy", permanent=False)

    say("m1", apply=True, files=FILES)
    row, platform.on_file = Attachment.objects.get(), late
    fetching.fetch_file(row.pk)
    row.refresh_from_db()
    assert row.state == "waiting"
    platform.on_file = gone
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        assert due.files() == [row.pk]
        fetching.fetch_file(row.pk)
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", "the platform does not have it any more")


@pytest.mark.django_db(transaction=True)
def test_a_mailbox_that_says_itself_when_something_came_is_polled_then(
    pretend_shop: Shop, platform: Pretend, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert watching.watchable() == []
    monkeypatch.setattr(platform, "wait", lambda account, seconds, mark: "2 mails", raising=False)
    assert watching.watchable() == [pretend_shop.pk]
    assert watching._wait_once(pretend_shop.pk, "1 mail") == "2 mails"
    assert waiting() == [("poll_shop", pretend_shop.pk)]
    Shop.objects.update(state="paused")
    assert watching.watchable() == []
    assert watching._wait_once(pretend_shop.pk, "2 mails") == ""
