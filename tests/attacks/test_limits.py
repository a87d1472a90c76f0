"""How often one may guess holds over every web process and every restart: it is counted in the database."""

import os
import subprocess
import sys

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from bridgedesk.lib import clock
from bridgedesk.team import due
from bridgedesk.team.models import Attempt

GUESS = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "bridgedesk.settings"
import django
django.setup()
from django.test import Client
for number in range(3):
    page = Client(SERVER_NAME="127.0.0.1").post("/account/login/", {"login": "bob", "password": f"guess {number}"})
    sys.stdout.write(f"{page.status_code} ")
"""


def guess_elsewhere() -> str:
    """Three wrong passwords for Bob in a web process that begins and ends."""
    at = connection.settings_dict
    url = f"postgresql://{at['USER']}:{at['PASSWORD']}@/{at['NAME']}?host={at['HOST']}&port={at['PORT'] or 5432}&pool=0"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", GUESS], env=os.environ | {"DATABASE_URL": url}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.django_db(transaction=True)
def test_guesses_are_counted_over_processes(bob):
    assert guess_elsewhere() == guess_elsewhere() == "200 200 200 "
    answer = Client(SERVER_NAME="127.0.0.1").post("/account/login/", {"login": "bob", "password": "a good long password"})
    assert answer.status_code == 200, "the right password waits too, whichever process is asked"
    assert Attempt.objects.exists()


def test_no_attempt_is_kept_for_ever(bob):
    Client().post("/account/login/", {"login": "bob", "password": "wrong"})
    kept = Attempt.objects.count()
    assert kept
    due.tidy()
    assert Attempt.objects.count() == kept
    Attempt.objects.update(expires=clock.now())
    due.tidy()
    assert Attempt.objects.count() == 0


def test_what_is_counted_names_nobody(bob):
    """The rows hold hashes and moments, never a password or what was typed as a name."""
    Client().post("/account/login/", {"login": "bob", "password": "wrong wrong wrong"})
    rows = str(list(Attempt.objects.values()))
    assert "bob" not in rows
    assert "wrong" not in rows


def test_the_table_is_the_one_the_cache_writes(db):
    cache.set("a", "b", 60)
    assert Attempt.objects.filter(cache_key__contains="a").exists()
    assert cache.get("a") == "b"
