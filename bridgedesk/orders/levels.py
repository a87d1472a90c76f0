"""What follows here when a platform took a stock level: the listing says that number from now on."""

from bridgedesk.orders.models import PlatformAct
from bridgedesk.products.models import Listing


def taken(row: PlatformAct) -> None:
    """Note the levels of an act that was done, apart from those the platform did not take."""
    refused = {(str(place[0]), str(place[1])) for place, _reason in row.failures}
    wanted = {(level["item"], level["model"]): level["quantity"] for level in row.data.get("levels", ())}
    rows = []
    for listing in Listing.objects.filter(shop=row.shop_id, item__in={item for item, _model in wanted}):
        place = (listing.item, listing.model)
        if place in wanted and place not in refused:
            listing.listed = wanted[place]
            rows.append(listing)
    Listing.objects.bulk_update(rows, ["listed"])
