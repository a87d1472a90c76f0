import io
import tarfile
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bridgedesk.lib import backup, embedded_postgres
from bridgedesk.lib.backup import BackupBroken


@pytest.fixture
def database(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with embedded_postgres.running(tmp_path_factory.mktemp("pg"), fast=True) as server:
        yield {"NAME": "bridgedesk", "USER": "bridgedesk", "HOST": str(server.folder), "PORT": "", "PASSWORD": ""}


@pytest.fixture
def shop(database: dict[str, Any], tmp_path: Path) -> Path:
    """An installation with two letters, a photo and a key."""
    run(database, "create table letter (text text)", "insert into letter values ('你好'), ('hola')")
    (tmp_path / "attachments" / "ab").mkdir(parents=True)
    (tmp_path / "attachments" / "ab" / "photo").write_bytes(b"\x89PNG lamp")
    (tmp_path / "secret.key").write_text("the key")
    return tmp_path


def run(database: dict[str, Any], *statements: str) -> list[Any]:
    with psycopg.connect(f"postgresql://bridgedesk@/bridgedesk?host={database['HOST']}", autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def places(folder: Path) -> tuple[Path, Path]:
    return folder / "attachments", folder / "secret.key"


def test_what_was_backed_up_is_there_again_after_everything_was_lost(database, shop, tmp_path):
    backup.write(tmp_path / "backup.tar.gz", database, *places(shop))
    run(database, "drop table letter")
    (shop / "attachments" / "ab" / "photo").write_bytes(b"overwritten")
    (shop / "secret.key").write_text("another key")

    backup.restore(tmp_path / "backup.tar.gz", database, *places(shop))

    assert run(database, "select text from letter order by text") == [("hola",), ("你好",)]
    assert (shop / "attachments" / "ab" / "photo").read_bytes() == b"\x89PNG lamp"
    assert (shop / "secret.key").read_text() == "the key"


def test_the_files_that_were_there_are_kept_beside(database, shop, tmp_path):
    backup.write(tmp_path / "backup.tar.gz", database, *places(shop))
    (shop / "secret.key").write_text("newer key")
    backup.restore(tmp_path / "backup.tar.gz", database, *places(shop))
    assert [old.read_text() for old in shop.glob("secret.key.before-restore-*")] == ["newer key"]


def test_nobody_else_can_read_a_backup(database, shop, tmp_path):
    written = backup.write(tmp_path / "backup.tar.gz", database, *places(shop))
    assert written.stat().st_mode & 0o777 == 0o600


def test_a_damaged_archive_changes_nothing(database, shop, tmp_path):
    written = backup.write(tmp_path / "backup.tar.gz", database, *places(shop))
    whole = written.read_bytes()
    written.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BackupBroken):
        backup.restore(written, database, *places(shop))
    assert len(run(database, "select * from letter")) == 2
    assert (shop / "secret.key").read_text() == "the key"


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "attachments/../../outside"])
def test_an_archive_that_would_write_elsewhere_is_refused(name, database, shop, tmp_path):
    with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = 4
        archive.addfile(member, io.BytesIO(b"evil"))
    with pytest.raises(BackupBroken, match="no backup of ours"):
        backup.restore(tmp_path / "evil.tar.gz", database, *places(shop))
    assert not (tmp_path.parent / "outside").exists()


def test_an_archive_with_a_link_is_refused(database, shop, tmp_path):
    (tmp_path / "link").symlink_to("/etc/passwd")
    with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "link", "secret.key")
    with pytest.raises(BackupBroken, match="no backup of ours"):
        backup.restore(tmp_path / "evil.tar.gz", database, *places(shop))


def test_a_database_that_is_away_is_said_in_its_own_words(shop, tmp_path, database):
    away = database | {"HOST": str(tmp_path / "nowhere")}
    with pytest.raises(BackupBroken, match="pg_dump"):
        backup.write(tmp_path / "backup.tar.gz", away, *places(shop))
    assert not list(tmp_path.glob("*.tar.gz")), "no half-written archive is left"
