"""One case: opened by one act, its ladder, its offers, its money."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

from babel.numbers import get_currency_precision
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bridgedesk.activity import live
from bridgedesk.activity import words as log
from bridgedesk.activity.models import Activity
from bridgedesk.conversations.models import Attachment, Conversation
from bridgedesk.lib.money import Money
from bridgedesk.lib.storable import number, plain
from bridgedesk.lib.words import told
from bridgedesk.orders import actions as orders
from bridgedesk.orders import replacing
from bridgedesk.orders.guides import guide
from bridgedesk.orders.models import Order, PlatformAct
from bridgedesk.orders.parcel_labels import STATES as TRACK_STATES
from bridgedesk.orders.places import talks
from bridgedesk.orders.words import ACT_STATES, WAITS
from bridgedesk.orders.words import act as act_word
from bridgedesk.remedies import actions, labels, reckoning, stakes
from bridgedesk.remedies.models import Booking, Case, Offer
from bridgedesk.remedies.rulebook import book
from bridgedesk.remedies.rules import ENDED
from bridgedesk.team.models import Agent

LOG = 40
TOPICS = {
    "damaged": "damaged", "defective": "defective", "wrong_item": "wrong_item", "missing_item": "missing_item", "size_fit": "size",
    "not_as_described": "not_as_described", "not_received": "not_received", "wismo": "not_received", "tracking_stuck": "not_received",
    "warranty": "used_long", "return_request": "changed_mind",
}  # fmt: skip
"""What a conversation's topic suggests as fault."""
THREATS = ("dispute_threat", "legal_threat", "review_threat")
ANGRY = ("rude", "shouting")


@login_required
@require_http_methods(["GET", "POST"])
def opened(request: HttpRequest) -> HttpResponse:
    """Open a case for an order (`order`: its key), from a conversation (`conversation`), else with the latest one about the order."""
    agent, asked = cast(Agent, request.user), request.POST if request.method == "POST" else request.GET
    order = _order(agent, number(asked.get("order", "")), plain(asked.get("number", "")), number(asked.get("shop", "")))
    conversation = _said(agent, order, number(asked.get("conversation", "")))
    if request.method == "POST":
        return _open(request, order, conversation, agent)
    files = (
        Attachment.objects.filter(message__conversation=conversation, message__direction="in")
        if conversation
        else Attachment.objects.none()
    )
    more = {
        "order": order,
        "lines": list(order.lines.all()),
        "c": conversation,
        "files": list(files.order_by("-pk")[:20]),
        "fault": asked.get("fault") or TOPICS.get(conversation.topic if conversation else "", ""),
        "tone": _tone(conversation),
        "text": plain(asked.get("text", ""))[:2000],
        "running": order.cases.exclude(state__in=ENDED).order_by("pk").first(),
    }
    return render(request, "remedies/open.html", more | WORDS)


def _said(agent: Agent, order: Order, named: int) -> Conversation | None:
    about = talks(order.shop_id, order.external_id)
    rows = Conversation.objects.visible_to(agent)
    if named:
        return rows.filter(Q(shop=order.shop_id) | about).filter(pk=named).first()
    return rows.filter(about, merged_into=None).order_by("-last_at").first()


def _tone(conversation: Conversation | None) -> str:
    if conversation and conversation.topic in THREATS:
        return "threatens"
    return "angry" if conversation and conversation.mood in ANGRY else "calm"


def _open(request: HttpRequest, order: Order, conversation: Conversation | None, agent: Agent) -> HttpResponse:
    sent = request.POST
    picked = {str(line.pk): number(sent.get(f"pieces-{line.pk}", "")) for line in order.lines.all()}
    try:
        case = actions.open_case(
            order, sent.get("fault", ""), by=agent, wants=sent.get("wants", ""), tone=sent.get("tone", "calm"), text=sent.get("text", ""),
            picked=picked, conversation=conversation, evidence=[number(pk) for pk in sent.getlist("evidence")],
        )  # fmt: skip
    except actions.CannotNow as error:
        messages.error(request, told(str(error)))
        return redirect(f"{request.path}?{_again(sent)}")
    return redirect("case", case.pk)


def _again(sent: QueryDict) -> str:
    kept = QueryDict(mutable=True)
    for name in ("order", "conversation", "text"):
        kept[name] = sent.get(name, "")
    return kept.urlencode()


@login_required
@require_GET
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """The case with its ladder as it is now."""
    found = _case(request, pk)
    offers = list(found.offers.select_related("by", "released_by"))
    bookings = list(found.bookings.select_related("act", "by").order_by("pk"))
    ladder = reckoning.reckon(found) if found.fault and found.closed_at is None else None
    timeline = Activity.objects.filter(subject_type="case", subject_id=found.pk).select_related("by").order_by("-pk")[:LOG]
    more = {
        "case": found,
        "order": found.order,
        "lines": stakes.chosen(found.order, found.lines_picked),
        "offers": offers,
        "open": next((offer for offer in offers if offer.state in (Offer.State.WAITING, Offer.State.MADE)), None),
        "accepted": any(offer.state == Offer.State.ACCEPTED for offer in offers),
        "coming": actions.coming(found),
        "money_rows": [
            (row, act_word(row.act.kind), guide(found.shop.platform, row.act.kind, bool(found.external_id))) if row.act else (row, "", None)
            for row in bookings
        ],
        "again": {parcel.number: parcel for parcel in found.order.parcels.filter(number__in=_again_numbers(bookings))},
        "loss": actions.loss(found),
        "moving": any(row.act and row.act.state not in ("done", "withdrawn") for row in bookings),
        "ladder": ladder,
        "files": list(Attachment.objects.filter(pk__in=found.evidence)),
        "approval": ladder.figures.money("approval") if ladder else 0,
        "scale": get_currency_precision(found.currency or "USD"),
        "assumptions": book(),
        "timeline": [(row, log.happened(row.verb, row.data)) for row in timeline],
        "live": live.address(),
    }
    return render(request, "remedies/case.html", more | WORDS)


def _again_numbers(bookings: list[Booking]) -> list[str]:
    return [row.act.reference for row in bookings if row.act and row.act.kind == "SendAgain" and row.act.reference]


def _major(minor: int, places: int) -> str:
    """A sum as it is typed, without grouping."""
    return f"{Decimal(minor).scaleb(-places):f}"


WORDS: dict[str, Any] = {
    "whole": round, "major": _major,
    "states": labels.STATES, "tones": labels.TONES, "faults": labels.FAULTS, "wants": labels.WANTS, "tone_words": labels.TONE_WORDS,
    "option": labels.option, "parts": labels.PARTS, "sums": labels.SUMS, "ends": labels.ENDS, "barred_words": labels.BARRED,
    "money_of": labels.money, "waits": WAITS, "track_states": TRACK_STATES,
    "offered": labels.OFFERED, "reason": labels.reason, "clocks": labels.CLOCKS, "act_states": ACT_STATES, "fault_of": labels.FAULT_OF,
}  # fmt: skip


@login_required
@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Do something with a case; what does not fit is said and changes nothing."""
    found, agent = _case(request, pk), cast(Agent, request.user)
    if not agent.may_write:
        raise PermissionDenied
    if name not in DO:
        raise Http404
    try:
        DO[name](found, request.POST, agent)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except (actions.CannotNow, orders.CannotNow, ValueError) as error:
        messages.error(request, told(str(error)))
    return redirect("case", pk)


@login_required
@require_GET
def of_order(request: HttpRequest) -> HttpResponse:
    """The cases of an order (`order`: its key; or `number` in `shop`), and the way to open one: for other pages to show."""
    agent, asked = cast(Agent, request.user), request.GET
    wanted, shop = number(asked.get("order", "")), number(asked.get("shop", ""))
    rows = Order.objects.visible_to(agent).select_related("shop")
    if wanted:
        found = rows.filter(pk=wanted).first()
    else:
        found = rows.filter(shop=shop, external_id=plain(asked.get("number", ""))[:80]).first()
    cases = list(found.cases.prefetch_related("offers").order_by("-pk")[:10]) if found else []
    more = {"order": found, "cases": cases, "conversation": number(asked.get("conversation", "")), "may_write": agent.may_write}
    return render(request, "remedies/of_order.html", more | WORDS)


def _order(agent: Agent, pk: int, external: str, shop: int) -> Order:
    rows = Order.objects.visible_to(agent).select_related("shop", "customer")
    return get_object_or_404(rows, pk=pk) if pk else get_object_or_404(rows, shop=shop, external_id=external[:80])


def _case(request: HttpRequest, pk: int) -> Case:
    if pk >= 2**63:
        raise Http404
    rows = Case.objects.visible_to(cast(Agent, request.user)).select_related("shop", "order__customer", "conversation", "opened_by")
    return get_object_or_404(rows, pk=pk)


def _offer(case: Case, sent: QueryDict) -> Offer:
    return get_object_or_404(case.offers, pk=number(sent.get("id", "")))


def _sum(text: str, currency: str) -> int:
    """A sum a person typed in major units. CannotNow when it is none."""
    try:
        return Money.of(text.strip().replace(",", "."), currency or "USD").minor
    except (ArithmeticError, ValueError) as error:
        raise actions.CannotNow("Sums are zero or more, shares of a hundred.") from error


def _act(case: Case, sent: QueryDict) -> PlatformAct:
    """One of the acts this case asked for."""
    return get_object_or_404(PlatformAct, pk__in=case.bookings.values("act"), pk=number(sent.get("id", "")))


def _correct(case: Case, sent: QueryDict, by: Agent) -> object:
    typed = {name: _sum(sent.get(name, ""), case.currency) for name in stakes.SUMS if sent.get(name, "").strip()}
    salvage = sent.get("salvage", "").strip()
    return actions.correct(case, typed, by=by, tone=sent.get("tone", ""), salvage=number(salvage) if salvage else None)


def _received(case: Case, sent: QueryDict, by: Agent) -> object:
    back = {str(line.pk): number(sent.get(f"good-{line.pk}", "")) for line, _pieces in stakes.chosen(case.order, case.lines_picked)}
    return actions.received(case, back, by=by)


def _look(case: Case, sent: QueryDict, by: Agent) -> object:
    return actions.open_case(case.order, sent.get("fault", ""), by=by, tone=sent.get("tone", "calm"), wants=sent.get("wants", ""))


DO: dict[str, Callable[[Case, QueryDict, Agent], object]] = {
    "look": _look,
    "correct": _correct,
    "choose": lambda case, sent, by: actions.choose(case, sent.get("option", ""), by=by),
    "release": lambda case, sent, by: actions.release(_offer(case, sent), by=by),
    "take-back": lambda case, sent, by: actions.take_back(_offer(case, sent), by=by),
    "answer": lambda case, sent, by: actions.answered(_offer(case, sent), sent.get("answer", ""), by=by),
    "received": _received,
    "lost": lambda case, sent, by: actions.lost(case, _sum(sent.get("sum", ""), case.currency), by=by, reference=sent.get("reference", "")),
    "act-done": lambda case, sent, by: orders.settle_act(_act(case, sent), done=True, by=by, reference=plain(sent.get("reference", ""))),
    "act-not-done": lambda case, sent, by: orders.settle_act(_act(case, sent), done=False, by=by),
    "sent": lambda case, sent, by: replacing.sent_again(_act(case, sent), sent.get("number", ""), sent.get("carrier", ""), by=by),
    "act-retry": lambda case, sent, by: orders.retry_act(_act(case, sent), by=by),
    "act-withdraw": lambda case, sent, by: orders.withdraw_act(_act(case, sent), by=by),
    "close": lambda case, sent, by: actions.close(case, by=by),
    "reopen": lambda case, sent, by: actions.reopen(case, by=by),
}
