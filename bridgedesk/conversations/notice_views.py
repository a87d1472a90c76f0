"""The release list: notices that wait for a person, those the platform forbids, and what became of the others."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bridgedesk.activity.live import address as live_address
from bridgedesk.channels.policy import Rule, policy, policy_name
from bridgedesk.conversations import labels, notices
from bridgedesk.conversations.access import CannotWrite
from bridgedesk.conversations.liquid import GAP, gaps, variables
from bridgedesk.conversations.notice_models import Notice
from bridgedesk.conversations.replying import Refused
from bridgedesk.conversations.views import agent_of
from bridgedesk.lib import clock
from bridgedesk.lib.storable import number
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

SHOWN = 40
TODAY = 4
MOST = 1000
TABS = {"waiting": ("waiting",), "blocked": ("blocked",), "settled": ("sent", "dismissed")}
PURPOSES = ("shipping_notice", "pickup_reminder", "delivery_notice")
ACTS = {"release": notices.release, "dismiss": notices.dismiss}


@dataclass(frozen=True)
class Card:
    """A notice with the platform's word on it. `missing`: what nobody could fill, in the reader's words; `problem`: why it was not
    released just now."""

    notice: Notice
    rule: Rule
    missing: tuple[str, ...] = ()
    problem: str = ""

    @property
    def text(self) -> str:
        """What would be sent, its gaps named in the reader's words."""
        return GAP.sub(lambda found: f"⟦{_gap(found[1])}⟧", self.notice.text)

    @property
    def ready(self) -> bool:
        """Whether one click lets it go."""
        return bool(self.notice.conversation_id and self.notice.text) and not self.missing and self.rule.verdict != "forbidden"


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """One tab of the list, of one shop or all; the longest waiting first, else the newest."""
    agent, listen = agent_of(request), live_address()
    tab = request.GET.get("tab", "") if request.GET.get("tab") in TABS else "waiting"
    shop, after = number(request.GET.get("shop", "")), number(request.GET.get("after", ""))
    rows = _visible(agent).filter(state__in=TABS[tab])
    if shop:
        rows = rows.filter(shop=shop)
    if after:
        rows = rows.filter(pk__gt=after) if tab == "waiting" else rows.filter(pk__lt=after)
    found = list(rows.order_by("pk" if tab == "waiting" else "-pk")[: SHOWN + 1])
    shown: dict[str, Any] = {
        "cards": [_card(row) for row in found[:SHOWN]], "next": found[SHOWN - 1].pk if len(found) > SHOWN else None, "tab": tab,
        "shop": shop, "shops": list(Shop.objects.visible_to(agent).order_by("name", "pk")), "count": waiting(agent), "live": listen,
    }  # fmt: skip
    return render(request, "conversations/notices.html", shown | _words(agent))


@login_required
@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Release or dismiss one; what cannot be released stays, with the reason."""
    agent = agent_of(request)
    if name not in ACTS:
        raise Http404
    row = get_object_or_404(_visible(agent), pk=pk)
    problem = _done(row, name, agent)
    if not request.headers.get("HX-Request"):
        if problem:
            messages.error(request, problem)
        return redirect("notices")
    row = get_object_or_404(_visible(agent), pk=pk)
    if row.state != Notice.State.WAITING:
        return HttpResponse("", headers={"HX-Trigger-After-Swap": "settled"})
    return render(request, "conversations/notice_card.html", {"card": _card(row, problem), "tab": "waiting"} | _words(agent))


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """The same for those that were chosen: each by itself, so that one which is refused keeps no other."""
    agent, name = agent_of(request), request.POST.get("act", "")
    if not agent.may_write:
        raise PermissionDenied
    if name not in ACTS:
        raise Http404
    chosen = [number(value) for value in request.POST.getlist("ids")[:SHOWN]]
    told = [_done(row, name, agent) for row in _visible(agent).filter(pk__in=chosen, state=Notice.State.WAITING).order_by("pk")]
    problems, done = list(filter(None, told)), told.count("")
    if done:
        messages.success(request, ngettext("%(num)s notice settled.", "%(num)s notices settled.", done) % {"num": done})
    for problem in dict.fromkeys(problems):
        messages.error(request, problem)
    return redirect("notices")


@login_required
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """How many wait, and the first of them: a card of the page of the day."""
    agent = agent_of(request)
    rows = _visible(agent).filter(state=Notice.State.WAITING).order_by("pk")[:TODAY]
    return render(request, "conversations/today_notices.html", {"rows": list(rows), "count": waiting(agent)} | _words(agent))


def waiting(agent: Agent) -> int:
    """How many wait for a person, MOST at most."""
    return Notice.objects.visible_to(agent).filter(state=Notice.State.WAITING).order_by()[:MOST].count()


def _done(row: Notice, name: str, agent: Agent) -> str:
    """Why it was not done; "" when it was."""
    try:
        ACTS[name](row, by=agent)
    except Refused as refused:
        return " ".join(dict.fromkeys(str(finding.reason) for finding in refused.ruling.findings if finding.verdict != "allowed"))
    except CannotWrite as error:
        return str(error) or _("It could not be sent.")
    return ""


def _card(row: Notice, problem: str = "") -> Card:
    return Card(row, notices.rule_of(row), tuple(dict.fromkeys(map(_gap, gaps(row.text)))), problem)


def _gap(name: str) -> str:
    known = variables().get(name)
    return str(known.about) if known else name


def _visible(agent: Agent) -> QuerySet[Notice]:
    rows = Notice.objects.visible_to(agent)
    return rows.select_related("shop", "order__customer", "conversation__customer", "message", "settled_by", "by")


def _words(agent: Agent) -> dict[str, Any]:
    return {"purposes": labels.PURPOSES, "may_write": agent.may_write}


@login_required
@require_http_methods(["GET", "POST"])
def of_shop(request: HttpRequest, pk: int) -> HttpResponse:
    """The card of a shop's notices: what its platform permits, and the switch that leaves every one to a person."""
    agent = agent_of(request)
    shop = get_object_or_404(Shop.objects.visible_to(agent), pk=pk)
    if request.method == "POST":
        notices.set_automatic(shop, on=request.POST.get("on") == "1", by=agent)
        shop.refresh_from_db()
    found = policy(policy_name(shop))
    rules = [(labels.PURPOSES[purpose], found.rule(purpose, clock.now(), shop.region)) for purpose in PURPOSES]
    shown = {"shop": shop, "rules": rules, "on": notices.automatic(shop), "leads": agent.leads, "some": any(r.automatic for _w, r in rules)}
    return render(request, "conversations/shop_notices.html", shown)
