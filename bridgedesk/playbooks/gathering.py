"""What is on file about a conversation, for its playbook: a fixed number of queries, however long the conversation is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bridgedesk.assist import triage
from bridgedesk.conversations.models import Attachment, Conversation, Message
from bridgedesk.conversations.templates import order_of
from bridgedesk.lib import clock
from bridgedesk.orders import transit
from bridgedesk.orders.facts import spoken_of
from bridgedesk.orders.models import Order
from bridgedesk.playbooks import queries
from bridgedesk.playbooks.facts import Facts
from bridgedesk.playbooks.models import Run, Taken
from bridgedesk.playbooks.reading import Case, Said, facts
from bridgedesk.playbooks.rules import MONEY
from bridgedesk.products.models import Fact
from bridgedesk.remedies import reckoning
from bridgedesk.remedies.models import Case as Return
from bridgedesk.remedies.models import Offer
from bridgedesk.remedies.rulebook import book
from bridgedesk.remedies.rules import ENDED
from bridgedesk.reviews.models import Review

READ = 30  # the newest messages of a conversation that are looked at
_STANDS = (Message.State.QUEUED, Message.State.SENDING, Message.State.SENT, Message.State.UNSURE)


@dataclass(frozen=True)
class Gathered:
    """A case with its facts; `last` is the step chosen last, `sent_at` when its message left (None: it has not)."""

    facts: Facts
    order: Order | None
    last: Taken | None
    sent_at: datetime | None


def gather(conversation: Conversation, run: Run | None = None, starts: Sequence[str] = ()) -> Gathered:
    """Load and read one case. `conversation` comes with shop and customer."""
    messages = list(conversation.messages.exclude(direction="note").select_related("triage").order_by("-at", "-pk")[:READ])[::-1]
    taken = list(run.taken.filter(undone_at=None)) if run else []
    last = taken[-1] if taken else None
    sent_at = _sent(messages, last) if last else None
    occasion = run.occasions.select_related("order", "review").order_by("pk").last() if run else None
    order = (occasion.order if occasion else None) or order_of(conversation)
    case = Case(
        platform=conversation.shop.platform,
        country=(order.country if order else "") or conversation.customer.country,
        now=clock.now(),
        said=[_said(message, conversation.language) for message in _since(messages, sent_at)],
        topic=conversation.topic,
        starts=starts,
        sent_at=sent_at,
        insisted=sum(bool(one.facts.get("insists")) for one in taken),
        photo=_photo(conversation),
        order=_order(order),
        parcel=_parcel(order),
        goods=_goods(order),
        review=_review(occasion.review if occasion and occasion.review else _latest(order)),
        case_open=order is not None and _open_at_platform(order),
        offered=_offered(run, last, order),
        offer_left=order is None or _offer_left(order),
    )
    return Gathered(facts(case), order, last, sent_at)


def _open_at_platform(order: Order) -> bool:
    return Return.objects.filter(order=order).exclude(external_id="").exclude(state__in=ENDED).exists()


def _offered(run: Run | None, last: Taken | None, order: Order | None) -> set[str]:
    """The kinds of remedy the letter of the step chosen last told of: what its template is for, and the newest offer of the case."""
    step = queries.playbook_of(run.version).step(last.to) if run and last else None
    if step is None:
        return set()
    kinds = {kind for kind, keys in book().letters.items() if step.template in keys}
    told = Offer.objects.filter(case__order=order).exclude(state__in=[Offer.State.WAITING, Offer.State.WITHDRAWN])
    newest = told.order_by("-pk").first() if order and step.does in MONEY else None
    return kinds | ({newest.kind} if newest else set())


def _offer_left(order: Order) -> bool:
    """Whether the ladder of its open case has something to offer after what was refused; without a case nothing was offered yet."""
    case = (
        Return.objects.filter(order=order, closed_at=None)
        .exclude(fault="")
        .exclude(state__in=ENDED)
        .select_related("shop", "order")
        .first()
    )
    return case is None or not case.offers.exists() or reckoning.reckon(case).best is not None


def _sent(messages: Sequence[Message], last: Taken) -> datetime | None:
    """When the first answer of ours after the choice was said; None: nothing was."""
    ours = (m.created_at for m in messages if m.direction == Message.Direction.OUT and m.state in _STANDS and m.created_at >= last.at)
    return next(ours, None)


def _since(messages: Sequence[Message], sent_at: datetime | None) -> list[Message]:
    """What the buyer said after that; before any step, what stands unanswered (the last message at least)."""
    heard = [m for m in messages if m.direction == Message.Direction.IN]
    if sent_at:
        return [m for m in heard if m.at > sent_at]
    ours = [m.at for m in messages if m.direction == Message.Direction.OUT and not m.automatic]
    return [m for m in heard if not ours or m.at > max(ours)] or heard[-1:]


def _said(message: Message, spoken: str) -> Said:
    """`spoken` is the conversation's language: a single word seldom says its own."""
    seen = getattr(message, "triage", None)
    if seen is None:
        return Said(message.text, message.language or spoken)
    topic = seen.corrected.get("topic")
    topics = (topic,) if topic else tuple(triage.sure([(each["topic"], each["score"]) for each in seen.topics]))
    mood = seen.corrected.get("mood")
    rude = seen.rude == "strong" if mood is None else mood == "rude"
    shouting = seen.shouting if mood is None else mood == "shouting"
    return Said(message.text, message.language or spoken or seen.language, topics, rude=rude, shouting=shouting)


def _photo(conversation: Conversation) -> bool:
    files = Attachment.objects.filter(message__conversation=conversation, message__direction=Message.Direction.IN)
    return any(kind.startswith(("image/", "video/")) for kind in files.values_list("type", flat=True)[:50])


def _order(order: Order | None) -> Mapping[str, Any] | None:
    if order is None:
        return None
    refunds = [payment for payment in order.payments.all() if payment.kind == "refund" and payment.minor]
    total = order.total
    return {
        "state": order.state,
        "placed_at": order.placed_at,
        "shipped_at": order.shipped_at,
        "delivered_at": order.delivered_at,
        "articles_changed_at": order.articles_changed_at,
        "cash_on_delivery": order.cash_on_delivery,
        "fulfilled_by": order.fulfilled_by,
        "value": float(total.amount) if total else None,
        "currency": order.currency,
        "refunded": bool(refunds),
        "refund_settled": any(payment.settled_at for payment in refunds),
    }


def _parcel(order: Order | None) -> Mapping[str, Any] | None:
    parcel = spoken_of(order) if order else None
    if parcel is None:
        return None
    scans = list(parcel.scans.all())
    moved = scans[0].at if scans else parcel.moved_at or parcel.shipped_at
    return {
        "status": parcel.status,
        "number": parcel.number,
        "moved_at": moved,
        "eta": transit.eta(parcel, transit.transit(parcel)),
        "scans": {scan.status for scan in scans},
    }


def _goods(order: Order | None) -> dict[str, bool]:
    if order is None:
        return {}
    skus = [line.sku for line in order.lines.select_related("sku") if line.sku]
    stock = bool(skus) and all(sku.available and (sku.on_hand or 0) > sku.reserve for sku in skus)
    return {"facts": bool(skus) and Fact.objects.filter(product__in=[sku.product_id for sku in skus]).exists(), "stock": stock}


def _latest(order: Order | None) -> Review | None:
    return Review.objects.filter(order=order).order_by("-at").first() if order else None


def _review(review: Review | None) -> Mapping[str, Any] | None:
    return {"stars": review.stars, "said": review.said} if review else None
