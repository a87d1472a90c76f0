"""What begins a playbook besides a buyer's message: what happens on each event stands in one dict, ON.

The rows themselves say what was not looked at yet (a review's `looked_at`, an order line without its occasion), so a lost job loses
nothing. Each event is one Occasion, however often it is looked at; where nobody can be written to yet it waits for the buyer's word.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.conversations.threads import about
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order
from bridgedesk.orders.places import talks
from bridgedesk.orders.stockout_models import ShortLine
from bridgedesk.playbooks import actions, automatic, queries
from bridgedesk.playbooks.models import Run
from bridgedesk.playbooks.occasion_models import Occasion
from bridgedesk.reviews.models import Review

log = logging.getLogger(__name__)
BATCH = 100
FRESH = timedelta(days=14)
"""An occasion that has waited longer begins nothing any more."""
Act = Callable[[Occasion], None]


def begin(occasion: Occasion) -> None:
    """Its playbook, where the buyer can be written to and no other playbook runs; of two occasions for the same one both are in it."""
    talk = _talk(occasion.order) if occasion.order else None
    occasion.conversation = talk
    version = queries.for_event(queries.published(), talk, occasion.event) if talk else None
    if talk and version:
        Conversation.objects.select_for_update().get(pk=talk.pk)
        running = queries.open_run(talk)
        same = running is not None and running.version.key == version.key
        occasion.run = running if same else None if running else actions.begin(talk, version, occasion.event)
    occasion.save(update_fields=["conversation", "run"])


def bring_back(occasion: Occasion) -> None:
    """The conversation comes into the open list: somebody has to see to it."""
    if occasion.run and occasion.run.conversation.state != Conversation.State.OPEN:
        conversations.reopen(occasion.run.conversation, by=None)


def go_alone(occasion: Occasion) -> None:
    """Its first step by itself, where the shop and the gate let it."""
    if occasion.run:
        automatic.go(occasion.run)


ON: Mapping[str, Sequence[Act]] = {
    "review_low": (begin, bring_back, go_alone),
    "review_without_text": (begin, bring_back, go_alone),
    "review_good": (begin, go_alone),
    "out_of_stock": (begin, bring_back, go_alone),
}
"""What each event does."""


def sweep() -> int:
    """Take up what happened and was not looked at yet, and what waited for another playbook to end; how many."""
    reviews = list(Review.objects.filter(looked_at=None).order_by("pk").values_list("pk", flat=True)[:BATCH])
    known = Occasion.objects.filter(short=OuterRef("pk"))
    short = ShortLine.objects.filter(state=ShortLine.State.TO_ASK).exclude(Exists(known))
    lines = list(short.order_by("pk").values_list("pk", flat=True)[:BATCH])
    busy = Run.objects.filter(conversation=OuterRef("conversation"), state=Run.State.OPEN)
    waiting = _waiting().filter(conversation__isnull=False).exclude(Exists(busy))
    again = list(waiting.order_by("pk").values_list("pk", flat=True)[:BATCH])
    for act, rows in ((_review, reviews), (_short, lines), (_again, again)):
        for pk in rows:
            _safely(act, pk)
    return len(reviews) + len(lines) + len(again)


def heard(messages: Sequence[Message]) -> None:
    """Buyers wrote: what waited for them begins. May run twice for the same messages."""
    buyers = {message.conversation.customer_id for message in messages}
    rows = _waiting().filter(order__customer__in=buyers).order_by("pk")
    for pk in rows.values_list("pk", flat=True)[:BATCH]:
        _again(pk)


def event_of(review: Review) -> str:
    """What a review is an event of; "" while its stars are not told."""
    if not review.stars:
        return ""
    if not review.low:
        return "review_good"
    return "review_low" if review.said else "review_without_text"


def _safely(act: Callable[[int], None], pk: int) -> None:
    """One that fails keeps no other from being taken up; it is logged, and tried again by the next sweep."""
    try:
        act(pk)
    except Exception:
        log.exception("%s %s could not be taken up", act.__name__, pk)


@transaction.atomic
def _review(pk: int) -> None:
    review = Review.objects.select_for_update(of=("self",)).select_related("order").filter(pk=pk, looked_at=None).first()
    if review is None:
        return
    review.looked_at = clock.now()
    review.save(update_fields=["looked_at"])
    if event := event_of(review):
        row, new = Occasion.objects.get_or_create(event=event, review=review, defaults=_facts(review.shop_id, review.order))
        _happen(row if new else None)


@transaction.atomic
def _short(pk: int) -> None:
    line = ShortLine.objects.select_for_update(of=("self",)).select_related("line__order").get(pk=pk)
    order = line.line.order
    row, new = Occasion.objects.get_or_create(event="out_of_stock", short=line, defaults=_facts(order.shop_id, order))
    _happen(row if new else None)


@transaction.atomic
def _again(pk: int) -> None:
    _happen(Occasion.objects.select_for_update().filter(pk=pk, run=None).first())


def _happen(occasion: Occasion | None) -> None:
    if occasion:
        for act in ON[occasion.event]:
            act(occasion)


def _facts(shop: int, order: Order | None) -> Mapping[str, Any]:
    return {"shop_id": shop, "order": order, "at": clock.now()}


def _waiting() -> QuerySet[Occasion]:
    return Occasion.objects.filter(run=None, at__gt=clock.now() - FRESH)


def _talk(order: Order) -> Conversation | None:
    """Where the buyer is written to about it; for Amazon's orders the mailbox that relays their mail."""
    rows = Conversation.objects.filter(talks(order.shop_id, order.external_id), merged_into=None)
    return rows.select_related("shop", "customer").order_by("-last_at").first() or about(order)
