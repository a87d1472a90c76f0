import pytest
from django.urls import reverse

from bridgedesk.assist import actions
from bridgedesk.assist.models import Example, Triage
from bridgedesk.team.models import Agent


@pytest.fixture
def message(writes):
    made = writes("Hola, ¿dónde está mi pedido 250-1234567-7654321?")
    actions.look(made)
    return made


def test_the_chips_say_what_was_seen_and_why(message, bob, sign_in):
    page = sign_in(bob).get(reverse("triage-chips", args=[message.pk])).content.decode()
    assert "Spanish" in page
    assert "Where is my order" in page
    assert "250-1234567-7654321" in page
    assert "like: " in page


def test_one_click_corrects_the_topic_and_teaches(message, bob, sign_in):
    answer = sign_in(bob).post(reverse("triage-correct", args=[message.pk, "topic"]), {"value": "not_received"})
    assert "Not received" in answer.content.decode()
    assert Example.objects.get().topic == "not_received"
    assert Triage.objects.get().corrected_by == bob


@pytest.mark.parametrize("what", ["topic", "language", "mood"])
def test_charlie_can_neither_see_nor_correct_a_message_of_alices_shop(message, charlie, sign_in, what):
    browser = sign_in(charlie)
    assert browser.get(reverse("triage-chips", args=[message.pk])).status_code == 404
    assert browser.post(reverse("triage-correct", args=[message.pk, what]), {"value": "en"}).status_code == 404
    assert browser.get(reverse("message-translation", args=[message.pk])).status_code == 404


def test_an_observer_sees_the_chips_and_cannot_correct_them(message, make_agent, shop, sign_in):
    watcher = make_agent("olga", Agent.Role.OBSERVER)
    shop.agents.add(watcher)
    browser = sign_in(watcher)
    assert "hx-post" not in browser.get(reverse("triage-chips", args=[message.pk]), {"edit": "1"}).content.decode()
    assert browser.post(reverse("triage-correct", args=[message.pk, "mood"]), {"value": "rude"}).status_code == 403


def test_a_topic_that_does_not_exist_is_refused(message, bob, sign_in):
    assert sign_in(bob).post(reverse("triage-correct", args=[message.pk, "topic"]), {"value": "nonsense"}).status_code == 400
    assert sign_in(bob).post(reverse("triage-correct", args=[message.pk, "state"]), {"value": "closed"}).status_code == 404


def test_a_message_nobody_looked_at_has_no_chips(writes, bob, sign_in):
    assert "chip" not in sign_in(bob).get(reverse("triage-chips", args=[writes("hm").pk])).content.decode()


def test_buyers_words_in_chips_are_escaped(writes, bob, sign_in):
    made = writes("<script>alert(1)</script> you idiots")
    actions.look(made)
    assert "<script>alert" not in sign_in(bob).get(reverse("triage-chips", args=[made.pk]), {"edit": "1"}).content.decode()


def test_a_corrected_language_is_what_the_next_talk_with_the_buyer_begins_in(message, bob, sign_in):
    sign_in(bob).post(reverse("triage-correct", args=[message.pk, "language"]), {"value": "ca"})
    message.conversation.customer.refresh_from_db()
    assert message.conversation.customer.language == "ca"


def test_the_buyers_card_shows_the_language_they_write_in(message, admin, sign_in):
    card = sign_in(admin).get(reverse("customer-card", args=[message.conversation.customer_id])).content.decode()
    assert "Spanish" in card


def test_sums_and_dates_are_shown_too(writes, bob, sign_in):
    made = writes("You promised a refund of 25,50 € on 2026-11-03, where is it?")
    actions.look(made)
    page = sign_in(bob).get(reverse("triage-chips", args=[made.pk])).content.decode()
    assert "Sum of money" in page
    assert "2026-11-03" in page
