"""What holds for a shop on a day."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Q

from bridgedesk.shops.models import Shop, Threshold


@dataclass(frozen=True)
class Rule:
    """A platform's figure on a day, with where it is from, how sure it is and since when it holds (None: always known)."""

    value: Decimal
    source: str
    sure: str
    valid_from: datetime | None = None


def threshold(shop: Shop, name: str, at: datetime) -> Rule:
    """The figure that held at `at`: a lead's own before the policy file's, the shop's before its platform's, later before earlier."""
    row = (
        Threshold.objects.filter(Q(shop=shop) | Q(shop=None, platform=shop.platform, region__in=["", shop.region]))
        .filter(name=name, valid_from__lte=at)
        .order_by(F("shop").asc(nulls_last=True), "-region", "-valid_from", "-pk")
        .first()
    )
    return Rule(row.value, row.source, row.sure, row.valid_from) if row else _shipped(shop, name, at)


def _shipped(shop: Shop, name: str, at: datetime) -> Rule:
    return Rule(Decimal(24), "our default", Threshold.Sure.OWN)
