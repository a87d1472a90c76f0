"""Secrets at rest: keys in files only the owner reads, values encrypted, and nothing secret in a log line."""

import base64
import contextlib
import hashlib
import logging
import os
import re
import secrets
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

MASK = "••••"
_SECRET_PAIR = re.compile(
    r"""(?ix)
    (
      (?:token|partner_key|passw(?:or)?d|secret|api[_-]?key|authorization|cookie|sessionid|sign(?:ature)?)
      (?: \\?["']?\s{0,3}[=:] | ["']\s{0,3}, ) \s{0,3} (?:b(?=["']))?
    )
    (?:\\?["']?(?:bearer|basic)\s+)?
    (?: "[^"]*" | '[^']*' | \\?["']?[^\s"'&,;}\])]+ )"""
)
_SECRET_ALONE = re.compile(r"(\bbd_|/welcome/)[\w-]{16,}|(://[^\s:/@]{0,80}:)[^\s/@]{1,200}(?=@)")


class SecretsUnreadable(Exception):
    """A stored secret cannot be decrypted: the key file is not the one it was written with."""


def key_file(path: Path) -> str:
    """The key kept in `path`, made on first use with mode 0600."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text().strip()


@cache
def _box(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"bridgedesk credentials" + key.encode()).digest()))


def seal(value: str, key: str) -> str:
    """`value` encrypted under the installation's key."""
    return _box(key).encrypt(value.encode()).decode()


def unseal(sealed: str, key: str) -> str:
    """The value behind `seal`; SecretsUnreadable if the key changed."""
    try:
        return _box(key).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretsUnreadable("the secret key is not the one these credentials were stored with") from error


def mask(text: str) -> str:
    """`text` with the values of anything named or shaped like a secret replaced."""
    return _SECRET_ALONE.sub(lambda found: f"{found[1] or found[2]}{MASK}", _SECRET_PAIR.sub(rf"\1{MASK}", text))


class SafeFormatter(logging.Formatter):
    """Log lines with their secrets masked, tracebacks included. What a stranger wrote never starts a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the standard library's name)
        record.message = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 (the standard library's name)
        return "\n".join(f"  | {line}" for line in super().formatException(ei).splitlines())
