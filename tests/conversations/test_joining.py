from datetime import timedelta

import pytest

from bridgedesk.channels.events import Person
from bridgedesk.conversations import actions
from bridgedesk.conversations.models import Window
from bridgedesk.lib import clock
from tests.conversations.conftest import after, heard, typed

pytestmark = pytest.mark.usefixtures("at_noon")
PRIVATE = Person("anna@example.org", kind="email", name="Anna")


@pytest.fixture
def two(write):
    """Anna wrote from the shop's form, then from her own address."""
    return write("Where is it?", thread="t1", at=after(-30)).conversation, write(
        "Any news?", thread="t2", at=after(-20), buyer=PRIVATE
    ).conversation


def test_merged_threads_are_one_talk(two, bob):
    first, second = two
    actions.tag(second, "vip", by=bob)
    actions.merge(first, second, by=bob)
    first.refresh_from_db()
    second.refresh_from_db()
    assert [m.text for m in first.messages.order_by("at")] == ["Where is it?", "Any news?"]
    assert (second.merged_into, second.state, second.due_at) == (first, "closed", None)
    assert (first.tags, first.last_text, first.due_at) == (["vip"], "Any news?", after(-30) + timedelta(hours=24))
    assert list(Window.objects.order_by("pk").values_list("conversation", "outcome")) == [(first.pk, "open"), (first.pk, "superseded")]


def test_both_threads_still_reach_the_survivor(two, shop, bob):
    first, second = two
    actions.merge(first, second, by=bob)
    for thread, buyer in (("t1", None), ("t2", PRIVATE)):
        more = {"buyer": buyer} if buyer else {}
        message = actions.receive(shop, heard("more", thread=thread, **more))
        assert message.conversation == first


def test_the_answer_goes_where_the_buyer_wrote_last(two, shop, bob):
    first, second = two
    actions.merge(first, second, by=bob)
    (reply,) = actions.reply(first, "It left today.", by=bob)
    assert (reply.thread, reply.address, reply.conversation) == ("t2", "anna@example.org", first)
    with clock.frozen(after(20)):
        actions.receive(shop, heard("thanks", thread="t1", at=after(20)))
        (reply,) = actions.reply(first, "You are welcome.", by=bob)
    assert (reply.thread, reply.address) == ("", "")


def test_an_answer_in_either_thread_answers_both(two, shop, bob):
    first, second = two
    actions.merge(first, second, by=bob)
    actions.record_sent(shop, typed(thread="t2", at=after(-10)))
    first.refresh_from_db()
    assert first.due_at is None


def test_a_chain_of_merges_leads_to_the_last(two, write, shop, bob):
    first, second = two
    third = write(thread="t3").conversation
    actions.merge(second, first, by=bob)
    actions.merge(third, second, by=bob)
    assert actions.receive(shop, heard("more", thread="t1")).conversation == third


def test_only_two_of_one_shop_can_be_merged(two, make_shop, alice):
    shop = make_shop("Chair shop")
    shop.agents.add(alice)
    foreign = actions.receive(shop, heard()).conversation
    for other in (foreign, two[0]):
        with pytest.raises(actions.CannotWrite):
            actions.merge(two[0], other, by=alice)


def test_a_message_split_off_takes_what_is_owed_along(write, bob):
    conversation = write("Where is my lamp?", at=after(-30)).conversation
    message = write("And can I return the chair?", at=after(-20))
    new = actions.split(message, by=bob)
    new.refresh_from_db()
    conversation.refresh_from_db()
    assert (new.due_at, conversation.due_at) == (after(-20) + timedelta(hours=24), after(-30) + timedelta(hours=24))
    assert (new.last_text, conversation.last_text) == ("And can I return the chair?", "Where is my lamp?")


def test_an_answer_to_what_was_split_off_goes_to_its_thread(write, shop, bob):
    conversation = write("Where is my lamp?", at=after(-30)).conversation
    new = actions.split(write("And can I return the chair?", at=after(-20)), by=bob)
    (reply,) = actions.reply(new, "Yes, within 14 days.", by=bob)
    assert (reply.thread, reply.address) == ("t1", "u-anna")
    assert actions.receive(shop, heard("thanks")).conversation == conversation


def test_what_was_answered_before_the_split_is_not_owed_again(write, shop, bob):
    write("Where is my lamp?", at=after(-30))
    message = write("And the chair?", at=after(-20))
    actions.record_sent(shop, typed(at=after(-10)))
    new = actions.split(message, by=bob)
    assert (new.due_at, new.windows.count()) == (None, 0)


def test_the_only_message_cannot_be_split_off(conversation, bob):
    with pytest.raises(actions.CannotWrite):
        actions.split(conversation.messages.get(), by=bob)
