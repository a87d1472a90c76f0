"""Moments as spreadsheets, platforms and people write them: ISO, Chinese, day or month first, English months, epoch, Excel's days."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_ORDINAL = re.compile(r"(\d{1,4})[./年-](\d{1,2})[./月-](\d{1,4})日?(?:[T,]|\s|$)\s*(.*)", re.DOTALL)
_NAMED = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(?:(\d{1,2})[\s-]+([a-z]{3,9})\.?|([a-z]{3,9})\.?\s+(\d{1,2})),?[\s-]+(\d{4}),?\s*(.*)", re.I | re.S
)
_CLOCK = re.compile(
    r"(上午|下午|晚上|am|pm)?\s*(\d{1,2})[:时時点點](\d{2})(?:[:分](\d{2}))?秒?(?:\.\d+)?\s*(am|pm)?(?:\s*([a-z]{3,4}))?", re.I
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONES = {"utc": 0, "gmt": 0, "pst": -8, "pdt": -7, "est": -5, "edt": -4, "cst": None, "jst": 9, "cet": 1, "cest": 2, "bst": 1, "mez": 1}
"""Hours from UTC of the names reports write; "CST" is China's and Chicago's, so it says nothing."""
_EXCEL = re.compile(r"[2-7]\d{4}(?:\.\d+)?")
_EXCEL_BEGINS = datetime(1899, 12, 30)  # noqa: DTZ001 - of no zone: the table's


def moment(text: str, zone: ZoneInfo, *, day_first: bool = True) -> datetime | None:
    """The moment a cell tells, in UTC; one without a zone is `zone`'s. None if it tells none."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) in (10, 13):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if _EXCEL.fullmatch(text):
        return _aware(_EXCEL_BEGINS + timedelta(seconds=round(float(text) * 86400)), zone)
    found = _iso(text) or _written(text, day_first) or _named(text)
    return _aware(found, zone) if found else None


def day_first(column: Iterable[str]) -> bool:
    """Whether 03/04/2026 is in April, told by the dates of the column that can only be one; day first if none tells."""
    found = (_ORDINAL.match(text.strip()) for text in column)
    ends = [(int(match[1]), int(match[2])) for match in found if match and len(match[1]) < 3]
    return any(first > 12 for first, _ in ends) or not any(second > 12 for _, second in ends)


def _aware(found: datetime, zone: ZoneInfo) -> datetime | None:
    try:
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _written(text: str, day_first: bool) -> datetime | None:
    match = _ORDINAL.fullmatch(text)
    if not match:
        return None
    first, second, third = (int(part) for part in match.group(1, 2, 3))
    year, month, day = (first, second, third) if len(match[1]) == 4 else (third, second, first) if day_first else (third, first, second)
    return _at(year, month, day, match[4])


def _named(text: str) -> datetime | None:
    """ "Nov 20, 2026 4:00:00 AM PST", "20 November 2026"."""
    match = _NAMED.fullmatch(text)
    if not match:
        return None
    name = (match[2] or match[3])[:3].lower()
    month = _MONTHS.index(name) + 1 if name in _MONTHS else 0
    return _at(int(match[5]), month, int(match[1] or match[4]), match[6])


def _at(year: int, month: int, day: int, clock: str) -> datetime | None:
    hours = _hours(clock)
    if hours is None:
        return None
    *time, shift = hours
    try:
        found = datetime(year if year > 99 else 2000 + year, month, day, *time)  # type: ignore[arg-type]  # noqa: DTZ001 - set below, or the caller's
    except ValueError:
        return None
    return found if shift is None else found.replace(tzinfo=UTC) - timedelta(hours=shift)


def _hours(text: str) -> tuple[int, int, int, int | None] | None:
    """Hours, minutes, seconds, hours from UTC if told; midnight without a clock time; None for one that cannot be read."""
    if not text.strip():
        return 0, 0, 0, None
    match = _CLOCK.fullmatch(text.strip())
    if not match or (match[6] and match[6].lower() not in _ZONES):
        return None
    hour, half = int(match[2]), (match[1] or match[5] or "").casefold()
    if half in ("pm", "下午", "晚上") and hour < 12:
        hour += 12
    if half in ("am", "上午") and hour == 12:
        hour = 0
    return hour, int(match[3]), int(match[4] or 0), _ZONES[match[6].lower()] if match[6] else None
