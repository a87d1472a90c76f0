"""Answering a review in public: once, through the gate, by the platform's interface or by hand."""

from django.db import transaction
from django.utils.translation import gettext_noop as noop

from bridgedesk.activity.actions import record
from bridgedesk.channels.acts import ReplyReview
from bridgedesk.channels.policy import policy, policy_name
from bridgedesk.conversations.gate import examine
from bridgedesk.lib import clock
from bridgedesk.lib.storable import plain
from bridgedesk.orders import access, acting
from bridgedesk.orders.models import PlatformAct
from bridgedesk.reviews.models import Review
from bridgedesk.team.models import Agent

MOST = 500
"""Characters of a public answer: short ones are read, and every platform known takes so many."""


class CannotAnswer(Exception):
    """Why it does not go out: a msgid, or the reason the gate gives."""


@transaction.atomic
def answer(review: Review, text: str, *, by: Agent) -> PlatformAct:
    """Answer it in public; a second answer to the same review is the first one. CannotAnswer when the words do not pass."""
    access.allow(by, review.shop_id)
    row = Review.objects.select_for_update(of=("self",)).select_related("shop", "order").get(pk=review.pk)
    words = plain(text.strip())
    if row.reply:
        raise CannotAnswer(noop("It was answered already."))
    if not words or len(words) > MOST:
        raise CannotAnswer(noop("Say something, in at most 500 characters."))
    _pass(row, words)
    number = row.order.external_id if row.order else ""
    act = acting.ask(row.shop, ReplyReview(row.external_id, words, number), order=row.order, key=key(row), by=by)
    record("review_answered", row, by=by, shop=row.shop_id, stars=row.stars)
    return act


def key(review: Review) -> str:
    """What makes two answers to a review one."""
    return f"review:{review.pk}"


def _pass(review: Review, words: str) -> None:
    """No word that ties money to a review, asks to change it or leads elsewhere: what is not plainly allowed does not go out."""
    country = review.order.country if review.order else ""
    rules = policy(policy_name(review.shop))
    ruling = examine(words, purpose="answer", policy=rules, limits=None, on=clock.now().date(), country=country)
    if ruling.verdict != "allowed":
        raise CannotAnswer(str(ruling.findings[0].reason) if ruling.findings else noop("These words may not stand in public."))
