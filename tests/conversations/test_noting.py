import pytest

from bridgedesk.conversations import actions, queries
from bridgedesk.lib import clock
from tests.conversations.conftest import after

pytestmark = pytest.mark.usefixtures("at_noon")


def test_a_note_tells_who_is_named_and_sees_the_shop(conversation, alice, bob, charlie):
    message = actions.note(conversation, "@alice @bob @charlie please look", by=bob)
    assert [mention.agent for mention in message.mentions.all()] == [alice]
    assert alice.mentions.get().seen_at is None
    actions.see(conversation, by=alice)
    assert alice.mentions.get().seen_at == after(0)


def test_a_note_never_reaches_the_list_or_the_clock(conversation, bob):
    due = conversation.due_at
    actions.note(conversation, "odd one", by=bob)
    conversation.refresh_from_db()
    assert (conversation.last_text, conversation.due_at) == ("Where is my lamp?", due)


def test_an_empty_note_is_refused(conversation, bob):
    with pytest.raises(actions.CannotWrite):
        actions.note(conversation, "  ", by=bob)


def test_a_call_is_kept_with_the_buyers_local_time(conversation, bob):
    conversation.customer.timezone = "Europe/Warsaw"
    conversation.customer.save()
    call = actions.log_call(conversation, by=bob, ended="reached", minutes=4, text="Agreed on a resend")
    conversation.refresh_from_db()
    assert (call.kind, call.meta["minutes"], call.meta["buyer_time"]) == ("call", 4, "2026-11-20T05:00:00+01:00")
    assert conversation.due_at


def test_colleagues_see_who_looks_and_who_types(conversation, alice, bob):
    actions.be_present(conversation, by=alice)
    actions.be_present(conversation, by=bob, typing=True)
    assert [(p.agent, p.typing) for p in queries.present(conversation, alice)] == [(bob, True)]
    with clock.frozen(after(1)):
        assert queries.present(conversation, alice) == []
    actions.leave(conversation, by=bob)
    assert queries.present(conversation, alice) == []
