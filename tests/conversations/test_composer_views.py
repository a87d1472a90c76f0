"""The composer over HTTP: an answer queued and taken back, what the gate says while one writes, templates, files."""

import pytest
from django.urls import reverse

from bridgedesk.conversations import actions, templates
from bridgedesk.conversations.models import Conversation, Message, Template
from bridgedesk.lib import clock
from tests.conversations.conftest import arrives


def test_an_answer_is_queued_and_taken_back_into_the_composer(sign_in, bob, talk):
    session = sign_in(bob)
    told = session.post(f"/conversations/{talk.pk}/reply", {"text": "It left yesterday.", "purpose": "answer"})
    assert told.status_code == 201
    message = Message.objects.get(pk=told.json()["sent"][0])
    assert message.author == bob


def test_what_was_just_queued_can_be_taken_back(sign_in, bob, shopee_talk):
    session = sign_in(bob)
    told = session.post(f"/conversations/{shopee_talk.pk}/reply", {"text": "It left yesterday.", "purpose": "answer"})
    back = session.post(f"/messages/{told.json()['sent'][0]}/do/withdraw")
    assert back.json() == {"text": "It left yesterday."}


def test_the_gate_names_the_words_it_does_not_let_through(sign_in, bob, shopee_talk):
    session, text = sign_in(bob), "Please write me on WhatsApp +60 12 345 6789"
    told = session.post(f"/conversations/{shopee_talk.pk}/check", {"text": text, "purpose": "answer"}).json()
    assert told["verdict"] == "forbidden"
    assert any(text[found["start"] : found["end"]].strip() for found in told["findings"] if found["start"] >= 0)
    refused = session.post(f"/conversations/{shopee_talk.pk}/reply", {"text": text, "purpose": "answer"})
    assert refused.status_code == 422
    assert refused.json()["verdict"] == "forbidden"
    assert not shopee_talk.messages.filter(direction="out").exists()


def test_a_second_answer_to_what_a_colleague_just_answered_asks_first(sign_in, alice, bob, shopee_talk):
    address = f"/conversations/{shopee_talk.pk}/reply"
    assert sign_in(alice).post(address, {"text": "It left yesterday."}).status_code == 201
    asked = sign_in(bob).post(address, {"text": "It left on Monday."})
    assert asked.status_code == 409
    assert asked.json()["collision"]["who"] == "Alice"
    assert sign_in(bob).post(address, {"text": "It left on Monday.", "anyway": "1"}).status_code == 201


def test_quick_phrases_speak_the_buyers_language(sign_in, bob, shopee_talk):
    templates.load_content()
    actions.set_language(shopee_talk, "es", by=bob)
    found = sign_in(bob).get(f"/conversations/{shopee_talk.pk}/phrases").json()["phrases"]
    assert found
    assert {phrase["language"] for phrase in found} == {"es"}


def test_an_answer_tells_which_template_it_came_from_and_how_much_was_changed(sign_in, alice, bob, talk):
    templates.save("calm", {"en": "We look into it."}, names={"en": "Calm down"}, by=alice)
    template = Template.objects.get(key="calm")
    sent = actions.reply(talk, "We look into it today.", by=bob, template=template, rendered="We look into it.")[0]
    actions.mark_sent(sent, external_id="x1", at=clock.now())
    shown = sign_in(bob).get(reverse("conversation", args=[talk.pk])).content.decode()
    assert "Calm down" in shown
    assert "% changed" in shown


def test_a_template_without_the_buyers_language_says_so_before_it_is_used(sign_in, alice, bob, talk):
    templates.save("calm", {"en": "We look into it."}, names={"en": "Calm down"}, by=alice)
    Conversation.objects.filter(pk=talk.pk).update(language="sw")
    shown = sign_in(bob).get(reverse("conversation", args=[talk.pk])).content.decode()
    assert shown.count('title="not in the buyer') == 2  # over the composer and beside the conversation


@pytest.fixture
def thanks(admin):
    """A template in English and in a Polish that looks English."""
    words = "Thank you for your message. We have asked the carrier about your parcel."
    return templates.save("thanks", {"en": words, "pl": f"{words} Pa!"}, topic="", purpose="answer", names={"en": "Thanks"}, by=admin)


def checked(session, talk, **given):
    found = session.post(reverse("conversation-check", args=[talk.pk]), given).json()
    return [(finding["code"], finding["detail"]) for finding in found["findings"]]


def test_the_composer_goes_by_the_templates_language_until_most_of_it_is_rewritten(sign_in, bob, talk, thanks):
    actions.set_language(talk, "pl", by=bob)
    session, filled = sign_in(bob), "Thank you for your message. We have asked the carrier about your parcel. Pa!"
    used = {"template": thanks.pk, "rendered": filled}
    assert checked(session, talk, text=filled, **used) == []
    own = "Your order has left our house and it is with the carrier; you will see where it is from tomorrow on."
    assert checked(session, talk, text=own, **used) == [("language", "en ≠ pl")]


def test_a_template_that_lacks_the_buyers_language_is_noticed_by_the_gate(sign_in, bob, talk, thanks):
    actions.set_language(talk, "es", by=bob)
    filled = "Thank you."
    assert checked(sign_in(bob), talk, text=filled, template=thanks.pk, rendered=filled) == [("language", "en ≠ es")]
    assert checked(sign_in(bob), talk, text=filled) == []


@pytest.mark.parametrize(
    ("platform", "where"),
    [("shopee", "Look in Seller Centre"), ("email", "the mailbox&#39;s sent mail"), ("sms", "the provider&#39;s message log")],
)
def test_who_must_look_whether_an_answer_arrived_is_sent_where_that_shows(sign_in, bob, make_shop, platform, where):
    shop = make_shop(f"{platform} lamps", platform=platform)
    shop.agents.add(bob)
    talk = arrives(shop)
    (message,) = actions.reply(talk, "It left today.", by=bob)
    Message.objects.filter(pk=message.pk).update(state="unsure")
    page = sign_in(bob).get(f"/conversations/{talk.pk}/thread").content.decode()
    assert where in page
    assert ("Seller Centre" in page) is (platform == "shopee")


@pytest.mark.parametrize(("platform", "takes"), [("sms", False), ("manual", True)])
def test_files_are_offered_only_where_the_channel_takes_them(sign_in, bob, make_shop, platform, takes):
    shop = make_shop(f"{platform} lamps", platform=platform)
    shop.agents.add(bob)
    page = sign_in(bob).get(f"/conversations/{arrives(shop).pk}").content.decode()
    assert ('id="attach"' in page) is takes


def test_a_mark_by_hand_can_be_taken_back_on_screen_until_the_platform_has_it(sign_in, alice, charlie, talk):
    (message,) = actions.reply(talk, "It left today.", by=alice)
    actions.mark_sent(message, external_id=None, at=clock.now(), by=alice)
    browser, way = sign_in(alice), f"/messages/{message.pk}/do/not-sent"
    assert way in browser.get(f"/conversations/{talk.pk}/thread").content.decode()
    assert sign_in(charlie).post(way).status_code == 404
    assert browser.post(way).status_code in (200, 204)
    message.refresh_from_db()
    assert message.state == "unsure"
    actions.mark_sent(message, external_id="p1", at=clock.now())
    assert way not in browser.get(f"/conversations/{talk.pk}/thread").content.decode()
