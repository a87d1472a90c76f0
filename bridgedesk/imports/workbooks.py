"""Workbooks: looked at from outside first, then read by a process of its own, which a hostile one cannot leave."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext_noop as noop

from bridgedesk.imports import workbook_child

PATIENCE = 120.0
"""Seconds a workbook may take."""
MOST_PARTS, MOST_UNPACKED, MOST_RATIO = 2_000, 400_000_000, 300
MOST_TOLD = 100_000_000
"""Bytes of the rows a workbook tells: a text that stands once in the file may stand in every cell."""
BROKEN = noop("This workbook cannot be read.")
BOMB = noop("This workbook is far larger inside than any table. It was not opened.")
MACROS = noop("This workbook holds programs (macros). Save it without them.")
ENTITIES = noop("This workbook holds definitions no table needs. It was not opened.")
PASSWORD = noop("This workbook has a password. Save it without one.")
TOO_LARGE = noop("This workbook is too large to be opened. Save it as CSV.")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DEFINES = re.compile(rb"<\x00?!\x00?(?:D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E|E\x00?N\x00?T\x00?I\x00?T\x00?Y)", re.I)
_STEP = 1 << 20


class Refused(Exception):
    """A file that is not opened; the reason is a msgid."""


def is_one(file: BinaryIO) -> bool:
    """Whether the file is a workbook, by its first bytes."""
    file.seek(0)
    head = file.read(8)
    return head.startswith((_ZIP, _OLE))


def rows(file: BinaryIO) -> Iterator[tuple[str, int, list[str]]]:
    """(sheet, row, cells) of all that is visible. Refused where it must not or cannot be read."""
    inspect(file)
    child = _child(file)
    watchdog = threading.Timer(PATIENCE, child.kill)
    watchdog.start()
    try:
        yield from _told(child)
    finally:
        watchdog.cancel()
        child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()


def _child(file: BinaryIO) -> subprocess.Popen[bytes]:
    with tempfile.TemporaryFile() as copy:
        file.seek(0)
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        command = [sys.executable, "-I", str(Path(workbook_child.__file__))]
        return subprocess.Popen(command, stdin=copy, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/")


def inspect(file: BinaryIO) -> None:
    """Refused for archives that unpack without end, for macros, and for definitions of entities."""
    file.seek(0)
    if not file.read(4).startswith(_ZIP):
        return
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            packed, unpacked = sum(part.compress_size for part in parts), sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(packed, 10_000):
                raise Refused(BOMB)
            if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
                raise Refused(MACROS)
            for part in parts:
                _look(archive, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise Refused(BROKEN) from error


def _look(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    if not part.filename.lower().endswith((".xml", ".rels")):
        return
    with archive.open(part) as stream:
        before = b""
        while step := stream.read(_STEP):
            if _DEFINES.search(before + step):
                raise Refused(ENTITIES)
            before = step[-64:]


def _told(child: subprocess.Popen[bytes]) -> Iterator[tuple[str, int, list[str]]]:
    sheet, told = "", 0
    for line in child.stdout or ():
        told += len(line)
        if told > MOST_TOLD:
            raise Refused(TOO_LARGE)
        said = _json(line)
        if isinstance(said, str):
            sheet = said
        elif said:
            yield sheet, said[0], said[1]
    code = child.wait()
    if code:
        raise Refused({workbook_child.PASSWORD: PASSWORD, workbook_child.BROKEN: BROKEN}.get(code, TOO_LARGE))


def _json(line: bytes) -> str | tuple[int, list[str]] | None:
    """None for a line the child could not finish."""
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, str) else (said[0], said[1])
