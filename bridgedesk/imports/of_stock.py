"""Rows of stock: what lies on the shelf is a count, what a listing offers is what its platform would have told."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.events import StockSeen
from bridgedesk.imports.kinds import Checked
from bridgedesk.products import counting
from bridgedesk.products.models import Listing, Sku
from bridgedesk.products.receiving import see
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

Group = Sequence[Checked]
OFFERED = ("listed", "reserved", "price", "title")
UNKNOWN = noop("This article is not known. Import it as a product first.")


def groups(rows: Sequence[Checked]) -> list[Group]:
    """Every row stands alone."""
    return [[row] for row in rows]


def take(shop: Shop, batch: Sequence[Group], by: Agent) -> list[str]:
    """Each row's shelf and listing, as far as it is news. ValidationError for a count of an article nobody knows."""
    codes = {row.values["sku"] for (row,) in batch if row.values.get("sku")}
    skus = {sku.code: sku for sku in Sku.objects.visible_to(by).filter(code__in=codes)}
    listings = _listings(shop, batch, codes)
    return [_take(shop, row.values, skus, listings, by) for (row,) in batch]


def _listings(shop: Shop, batch: Sequence[Group], codes: set[str]) -> dict[tuple[str, str], Listing]:
    """By their ids, and by their code under ("", code)."""
    items = {row.values["item"] for (row,) in batch if row.values.get("item")}
    rows = [*Listing.objects.filter(shop=shop, code__in=codes), *Listing.objects.filter(shop=shop, item__in=items | codes)]
    return {("", row.code): row for row in rows if row.code} | {(row.item, row.model): row for row in rows}


def _take(shop: Shop, said: Mapping[str, Any], skus: dict[str, Sku], listings: dict[tuple[str, str], Listing], by: Agent) -> str:
    outcomes = [_count(said, skus, by)] if "on_hand" in said else []
    if any(name in said for name in ("listed", "reserved", "price")):
        outcomes.append(_offer(shop, said, listings))
    return next((outcome for outcome in ("made", "changed") if outcome in outcomes), "same")


def _count(said: Mapping[str, Any], skus: dict[str, Sku], by: Agent) -> str:
    sku = skus.get(said.get("sku", ""))
    if sku is None:
        raise ValidationError(UNKNOWN)
    if sku.on_hand == said["on_hand"]:
        return "same"
    before, movement = sku.on_hand, counting.count(sku, said["on_hand"], by=by)
    sku.on_hand = movement.after
    return "made" if before is None else "changed"


def _offer(shop: Shop, said: Mapping[str, Any], listings: dict[tuple[str, str], Listing]) -> str:
    """By the platform's ids, else by the seller's code, which stands for the listing where there is no other name for it."""
    code = said.get("sku", "")
    key = (said["item"], said.get("model", "")) if said.get("item") else ("", code)
    known = listings.get(key) or listings.get((code, ""))
    item, model = (known.item, known.model) if known else (key[0] or code, key[1] if key[0] else "")
    event = StockSeen(
        item, model, code, said.get("title", ""), listed=said.get("listed"), reserved=said.get("reserved"), price=said.get("price")
    )
    if known and not _tells(known, event):
        return "same"
    listings[key] = see(shop, event)
    return "changed" if known else "made"


def _tells(listing: Listing, event: StockSeen) -> bool:
    pairs = [
        (event.listed, listing.listed),
        (event.reserved, listing.reserved),
        (event.title or None, listing.title),
        (event.sku or None, listing.code),
    ]
    price = event.price and (event.price.minor, event.price.currency) != (listing.price_minor, listing.currency)
    return bool(price) or any(told is not None and told != known for told, known in pairs)
