"""Reviews under filters, the low ones first, the newest of them on top."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from bridgedesk.channels.policy import Check, policy, policy_name
from bridgedesk.lib import clock
from bridgedesk.lib.storable import number
from bridgedesk.reviews.models import Review
from bridgedesk.reviews.thanks import to_thank
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

PAGE = 50
SHOW = ("", "low", "thank", "unanswered", "changeable")


@dataclass(frozen=True)
class Filters:
    """What is asked for: `show` is one of SHOW, `before` the last review of the page before; 0 means all."""

    show: str = ""
    shop: int = 0
    stars: int = 0
    before: int = 0

    @classmethod
    def parse(cls, asked: Mapping[str, str]) -> "Filters":
        """From a query; what is no filter is none."""
        show, stars = asked.get("show", ""), number(asked.get("stars", ""))
        known = (number(asked.get(name, "")) for name in ("shop", "before"))
        shop, before = known
        return cls(show if show in SHOW else "", shop, stars if 1 <= stars <= 5 else 0, before)


def reviews(agent: Agent, filters: Filters, size: int = PAGE) -> list[Review]:
    """One page, of shops the agent sees."""
    rows: QuerySet[Review] = Review.objects.visible_to(agent)
    if filters.shop:
        rows = rows.filter(shop=filters.shop)
    if filters.stars:
        rows = rows.filter(stars=filters.stars)
    rows = _shown(rows, filters.show)
    if filters.before and (last := Review.objects.visible_to(agent).filter(pk=filters.before).first()):
        rows = rows.filter(_after(last))
    return list(rows.select_related("shop", "order", "listing").order_by("-low", "-at", "-pk")[:size])


def barred(shops: Iterable[Shop], on: date) -> dict[int, Check]:
    """Shops on whose platform a review itself must not be touched, by id, with the check that says so."""
    found = {shop.pk: policy(policy_name(shop)).check("review_change", on) for shop in shops}
    return {pk: check for pk, check in found.items() if check and check.verdict == "forbidden"}


def _shown(rows: QuerySet[Review], show: str) -> QuerySet[Review]:
    if show == "low":
        return rows.filter(low=True)
    if show == "thank":
        return to_thank(rows)
    if show == "unanswered":
        return rows.filter(reply="")
    if show == "changeable":
        return rows.filter(Q(change_until=None) | Q(change_until__gt=clock.now()), changeable="yes")
    return rows


def _after(last: Review) -> Q:
    older = Q(low=last.low) & (Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    return older | Q(low=False) if last.low else older
