"""What cannot be had, on the one page purchasing and service share; and beside the conversation with the buyer."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.activity import live
from bridgedesk.lib.storable import number, plain
from bridgedesk.lib.words import told
from bridgedesk.orders import shortages, stockout_words, stockouts
from bridgedesk.orders.acting import CannotNow
from bridgedesk.orders.stockout_models import ShortLine, Stockout
from bridgedesk.products.models import Sku
from bridgedesk.team.models import Agent

PAGE = 40
State = ShortLine.State
TABS = {"ask": (State.TO_ASK,), "waiting": (State.ASKED,), "answered": (State.ANSWERED,), "done": (State.DONE,)}


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Articles that cannot be had, and the orders that wait for them by how far they are; `article` shows those of one."""
    listen, agent, tab = live.address(), cast(Agent, request.user), request.GET.get("tab", "")
    tab = tab if tab in TABS else "ask"
    article, after = number(request.GET.get("article", "")), min(number(request.GET.get("after", "")), 10_000)
    rows = ShortLine.objects.visible_to(agent)
    rows = rows.filter(stockout=article) if article else rows
    found = list(shortages.waiting_for(rows.filter(state__in=TABS[tab]))[after : after + PAGE + 1])
    counted = rows.aggregate(**{name: Count("pk", Q(state__in=states)) for name, states in TABS.items() if name != "done"})
    shown = {
        "tab": tab,
        "counts": counted,
        "cards": [_card(row, agent, tab) for row in found[:PAGE]],
        "next": after + PAGE if len(found) > PAGE else 0,
        "open": _open(agent),
        "article": article,
        "wanted": plain(request.GET.get("sku", ""))[:120],
        "live": listen,
    }
    return render(request, "orders/stockouts.html", shown | WORDS)


WORDS: dict[str, Any] = {"states": stockout_words.STATES, "answers": stockout_words.ANSWERS, "choices": stockout_words.CHOICES}


def _open(agent: Agent) -> list[Stockout]:
    rows = Stockout.objects.visible_to(agent).filter(ended_at=None)
    return list(rows.select_related("sku__product", "swap", "by").order_by("-pk")[:100])


def _card(row: ShortLine, agent: Agent, tab: str) -> dict[str, Any]:
    order, to_ask = row.line.order, tab == "ask"
    similar = shortages.similar(row, agent) if to_ask or tab == "waiting" else []
    more = [row.swap] if row.swap and row.swap not in similar else []
    return {
        "row": row, "order": order, "similar": more + similar, "letter": shortages.letter(row),
        "rule": shortages.rule(order) if to_ask else None, "punished": shortages.punished(order) if to_ask else None,
    }  # fmt: skip


@login_required
@require_GET
def card(request: HttpRequest) -> HttpResponse:
    """What waits for an answer of this `customer` in this `shop`, beside the conversation."""
    agent = cast(Agent, request.user)
    customer, shop = number(request.GET.get("customer", "")), number(request.GET.get("shop", ""))
    asking = [State.TO_ASK, State.ASKED]
    own = ShortLine.objects.visible_to(agent).filter(line__order__customer=customer, line__order__shop=shop, state__in=asking)
    return render(request, "orders/stockout_card.html", {"rows": list(shortages.waiting_for(own)[:5])} | WORDS)


@login_required
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Purchasing marks an article by its code or `sku`."""
    agent, sent = _writer(request), request.POST
    try:
        sku, swap = _article(agent, sent.get("code", "")), _article(agent, sent["swap"]) if sent.get("swap", "").strip() else None
        back_on = parse_date(sent["back_on"]) if sent.get("back_on") else None
        made = stockouts.begin(sku, by=agent, swap=swap, back_on=back_on, note=sent.get("note", ""))
        messages.success(request, _("%(code)s: the orders that wait for it are below.") % {"code": made.sku.code})
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except ValueError:
        messages.error(request, _("There is no such day."))
    return redirect("stockouts")


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """It can be had again."""
    agent = _writer(request)
    row = get_object_or_404(Stockout.objects.visible_to(agent), pk=pk if pk < 2**63 else 0)
    try:
        stockouts.end(row, by=agent)
    except CannotNow as error:
        messages.error(request, told(str(error)))
    return redirect("stockouts")


@login_required
@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One step of one order; what does not fit is said and changes nothing."""
    agent = _writer(request)
    row = get_object_or_404(ShortLine.objects.visible_to(agent).select_related("line__order"), pk=pk if pk < 2**63 else 0)
    if name not in DO:
        raise Http404
    try:
        address = DO[name](row, request.POST, agent)
    except CannotNow as error:
        messages.error(request, told(str(error)))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        if isinstance(address, str):
            return redirect(address)
    tab = plain(request.POST.get("tab", ""))[:10]
    return redirect(f"{reverse('stockouts')}?{urlencode({'tab': tab})}" if tab in TABS else "stockouts")


def _ask(row: ShortLine, _sent: QueryDict, _by: Agent) -> str:
    """To the conversation, with the letter that fits; the row counts as asked once that letter is queued."""
    found, order = ShortLine.objects.select_related("stockout", "line__order__shop").get(pk=row.pk), row.line.order
    rule = shortages.rule(found.line.order)
    if rule is not None and rule.verdict == "forbidden":
        raise CannotNow(str(rule.reason))
    key = shortages.letter(found)
    if not key:
        raise ValidationError(_("Choose a similar article to offer, or say when it is back."))
    query = {"shop": order.shop_id, "order": order.external_id, "customer": order.customer_id or "", "back": "stockouts"}
    return f"{reverse('conversation-about')}?{urlencode(query | {'template': key, 'purpose': 'order_problem'})}"


def _propose(row: ShortLine, sent: QueryDict, by: Agent) -> object:
    return stockouts.propose(row, _swap(by, sent), by=by) and None


def _answer(row: ShortLine, sent: QueryDict, by: Agent) -> object:
    return stockouts.answer(row, sent.get("answer", ""), by=by, swap=_swap(by, sent), note=sent.get("note", "")) and None


def _swap(by: Agent, sent: QueryDict) -> Sku | None:
    return get_object_or_404(Sku.objects.visible_to(by), pk=number(sent.get("swap", ""))) if sent.get("swap") else None


def _article(agent: Agent, code: str) -> Sku:
    """By its code or barcode. ValidationError for one nobody knows."""
    code = plain(code).strip()[:120]
    rows = Sku.objects.visible_to(agent)
    found = (rows.filter(code__iexact=code).first() or rows.filter(barcode=code).first()) if code else None
    if found is None:
        raise ValidationError(_("There is no article %(code)s.") % {"code": code or "–"})
    return found


def _writer(request: HttpRequest) -> Agent:
    agent = cast(Agent, request.user)
    if not agent.may_write:
        raise PermissionDenied
    return agent


DO: dict[str, Callable[[ShortLine, QueryDict, Agent], object]] = {
    "propose": _propose,
    "ask": _ask,
    "asked": lambda row, sent, by: stockouts.asked(row, by=by) and None,
    "answer": _answer,
    "finish": lambda row, sent, by: stockouts.finish(row, by=by) and None,
}
