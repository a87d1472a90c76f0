"""What the sync page shows: what came, how it went, how each source stands. A fixed number of queries each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q

from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.sync.models import Cursor, Delivery, Rejection
from bridgedesk.team.models import Agent

PAGE = 50
_REJECTIONS_SHOWN = timedelta(days=7)


@dataclass(frozen=True)
class Source:
    """One shop's inflow. `cursor` is None where nothing was polled yet."""

    shop: Shop
    cursor: Cursor | None
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


def text_of(found: Delivery, most: int = 200_000) -> str:
    """Its bytes as text for the screen; what is not text shows as its code."""
    return bytes(found.body[:most]).decode("utf-8", "backslashreplace")


def sources(agent: Agent) -> Sequence[Source]:
    """How each shop of the agent stands: its polling, what waits, what is stuck, what did not verify in a week."""
    shops = Shop.objects.visible_to(agent).order_by("name", "pk")
    open_rows = Delivery.objects.visible_to(agent).filter(~Q(state__in=["applied", "ignored"])).values("shop")
    stuck = Count("pk", filter=Q(state=Delivery.State.STUCK))
    counts = {row["shop"]: row for row in open_rows.annotate(every=Count("pk"), stuck=stuck)}
    cursors = {cursor.pk: cursor for cursor in Cursor.objects.filter(shop__in=shops)}
    since = (clock.now() - _REJECTIONS_SHOWN).date()
    rejected: dict[int, int] = {}
    for shop, count in Rejection.objects.filter(shop__in=shops, day__gte=since).values_list("shop_id", "count"):
        rejected[shop] = rejected.get(shop, 0) + count
    nothing = {"every": 0, "stuck": 0}
    return [
        Source(
            shop=shop,
            cursor=cursors.get(shop.pk),
            waiting=counts.get(shop.pk, nothing)["every"] - counts.get(shop.pk, nothing)["stuck"],
            stuck=counts.get(shop.pk, nothing)["stuck"],
            rejected=rejected.get(shop.pk, 0),
        )
        for shop in shops
    ]
