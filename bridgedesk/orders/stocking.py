"""The truth of the shelf told to the shops: one act a shop, whatever it does not take is shown by article."""

from collections import defaultdict
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from bridgedesk.channels.acts import Level, PushStock
from bridgedesk.orders.access import allow
from bridgedesk.orders.acting import ask
from bridgedesk.orders.models import Line, PlatformAct
from bridgedesk.orders.reckoning import OPEN
from bridgedesk.products.models import Listing
from bridgedesk.team.models import Agent

MOST = 500
"""Listings in one go."""


@transaction.atomic
def push(listings: Iterable[Listing], *, by: Agent, key: str) -> list[PlatformAct]:
    """Set what these listings say to what there is: counted, less what is promised to orders now and the reserve. The same `key` once."""
    rows = [row for row in list(listings)[:MOST] if row.sku and row.sku.on_hand is not None]
    if not rows:
        raise ValidationError(_("Choose listings whose article was counted."))
    promised = promised_now(row.sku_id for row in rows if row.sku_id)
    levels: dict[int, list[Level]] = defaultdict(list)
    for row in rows:
        levels[row.shop_id].append(Level(row.item, row.model, row.code, offered(row, promised.get(row.sku_id or 0, 0))))
    shops = {row.shop_id: row.shop for row in rows}
    for shop in shops:
        allow(by, shop)
    return [ask(shops[pk], PushStock(tuple(levels[pk])), key=f"stock:{key}", by=by) for pk in sorted(levels)]


def offered(listing: Listing, promised: int) -> int:
    """How many pieces a listing may say."""
    sku = listing.sku
    return max((sku.on_hand or 0) - promised - sku.reserve, 0) if sku else 0


def promised_now(skus: Iterable[int]) -> dict[int, int]:
    """Pieces of these articles in orders that have not left."""
    rows = Line.objects.filter(sku__in=set(skus), order__state__in=OPEN).exclude(order__fulfilled_by="platform")
    return {pk: pieces for pk, pieces in rows.order_by().values_list("sku").annotate(Sum("quantity")) if pk}
