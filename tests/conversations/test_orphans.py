"""Files a crash left without a row are cleared away a day later; a file in use never."""

import os
import subprocess
import sys
from time import time

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from bridgedesk.channels.events import File, MessageReceived, Person
from bridgedesk.conversations import actions, attachments, orphans
from bridgedesk.conversations.models import Attachment
from bridgedesk.lib import clock
from tests.conversations.test_bucket import bucket

__all__ = ["bucket"]
CRASH = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "bridgedesk.settings"
import django
django.setup()
from django.db import transaction
from bridgedesk.channels.events import File, MessageReceived, Person
from bridgedesk.conversations import actions, attachments
from bridgedesk.conversations.models import Attachment
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
files = (File(name="a.txt", data=b"the photo"),)
with attachments.landed(files), transaction.atomic():
    actions.receive(Shop.objects.get(), MessageReceived("t", "m", Person("b"), clock.now(), "See", files=files))
    assert Attachment.objects.exists()
    os._exit(9)  # the power goes: the bytes are written, the rows are not
"""


@pytest.fixture
def folder(tmp_path, settings):
    """The attachments' folder, as a process of its own finds it too."""
    kept = tmp_path / "attachments"
    kept.mkdir()
    entry = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": kept}}
    settings.STORAGES = settings.STORAGES | {"default": entry}
    return kept


def stored(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def age(path, days):
    then = time() - days * 86_400
    os.utime(path, (then, then))


def a_message(shop, data=b"in use"):
    files = (File(name="b.txt", data=data),)
    with attachments.landed(files):
        actions.receive(shop, MessageReceived("t1", "m1", Person("b1"), clock.now(), "See", files=files))


@pytest.mark.django_db(transaction=True)
def test_what_a_crash_left_goes_a_day_later_and_what_is_in_use_stays(shop, folder):
    at = connection.settings_dict
    url = f"postgresql://{at['USER']}:{at['PASSWORD']}@/{at['NAME']}?host={at['HOST']}&port={at['PORT'] or 5432}&pool=0"
    env = os.environ | {"DATABASE_URL": url, "BRIDGEDESK_DATA": str(folder.parent)}
    crashed = subprocess.run([sys.executable, "-W", "ignore", "-c", CRASH], env=env, capture_output=True, text=True, check=False)
    assert crashed.returncode == 9, crashed.stderr
    assert not Attachment.objects.exists()
    (orphan,) = stored(folder)
    a_message(shop)
    assert orphans.sweep() == 0, "it may still get its row"
    for path in stored(folder):
        age(path, days=2)
    assert orphans.sweep() == 1
    assert not orphan.exists()
    assert attachments.open_bytes(Attachment.objects.get()) == b"in use"


def test_a_strange_file_is_not_ours_to_delete(folder, db):
    for name in ("ab/notes.txt", "backup.tar.gz", "abc/" + "0" * 32, "ab/" + "0" * 31):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("mine")
        age(folder / name, days=9)
    assert orphans.sweep() == 0
    assert len(stored(folder)) == 4


def test_an_upload_not_yet_sent_is_in_use(folder, bob):
    kept = attachments.draft("a.txt", b"a", by=bob)
    age(folder / kept.storage_key, days=9)
    assert orphans.sweep() == 0


def test_before_the_first_file_there_is_nothing_to_do(folder, db):
    folder.rmdir()
    assert orphans.sweep() == 0


def test_a_buckets_orphans_go_too(bucket, shop, monkeypatch):
    a_message(shop)
    lost = default_storage.save("ab/" + "0" * 32, ContentFile(b"lost"))
    monkeypatch.setattr(orphans, "KEPT", -orphans.KEPT)
    assert orphans.sweep() == 1
    assert not default_storage.exists(lost)
    assert attachments.open_bytes(Attachment.objects.get()) == b"in use"
