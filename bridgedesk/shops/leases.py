"""Who is at work on something of a shop that only one process may do at a time. A lease ends by itself when its holder dies."""

import secrets
from datetime import timedelta

from django.db import transaction

from bridgedesk.lib import clock
from bridgedesk.shops.models import Lease


def claim(shop: int, name: str, span: timedelta) -> str | None:
    """A holder's token for `span` of wall time, or None when somebody else holds it."""
    Lease.objects.bulk_create([Lease(shop_id=shop, name=name)], ignore_conflicts=True)
    with transaction.atomic():
        row = Lease.objects.select_for_update().get(shop_id=shop, name=name)
        if row.until and row.until > clock.now():
            return None
        row.holder, row.until = secrets.token_hex(8), clock.now() + clock.real(span)
        row.save(update_fields=["holder", "until"])
    return row.holder


def extend(shop: int, name: str, holder: str, span: timedelta) -> bool:
    """Hold it longer; False when it was lost."""
    mine = Lease.objects.filter(shop_id=shop, name=name, holder=holder)
    return mine.update(until=clock.now() + clock.real(span)) == 1


def release(shop: int, name: str, holder: str) -> None:
    """Give it back; nothing happens when it was lost."""
    Lease.objects.filter(shop_id=shop, name=name, holder=holder).update(holder="", until=None)
