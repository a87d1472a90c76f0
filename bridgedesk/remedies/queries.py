"""Cases under filters: those that run, by what expires next; those that ended, the newest first."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import F, Prefetch, Q

from bridgedesk.lib.storable import number
from bridgedesk.orders.acting import OPEN
from bridgedesk.remedies.models import Booking, Case
from bridgedesk.remedies.rules import ENDED
from bridgedesk.team.models import Agent

PAGE = 50


@dataclass(frozen=True)
class Filters:
    """What is asked for: `ended` cases, those whose `money` (or goods) is still to move, or those that run; `before` is the last case of
    the page before; 0 means all."""

    ended: bool = False
    money: bool = False
    shop: int = 0
    before: int = 0

    @classmethod
    def parse(cls, asked: Mapping[str, str]) -> "Filters":
        """From a query; what is no filter is none."""
        show = asked.get("show")
        return cls(show == "ended", show == "money", number(asked.get("shop", "")), number(asked.get("before", "")))

    @property
    def show(self) -> str:
        """As the address says it."""
        return "ended" if self.ended else "money" if self.money else ""


def cases(agent: Agent, filters: Filters, size: int = PAGE) -> list[Case]:
    """One page, of shops the agent sees."""
    seen = Case.objects.visible_to(agent)
    if filters.money:
        rows = seen.filter(pk__in=Booking.objects.filter(act__state__in=OPEN).values("case"))
    else:
        rows = seen.filter(state__in=ENDED) if filters.ended else seen.exclude(state__in=ENDED)
    if filters.shop:
        rows = rows.filter(shop=filters.shop)
    if filters.before and (last := seen.filter(pk=filters.before).first()):
        rows = rows.filter(Q(pk__gt=last.pk) if filters.money else Q(pk__lt=last.pk) if filters.ended else _after(last))
    order = ["pk"] if filters.money else ["-pk"] if filters.ended else [F("next_by").asc(nulls_last=True), "pk"]
    moves = Prefetch("bookings", Booking.objects.filter(act__isnull=False).select_related("act"), to_attr="moves")
    return list(rows.select_related("shop", "order").prefetch_related(moves).order_by(*order)[:size])


def _after(last: Case) -> Q:
    if last.next_by is None:
        return Q(next_by=None, pk__gt=last.pk)
    return Q(next_by__gt=last.next_by) | Q(next_by=last.next_by, pk__gt=last.pk) | Q(next_by=None)
