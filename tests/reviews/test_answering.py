"""Reviews answered in public: once, with words that may stand there; a bad one leads to a case."""

import pytest
from django.core.exceptions import PermissionDenied

from bridgedesk.channels.events import ReviewSeen
from bridgedesk.orders.models import PlatformAct
from bridgedesk.reviews import actions


@pytest.fixture
def review(shop, noon):
    return actions.see(shop, ReviewSeen("rev-1", order="A1", stars=2, text="Broken on arrival", at=noon))


def test_an_answer_goes_out_once(review, bob):
    act = actions.answer(review, "We are sorry and send a new one.", by=bob)
    assert actions.answer(review, "Again", by=bob) == act == PlatformAct.objects.get()
    assert (act.kind, act.state, act.data["text"]) == ("ReplyReview", "by_hand", "We are sorry and send a new one.")


@pytest.mark.parametrize(
    "words",
    [
        "Change your review to 5 stars and we refund you 10 dollars.",
        "Ändern Sie Ihre Bewertung auf 5 Sterne und wir erstatten Ihnen 10 Euro.",
        "把评价改成五星，我们就给您退款10元。",
        "",
        "x" * 501,
    ],
)
def test_words_that_tie_money_to_a_review_stay_here(review, bob, words):
    with pytest.raises(actions.CannotAnswer):
        actions.answer(review, words, by=bob)
    assert not PlatformAct.objects.exists()


def test_what_the_platform_shows_is_not_answered_again(shop, review, bob, noon):
    actions.see(shop, ReviewSeen("rev-1", stars=2, text="Broken on arrival", at=noon, reply="Sorry"))
    with pytest.raises(actions.CannotAnswer, match="already"):
        actions.answer(review, "Sorry again", by=bob)


def test_who_does_not_share_the_shop_answers_nothing(review, bob, charlie, sign_in):
    with pytest.raises(PermissionDenied):
        actions.answer(review, "Hello", by=charlie)
    assert sign_in(charlie).post(f"/reviews/{review.pk}/answer", {"text": "Hello"}).status_code == 404


def test_on_the_page_a_bad_one_leads_to_a_case_and_its_answer_is_followed(review, bob, sign_in):
    client = sign_in(bob)
    page = client.get("/reviews").content.decode()
    assert f"/remedies/open?order={review.order_id}" in page
    assert "by hand" in client.post(f"/reviews/{review.pk}/answer", {"text": "We are sorry."}, follow=True).content.decode()
    refused = client.post(f"/reviews/{review.pk}/answer", {"text": ""}, follow=True).content.decode()
    assert "Say something" in refused
