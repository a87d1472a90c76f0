"""What a clock on the buyer's wall shows, with a word on how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bridgedesk.customers.models import Customer
from bridgedesk.customers.rules import Wall, wall
from bridgedesk.lib import clock
from bridgedesk.lib.html import clocktime


@dataclass(frozen=True)
class LocalTime:
    """`now` by the zone known or assumed; `mark` is "~" where it is assumed; `told` says why; `night`: it may be no time to call."""

    now: datetime
    zone: str
    mark: str
    told: str
    night: bool


def of(customer: Customer, shop_zone: str) -> LocalTime:
    """The buyer's, seen from a shop that lies in `shop_zone`."""
    found, now = wall(customer.timezone, customer.country, customer.phone, shop_zone), clock.now()
    mark, told = ("", found.zone) if found.sure else ("~", _why(found, found.times(now)))
    return LocalTime(now.astimezone(ZoneInfo(found.zone)), found.zone, mark, told, found.night(now))


def _why(found: Wall, times: Sequence[datetime]) -> str:
    said = {"zone": found.zone, "from": _time(times[0]), "to": _time(times[-1])}
    if found.because == "number":
        return _("The telephone number fits several clocks, from %(from)s to %(to)s. Assumed: %(zone)s.") % said
    if found.because == "country":
        return _("The buyer's country has several clocks, from %(from)s to %(to)s. Assumed: %(zone)s.") % said
    return _("Nothing tells where the buyer is. Assumed: the shop's clock, %(zone)s.") % said


def _time(local: datetime) -> str:
    return clocktime(local, getattr(local.tzinfo, "key", "UTC"))
