"""Listings and their stock as platforms tell of them."""

from django.db import transaction

from bridgedesk.channels.events import StockSeen
from bridgedesk.lib import clock
from bridgedesk.lib.pictures import secure
from bridgedesk.lib.storable import fit, plain
from bridgedesk.products.models import Listing, Sku
from bridgedesk.shops.models import Shop


@transaction.atomic
def see(shop: Shop, event: StockSeen) -> Listing:
    """Note what a listing says; a listing whose code is an article's belongs to it. What is untold stays."""
    at = event.at or clock.now()
    listing, _new = Listing.objects.select_for_update().get_or_create(
        shop=shop, item=fit(event.item, 80), model=plain(event.model)[:80], defaults={"seen_at": at}
    )
    for name, value, most in (("code", event.sku, 120), ("title", event.title, 500), ("image", secure(event.image), 500)):
        if value:
            setattr(listing, name, plain(value)[:most])
    for name in ("listed", "reserved", "on_sale"):
        if (told := getattr(event, name)) is not None:
            setattr(listing, name, told)
    if event.options:
        listing.options = {plain(name): plain(value) for name, value in event.options}
    if event.price is not None:
        listing.price_minor, listing.currency = event.price.minor, event.price.currency
    if listing.sku_id is None and listing.code:
        listing.sku = Sku.objects.filter(code=listing.code).first()
    listing.seen_at = at
    listing.save()
    return listing
