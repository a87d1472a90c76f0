"""What is known of the products a buyer speaks of: found by listing or article, else by words; facts in the buyer's language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Case, IntegerField, Prefetch, Q, QuerySet, Value, When

from bridgedesk.lib.text import tokens
from bridgedesk.products.models import Fact, Listing, Product, Sku
from bridgedesk.team.models import Agent

SHOWN = 3
WORDS, SHORTEST = 24, 3
"""So many words of a message are looked for, the longest first; shorter Latin ones say nothing."""
NAMED = 1000


@dataclass(frozen=True)
class Told:
    """A fact as it is said to this buyer; `foreign` when it is not in their language. `asked` when the buyer's words touch its question."""

    fact: Fact
    text: str
    language: str
    foreign: bool
    asked: bool


@dataclass(frozen=True)
class Known:
    """A product with what may be said of it; `named` are the articles meant, where they could be told."""

    product: Product
    named: Sequence[Sku]
    facts: Sequence[Told] = field(default_factory=tuple)


def spoken_of(
    agent: Agent, shop: int, text: str, *, skus: Iterable[int] = (), items: Iterable[str] = (), language: str = ""
) -> list[Known]:
    """The products a message is about, likeliest first: those `skus` and listings (`items`) that were named, then by its words."""
    scores = _scores(agent, shop, text, list(skus), list(items))
    best = sorted(scores, key=lambda pk: (-scores[pk], pk))[:SHOWN]
    found = {product.pk: product for product in whole(Product.objects.visible_to(agent).filter(pk__in=best), agent)}
    meant = set(skus) | {row.pk for product in found.values() for row in product.skus.all() if row.code and row.code in text}
    return [known(found[pk], text, language, meant) for pk in best if pk in found]


def known(product: Product, text: str, language: str, meant: Iterable[int] = ()) -> Known:
    """A product that was fetched whole, with its facts as this buyer reads them: those the words touch first."""
    wanted, named = tokens(text), set(meant)
    roots = [fact for fact in product.facts.all() if fact.origin_id is None]
    told = [_told(fact, language, wanted) for fact in roots]
    told.sort(key=lambda one: (not one.asked, bool(one.fact.sku_id and one.fact.sku_id not in named)))
    return Known(product, [sku for sku in product.skus.all() if sku.pk in named], told)


def _told(root: Fact, language: str, wanted: set[str]) -> Told:
    """In the buyer's language, else without its region, else in English, else as it was written."""
    texts = {fact.language.lower(): fact for fact in [root, *root.variants.all()]}
    ways = (language.lower(), language.lower().split("-")[0])
    own = next((texts[way] for way in ways if way in texts), None)
    chosen = own or texts.get("en") or root
    about = {token for one in texts.values() for token in tokens(one.question or one.text)}
    touched = {token for token in wanted & about if len(token) >= SHORTEST or not token.isascii()}
    return Told(root, chosen.text, chosen.language, bool(language) and own is None, root.kind == Fact.Kind.ANSWER and bool(touched))


def _scores(agent: Agent, shop: int, text: str, skus: list[int], items: list[str]) -> dict[int, int]:
    listings = Listing.objects.visible_to(agent).filter(shop=shop, sku__isnull=False)
    scores = dict.fromkeys(Sku.objects.filter(pk__in=skus).values_list("product", flat=True), NAMED)
    scores |= dict.fromkeys(listings.filter(item__in=items).values_list("sku__product", flat=True), NAMED)
    words = _words(text)
    if words:
        points = sum((_points(word) for word in words), start=Value(0))
        rows = listings.annotate(points=points).filter(points__gt=0).order_by("-points").values_list("sku__product", "points")
        for product, found in rows[: SHOWN * 8]:
            scores[product] = max(scores.get(product, 0), found)
    return scores


def _words(text: str) -> list[str]:
    found = [token for token in tokens(text) if len(token) >= SHORTEST or not token.isascii()]
    return sorted(found, key=lambda word: (-len(word), word))[:WORDS]


def _points(word: str) -> Case:
    """A word in a title counts by its length; one that is an article's code names it."""
    spoken = Q(title__icontains=word) | Q(sku__product__name__icontains=word)
    named = When(Q(sku__code__iexact=word) | Q(code__iexact=word), then=Value(NAMED))
    return Case(named, When(spoken, then=Value(len(word))), default=Value(0), output_field=IntegerField())


def whole(rows: QuerySet[Product], agent: Agent) -> QuerySet[Product]:
    """With articles, the listings the agent may see, and facts in all languages: four statements however many there are."""
    listings = Listing.objects.visible_to(agent).select_related("shop").order_by("shop__name", "pk")
    facts = Fact.objects.select_related("sku").prefetch_related("variants")
    return rows.prefetch_related("skus", Prefetch("skus__listings", listings), Prefetch("facts", facts))
