"""What feeds fetched, kept as rows in one shape ({feed, …, data}); each platform tells who reads which feed. Pure."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Raw, Unparsable
from bridgedesk.channels.values import Json, text_of

Reader = TypeVar("Reader", bound=Callable[..., object])
FEED = "feed"


def digest(data: object) -> str:
    """The same for the same content."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:24]


def raw(feed: str, key: str, data: Json, *, thread: str = "", **envelope: str) -> Raw:
    """A row: one `key` is one state of one thing, so that what was read before is a repeat."""
    body = json.dumps({FEED: feed, **envelope, "data": data}, ensure_ascii=False).encode()
    return Raw(key=f"{feed}:{key}"[:250], body=body, kind="poll", thread=thread)


def reader(document: Json, readers: Mapping[str, Reader]) -> tuple[Reader, Json]:
    """Who reads the document, and what there is to read; Unparsable for a feed nobody wrote."""
    found, data = readers.get(text_of(document.get(FEED))), document.get("data")
    if found is None or not isinstance(data, dict):
        raise Unparsable(noop("a document of an unknown feed"))
    return found, data
