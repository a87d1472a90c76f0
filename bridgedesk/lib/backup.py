"""Backup and restore: one .tar.gz with PostgreSQL's own dump, the attachments, the key of the secrets, and their checksums."""

import hashlib
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from bridgedesk import __version__
from bridgedesk.lib import clock, embedded_postgres

FORMAT = 1
NEWER_SETTING, HEAD = "transaction_timeout", 60
"""What pg_dump 17 and later set at the head of a dump (within so many lines), unknown to the older servers DATABASE_URL may name."""


class BackupBroken(Exception):
    """The archive is not one of ours, is damaged, or would write outside its places."""


def write(target: Path, database: Mapping[str, Any], attachments: Path, key: Path) -> Path:
    """Write the archive, whole or not at all. `database` is Django's entry; attachments in S3 are not copied."""
    fresh = target.with_name(f".{target.name}.part")
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        dump = Path(scratch) / "database.dump"
        _postgres_tool("pg_dump", database, "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
        manifest = {"format": FORMAT, "version": __version__, "at": clock.now().isoformat(), "database": _digest(dump)}
        (Path(scratch) / "manifest.json").write_text(json.dumps(manifest))
        with (
            os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
            tarfile.open(fileobj=file, mode="w:gz") as archive,
        ):
            archive.add(Path(scratch) / "manifest.json", "manifest.json")
            archive.add(dump, "database.dump")
            if key.is_file():
                archive.add(key, "secret.key")
            if attachments.is_dir():
                archive.add(attachments, "attachments")
    fresh.replace(target)
    return target


def restore(source: Path, database: Mapping[str, Any], attachments: Path, key: Path) -> None:
    """Put everything back into an empty database; BackupBroken before anything is changed when the archive is not sound."""
    with tempfile.TemporaryDirectory(dir=attachments.parent) as scratch:
        place = Path(scratch)
        _unpack(source, place)
        manifest = json.loads((place / "manifest.json").read_text())
        if manifest.get("format") != FORMAT or _digest(place / "database.dump") != manifest["database"]:
            raise BackupBroken(f"{source} is damaged or of an unknown format")
        _put_into(database, place / "database.dump")
        _put_back(place / "secret.key", key)
        _put_back(place / "attachments", attachments)


def _put_into(database: Mapping[str, Any], dump: Path) -> None:
    """All of the dump in one transaction, or nothing."""
    how = ("--clean", "--if-exists", "--no-owner", "--no-privileges")
    try:
        _postgres_tool("pg_restore", database, *how, "--single-transaction", "--exit-on-error", str(dump))
    except BackupBroken as error:
        if NEWER_SETTING not in str(error):
            raise
        script, fitting = dump.with_suffix(".sql"), dump.with_suffix(".fitting.sql")
        _postgres_tool("pg_restore", database, *how, f"--file={script}", str(dump), connected=False)
        _leave_out_setting(script, fitting)
        _postgres_tool("psql", database, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={fitting}")


def _leave_out_setting(script: Path, fitting: Path) -> None:
    """The script without the one line at its head that servers before PostgreSQL 17 do not know."""
    with script.open("rb") as whole, fitting.open("wb") as kept:
        for number, line in enumerate(whole):
            if number > HEAD or not line.startswith(f"SET {NEWER_SETTING} ".encode()):
                kept.write(line)


def _unpack(source: Path, place: Path) -> None:
    try:
        with tarfile.open(source, "r:gz") as archive:
            for member in archive.getmembers():
                _refuse_odd(member)
            archive.extractall(place, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BackupBroken(f"{source} cannot be read: {error}") from error
    if not (place / "manifest.json").is_file() or not (place / "database.dump").is_file():
        raise BackupBroken(f"{source} is not a Bridgedesk backup")


def _refuse_odd(member: tarfile.TarInfo) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or not (member.isfile() or member.isdir()):
        raise BackupBroken(f"the archive holds {member.name!r}, which no backup of ours does")


def _put_back(new: Path, place: Path) -> None:
    """Swap in what the archive brought; what was there stays beside it as `.before-restore`."""
    if not new.exists():
        return
    if place.exists():
        place.rename(place.with_name(f"{place.name}.before-restore-{clock.now():%Y%m%d%H%M%S}"))
    new.rename(place)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _postgres_tool(name: str, database: Mapping[str, Any], *arguments: str, connected: bool = True) -> None:
    tool = embedded_postgres.binaries() / name
    env = os.environ | {
        "PGHOST": database.get("HOST", ""),
        "PGPORT": str(database.get("PORT") or ""),
        "PGUSER": database.get("USER", ""),
        "PGPASSWORD": database.get("PASSWORD", ""),
    }
    where = ["--dbname", database["NAME"]] if connected else []
    done = subprocess.run([tool, *where, *arguments], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupBroken(f"{name}: {done.stderr.strip()[-800:]}")
