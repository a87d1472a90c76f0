"""Good reviews are thanked for once, in the buyer's language, where the platform has a place for it; and what the day's page says."""

import pytest
from django.core.exceptions import PermissionDenied

from bridgedesk.activity.models import Activity
from bridgedesk.conversations import templates
from bridgedesk.conversations.models import Message, Template
from bridgedesk.lib import clock
from bridgedesk.orders.models import PlatformAct
from bridgedesk.reviews import actions, thanks
from bridgedesk.reviews.models import Review
from tests.conftest import NOON

pytestmark = pytest.mark.usefixtures("letters", "noon")


def test_below_the_review_where_the_platform_has_a_place_for_it(shops, arrived, rated, bob):
    arrived(shops["aliexpress"])
    review = rated(shops["aliexpress"])
    act = actions.thank(review, by=bob)
    assert (act.kind, act.data["text"][:11]) == ("ReplyReview", "Agradecemos")
    with pytest.raises(actions.CannotAnswer, match="already"):
        actions.thank(review, by=bob)
    assert not Message.objects.filter(direction="out").exists()


def test_by_a_letter_where_it_has_none(shops, arrived, rated, bob):
    arrived(shops["email"])
    review = rated(shops["email"])
    actions.thank(review, by=bob)
    letter = Message.objects.get(direction="out")
    assert (letter.purpose, letter.author, letter.language) == ("review_thanks", bob, "pt")
    with pytest.raises(actions.CannotAnswer, match="already"):
        actions.thank(review, by=bob)


@pytest.mark.parametrize("language", templates.LANGUAGES)
def test_what_stands_in_public_names_nobody_and_no_order(language):
    text = Template.objects.get(key=thanks.IN_PUBLIC, current=True).texts.get(language=language).body
    assert "{{" not in text
    assert len(text.strip()) <= 500


def test_a_bad_one_and_one_that_was_answered_are_not_thanked_for(shops, rated, bob):
    for review in (rated(shops["aliexpress"], stars=2, text="Broken"), rated(shops["aliexpress"], "r2", reply="Thank you")):
        with pytest.raises(actions.CannotAnswer):
            actions.thank(review, by=bob)


def test_without_an_order_and_a_place_below_it_nobody_can_be_thanked(shops, rated, bob):
    with pytest.raises(actions.CannotAnswer, match="which order"):
        actions.thank(rated(shops["email"], order=""), by=bob)


def test_one_click_thanks_all_that_are_chosen(shops, rated, bob, charlie, sign_in):
    reviews = [rated(shops["aliexpress"], f"r{n}", order=f"A{n}") for n in range(3)]
    browser = sign_in(bob)
    assert browser.get("/reviews?show=thank").content.decode().count('name="ids"') == 3
    ids = [review.pk for review in reviews]
    sign_in(charlie).post("/reviews/thank/many", {"ids": ids})
    assert not PlatformAct.objects.exists()
    assert "3 buyers are thanked." in browser.post("/reviews/thank/many", {"ids": ids}, follow=True).content.decode()
    assert browser.get("/reviews?show=thank").content.decode().count('name="ids"') == 0
    with pytest.raises(PermissionDenied):
        actions.thank(reviews[0], by=charlie)


def test_a_bad_review_is_told_at_once_and_a_good_one_is_not(shops, rated, monkeypatch):
    told = []
    monkeypatch.setattr("bridgedesk.reviews.receiving.announce", lambda kind, **ids: told.append((kind, ids["stars"])))
    rated(shops["shopee"], stars=3, text="So so")
    rated(shops["shopee"], stars=3, text="So so")
    rated(shops["shopee"], "r2", stars=4, order="A2")
    assert told == [("review", 3)]
    assert Activity.objects.filter(verb="review_low").count() == 1


def test_a_good_review_that_turns_bad_is_told(shops, rated, monkeypatch):
    told = []
    monkeypatch.setattr("bridgedesk.reviews.receiving.announce", lambda kind, **ids: told.append(ids["stars"]))
    rated(shops["shopee"])
    rated(shops["shopee"], stars=1, text="It broke")
    assert told == [1]
    assert Review.objects.get().looked_at is None


def test_the_day_s_card_counts_what_there_is_to_do(shops, arrived, rated, alice, charlie, sign_in):
    arrived(shops["amazon"], "A9", wrote=False)
    rated(shops["shopee"], stars=1, text="It broke")
    rated(shops["shopee"], "r2", order="A2")
    card = sign_in(alice).get("/today/reviews").content.decode()
    assert "It broke" in card
    assert [card.count(f'<b class="num">{n}</b>') for n in (1, 0)] == [3, 0]
    assert "No bad review waits" in sign_in(charlie).get("/today/reviews").content.decode()
    assert clock.now() == NOON
