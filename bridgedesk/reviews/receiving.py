"""Reviews as platforms tell of them. What is untold stays; a buyer's change is noted with what stood before."""

from datetime import datetime, timedelta

from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.channels.events import OrderSeen, ReviewSeen
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.storable import deep, fit, plain
from bridgedesk.orders import actions as orders
from bridgedesk.products.models import Listing
from bridgedesk.reviews.models import Review
from bridgedesk.shops.models import Shop
from bridgedesk.shops.queries import threshold

LOW = 3
"""Stars up to which a review counts as one to look after first."""
TEXTS = {"item": 80, "model": 80, "buyer": 120, "reply": 20_000, "changeable": 4}


@transaction.atomic
def see(shop: Shop, event: ReviewSeen) -> Review:
    """Note a review. Repeats are no-ops."""
    now = clock.now()
    review, new = Review.objects.select_for_update().get_or_create(
        shop=shop, external_id=fit(event.external_id, 80), defaults={"at": event.at or now, "seen_at": now}
    )
    before = (review.stars, review.text)
    _take(review, event)
    if new:
        record("review_seen", review, by=None, actor="channel", shop=shop.pk, stars=review.stars)
    elif (review.stars, review.text) != before:
        review.changed_at, review.topics = now, None
        record("review_changed", review, by=None, actor="channel", shop=shop.pk, before=before[0], after=review.stars)
    review.change_until = event.change_until or _change_until(review)
    if new or (review.stars, review.text) != before:
        _news(review, now)
    review.save()
    return review


def _news(review: Review, now: datetime) -> None:
    """Playbooks look at it next, and who looks after the shop is told of a bad one at once; what is old is history being read in."""
    review.looked_at = None if review.is_news(now) else now
    if review.looked_at is None:
        enqueue("take_up_events", once="take_up_events")
    if review.low and review.looked_at is None:
        record("review_low", review, by=None, actor="channel", shop=review.shop_id, stars=review.stars)
        announce("review", shop=review.shop_id, review=review.pk, stars=review.stars)


def _take(review: Review, event: ReviewSeen) -> None:
    for name, most in TEXTS.items():
        if value := getattr(event, name):
            setattr(review, name, plain(value)[:most])
    if event.stars:
        review.stars, review.low, review.text = event.stars, event.stars <= LOW, plain(event.text)
    review.images, review.videos = deep(list(event.images)) or review.images, deep(list(event.videos)) or review.videos
    review.replied_at, review.hidden = event.replied_at or review.replied_at, event.hidden
    review.order = review.order or (orders.see(review.shop, OrderSeen(event.order)) if event.order else None)
    review.listing = review.listing or _listing(review)


def _listing(review: Review) -> Listing | None:
    found = Listing.objects.filter(shop=review.shop_id, item=review.item) if review.item else Listing.objects.none()
    return found.filter(model=review.model).first() or found.order_by("pk").first()


def _change_until(review: Review) -> datetime | None:
    """Reckoned from the platform's dated rule, while the platform says that it may be changed."""
    if review.changeable != "yes":
        return None
    try:
        return review.at + timedelta(days=float(threshold(review.shop, "review_edit_days", review.at).value))
    except KeyError:
        return None
