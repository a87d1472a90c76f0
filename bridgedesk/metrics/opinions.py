"""What reviews say, article by article: how many, how good and how sure, against the period before, and what they speak of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from math import sqrt
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth, TruncWeek

from bridgedesk.assist import review_topics
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib import clock
from bridgedesk.lib.figures import figure
from bridgedesk.lib.storable import number
from bridgedesk.metrics import rules
from bridgedesk.metrics.filters import moment
from bridgedesk.playbooks.comparing import of_shares
from bridgedesk.playbooks.tallying import Between, Z, share
from bridgedesk.products.models import Sku
from bridgedesk.reviews.models import Review
from bridgedesk.reviews.receiving import LOW
from bridgedesk.team.models import Agent

STARS = range(1, 6)
PRIOR = 4
"""Reviews, rated as all of the page are, that each article gets on top: one bad review is no bad article."""
PERIODS = (30, 90, 180, 365)
WEEKLY = 180
"""Days up to which a trend goes by weeks."""
MOST_ROWS, MOST_PAGES = 500, 200


@dataclass(frozen=True)
class Asked:
    """What the page is asked for; "" and 0 are no filter. `page` counts from 0."""

    days: int = 90
    shop: int = 0
    platform: str = ""
    country: str = ""
    topic: str = ""
    page: int = 0

    @classmethod
    def parse(cls, asked: Mapping[str, str]) -> "Asked":
        """From an address; what is no filter is none."""
        days, country = number(asked.get("days", "")), asked.get("country", "").upper()
        platform, topic = asked.get("platform", ""), asked.get("topic", "")
        return cls(
            days if days in PERIODS else 90,
            number(asked.get("shop", "")),
            platform if platform in CHANNELS else "",
            country if len(country) == 2 and country.isascii() and country.isalpha() else "",
            topic if topic in review_topics.names() else "",
            min(number(asked.get("page", "")), MOST_PAGES),
        )

    def said(self, **other: object) -> dict[str, object]:
        """As an address says it, with changes; None takes a filter away."""
        return {name: value for name, value in (vars(self) | {"page": 0} | other).items() if value}

    @property
    def step(self) -> rules.Step:
        """Of the trend."""
        return "week" if self.days <= WEEKLY else "month"


@dataclass(frozen=True)
class Ratings:
    """How often one to five stars were given."""

    counts: tuple[int, ...] = (0, 0, 0, 0, 0)

    @cached_property
    def all(self) -> int:
        """Together."""
        return sum(self.counts)

    @cached_property
    def low(self) -> int:
        """Of three stars or fewer."""
        return sum(self.counts[:LOW])

    @property
    def low_share(self) -> Between:
        """Of three stars or fewer, with Wilson's interval."""
        return share(self.low, self.all)


@dataclass(frozen=True)
class Said:
    """One article (`sku` None: not known which): `mean` is stars(), `change` of the share of low ratings since the period before."""

    sku: Sku | None
    now: Ratings
    before: Ratings
    mean: Between
    topics: Sequence[tuple[str, int, int]]  # topic, reviews that speak of it, low ones among them; the most low first

    @property
    def change(self) -> Between | None:
        """Newcombe's interval; None without reviews on both sides."""
        if not (self.now.all and self.before.all):
            return None
        return of_shares(self.now.low, self.now.all, self.before.low, self.before.all)

    @property
    def turn(self) -> str:
        """ "worse" or "better" where the interval of the change leaves out zero, "same" where it does not, "" where nothing is known."""
        if self.change is None:
            return ""
        return "worse" if self.change.low > 0 else "better" if self.change.high < 0 else "same"


@dataclass(frozen=True)
class Scope:
    """The reviews of one agent's page. `since` begins the period, which lasts until `now`."""

    agent: Agent
    asked: Asked
    now: datetime
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        """The first moment of the period."""
        return self.now - timedelta(days=self.asked.days)

    def rows(self, *, filtered: bool = True) -> QuerySet[Review]:
        """Of any time, with stars."""
        asked, rows = self.asked, Review.objects.visible_to(self.agent).filter(stars__gt=0, at__lte=self.now)
        wanted = {"shop": asked.shop, "shop__platform": asked.platform, "order__country": asked.country} if filtered else {}
        return rows.filter(**{name: value for name, value in wanted.items() if value})


def scope_of(agent: Agent, asked: Mapping[str, str]) -> Scope:
    """What of the reviews this agent asks for, until now."""
    return Scope(agent, Asked.parse(asked), clock.now(), ZoneInfo(agent.timezone))


@figure
def stars(ratings: Ratings, all_: Ratings) -> Between:
    """The mean of an article's stars in the period, after four more reviews rated like all reviews of the page, so that one bad review
    makes no bad article; with its 95 per cent interval (Dirichlet, normal approximation). The change beside it is that of the share of low
    ratings, with Newcombe's interval: of twenty articles that did not change, one still seems to have.
    """
    prior = [PRIOR * (n / all_.all if all_.all else 1 / len(STARS)) for n in all_.counts]
    weights = [n + more for n, more in zip(ratings.counts, prior, strict=True)]
    whole = sum(weights)
    mean = sum(value * weight for value, weight in zip(STARS, weights, strict=True)) / whole
    square = sum(value * value * weight for value, weight in zip(STARS, weights, strict=True)) / whole
    half = Z * sqrt(max(square - mean * mean, 0) / (whole + 1))
    return Between(mean, max(mean - half, STARS[0]), min(mean + half, STARS[-1]))


def total(scope: Scope) -> Ratings:
    """All reviews of the period under the filters."""
    return _ratings(scope.rows().filter(at__gt=scope.since).aggregate(**_stars(Q(), "now")), "now")


def by_article(scope: Scope, all_: Ratings, only: int | None = None) -> list[Said]:
    """Articles with reviews in the period, the least stars first; `only` one of them, 0 those of no known article."""
    at = Q(at__gt=scope.since)
    rows = scope.rows().filter(at__gt=scope.since - timedelta(days=scope.asked.days))
    if only is not None:
        rows = rows.filter(listing__sku=only) if only else rows.filter(listing__sku=None)
    counted = _stars(at, "now") | _stars(~at, "was") | _topics(at)
    found = rows.order_by().values("listing__sku").annotate(seen=Count("pk", filter=at), **counted).filter(seen__gt=0)
    lines = list(found.order_by("-seen", "listing__sku")[:MOST_ROWS])
    skus = Sku.objects.select_related("product").in_bulk([line["listing__sku"] for line in lines if line["listing__sku"]])
    said = [_said(line, skus.get(line["listing__sku"]), all_) for line in lines]
    return sorted(said, key=lambda each: (each.mean.value, -each.now.all))


def over_time(scope: Scope, only: int | None = None) -> list[tuple[date, Ratings]]:
    """Weeks or months of the period, and at least a quarter or a year."""
    today, step = scope.now.astimezone(scope.zone).date(), scope.asked.step
    days = rules.begins(scope.since.astimezone(scope.zone).date(), today + timedelta(days=1), step)
    rows = scope.rows().filter(at__gte=moment(days[0], scope.zone))
    if only is not None:
        rows = rows.filter(listing__sku=only) if only else rows.filter(listing__sku=None)
    cut = (TruncWeek if step == "week" else TruncMonth)("at", tzinfo=scope.zone)
    counted = rows.order_by().annotate(cut=cut).values("cut").annotate(**_stars(Q(), "now"))
    known = {line["cut"].date(): _ratings(line, "now") for line in counted}
    return [(day, known.get(day, Ratings())) for day in days]


def quotes(scope: Scope, only: int, size: int) -> list[Review]:
    """One page of reviews of that article in the period that say something, the low ones first; one more than `size` if there are more."""
    rows = scope.rows().filter(at__gt=scope.since).exclude(text="")
    rows = rows.filter(listing__sku=only) if only else rows.filter(listing__sku=None)
    if scope.asked.topic:
        rows = rows.filter(topics__contains=[scope.asked.topic])
    begin = scope.asked.page * size
    return list(rows.select_related("shop", "order").order_by("-low", "-at", "-pk")[begin : begin + size + 1])


def countries(scope: Scope) -> list[str]:
    """Countries of the reviews of the period."""
    rows = scope.rows(filtered=False).filter(at__gt=scope.since).exclude(order__country="").exclude(order=None)
    return list(rows.order_by("order__country").values_list("order__country", flat=True).distinct()[:250])


def _stars(when: Q, name: str) -> dict[str, Any]:
    return {f"{name}{n}": Count("pk", filter=when & Q(stars=n)) for n in STARS}


def _topics(when: Q) -> dict[str, Any]:
    asked = {topic: when & Q(topics__contains=[topic]) for topic in review_topics.names()}
    every = {f"all_{topic}": Count("pk", filter=which) for topic, which in asked.items()}
    return every | {f"low_{topic}": Count("pk", filter=which & Q(low=True)) for topic, which in asked.items()}


def _ratings(line: Mapping[str, Any], name: str) -> Ratings:
    return Ratings(tuple(line[f"{name}{n}"] for n in STARS))


def _said(line: Mapping[str, Any], sku: Sku | None, all_: Ratings) -> Said:
    named = [(topic, line[f"all_{topic}"], line[f"low_{topic}"]) for topic in review_topics.names() if line[f"all_{topic}"]]
    now = _ratings(line, "now")
    return Said(sku, now, _ratings(line, "was"), stars(now, all_), sorted(named, key=lambda each: (-each[2], -each[1])))
