"""What the sync page shows: what came, how it went, how each source stands. A fixed number of queries each."""

import codecs
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q

from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations.models import Message
from bridgedesk.lib import clock
from bridgedesk.lib.secrets import mask
from bridgedesk.shops.models import Shop
from bridgedesk.sync import polling
from bridgedesk.sync.models import Cursor, Delivery, Rejection
from bridgedesk.team.models import Agent

PAGE = 50
TEXT_SHOWN, HEX_SHOWN = 64_000, 4096
_REJECTIONS_SHOWN = timedelta(days=7)


@dataclass(frozen=True)
class Source:
    """One shop's inflow. `feeds` are what it is asked for, each with how far it was read: None where nothing was polled yet."""

    shop: Shop
    feeds: Sequence[tuple[str, Cursor | None]]
    waiting: int
    stuck: int
    rejected: int


def deliveries(agent: Agent, *, state: str = "", shop: int | None = None, before: int | None = None, size: int = PAGE) -> list[Delivery]:
    """The newest deliveries the agent may see, without their bytes; `before` is the last id of the page before."""
    rows = Delivery.objects.visible_to(agent).select_related("shop").defer("body", "headers")
    if state in Delivery.State.values:
        rows = rows.filter(state=state)
    if shop:
        rows = rows.filter(shop=shop)
    if before:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:size])


def delivery(agent: Agent, pk: int) -> Delivery | None:
    """One delivery with its bytes, if the agent may see it."""
    return Delivery.objects.visible_to(agent).select_related("shop").filter(pk=pk).first()


def counts(agent: Agent, shop: int | None = None) -> dict[str, int]:
    """How many deliveries are in each state: all that are open, and of those that are done the ones of the last day."""
    rows = Delivery.objects.visible_to(agent).order_by()
    if shop:
        rows = rows.filter(shop=shop)
    done = Q(state__in=[Delivery.State.APPLIED, Delivery.State.IGNORED])
    waiting = rows.filter(~done).values_list("state").annotate(Count("pk"))
    lately = rows.filter(done, received_at__gte=clock.now() - timedelta(days=1)).values_list("state").annotate(Count("pk"))
    return dict(waiting) | dict(lately)


def rejections(agent: Agent) -> list[Rejection]:
    """What did not verify in the last days, newest day first."""
    since = (clock.now() - _REJECTIONS_SHOWN).date()
    rows = Rejection.objects.filter(shop__in=Shop.objects.visible_to(agent), day__gte=since)
    return list(rows.select_related("shop").order_by("-day", "-count")[:PAGE])


def messages_of(found: Delivery, agent: Agent) -> list[Message]:
    """What the delivery became, if the agent may see it."""
    rows = Message.objects.visible_to(agent).filter(pk__in=found.messages).select_related("conversation__customer")
    return list(rows.order_by("pk")[:PAGE])


@dataclass(frozen=True)
class Shown:
    """Bytes as a screen can show them: text where they are text, else as a hex dump; `cut` when there are more."""

    text: str
    is_text: bool
    cut: bool


def shown(body: bytes) -> Shown:
    """The beginning of `body`, never interpreted, with what is named like a secret masked."""
    text = _as_text(body[:TEXT_SHOWN])
    if text is not None:
        return Shown(mask(text), is_text=True, cut=len(body) > TEXT_SHOWN)
    lines = (body[at : at + 16] for at in range(0, min(len(body), HEX_SHOWN), 16))
    dump = "\n".join(f"{number * 16:06x}  {line.hex(' '):<47}  {_ascii(line)}" for number, line in enumerate(lines))
    return Shown(dump, is_text=False, cut=len(body) > HEX_SHOWN)


def _as_text(start: bytes) -> str | None:
    """UTF-8, a character cut off at the end aside; None for anything with bytes no text has."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return None
    return None if any(unicodedata.category(c) == "Cc" and c not in "\t\r\n" for c in text) else text


def _ascii(line: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in line)


def feeds(shop: Shop) -> Sequence[tuple[str, Cursor | None]]:
    """What one shop is asked for, each with how far it was read."""
    cursors = {cursor.feed: cursor for cursor in Cursor.objects.filter(shop=shop)}
    return [(feed, cursors.get(feed)) for feed in polling.feeds_of(CHANNELS.get(shop.platform))]


def sources(agent: Agent) -> Sequence[Source]:
    """How each shop of the agent stands: its polling, what waits, what is stuck, what did not verify in a week."""
    shops = Shop.objects.visible_to(agent).order_by("name", "pk")
    open_rows = Delivery.objects.visible_to(agent).filter(~Q(state__in=["applied", "ignored"])).values("shop")
    stuck = Count("pk", filter=Q(state=Delivery.State.STUCK))
    counts = {row["shop"]: row for row in open_rows.annotate(every=Count("pk"), stuck=stuck)}
    cursors = {(cursor.shop_id, cursor.feed): cursor for cursor in Cursor.objects.filter(shop__in=shops)}
    since = (clock.now() - _REJECTIONS_SHOWN).date()
    rejected: dict[int, int] = {}
    for shop, count in Rejection.objects.filter(shop__in=shops, day__gte=since).values_list("shop_id", "count"):
        rejected[shop] = rejected.get(shop, 0) + count
    nothing = {"every": 0, "stuck": 0}
    return [
        Source(
            shop=shop,
            feeds=[(feed, cursors.get((shop.pk, feed))) for feed in polling.feeds_of(CHANNELS.get(shop.platform))],
            waiting=counts.get(shop.pk, nothing)["every"] - counts.get(shop.pk, nothing)["stuck"],
            stuck=counts.get(shop.pk, nothing)["stuck"],
            rejected=rejected.get(shop.pk, 0),
        )
        for shop in shops
    ]
