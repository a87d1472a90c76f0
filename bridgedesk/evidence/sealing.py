"""A pack is a ZIP: its files, `manifest.json` with the SHA-256 of each, and `manifest.sig`, an Ed25519 signature over the manifest's bytes.

Whoever has the pack can check it with the public key in the manifest; that the key is ours, only our own installation (or somebody we
told its fingerprint) can say. The signature proves that nothing was changed since, not that what stands in it is true.
"""

import base64
import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bridgedesk.lib.secrets import key_file

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
CHUNK = 1 << 20
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
    """Hold a pack against its manifest. `own` is the public key of this installation. ValueError: it is no pack."""
    try:
        with zipfile.ZipFile(source) as pack:
            manifest, signature = pack.read(MANIFEST), base64.b64decode(pack.read(SIGNATURE))
            about = json.loads(manifest)
            public, digests = base64.b64decode(about.pop("key")), dict(about.pop("files"))
            faults = [*_signed(public, signature, manifest), *_differing(pack, digests)]
    except (*BROKEN, KeyError, ValueError, TypeError, AttributeError) as error:
        raise ValueError("This is no pack of evidence, or it is broken.") from error
    return Checked(about, len(digests), fingerprint(public), bool(own) and public == own, tuple(faults))


def _signed(public: bytes, signature: bytes, manifest: bytes) -> Iterable[str]:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, manifest)
    except InvalidSignature:
        yield "manifest.json: the signature does not fit"


def _differing(pack: zipfile.ZipFile, digests: Mapping[str, str]) -> Iterable[str]:
    names = pack.namelist()
    there = set(names) - {MANIFEST, SIGNATURE}
    if len(names) != len(set(names)):
        yield "a name stands in it twice"
    for name in sorted(there - digests.keys()):
        yield f"{name}: not in the manifest"
    for name, digest in sorted(digests.items()):
        if name not in there:
            yield f"{name}: missing"
        elif _digest(pack, name) != digest:
            yield f"{name}: changed"


def _digest(pack: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    try:
        with pack.open(name) as file:
            while part := file.read(CHUNK):
                digest.update(part)
    except BROKEN:
        return ""
    return digest.hexdigest()
