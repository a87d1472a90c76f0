"""What reviews say: all articles, and one of them with its quotes."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bridgedesk.assist import translate
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib import html
from bridgedesk.lib.figures import definition
from bridgedesk.metrics import opinion_labels, opinions, plots
from bridgedesk.metrics.opinions import Said, Scope
from bridgedesk.products.models import Fact, Sku
from bridgedesk.reviews.models import Review
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

SHOWN, QUOTES, FACTS, STEPS = 100, 20, 30, 3


@login_required
@require_GET
def articles(request: HttpRequest) -> HttpResponse:
    """Every article with reviews in the period, the least liked first."""
    scope = opinions.scope_of(cast(Agent, request.user), request.GET.dict())
    all_ = opinions.total(scope)
    rows = opinions.by_article(scope, all_)
    shown = _common(scope, all_) | {"rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN), "drawing": _drawn(scope, None)}
    return render(request, "reviews/skus.html", shown)


@login_required
@require_GET
def article(request: HttpRequest, pk: int) -> HttpResponse:
    """One article."""
    rows = Sku.objects.visible_to(cast(Agent, request.user)).select_related("product")
    return _of(request, get_object_or_404(rows, pk=pk if pk < 2**63 else 0))


@login_required
@require_GET
def unknown(request: HttpRequest) -> HttpResponse:
    """Reviews of no known article."""
    return _of(request, None)


def _of(request: HttpRequest, sku: Sku | None) -> HttpResponse:
    agent, pk = cast(Agent, request.user), sku.pk if sku else 0
    scope = opinions.scope_of(agent, request.GET.dict())
    all_ = opinions.total(scope)
    said = next(iter(opinions.by_article(scope, all_, pk)), None)
    rows = opinions.quotes(scope, pk, QUOTES)
    shown = _common(scope, all_) | {
        "sku": sku, "said": said, "quotes": rows[:QUOTES], "next": len(rows) > QUOTES, "drawing": _drawn(scope, pk),
        "translated": _translated(rows[:QUOTES], agent.language), "steps": _steps(said), "facts": _facts(sku),
    }  # fmt: skip
    return render(request, "reviews/sku.html", shown)


def _common(scope: Scope, all_: opinions.Ratings) -> dict[str, Any]:
    shops = list(Shop.objects.visible_to(scope.agent))
    platforms = dict.fromkeys(shop.platform for shop in shops if shop.platform in CHANNELS)
    return {
        "asked": scope.asked, "all": all_, "all_mean": opinions.stars(all_, all_), "topics": opinion_labels.TOPICS,
        "turns": opinion_labels.TURNS, "periods": opinions.PERIODS, "definition": definition(opinions.stars),
        "shop_choices": [(shop.pk, shop.name) for shop in shops],
        "platform_choices": [(name, _(CHANNELS[name].title)) for name in platforms],
        "country_choices": [("", _("All countries")), *((code, html.country(code)) for code in opinions.countries(scope))],
    }  # fmt: skip


def _drawn(scope: Scope, only: int | None) -> plots.Heap:
    return plots.heap([(day, each.all, each.low) for day, each in opinions.over_time(scope, only)])


def _translated(rows: Sequence[Review], reader: str) -> dict[int, str]:
    found = translate.kept([(row.text, row.language) for row in rows], reader)
    return {row.pk: found[row.text] for row in rows if found.get(row.text, row.text) != row.text}


def _steps(said: Said | None) -> list[tuple[str, Any, str]]:
    """What most low reviews speak of: the topic, what to do, and the page that helps."""
    named = [topic for topic, _all, low in (said.topics if said else ()) if low][:STEPS]
    return [(topic, opinion_labels.NEXT[topic], opinion_labels.WAYS.get(topic, "")) for topic in named]


def _facts(sku: Sku | None) -> list[Fact]:
    """What is on file of it and of its product, each in the language it was written in first."""
    if sku is None:
        return []
    own = Fact.objects.filter(Q(sku=None) | Q(sku=sku), product=sku.product_id, origin=None)
    return list(own.order_by("kind", "pk")[:FACTS])
