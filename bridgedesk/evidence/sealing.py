"""A pack is a ZIP: its files, `manifest.json` with the SHA-256 of each, and `manifest.sig`, an Ed25519 signature over the manifest's bytes.

Whoever has the pack can check it with the public key in the manifest; that the key is ours, only our own installation (or somebody we
told its fingerprint) can say. The signature proves that nothing was changed since, not that what stands in it is true.
"""

import base64
import hashlib
import json
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bridgedesk.lib.secrets import key_file

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
CHUNK = 1 << 20
MOST_FILES, MOST_BYTES = 20_000, 8 << 30
"""Of a pack that is checked: beyond it nobody made it here, and reading on only wears the machine down."""
MOST_MANIFEST, MOST_SIGNATURE, MOST_DIRECTORY = 16 << 20, 4096, 16 << 20
LONGEST_NAME, DEEPEST = 255, 8
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
"""What reading a damaged ZIP may raise."""


@dataclass(frozen=True)
class Checked:
    """What was found. `faults` empty: every file is as it was sealed. `own`: sealed with the key of this installation."""

    about: Mapping[str, Any]
    files: int
    fingerprint: str
    own: bool
    faults: tuple[str, ...]


def private_key(folder: Path) -> Ed25519PrivateKey:
    """This installation's key, made on first use and kept beside its other keys."""
    seed = hashlib.sha256(b"bridgedesk evidence" + key_file(folder / "evidence.key").encode()).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def fingerprint(public: bytes) -> str:
    """How a key is told on the telephone: the first 16 bytes of its SHA-256, in fours."""
    digest = hashlib.sha256(public).hexdigest()[:32]
    return " ".join(digest[place : place + 4] for place in range(0, 32, 4))


def seal(target: IO[bytes], files: Iterable[tuple[str, bytes]], about: Mapping[str, Any], key: Ed25519PrivateKey) -> None:
    """Write the pack. `files` are taken one at a time; a name that came before is left out."""
    digests: dict[str, str] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, data in files:
            if name not in digests:
                digests[name] = hashlib.sha256(data).hexdigest()
                pack.writestr(name, data)
        public = key.public_key().public_bytes_raw()
        told = dict(about) | {"files": digests, "key": base64.b64encode(public).decode()}
        manifest = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode()
        pack.writestr(MANIFEST, manifest)
        pack.writestr(SIGNATURE, base64.b64encode(key.sign(manifest)))


def check(source: IO[bytes] | Path, own: bytes = b"") -> Checked:
    """Hold a pack against its manifest. `own` is the public key of this installation. ValueError: it is no pack, or beyond all bounds."""
    try:
        with _opened(source) as file, zipfile.ZipFile(file) as pack:
            manifest, signature = _small(pack, MANIFEST, MOST_MANIFEST), base64.b64decode(_small(pack, SIGNATURE, MOST_SIGNATURE))
            about = json.loads(manifest)
            public, digests = base64.b64decode(about.pop("key")), dict(about.pop("files"))
            faults = [*_signed(public, signature, manifest), *_astray(pack), *_differing(pack, digests)]
    except (*BROKEN, KeyError, ValueError, TypeError, AttributeError, struct.error) as error:
        raise ValueError("This is no pack of evidence, or it is broken.") from error
    return Checked(about, len(digests), fingerprint(public), bool(own) and public == own, tuple(faults))


def _signed(public: bytes, signature: bytes, manifest: bytes) -> Iterable[str]:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, manifest)
    except InvalidSignature:
        yield "manifest.json: the signature does not fit"


@contextmanager
def _opened(source: IO[bytes] | Path) -> Iterator[IO[bytes]]:
    """The file, whose list of files is short enough to be read whole. ValueError where it is not."""
    with source.open("rb") if isinstance(source, Path) else nullcontext(source) as file:
        count, size = _directory(file)
        if count > MOST_FILES or size > MOST_DIRECTORY:
            raise ValueError
        yield file


def _directory(file: IO[bytes]) -> tuple[int, int]:
    """How many files its end says there are, and how many bytes their list takes: the largest that any of its two records says."""
    whole = file.seek(0, os.SEEK_END)
    file.seek(max(0, whole - (1 << 16) - 100))
    tail = file.read()
    found = [struct.unpack_from("<10xHI", tail, at) for at in _places(tail, b"PK\5\6", 22)]
    large = [struct.unpack_from("<32xQQ", tail, at) for at in _places(tail, b"PK\6\6", 56)]
    told = found + large
    return max((count for count, _size in told), default=0), max((size for _count, size in told), default=0)


def _places(data: bytes, sign: bytes, size: int) -> Iterator[int]:
    at = data.find(sign)
    while 0 <= at <= len(data) - size:
        yield at
        at = data.find(sign, at + 1)


def _small(pack: zipfile.ZipFile, name: str, most: int) -> bytes:
    """A file read whole. ValueError where it is larger, whatever the list of files says of it."""
    with pack.open(name) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError
    return data


def _astray(pack: zipfile.ZipFile) -> Iterable[str]:
    """Names that lead out of the folder they are unpacked into, and what is no plain file."""
    for info in pack.infolist():
        parts = info.filename.split("/")
        plain = info.filename.isprintable() and "\\" not in info.filename and ":" not in info.filename
        short = len(info.filename) <= LONGEST_NAME and len(parts) <= DEEPEST
        if not (plain and short) or any(part in ("", ".", "..") for part in parts):
            yield f"{info.filename[:LONGEST_NAME]!r}: no name for a file of a pack"
        elif stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            yield f"{info.filename}: no plain file"


def _differing(pack: zipfile.ZipFile, digests: Mapping[str, str]) -> Iterable[str]:
    names = pack.namelist()
    there = set(names) - {MANIFEST, SIGNATURE}
    if len(names) != len(set(names)):
        yield "a name stands in it twice"
    for name in sorted(there - digests.keys()):
        yield f"{_shown(name)}: not in the manifest"
    left = MOST_BYTES
    for name, digest in sorted(digests.items()):
        if name not in there:
            yield f"{_shown(name)}: missing"
            continue
        found, size = _digest(pack, name, left)
        left -= size
        if left < 0:
            yield "it unpacks to more than any pack holds; the rest was not read"
            return
        if found != digest:
            yield f"{_shown(name)}: changed"


def _shown(name: str) -> str:
    """A name as a terminal may show it."""
    return name if name.isprintable() and len(name) <= LONGEST_NAME else repr(name[:LONGEST_NAME])


def _digest(pack: zipfile.ZipFile, name: str, most: int) -> tuple[str, int]:
    """Its SHA-256 ("" where it is broken) and its bytes, read no further than `most` and a little."""
    digest, size = hashlib.sha256(), 0
    try:
        with pack.open(name) as file:
            while size <= most and (part := file.read(CHUNK)):
                digest.update(part)
                size += len(part)
    except BROKEN:
        return "", size
    return digest.hexdigest(), size
