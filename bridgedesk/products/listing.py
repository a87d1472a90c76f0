"""The list of products: filters that are allow-listed, pages by key, the same number of queries however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import QueryDict

from bridgedesk.lib.storable import number, plain
from bridgedesk.products.models import Listing, Product, Sku
from bridgedesk.team.models import Agent

PAGE = 50


@dataclass(frozen=True)
class Filters:
    """What the list is asked for; anything unknown is no filter."""

    q: str = ""
    shop: int = 0
    category: str = ""
    bare: bool = False  # without a single fact

    @classmethod
    def parse(cls, query: QueryDict) -> "Filters":
        """From an address."""
        return cls(
            q=plain(query.get("q", "")).strip()[:80],
            shop=number(query.get("shop", "")),
            category=plain(query.get("category", ""))[:120],
            bare=query.get("bare") == "1",
        )


@dataclass(frozen=True)
class Page:
    """One page, and the key of the next ("" on the last)."""

    products: Sequence[Product]
    next: str


def page(agent: Agent, filters: Filters, after: str = "") -> Page:
    """Products the agent may see, by name, with articles and the listings they may see at hand."""
    rows = _after(_matching(agent, filters), after).order_by("name", "pk")
    listings = Listing.objects.visible_to(agent).select_related("shop").order_by("shop__name", "pk")
    wanted = rows.annotate(known=Count("facts", Q(facts__origin=None))).prefetch_related("skus", Prefetch("skus__listings", listings))
    found = list(wanted[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(found[:PAGE], f"{last.pk},{last.name}" if last else "")


def orphans(agent: Agent) -> QuerySet[Listing]:
    """Listings whose code is no article's yet: an article can be made of each."""
    return Listing.objects.visible_to(agent).filter(sku=None).exclude(code="").order_by("shop_id", "item", "pk")


def categories(agent: Agent) -> list[str]:
    """The seller's own words for kinds of products."""
    rows = Product.objects.visible_to(agent).exclude(category="").order_by("category").values_list("category", flat=True)
    return list(rows.distinct()[:200])


def _matching(agent: Agent, filters: Filters) -> QuerySet[Product]:
    rows = Product.objects.visible_to(agent)
    if filters.shop:
        listed = Listing.objects.visible_to(agent).filter(sku__product=OuterRef("pk"), shop=filters.shop)
        rows = rows.filter(Exists(listed))
    if filters.category:
        rows = rows.filter(category=filters.category)
    if filters.bare:
        rows = rows.filter(facts=None)
    return rows.filter(_spoken(agent, filters.q)) if filters.q else rows


def _spoken(agent: Agent, words: str) -> Q | Exists:
    """Its name, an article's code, name or barcode, or the title of a listing the agent may see."""
    own = Q(code__icontains=words) | Q(name__icontains=words) | Q(barcode=words)
    skus = Sku.objects.filter(own, product=OuterRef("pk"))
    titles = Listing.objects.visible_to(agent).filter(Q(title__icontains=words) | Q(item=words), sku__product=OuterRef("pk"))
    return Q(name__icontains=words) | Exists(skus) | Exists(titles)


def _after(rows: QuerySet[Product], after: str) -> QuerySet[Product]:
    pk, comma, name = plain(after).partition(",")
    return rows.filter(Q(name__gt=name) | Q(name=name, pk__gt=number(pk))) if comma else rows
