"""File names from outside, made fit to be shown and to be offered for saving. They never name anything on our disk."""

import re
import unicodedata

MAX_LENGTH = 120
UNNAMED = "file"
_DEVICE = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\s*\..*)?$")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(name: str) -> str:
    """`name` as its reader would read it: no path, no unseen or direction-changing characters, no device name, at most
    MAX_LENGTH characters with its ending kept, never empty and never hidden."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name[:8192]))[-1]
    seen = "".join(" " if char in "\t\r\n" else char for char in last if char in "\t\r\n" or unicodedata.category(char) not in _UNSEEN)
    tidy = _FORBIDDEN.sub("_", re.sub(r"\s+", " ", seen)).strip(" .")
    if not tidy:
        return UNNAMED
    return _shorten(f"_{tidy}" if _DEVICE.match(tidy) else tidy)


def _shorten(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if len(name) <= MAX_LENGTH:
        return name
    if not dot or len(ending) > 10:
        return name[:MAX_LENGTH].rstrip(" .")
    return f"{stem[: MAX_LENGTH - len(ending) - 1].rstrip(' .')}.{ending}"
