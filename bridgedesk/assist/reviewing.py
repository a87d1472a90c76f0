"""What a review speaks of is written when it is received; a person's change of words is looked at anew."""

from collections.abc import Sequence

from django.db import transaction

from bridgedesk.assist import learning, review_topics, triage
from bridgedesk.assist.topics import Index
from bridgedesk.reviews.models import Review

BATCH = 500


def look_at_review(review: Review) -> Review:
    """Keep its language and topics, unless its words were looked at already."""
    if review.topics is None:
        _see(review, learning.index())
        review.save(update_fields=["topics", "language"])
    return review


def look_back_at_reviews(*, again: bool = False) -> int:
    """Those nobody looked at, or with `again` every one, a batch in a transaction; how many there were."""
    done, last = 0, 0
    while rows := _batch(last, again):
        done, last = done + len(rows), rows[-1].pk
        _keep(rows)
    return done


def _batch(last: int, again: bool) -> list[Review]:
    rows = Review.objects.filter(pk__gt=last)
    chosen = rows if again else rows.filter(topics__isnull=True)
    return list(chosen.select_related("shop", "order").order_by("pk")[:BATCH])


@transaction.atomic
def _keep(rows: Sequence[Review]) -> None:
    index = learning.index()
    for row in rows:
        _see(row, index)
    Review.objects.bulk_update(rows, ["topics", "language"])


def _see(review: Review, index: Index) -> None:
    country = review.order.country if review.order else review.shop.region
    guess = triage.language_of(review.text, shop_language=review.shop.language, country=country)
    review.language = guess.language if review.text.strip() else ""
    review.topics = review_topics.found(review.text, review.language, index)
