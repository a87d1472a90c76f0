"""A backup of the newest PostgreSQL on an older server: what fits is put back, the rest is said before anything changes."""

from pathlib import Path

import pytest

from bridgedesk.lib import backup, embedded_postgres
from tests.lib.test_backup import database, places, run, shop

__all__ = ["database", "shop"]
OLDER = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def older(tmp_path_factory, monkeypatch):
    """Debian's PostgreSQL 15, where it is installed; our own tools stay those of the wheel."""
    if not (OLDER / "postgres").exists():
        pytest.skip("needs Debian's postgresql-15")
    newest = embedded_postgres.binaries()
    monkeypatch.setattr(embedded_postgres, "binaries", lambda: OLDER)
    with embedded_postgres.running(tmp_path_factory.mktemp("older"), fast=True) as server:
        monkeypatch.setattr(embedded_postgres, "binaries", lambda: newest)
        yield {"NAME": "bridgedesk", "USER": "bridgedesk", "HOST": str(server.folder), "PORT": "", "PASSWORD": ""}


def test_a_backup_of_the_newest_server_fits_an_older_one(database, shop, older, tmp_path):
    written = backup.write(tmp_path / "backup.tar.gz", database, *places(shop))
    assert run(older, "show server_version_num")[0][0].startswith("15")
    backup.restore(written, older, *places(shop))
    assert run(older, "select text from letter order by text") == [("hola",), ("你好",)]
