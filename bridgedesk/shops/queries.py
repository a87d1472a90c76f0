"""What holds for a shop on a day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

from django.db.models import F, Q

from bridgedesk.channels.policy import policy, policy_name
from bridgedesk.shops.models import Shop, Threshold


@dataclass(frozen=True)
class Rule:
    """A platform's figure on a day, with where it is from, how sure it is and since when it holds (None: always known)."""

    value: Decimal
    source: str
    sure: str
    valid_from: datetime | None = None


def threshold(shop: Shop, name: str, at: datetime) -> Rule:
    """The figure that held at `at`: a lead's own before the policy file's, the shop's before its platform's, later before earlier.

    KeyError: neither a lead nor the policy says anything of that name.
    """
    row = _set_by_a_lead(shop, name, at)
    if row:
        return Rule(row.value, row.source, row.sure, row.valid_from)
    shipped = policy(policy_name(shop)).threshold(name, shop.region, at.date())
    return Rule(shipped.value, shipped.source[:200], shipped.sure, _midnight(shipped.valid_from))


def _set_by_a_lead(shop: Shop, name: str, at: datetime) -> Threshold | None:
    whose = Q(shop=shop) | Q(shop=None, platform=policy_name(shop), region__in=["", shop.region])
    rows = Threshold.objects.filter(whose, name=name, valid_from__lte=at)
    return rows.order_by(F("shop").asc(nulls_last=True), "-region", "-valid_from", "-pk").first()


def _midnight(day: date) -> datetime | None:
    return None if day == date.min else datetime.combine(day, time.min, UTC)
