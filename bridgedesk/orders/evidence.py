"""Photos and films of packing: stored once by the SHA-256 of their bytes, with who and when. What disputes are decided on."""

import hashlib
from decimal import Decimal

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.channels.policy import PolicyError, policy, policy_name
from bridgedesk.lib import clock, filetypes
from bridgedesk.orders import packing
from bridgedesk.orders.access import locked
from bridgedesk.orders.holding import tell
from bridgedesk.orders.models import Evidence, Order
from bridgedesk.products.models import Sku
from bridgedesk.shops.queries import own
from bridgedesk.team.models import Agent

SHOWN = filetypes.RASTER | {"video/mp4", "video/webm", "video/quicktime"}
"""What a browser draws or plays without running anything of it."""
TAKEN = SHOWN | {"image/heic"}
MOST = 40
"""Files of one order."""


class NoEvidence(Exception):
    """Not a photo or film, too large or too many; the message is for the packer."""


def keep(order: Order, data: bytes, *, by: Agent) -> Evidence:
    """Keep a photo or film of packing the order; the same bytes again are the same row. NoEvidence."""
    kind = filetypes.sniff(data)
    if kind not in TAKEN:
        raise NoEvidence(_("This is neither a photo nor a film."))
    if len(data) > settings.MAX_ATTACHMENT_BYTES:
        raise NoEvidence(
            _("The file is larger than %(limit)d MB. Take a shorter film.") % {"limit": settings.MAX_ATTACHMENT_BYTES // 1_000_000}
        )
    digest = hashlib.sha256(data).hexdigest()
    _write(digest, data)
    return _noted(order, digest, kind, len(data), by)


def read(evidence: Evidence) -> bytes:
    """The stored bytes; FileNotFoundError when the storage has lost them."""
    with default_storage.open(_place(evidence.sha256)) as file:
        return bytes(file.read())


def reasons(order: Order) -> list[str]:
    """Why packing it has to be photographed (packing.photo_reasons); empty when it need not."""
    skus = list(Sku.objects.filter(lines__order=order).values_list("fragile", "photo_needed"))
    return packing.photo_reasons(
        fragile=any(fragile for fragile, _asked in skus), asked=any(asked for _fragile, asked in skus),
        total=order.total.amount if order.total else None, worth=worth(order),
    )  # fmt: skip


def worth(order: Order) -> Decimal | None:
    """The total from which an order is photographed, in its currency: the lead's figure, else that of the policy for the currency."""
    now = clock.now()
    if (set_by_lead := own(order.shop, "photo_from", now)) is not None:
        return set_by_lead.value
    try:
        return policy(policy_name(order.shop)).threshold("photo_from", order.currency, now.date()).value
    except (KeyError, PolicyError):
        return None


@transaction.atomic
def _noted(order: Order, digest: str, kind: str, size: int, by: Agent) -> Evidence:
    row = locked(order, by)
    known = row.evidence.filter(sha256=digest).first()
    if known:
        return known
    if row.evidence.count() >= MOST:
        raise NoEvidence(_("There are %(most)d photos and films of this order already.") % {"most": MOST})
    box = row.parcels.filter(packed_at=None, shipped_at=None, delivered_at=None).first() or row.parcels.order_by("packed_at").last()
    made = Evidence.objects.create(order=row, parcel=box, sha256=digest, kind=kind, size=size, by=by, at=clock.now())
    tell(row, "evidence_kept", by=by, sha256=digest)
    return made


def _place(digest: str) -> str:
    return f"evidence/{digest[:2]}/{digest}"


def _write(digest: str, data: bytes) -> None:
    """Before the row, as storage may be a network away. Two who write the same at once leave one file."""
    place = _place(digest)
    if default_storage.exists(place):
        return
    if (landed := default_storage.save(place, ContentFile(data))) != place:
        default_storage.delete(landed)
