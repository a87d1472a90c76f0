"""A shop's tie to its platform: broken when the authorisation is gone, whole again when a call went through."""

from typing import TYPE_CHECKING

from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.lib.live import announce
from bridgedesk.shops.models import Shop

if TYPE_CHECKING:
    from bridgedesk.team.models import Agent


def break_off(shop: Shop, why: str) -> None:
    """Mark the shop as needing a person; said once however often it fails."""
    with transaction.atomic():
        connected = Shop.objects.filter(pk=shop.pk, state=Shop.State.CONNECTED)
        if connected.update(state=Shop.State.BROKEN, trouble=why):
            record("shop_broken", shop, by=None, actor="channel", shop=shop.pk, why=why)
            announce("sync", shop=shop.pk)


def mend(shop: Shop, *, by: "Agent | None" = None) -> None:
    """The shop works again."""
    with transaction.atomic():
        if Shop.objects.filter(pk=shop.pk, state=Shop.State.BROKEN).update(state=Shop.State.CONNECTED, trouble=""):
            record("shop_mended", shop, by=by, actor="" if by else "channel", shop=shop.pk)
            announce("sync", shop=shop.pk)
