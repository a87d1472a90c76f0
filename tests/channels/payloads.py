"""Recorded payloads: tests/channels/<name>/CASE.<anything>, the events they must give in CASE.events.json beside them.

`account.json` in the folder is the shop they came to; CASE.headers.json the headers, if they matter. In the events only
what differs from an event's defaults is written; files show the number of their bytes.
"""

import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bridgedesk.channels.base import Account, Raw
from tests.channels.accounts import account

HERE = Path(__file__).parent
KINDS = {".eml": "mail", ".csv": "manual", ".txt": "manual"}


def cases(channel: str) -> list[Path]:
    """The payloads of a channel."""
    return sorted(path for path in (HERE / channel).glob("*") if _is_payload(path))


def _is_payload(path: Path) -> bool:
    return path.with_suffix("").with_suffix(".events.json").exists() and not path.name.endswith((".events.json", ".headers.json"))


def shop_of(channel: str) -> Account:
    """The shop the payloads of a channel came to."""
    path = HERE / channel / "account.json"
    return account(**json.loads(path.read_text())) if path.exists() else account()


def raw_of(path: Path) -> Raw:
    """The payload as it was stored."""
    headers = path.with_suffix(".headers.json")
    kind: Any = KINDS.get(path.suffix, "push")
    return Raw(path.stem, path.read_bytes(), kind, headers=json.loads(headers.read_text()) if headers.exists() else {})


def expected(path: Path) -> Any:
    """The events written beside it."""
    return json.loads(path.with_suffix("").with_suffix(".events.json").read_text())


def plain(event: Any) -> dict[str, Any]:
    """An event as it is written down."""
    return {"event": type(event).__name__, **dict(_told(event))}


def _told(value: Any) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(value):
        held = getattr(value, field.name)
        default = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
        if held != default:
            yield field.name, _written(held)


def _written(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return dict(_told(value))
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, tuple | list):
        return [_written(item) for item in value]
    return value
