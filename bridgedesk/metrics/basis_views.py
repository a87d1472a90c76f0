"""What the figures rest on: rates of exchange, bands, faults of quality; and the two forms with which leads set them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.lib.words import told
from bridgedesk.metrics import actions, reading
from bridgedesk.metrics import basis as rests
from bridgedesk.metrics.models import Band, Rate
from bridgedesk.products.models import Product
from bridgedesk.remedies.labels import FAULTS
from bridgedesk.team.models import Agent

SHOWN = 20


@login_required
@require_GET
def basis(request: HttpRequest) -> HttpResponse:
    """What holds today, and what leads entered before."""
    asked = reading.of(request)
    categories = Product.objects.visible_to(asked.agent).exclude(category="").values_list("category", flat=True).distinct()
    shown = {
        "exchange": list(rests.rates(asked.filters.last).values()),
        "bands": rests.bands(asked.filters.last),
        "quality": [FAULTS[name] for name in rests.quality()], "quality_source": rests.shipped().quality_source,
        "rates_entered": list(Rate.objects.select_related("by").order_by("-pk")[:SHOWN]),
        "bands_entered": list(Band.objects.select_related("by").order_by("-pk")[:SHOWN]),
        "categories": list(categories.order_by("category")[:200]), "today": asked.filters.last,
    }  # fmt: skip
    return render(request, "figures/basis.html", shown)


@login_required
@require_POST
def rate(request: HttpRequest) -> HttpResponse:
    """Enter a rate."""
    return _enter(
        request,
        lambda sent, by: actions.set_rate(
            sent.get("currency", ""), _number(sent, "per_dollar"), valid_from=_day(sent), source=sent.get("source", ""), by=by
        ),
    )


@login_required
@require_POST
def band(request: HttpRequest) -> HttpResponse:
    """Enter a band."""

    def enter(sent: QueryDict, by: Agent) -> object:
        reach = _number(sent, "reach") if sent.get("reach", "").strip() else None
        return actions.set_band(
            sent.get("category", ""), _number(sent, "most"), reach, valid_from=_day(sent), source=sent.get("source", ""), by=by
        )

    return _enter(request, enter)


def _enter(request: HttpRequest, act: Callable[[QueryDict, Agent], object]) -> HttpResponse:
    try:
        act(request.POST, cast(Agent, request.user))
    except actions.Wrong as error:
        messages.error(request, told(str(error)))
    else:
        messages.success(request, _("It holds from that day on; earlier days keep the figure they had."))
    return redirect("figures-basis")


def _number(sent: QueryDict, name: str) -> Decimal:
    try:
        return Decimal(sent.get(name, "").strip().replace(",", "."))
    except InvalidOperation as error:
        raise actions.Wrong(noop("Give a number and a day.")) from error


def _day(sent: QueryDict) -> date:
    try:
        return date.fromisoformat(sent.get("day", ""))
    except ValueError as error:
        raise actions.Wrong(noop("Give a number and a day.")) from error
