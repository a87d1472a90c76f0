"""Every write on what figures rest on. For leads; earlier rows stay, so that past days are read as they were."""

from datetime import date
from decimal import Decimal

from babel.core import get_global
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_noop as noop

from bridgedesk.activity.actions import record
from bridgedesk.lib import clock
from bridgedesk.lib.storable import plain
from bridgedesk.metrics.models import Band, Rate
from bridgedesk.team.models import Agent

__all__ = ["Wrong", "set_band", "set_rate"]


class Wrong(Exception):
    """What was entered cannot be used (msgid)."""


@transaction.atomic
def set_rate(currency: str, per_dollar: Decimal, *, valid_from: date, source: str, by: Agent) -> Rate:
    """Units of the currency for one US dollar, from that day on. Wrong: no such currency, no rate, or no source."""
    _leads(by)
    code = currency.strip().upper()
    if code not in get_global("all_currencies"):
        raise Wrong(noop("There is no such currency."))
    if not per_dollar.is_finite() or not Decimal("0.00000001") <= per_dollar < 10**9:
        raise Wrong(noop("A rate is a number above nought."))
    row = Rate.objects.create(currency=code, per_dollar=per_dollar, **_dated(valid_from, source, by))
    record("set_rate", row, by=by, currency=code, value=f"{per_dollar.normalize():f}", day=valid_from.isoformat())
    return row


@transaction.atomic
def set_band(category: str, most: Decimal, reach: Decimal | None, *, valid_from: date, source: str, by: Agent) -> Band:
    """What a category ("": all goods) is held against, in per cent, from that day on. Wrong: no per cent, or no source."""
    _leads(by)
    if any(not value.is_finite() or not 0 <= value <= 100 for value in (most, *([] if reach is None else [reach]))):
        raise Wrong(noop("Bands are from 0 to 100 per cent."))
    row = Band.objects.create(category=plain(category).strip()[:120], most=most, reach=reach, **_dated(valid_from, source, by))
    record("set_band", row, by=by, category=row.category or "*", value=f"{most.normalize():f}", day=valid_from.isoformat())
    return row


def _dated(valid_from: date, source: str, by: Agent) -> dict[str, object]:
    said = plain(source).strip()[:200]
    if not said:
        raise Wrong(noop("Say where you have it from."))
    return {"valid_from": valid_from, "source": said, "by": by, "entered_at": clock.now()}


def _leads(by: Agent) -> None:
    if not by.leads:
        raise PermissionDenied("Only leads enter this.")
