"""What is wrong with a parcel on its way: pure decisions. What was found becomes rows in orders/parcels.py."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bridgedesk.orders.transit import Transit

STILL, LATE, CUSTOMS, RETURNED = "parcel_still", "parcel_late", "parcel_customs", "parcel_returned"
FAILED, PICKUP, TROUBLE, MISSING = "parcel_failed", "parcel_pickup", "parcel_trouble", "parcel_missing"
COMPUTED = (STILL, LATE, CUSTOMS, RETURNED, FAILED, PICKUP, TROUBLE)
"""Found by looking; MISSING is said by the buyer."""
AT_REST = ("delivered", "returned")
WAITING = ("", "unknown", "info_received")
"""States of a parcel that has not left yet."""
UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
"""Names the episode of a parcel of which nobody says since when it is in its state: one, however often it is looked at."""
_BY_STATE = {"returned": RETURNED, "attempt_failed": FAILED, "exception": TROUBLE}


@dataclass(frozen=True)
class Journey:
    """All that is asked of a parcel. `since` when it came into its state, `left` when it left (None: nobody said); `promised` the day
    it should be there."""

    status: str
    since: datetime | None
    left: datetime | None
    moved: datetime | None
    promised: datetime | None
    lane: Transit
    customs_days: int
    pickup_days: int
    trouble_hours: int


@dataclass(frozen=True)
class Wrong:
    """One thing to look at. `episode` tells a second standstill from the first; `due` by when somebody should have acted."""

    code: str
    episode: datetime
    due: datetime
    data: dict[str, Any] = field(default_factory=dict)


def look(j: Journey, now: datetime) -> list[Wrong]:
    """Everything that is wrong now, what matters most first."""
    return [*_by_state(j, now), *_still(j, now), *_late(j, now)]


def _by_state(j: Journey, now: datetime) -> Iterator[Wrong]:
    since, told = j.since or now, {"days": (now - j.since).days} if j.since else {}
    episode = j.since or UNKNOWN
    if j.status in _BY_STATE:
        yield Wrong(_BY_STATE[j.status], episode, since + timedelta(hours=j.trouble_hours))
    elif j.status == "pickup_ready":
        yield Wrong(PICKUP, episode, since + timedelta(days=j.pickup_days), told)
    elif j.status == "customs" and (j.since is None or now - since >= timedelta(days=j.customs_days)):
        yield Wrong(CUSTOMS, episode, since + timedelta(days=j.customs_days + 1), told)


def _still(j: Journey, now: datetime) -> Iterator[Wrong]:
    """Nothing was heard for longer than is ordinary on this way; a parcel in a shop or in customs has its own finding."""
    last = max(filter(None, (j.moved, j.left)), default=None)
    if last and j.status not in (*AT_REST, "pickup_ready", "customs") and now - last > timedelta(days=j.lane.quiet):
        yield Wrong(STILL, last, last + timedelta(days=j.lane.quiet + 1), {"days": (now - last).days, "usual": j.lane.quiet})


def _late(j: Journey, now: datetime) -> Iterator[Wrong]:
    if j.left and j.promised and now > j.promised and j.status not in (*AT_REST, "pickup_ready"):
        promised = j.promised.date().isoformat()
        yield Wrong(LATE, j.left, j.promised + timedelta(days=1), {"days": (now - j.promised).days, "promised": promised})
