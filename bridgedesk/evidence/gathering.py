"""What belongs into the pack of an order, in the order of time. Nothing of other orders, nothing of other buyers, no note among ourselves.

A conversation belongs to it when it names the order, in the order's own shop, and is not with somebody else.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from bridgedesk.assist.models import Translation
from bridgedesk.conversations.attachments import open_bytes
from bridgedesk.conversations.models import Attachment, Message
from bridgedesk.orders import evidence
from bridgedesk.orders.models import Order, PlatformAct
from bridgedesk.remedies.models import Offer

MOST = 100_000_000
"""Bytes of files in one pack; what does not fit is named in it as left out."""
_ODD = re.compile(r"[^\w.\-]+")


@dataclass(frozen=True)
class Happened:
    """One line. `kind` says what it is (words.py of the page), `files` are names within the pack."""

    at: datetime
    kind: str
    text: str = ""
    who: str = ""
    translation: str = ""
    files: tuple[str, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)


def messages(order: Order) -> QuerySet[Message]:
    """What buyer and shop wrote to each other about this order."""
    about = Q(conversation__order_ref=order.external_id)
    theirs = Q(conversation__customer=order.customer_id) if order.customer_id else Q()
    rows = Message.objects.filter(about & theirs, shop=order.shop_id).exclude(direction=Message.Direction.NOTE)
    return rows.exclude(state__in=[Message.State.WITHDRAWN, Message.State.QUEUED, Message.State.FAILED]).order_by("at", "pk")


def files(order: Order) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every picture and document, as long as they fit."""
    left = MOST
    for name, size, read in _stored(order):
        if size <= left:
            try:
                data = read()
            except OSError:
                continue
            left -= len(data)
            yield name, data


def timeline(order: Order, language: str) -> list[Happened]:
    """Everything that happened, the first first; translations as they were made for readers of that language."""
    found = [*_order(order), *_said(order, language), *_moved(order), *_paid(order), *_offered(order)]
    return sorted(found, key=lambda each: each.at)


def _order(order: Order) -> Iterator[Happened]:
    for kind, at in (
        ("placed", order.placed_at),
        ("paid", order.paid_at),
        ("shipped", order.shipped_at),
        ("delivered", order.delivered_at),
    ):
        if at:
            yield Happened(at, kind)
    for remark in order.remarks.filter(withdrawn_at=None).select_related("author"):
        yield Happened(remark.created_at, "remark", remark.text, str(remark.author or ""))
    for photo in order.evidence.select_related("by"):
        yield Happened(photo.at, "packing", files=(_photo(photo.pk, photo.kind),), who=str(photo.by or ""), data={"sha256": photo.sha256})


def _said(order: Order, language: str) -> Iterator[Happened]:
    rows = list(messages(order).select_related("author").prefetch_related("attachments"))
    keys = {hashlib.sha256(row.text.encode()).hexdigest(): row.text for row in rows if row.text}
    known = {row.key: row.text for row in Translation.objects.filter(key__in=keys, target=language)}
    for row in rows:
        names = tuple(_name(each) for each in row.attachments.all() if each.state == Attachment.State.STORED)
        kind = "buyer" if row.direction == Message.Direction.IN else "shop"
        who = row.sender if kind == "buyer" else str(row.author or "")
        translated = known.get(hashlib.sha256(row.text.encode()).hexdigest(), "")
        yield Happened(row.at, kind, row.text, who, translated if translated != row.text else "", names)


def _moved(order: Order) -> Iterator[Happened]:
    for parcel in order.parcels.prefetch_related("scans"):
        for scan in parcel.scans.all():
            yield Happened(scan.at, "scan", scan.text, data={"parcel": parcel.number, "carrier": parcel.carrier, "place": scan.place})


def _paid(order: Order) -> Iterator[Happened]:
    for row in order.payments.all():
        yield Happened(row.at, row.kind, data={"minor": row.minor, "currency": row.currency, "reference": row.reference})
    for act in order.acts.filter(state=PlatformAct.State.DONE).exclude(done_at=None).exclude(kind__in=["WriteNote", "RefundBuyer"]):
        yield Happened(act.done_at or act.created_at, "act", data={"act": act.kind, "reference": act.reference})


def _offered(order: Order) -> Iterator[Happened]:
    told = Offer.objects.filter(case__order=order).exclude(state__in=[Offer.State.WITHDRAWN, Offer.State.WAITING])
    for offer in told.select_related("case"):
        more = {"minor": offer.refund_minor, "currency": offer.case.currency, "option": offer.option}
        yield Happened(offer.made_at, "offer", data=more)
        if offer.answered_at:
            yield Happened(offer.answered_at, f"offer_{offer.state}", data=more)


def _stored(order: Order) -> Iterator[tuple[str, int, Any]]:
    for photo in order.evidence.order_by("pk"):
        yield _photo(photo.pk, photo.kind), photo.size, lambda photo=photo: evidence.read(photo)
    kept = Attachment.objects.filter(message__in=messages(order), state=Attachment.State.STORED).order_by("pk")
    for row in kept:
        yield _name(row), row.size, lambda row=row: open_bytes(row)


def _photo(pk: int, kind: str) -> str:
    return f"packing/{pk}.{_ODD.sub('', kind.rpartition('/')[2])[:8] or 'bin'}"


def _name(row: Attachment) -> str:
    """A name no system stumbles over: no folders, no signs, not too long."""
    stem, dot, ending = row.name.rpartition(".")
    return f"messages/{row.pk}-{_ODD.sub('_', stem if dot else row.name)[:60]}{'.' + _ODD.sub('', ending)[:8] if dot else ''}"
