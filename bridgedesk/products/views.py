"""The list of products, one product's page, and what leads write there."""

from collections.abc import Callable
from typing import Any, cast

from babel import Locale
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.activity import words as log
from bridgedesk.activity.models import Activity
from bridgedesk.lib.html import cldr, language
from bridgedesk.lib.money import Money
from bridgedesk.lib.storable import number, plain
from bridgedesk.products import editing, forms, knowledge, listing, words
from bridgedesk.products.models import Fact, Listing, Product, Sku
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

LOG = 40
LANGUAGES = (
    "en", "zh-Hans", "zh-Hant", "ja", "ko", "th", "vi", "id", "ms", "tl", "es", "pt", "pt-BR", "fr", "de", "it", "nl", "pl", "ru", "ar",
)  # fmt: skip
CURRENCIES = ("CNY", "USD", "EUR", "TWD", "HKD", "JPY", "KRW", "MYR", "SGD", "THB", "VND", "IDR", "PHP", "BRL", "GBP", "MXN", "PLN", "RUB")
WORDS: dict[str, Any] = {"kinds": words.KINDS}


@login_required
@require_GET
def products(request: HttpRequest) -> HttpResponse:
    """The products under a filter."""
    agent, filters = cast(Agent, request.user), listing.Filters.parse(request.GET)
    shown = {
        "found": listing.page(agent, filters, request.GET.get("after", "")),
        "filters": filters,
        "shops": list(Shop.objects.visible_to(agent).order_by("name", "pk")),
        "categories": listing.categories(agent),
        "orphans": listing.orphans(agent)[: editing.MOST_ADOPTED].count() if agent.leads else 0,
    }
    return render(request, "products/list.html", shown)


@login_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """A product by hand, or articles of all listings that have none yet (`adopt`)."""
    agent, sent = _lead(request), request.POST
    if sent.get("adopt"):
        made = editing.adopt(listing.orphans(agent)[: editing.MOST_ADOPTED], by=agent)
        messages.success(request, ngettext("%(n)s article was made.", "%(n)s articles were made.", made) % {"n": made})
        return redirect("products")
    try:
        made_product = editing.create(sent.get("name", ""), by=agent, category=sent.get("category", ""), code=sent.get("code", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("products")
    return redirect("product", made_product.pk)


@login_required
@require_GET
def product(request: HttpRequest, pk: int) -> HttpResponse:
    """One product with everything that is known of it."""
    agent = cast(Agent, request.user)
    found = get_object_or_404(knowledge.whole(Product.objects.visible_to(agent), agent), pk=_pk(pk))
    timeline = Activity.objects.filter(subject_type="product", subject_id=found.pk).select_related("by").order_by("-pk")[:LOG]
    facts = [fact for fact in found.facts.all() if fact.origin_id is None]
    shown = {
        "product": found,
        "facts": [(kind, [fact for fact in facts if fact.kind == kind]) for kind in words.KINDS],
        "unlinked": list(listing.orphans(agent)[:200]) if agent.leads else [],
        "languages": [(code, language(code)) for code in LANGUAGES],
        "currencies": [(code, f"{code} {name}") for code, name in sorted(Locale.parse(cldr()).currencies.items()) if code in CURRENCIES],
        "kind_choices": [(kind, word) for kind, (word, *_look) in words.KINDS.items() if agent.leads or kind == Fact.Kind.ANSWER],
        "costs": {sku.pk: _typed(sku) for sku in found.skus.all()},
        "timeline": [(row, log.happened(row.verb, row.data)) for row in timeline],
    }
    return render(request, "products/product.html", shown | WORDS)


@login_required
@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Write something down of a product; what does not fit is said and changes nothing."""
    agent = cast(Agent, request.user)
    found = get_object_or_404(Product.objects.visible_to(agent), pk=_pk(pk))
    if name not in DO:
        raise Http404
    if not agent.may_write:
        raise PermissionDenied
    try:
        DO[name](found, request.POST, agent)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("product", found.pk)


def _lead(request: HttpRequest) -> Agent:
    agent = cast(Agent, request.user)
    if not agent.leads:
        raise PermissionDenied
    return agent


def _typed(sku: Sku) -> str:
    return "" if sku.cost_minor is None else str(Money(sku.cost_minor, sku.cost_currency).amount)


def _pk(pk: int) -> int:
    if pk >= 2**63:
        raise Http404
    return pk


def _sku(product: Product, sent: QueryDict, name: str = "id") -> Sku:
    return get_object_or_404(product.skus, pk=number(sent.get(name, "")))


def _fact(product: Product, sent: QueryDict) -> Fact:
    return get_object_or_404(product.facts.select_related("product", "origin"), pk=number(sent.get("id", "")))


def _say(product: Product, sent: QueryDict, by: Agent) -> object:
    origin = _fact(product, sent) if sent.get("id") else None
    sku = _sku(product, sent, "sku") if sent.get("sku") else None
    more = {"kind": sent.get("kind", "fact"), "language": sent.get("language", ""), "question": sent.get("question", "")}
    return editing.say(product, sent.get("text", ""), by=by, sku=sku, origin=origin, **more)


def _correct(product: Product, sent: QueryDict, by: Agent) -> object:
    return editing.correct(_fact(product, sent), sent.get("text", ""), by=by, question=sent.get("question", ""))


def _link(product: Product, sent: QueryDict, by: Agent) -> object:
    row = get_object_or_404(Listing.objects.visible_to(by), pk=number(sent.get("listing", "")))
    if sent.get("off") and (row.sku is None or row.sku.product_id != product.pk):
        raise ValidationError(_("That listing belongs to another product."))
    return editing.link(row, None if sent.get("off") else _sku(product, sent, "sku"), by=by)


DO: dict[str, Callable[[Product, QueryDict, Agent], object]] = {
    "change": lambda product, sent, by: editing.change(product, by=by, name=sent.get("name", ""), category=sent.get("category", "")),
    "sku-add": lambda product, sent, by: editing.add_sku(product, sent.get("code", ""), by=by, name=plain(sent.get("name", ""))[:300]),
    "sku-change": lambda product, sent, by: editing.change_sku(_sku(product, sent), by=by, **forms.sku_fields(sent.dict())),
    "say": _say,
    "correct": _correct,
    "unsay": lambda product, sent, by: editing.unsay(_fact(product, sent), by=by),
    "link": _link,
}
