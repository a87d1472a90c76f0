"""The one clock. Rules take `now` as an argument; actions ask here.

BRIDGEDESK_CLOCK="<epoch start>x<speed>" makes the sandbox's time run faster than the wall: every process that shares
the variable shares the same fast time. Tests freeze it with `frozen(at)`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def _read_warp() -> tuple[datetime, float] | None:
    text = os.environ.get("BRIDGEDESK_CLOCK", "")
    if "x" not in text:
        return None
    start, speed = text.split("x", 1)
    return datetime.fromtimestamp(float(start), UTC), float(speed)


_warp = _read_warp()


def now() -> datetime:
    """The present moment in UTC."""
    fixed = _frozen.get()
    if fixed is not None:
        return fixed
    wall = datetime.now(UTC)
    return wall if _warp is None else _warp[0] + (wall - _warp[0]) * _warp[1]


def speed() -> float:
    """How many seconds of our clock pass in one of the wall's: 1 but in the sandbox."""
    return _warp[1] if _warp else 1.0


def wall_delay(until: datetime) -> timedelta:
    """How long the wall clock has to run until our clock shows `until`; never negative."""
    return max(timedelta(0), (until - now()) / speed())


def real(span: timedelta) -> timedelta:
    """`span` of the wall's time as our clock counts it: leases and pauses must not shrink when the sandbox runs fast."""
    return span * (_warp[1] if _warp else 1.0)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock still at `at` (UTC) inside the block."""
    token = _frozen.set(at)
    try:
        yield
    finally:
        _frozen.reset(token)
