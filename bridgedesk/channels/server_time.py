"""How far a platform's clock is from ours, by the Date of its answers: signatures are refused when their time is wrong."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bridgedesk.lib import clock

MATTERS = timedelta(seconds=5)


@dataclass
class ServerTime:
    """Of the hosts of one platform, for this process. Signing by a host's clock begins when it complained about ours."""

    measured: dict[str, timedelta] = field(default_factory=dict)
    used: dict[str, timedelta] = field(default_factory=dict)

    def note(self, host: str, date: str) -> None:
        """Keep what an answer's Date header tells; one that tells nothing changes nothing."""
        try:
            self.measured[host] = parsedate_to_datetime(date).astimezone(UTC) - clock.now()
        except ValueError:
            return

    def now(self, host: str) -> datetime:
        """The time to sign with."""
        return clock.now() + self.used.get(host, timedelta())

    def at(self, host: str, moment: datetime) -> datetime:
        """A moment of our clock as the host's clock showed it."""
        return moment + self.measured.get(host, timedelta())

    def learn(self, host: str) -> bool:
        """Sign by the host's own clock from now on; False if that changes nothing."""
        offset, known = self.measured.get(host, timedelta()), self.used.get(host, timedelta())
        self.used[host] = offset
        return abs(offset - known) > MATTERS

    def forget(self) -> None:
        """As at the beginning."""
        self.measured.clear()
        self.used.clear()
