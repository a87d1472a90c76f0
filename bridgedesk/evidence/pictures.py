"""Pictures in the size a platform's form takes. The originals stay as they were sent; a copy says which one it was drawn from."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.conf import settings

from bridgedesk.evidence import picture_child
from bridgedesk.lib import confined, filetypes

PATIENCE = 30.0
"""Seconds one picture may take."""
MOST = 30
"""Pictures drawn again for one pack: no form takes more."""
IN_PDF = (1000, 300_000)
"""Longest edge and bytes of a picture within the document."""


@dataclass(frozen=True)
class Form:
    """What a platform's form takes: the longest edge in pixels and the bytes of one picture."""

    platform: str
    longest: int
    bytes: int
    source: str
    sure: str
    as_of: date


def form(platform: str) -> Form:
    """That of the platform, else the one for all others."""
    return _forms().get(platform) or _forms()[""]


def is_one(data: bytes) -> bool:
    """Whether the bytes are a picture that can be drawn again."""
    return filetypes.sniff(data) in filetypes.RASTER


def copy(data: bytes, longest: int, most: int) -> bytes | None:
    """A JPEG of it no larger than that; None for what cannot be drawn."""
    try:
        return confined.run(picture_child.__file__, data, str(longest), str(most), patience=PATIENCE)
    except confined.Ended:
        return None


@cache
def _forms() -> dict[str, Form]:
    rows = tomllib.loads((settings.CONTENT / "evidence.toml").read_text("utf-8"))["form"]
    return {row["platform"]: Form(**row) for row in rows}
