from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from bridgedesk.activity.models import Activity
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations import actions
from bridgedesk.conversations.models import Attachment, Message
from bridgedesk.conversations.ruling import ruling_of, ruling_on
from bridgedesk.lib import clock
from tests.conversations.conftest import after, heard, typed

pytestmark = pytest.mark.usefixtures("at_noon")


def upload(by, name="lamp.jpg"):
    return Attachment.objects.create(uploaded_by=by, token=name, name=name, created_at=after(0))


@pytest.fixture
def takes_files(shop, monkeypatch):
    """A platform we do not speak: its limits are not known."""
    monkeypatch.delitem(CHANNELS, "aliexpress")
    shop.platform = "aliexpress"
    shop.save()


def test_an_answer_waits_for_the_undo_window_and_wakes_a_sender(conversation, bob, settings):
    (message,) = actions.reply(conversation, " It left today. ", by=bob)
    conversation.refresh_from_db()
    assert (message.text, message.state, message.author, message.purpose) == ("It left today.", "queued", bob, "answer")
    assert message.not_before == after(0) + timedelta(seconds=settings.UNDO_SECONDS)
    assert (conversation.last_text, conversation.last_direction, conversation.assignee) == ("It left today.", "out", bob)
    job = ProcrastinateJob.objects.get(task_name="send_message")
    assert (job.lock, job.args) == (f"conversation:{conversation.pk}", {"message": message.pk})


def test_the_clock_closes_when_the_platform_took_it_and_not_before(conversation, bob):
    (message,) = actions.reply(conversation, "It left today.", by=bob)
    conversation.refresh_from_db()
    assert conversation.due_at
    actions.mark_sent(message, external_id="p1", at=after(3))
    actions.mark_sent(message, external_id="p1", at=after(9))
    conversation.refresh_from_db()
    window = conversation.windows.get()
    assert (conversation.due_at, window.closed_at, window.closed_by, window.agent) == (None, after(3), message, bob)
    assert Activity.objects.filter(verb="sent").count() == 1


def test_an_answer_that_fails_is_still_owed(conversation, bob):
    (message,) = actions.reply(conversation, "It left today.", by=bob, close=True)
    conversation.refresh_from_db()
    assert (conversation.state, bool(conversation.due_at)) == ("closed", True)
    actions.mark_failed(message, "buyer has blocked the shop")
    conversation.refresh_from_db()
    assert (conversation.state, conversation.trouble, bool(conversation.due_at)) == ("open", True, True)
    actions.retry(message, by=bob)
    conversation.refresh_from_db()
    message.refresh_from_db()
    assert (conversation.trouble, message.state, message.error) == (False, "queued", "")
    with pytest.raises(actions.CannotWrite):
        actions.retry(message, by=bob)


def test_undo_gives_the_text_and_the_files_back(takes_files, conversation, bob):
    file = upload(bob)
    (message,) = actions.reply(conversation, "It left today.", by=bob, files=[file], close=True)
    assert actions.withdraw(message, by=bob) == "It left today."
    conversation.refresh_from_db()
    file.refresh_from_db()
    assert (conversation.state, conversation.last_text, bool(conversation.due_at)) == ("open", "Where is my lamp?", True)
    assert (file.message, file.uploaded_by) == (None, bob)


def test_what_is_leaving_cannot_be_taken_back(conversation, bob):
    (message,) = actions.reply(conversation, "It left today.", by=bob)
    Message.objects.filter(pk=message.pk).update(state="sending")
    with pytest.raises(actions.CannotWrite):
        actions.withdraw(message, by=bob)


def test_bob_is_asked_before_he_answers_what_alice_just_answered(conversation, alice, bob):
    (hers,) = actions.reply(conversation, "It left today.", by=alice)
    with pytest.raises(actions.JustAnswered) as stopped:
        actions.reply(conversation, "It left yesterday.", by=bob)
    assert stopped.value.message == hers
    assert actions.reply(conversation, "And it is fast.", by=alice)
    assert actions.reply(conversation, "It left yesterday.", by=bob, although_answered=True)


def test_an_answer_before_the_buyers_last_word_is_no_collision(conversation, write, alice, bob):
    actions.reply(conversation, "It left today.", by=alice)
    write("And the bulb?", at=after(1))
    with clock.frozen(after(2)):
        assert actions.reply(conversation, "Tomorrow.", by=bob)


def test_an_old_answer_is_no_collision(conversation, alice, bob):
    actions.reply(conversation, "It left today.", by=alice)
    with clock.frozen(after(11)):
        assert actions.reply(conversation, "It is in Poznan.", by=bob)


def test_an_answer_typed_elsewhere_is_a_collision_too(conversation, shop, bob):
    actions.record_sent(shop, typed(at=after(1)))
    with clock.frozen(after(2)), pytest.raises(actions.JustAnswered):
        actions.reply(conversation, "It left today.", by=bob)


@pytest.mark.parametrize("empty", ["", "  ", "\x00"])
def test_nothing_is_no_answer(conversation, bob, empty):
    with pytest.raises(actions.Refused):
        actions.reply(conversation, empty, by=bob)
    assert Message.objects.count() == 1


def test_what_the_platform_forbids_is_not_written(write, make_shop, bob):
    shop = make_shop("Shopee lamps", platform="shopee")
    shop.agents.add(bob)
    conversation = actions.receive(shop, heard()).conversation
    with pytest.raises(actions.Refused) as stopped:
        actions.reply(conversation, "Please cancel the order yourself.", by=bob)
    assert stopped.value.ruling.verdict == "forbidden"
    assert conversation.messages.count() == 1


def test_what_needs_a_person_goes_out_once_somebody_took_it_upon_themselves(make_shop, bob):
    shop = make_shop("Shopee lamps", platform="shopee")
    shop.agents.add(bob)
    conversation = actions.receive(shop, heard()).conversation
    with pytest.raises(actions.Refused) as stopped:
        actions.reply(conversation, "Your parcel waits at the store.", by=bob, purpose="pickup_reminder")
    assert stopped.value.ruling.verdict == "person"
    (message,) = actions.reply(conversation, "Your parcel waits at the store.", by=bob, purpose="pickup_reminder", released=True)
    assert (message.released_by, ruling_of(message).verdict) == (bob, "allowed")


@pytest.mark.parametrize("state", ["paused", "broken"])
def test_a_shop_that_is_not_connected_sends_nothing(conversation, bob, shop, state):
    shop.state = state
    shop.save()
    with pytest.raises(actions.CannotWrite):
        actions.reply(conversation, "It left today.", by=bob)


def test_nobody_sends_a_colleagues_upload(conversation, alice, bob):
    with pytest.raises(actions.CannotWrite):
        actions.reply(conversation, "Here.", by=bob, files=[upload(alice)])


def test_an_unsure_message_is_settled_by_who_looked(conversation, bob):
    (message,) = actions.reply(conversation, "It left today.", by=bob)
    with pytest.raises(actions.CannotWrite):
        actions.settle(message, True, by=bob)
    actions.mark_unsure(message, "no answer from the platform")
    conversation.refresh_from_db()
    assert (conversation.trouble, bool(conversation.due_at)) == (True, True)
    actions.settle(message, False, by=bob)
    message.refresh_from_db()
    assert message.state == "queued"
    actions.mark_unsure(message, "no answer from the platform")
    actions.settle(message, True, by=bob)
    conversation.refresh_from_db()
    assert (conversation.trouble, conversation.due_at) == (False, None)


@pytest.fixture
def marked(conversation, bob):
    """An answer that Bob copied and marked as sent half an hour after the buyer wrote."""
    (message,) = actions.reply(conversation, "It left today.", by=bob, close=True)
    actions.mark_sent(message, external_id=None, at=after(30), by=bob)
    return message


def test_what_was_marked_as_sent_by_mistake_is_owed_again_since_the_buyer_wrote(marked, conversation, bob):
    conversation.refresh_from_db()
    before = conversation.windows.get()
    assert (conversation.state, conversation.due_at, before.outcome) == ("closed", None, "answered")
    actions.not_sent(marked, by=bob)
    conversation.refresh_from_db()
    marked.refresh_from_db()
    assert (marked.state, conversation.state, conversation.trouble) == ("unsure", "open", True)
    assert conversation.due_at == before.due_at
    assert sorted(conversation.windows.values_list("outcome", flat=True)) == ["open", "superseded"]
    line = Activity.objects.get(verb="not_sent")
    assert (line.by, line.conversation_id) == (bob, conversation.pk)
    actions.settle(marked, True, by=bob)
    conversation.refresh_from_db()
    assert (conversation.due_at, conversation.trouble) == (None, False)


def test_a_later_answer_still_counts_when_an_earlier_was_not_sent(marked, conversation, bob, alice):
    (second,) = actions.reply(conversation, "And it arrives on Friday.", by=alice, although_answered=True)
    actions.mark_sent(second, external_id=None, at=after(60), by=alice)
    actions.not_sent(marked, by=bob)
    conversation.refresh_from_db()
    assert conversation.due_at is None
    assert conversation.windows.exclude(outcome="superseded").get().agent == alice


def test_what_the_platform_has_cannot_be_called_unsent(conversation, bob):
    (message,) = actions.reply(conversation, "It left today.", by=bob)
    with pytest.raises(actions.CannotWrite):
        actions.not_sent(message, by=bob)
    actions.mark_sent(message, external_id="p1", at=after(1))
    with pytest.raises(actions.CannotWrite):
        actions.not_sent(message, by=bob)
    assert conversation.messages.get(pk=message.pk).state == "sent"


def test_after_a_day_a_mark_stands(marked, bob):
    Message.objects.filter(pk=marked.pk).update(at=after(-24 * 60))
    with pytest.raises(actions.CannotWrite):
        actions.not_sent(marked, by=bob)
    marked.refresh_from_db()
    assert marked.state == "sent"


def test_the_echo_of_our_own_answer_settles_it(conversation, shop, bob):
    (message,) = actions.reply(conversation, "It left today.", by=bob)
    Message.objects.filter(pk=message.pk).update(state="unsure", attempts=1)
    assert actions.record_sent(shop, typed("It  left today.", id="p1", at=after(1))) is None
    message.refresh_from_db()
    assert (message.state, message.external_id, conversation.messages.count()) == ("sent", "p1", 2)


def test_an_echo_before_our_own_word_is_the_same_message(conversation, shop, bob):
    (message,) = actions.reply(conversation, "It left <today>.", by=bob)
    Message.objects.filter(pk=message.pk).update(state="sending", attempts=1)
    actions.record_sent(shop, typed("It left &lt;today&gt;.", id="p1", at=after(1)))
    actions.mark_sent(message, external_id="p1", at=after(1))
    conversation.refresh_from_db()
    assert conversation.messages.filter(direction="out").get() == message
    assert (conversation.windows.get().agent, conversation.due_at) == (bob, None)


def test_an_answer_never_tried_is_not_mistaken_for_an_echo(conversation, shop, bob):
    actions.reply(conversation, "Thank you.", by=bob)
    assert actions.record_sent(shop, typed("Thank you.", id="p1", at=after(-1)))


def test_a_long_answer_leaves_in_parts_that_undo_as_one(takes_files, conversation, bob, monkeypatch):
    from bridgedesk.conversations import replying
    from tests.conversations.test_splitting import limits

    monkeypatch.setattr(replying, "limits_of", lambda shop: limits(text=24))
    text = "Your lamp left today. The bulb follows on Monday."
    messages = actions.reply(conversation, text, by=bob, files=[upload(bob)])
    assert [(m.part, m.text) for m in messages] == [(0, "Your lamp left today."), (1, "The bulb follows on"), (2, "Monday."), (3, "")]
    assert messages[3].attachments.count() == 1
    assert actions.withdraw(messages[1], by=bob) == text
    assert set(conversation.messages.filter(direction="out").values_list("state", flat=True)) == {"withdrawn"}


def test_undo_after_the_first_part_left_gives_back_the_rest(conversation, bob, monkeypatch):
    from bridgedesk.conversations import replying
    from tests.conversations.test_splitting import limits

    monkeypatch.setattr(replying, "limits_of", lambda shop: limits(text=30))
    first, second = actions.reply(conversation, "Your lamp left today. The bulb follows on Monday.", by=bob)
    actions.mark_sent(first, external_id="p1", at=after(1))
    assert actions.withdraw(second, by=bob) == "The bulb follows on Monday."


def test_an_answer_to_amazons_relay_follows_amazons_rules_in_any_mailbox(conversation, shop, bob):
    link = "Look at https://lamps.example.com/new"
    shop.platform = "email"
    shop.save()
    assert ruling_on(conversation, link).verdict == "allowed"
    conversation.address = "a1b2c3d4@marketplace.amazon.de"
    conversation.save()
    assert ruling_on(conversation, link).verdict == "forbidden"
    assert ruling_on(conversation, "It left today.").verdict == "allowed"


ENGLISH = "Thank you for your message. We have asked the carrier about your parcel and will write to you tomorrow."


def test_an_answer_in_a_language_the_buyer_does_not_read_waits_for_a_second_click(conversation, bob):
    actions.set_language(conversation, "pl", by=bob)
    with pytest.raises(actions.Refused) as refused:
        actions.reply(conversation, ENGLISH, by=bob)
    assert [(finding.code, finding.verdict) for finding in refused.value.ruling.findings] == [("language", "person")]
    (message,) = actions.reply(conversation, ENGLISH, by=bob, released=True)
    assert message.released_by == bob


def test_the_language_is_weighed_once_and_not_again_when_the_worker_sends(conversation, bob):
    (message,) = actions.reply(conversation, ENGLISH, by=bob)
    actions.set_language(conversation, "pl", by=bob)
    message.refresh_from_db()
    assert ruling_of(message).verdict == "allowed"
