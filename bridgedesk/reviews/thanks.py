"""Good reviews are thanked for once, in the buyer's language: in public where the platform has a place for it, else by a letter."""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.acts import ReplyReview
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations import notices, templates
from bridgedesk.conversations.models import Template
from bridgedesk.conversations.notice_models import Notice
from bridgedesk.orders import access
from bridgedesk.orders.models import PlatformAct
from bridgedesk.reviews import answering
from bridgedesk.reviews.answering import CannotAnswer
from bridgedesk.reviews.models import Review
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

GOOD = 4
"""Stars from which a review is thanked for."""
IN_PUBLIC, LETTER, PURPOSE = "review-thanks-public", "review-thanks", "review_thanks"


def to_thank(rows: QuerySet[Review]) -> QuerySet[Review]:
    """The good ones nobody has answered or thanked for."""
    key = Concat(Value("review:"), Cast(OuterRef("pk"), TextField()))
    said = PlatformAct.objects.filter(shop=OuterRef("shop"), kind="ReplyReview", key=key)
    letters = Notice.objects.filter(order=OuterRef("order"), purpose=PURPOSE).exclude(state=Notice.State.WAITING)
    rows = rows.filter(stars__gte=GOOD, reply="", hidden=False)
    return rows.exclude(Exists(said.exclude(state=PlatformAct.State.WITHDRAWN))).exclude(Exists(letters))


def in_public(shop: Shop) -> bool:
    """Whether the platform takes an answer below the review."""
    return shop.platform in CHANNELS and ReplyReview in CHANNELS[shop.platform].acts


@transaction.atomic
def thank(review: Review, *, by: Agent) -> PlatformAct | Notice:
    """Thank for it; a second time is the first. CannotAnswer with the reason, CannotWrite with nobody to write to."""
    access.allow(by, review.shop_id)
    row = Review.objects.select_related("shop", "order__customer").get(pk=review.pk)
    if not to_thank(Review.objects.filter(pk=row.pk)).exists():
        raise CannotAnswer(noop("It was answered or thanked for already, or it is no good review."))
    if in_public(row.shop):
        return answering.answer(row, words_for(row), by=by)
    if row.order is None:
        raise CannotAnswer(noop("Nobody knows which order it is about, and the platform takes no answer below it."))
    notice = notices.queue_notice(row.shop, row.order, PURPOSE, template=LETTER, key=answering.key(row), by=by)
    return notices.release(notice, by=by) if notice.state == Notice.State.WAITING else notice


def words_for(review: Review) -> str:
    """The thanks that stand below the review, in the buyer's language: without name, order number or anything else of theirs."""
    template = Template.objects.filter(key=IN_PUBLIC, current=True).prefetch_related("texts").first()
    if template is None:
        raise CannotAnswer(noop("The template for it was retired."))
    buyer = review.order.customer if review.order else None
    return templates.choose(template, (buyer.language if buyer else "") or review.shop.language)[0].body.strip()
