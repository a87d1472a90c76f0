"""The card of a shop's automatic greetings, fetched by the shop's page."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bridgedesk.channels.policy import policy, policy_name
from bridgedesk.conversations import greeting, labels
from bridgedesk.conversations.gate import Ruling
from bridgedesk.conversations.replying import Refused
from bridgedesk.conversations.views import agent_of
from bridgedesk.lib import clock
from bridgedesk.lib.html import language as language_name
from bridgedesk.shops.models import Shop

LONGEST = 2_000  # characters


@dataclass(frozen=True)
class Line:
    """A greeting in one language with the gate's word on it."""

    language: str
    body: str
    enabled: bool
    ruling: Ruling


@login_required
@require_http_methods(["GET", "POST"])
def greetings(request: HttpRequest, pk: int) -> HttpResponse:
    """Every language's greeting; POST keeps one of them (an empty text takes it away)."""
    agent = agent_of(request)
    shop = get_object_or_404(Shop.objects.visible_to(agent), pk=pk)
    if request.method == "GET":
        return _card(request, shop)
    language, body = request.POST.get("language", ""), request.POST.get("body", "").replace("\r\n", "\n")[:LONGEST]
    if language not in labels.LANGUAGES:
        return HttpResponse(_("Choose a language."), status=400)
    enabled = request.POST.get("enabled") == "1"
    try:
        greeting.save_greeting(shop, language, body, enabled=enabled, by=agent)
    except Refused as refused:
        return _card(request, shop, Line(language, body, enabled, refused.ruling))
    return _card(request, shop)


def _card(request: HttpRequest, shop: Shop, refused: Line | None = None) -> HttpResponse:
    """The whole card. `refused` is what was typed and cannot be switched on: it stands there as typed."""
    lines = {row.language: _line(shop, row.language, row.body, row.enabled) for row in shop.greetings.order_by("language")}
    if refused:
        lines[refused.language] = refused
    platform = policy_name(shop)
    shown: dict[str, Any] = {
        "shop": shop,
        "agent": agent_of(request),
        "lines": list(lines.values()),
        "refused": refused,
        "rule": policy(platform).rule("greeting", clock.now()),
        "whole": greeting.ruling_for(shop, "Hello", "en"),
        "choices": [(code, language_name(code)) for code in labels.LANGUAGES if code not in lines],
    }
    return render(request, "conversations/greetings.html", shown, status=422 if refused else 200)


def _line(shop: Shop, language: str, body: str, enabled: bool) -> Line:
    return Line(language, body, enabled, greeting.ruling_for(shop, body, language))
