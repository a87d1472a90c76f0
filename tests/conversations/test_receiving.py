from datetime import timedelta

import pytest
from django.db import connections, transaction

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import Bounced, File, Person, ThreadAnswered
from bridgedesk.conversations import actions
from bridgedesk.conversations.models import Attachment, Conversation, Message, Window
from bridgedesk.customers.models import Customer, Identity
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order
from tests.conversations.conftest import after, heard, typed

pytestmark = pytest.mark.usefixtures("at_noon")


def test_a_first_message_opens_a_conversation_with_its_buyer(shop):
    message = actions.receive(shop, heard("Where is my lamp?", order="ON-77", subject="Lamp"))
    conversation = message.conversation
    assert (conversation.customer.name, conversation.customer.country) == ("Anna Kowalska", "PL")
    assert (conversation.last_text, conversation.order_ref, conversation.subject) == ("Where is my lamp?", "ON-77", "Lamp")
    assert Order.objects.get().customer == conversation.customer
    assert Activity.objects.filter(verb="received", conversation_id=conversation.pk, actor="buyer").count() == 1


def test_a_repeat_is_a_no_op(shop):
    event = heard()
    assert actions.receive(shop, event)
    before = Activity.objects.count()
    assert actions.receive(shop, event) is None
    assert (Message.objects.count(), Window.objects.count(), Activity.objects.count()) == (1, 1, before)


def test_the_same_id_in_another_shop_is_another_message(shop, make_shop):
    assert actions.receive(shop, heard(id="m1"))
    assert actions.receive(make_shop("Chair shop"), heard(id="m1"))
    assert (Message.objects.count(), Customer.objects.count()) == (2, 2)


def test_a_buyer_with_two_threads_is_one_customer(shop):
    actions.receive(shop, heard(thread="t1"))
    actions.receive(shop, heard(thread="t2"))
    assert (Conversation.objects.count(), Customer.objects.count(), Identity.objects.count()) == (2, 1, 1)


def test_a_message_that_comes_late_does_not_replace_what_the_list_shows(shop):
    newer = actions.receive(shop, heard("And the bulb?", at=after(0)))
    actions.receive(shop, heard("Where is my lamp?", at=after(-5)))
    newer.conversation.refresh_from_db()
    assert (newer.conversation.last_text, newer.conversation.last_at) == ("And the bulb?", after(0))


def test_a_closed_conversation_comes_back_when_the_buyer_writes(write, conversation, alice):
    actions.close(conversation, by=alice)
    write("Still here", at=after(30))
    conversation.refresh_from_db()
    assert (conversation.state, conversation.due_at) == ("open", after(30) + timedelta(hours=24))


def test_a_snoozed_conversation_comes_back_when_the_buyer_writes(write, conversation, alice):
    actions.snooze(conversation, after(120), by=alice)
    write("Hello?", at=after(30))
    conversation.refresh_from_db()
    assert (conversation.state, conversation.snoozed_until) == ("open", None)


def test_a_late_message_that_was_answered_long_ago_leaves_the_conversation_closed(shop, alice):
    actions.record_sent(shop, typed(at=after(-10)))
    conversation = Conversation.objects.get()
    actions.close(conversation, by=alice)
    actions.receive(shop, heard(at=after(-20)))
    conversation.refresh_from_db()
    assert (conversation.state, conversation.due_at) == ("closed", None)
    assert Window.objects.get().closed_at == after(-10)


def test_an_unknown_sort_of_message_is_kept_and_owed_an_answer(shop):
    message = actions.receive(shop, heard("", kind="unsupported", meta={"type": "voucher", "raw": {"a": [1]}}))
    assert (message.kind, message.meta["type"], message.conversation.last_kind) == ("unsupported", "voucher", "unsupported")
    assert message.conversation.due_at


def test_files_wait_to_be_fetched(shop):
    message = actions.receive(shop, heard(files=(File("lamp.jpg", url="https://cf.example/lamp.jpg"),)))
    file = message.attachments.get()
    assert (file.name, file.state, file.conversation) == ("lamp.jpg", Attachment.State.WAITING, message.conversation)


@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b", "x" * 5000], ids=["nul", "surrogate", "long"])
def test_odd_strings_are_stored_rather_than_lost(shop, bad):
    event = heard(bad, thread=bad, id=bad, subject=bad, order=bad, buyer=Person(bad, name=bad), meta={bad: [bad]})
    message = actions.receive(shop, event)
    assert Message.objects.get(pk=message.pk).text
    assert actions.receive(shop, event) is None


def test_two_ids_that_differ_only_far_behind_stay_two(shop):
    assert actions.receive(shop, heard(id="m" * 300 + "1"))
    assert actions.receive(shop, heard(id="m" * 300 + "2"))


def test_markup_in_mail_is_cleaned_and_its_pictures_are_our_attachments(shop):
    images = "<img src='cid:lamp@x'><img src='https://shop.example/pixel.gif'><img src='javascript:x'>"
    html = f"<p onclick=x>Hi<script>alert(1)</script></p>{images}"
    message = actions.receive(shop, heard(html=html, files=(File("lamp.png", data=b"x", content_id="lamp@x", inline=True),)))
    message.refresh_from_db()
    assert f'<img src="/files/{message.attachments.get().token}">' in message.html
    assert message.html.startswith("<p>Hi</p>")
    assert "https://shop.example/pixel.gif" in message.html
    assert "javascript" not in message.html


def test_a_clock_that_runs_ahead_does_not_pin_a_buyer_to_the_top(shop):
    message = actions.receive(shop, heard(at=after(60 * 24 * 365)))
    assert message.conversation.last_at == after(5)


def test_an_answer_typed_elsewhere_is_an_answer(shop):
    actions.receive(shop, heard(at=after(-20)))
    message = actions.record_sent(shop, typed(at=after(-10), sender="seller01"))
    assert (message.direction, message.state, message.sender, message.author) == ("out", "sent", "seller01", None)
    assert Conversation.objects.get().due_at is None
    assert actions.record_sent(shop, typed(at=after(-10))) is None


def test_an_automatic_answer_leaves_the_clock_running(shop):
    message = actions.receive(shop, heard(at=after(-20)))
    actions.record_sent(shop, typed("We answer soon", at=after(-19), automatic=True))
    message.conversation.refresh_from_db()
    assert message.conversation.due_at


def test_the_platform_says_the_thread_is_answered(shop):
    actions.receive(shop, heard(at=after(-20)))
    event = ThreadAnswered("t1", after(-10))
    actions.answered_elsewhere(shop, event)
    actions.answered_elsewhere(shop, event)
    actions.answered_elsewhere(shop, ThreadAnswered("unknown", after(-10)))
    assert Conversation.objects.get().due_at is None
    assert Window.objects.get().outcome == Window.Outcome.NO_ANSWER_NEEDED


def test_a_mail_that_bounces_is_owed_again(shop):
    actions.receive(shop, heard(at=after(-20)))
    actions.record_sent(shop, typed(at=after(-10), id="<ours@lamp.example>"))
    actions.bounced(shop, Bounced("<ours@lamp.example>", "anna@example.org", True, "no such user", after(0)))
    conversation = Conversation.objects.get()
    assert (conversation.trouble, conversation.due_at) == (True, after(-20) + timedelta(hours=24))
    assert list(Window.objects.order_by("pk").values_list("outcome", flat=True)) == ["superseded", "open"]


def test_a_bounce_names_our_mail_by_the_reference_in_its_message_id(write, shop, bob):
    conversation = write().conversation
    (message,) = actions.reply(conversation, "It left today.", by=bob)
    assert (
        actions.bounced(shop, Bounced(f"{message.reference}.mfrgg.tag.sig@lamp.example", "anna@example.org", True, "unknown", after(0)))
        == message
    )
    assert actions.bounced(shop, Bounced("somebody-elses@lamp.example", "anna@example.org", True, "unknown", after(0))) is None


def test_a_passing_delay_is_no_bounce(shop):
    actions.record_sent(shop, typed(id="<ours@lamp.example>"))
    assert actions.bounced(shop, Bounced("<ours@lamp.example>", "anna@example.org", False, "later", after(0))) is None


def test_new_conversations_go_round_those_on_duty(shop, alice, bob, charlie):
    shop.options = {"assign": "round_robin"}
    shop.save()
    for agent in (alice, bob, charlie):
        agent.on_duty = True
        agent.save()
    got = []
    for n in range(3):
        with clock.frozen(after(n)):
            got.append(actions.receive(shop, heard(thread=f"t{n}", at=after(n))).conversation.assignee)
    assert got == [alice, bob, alice]


def test_with_nobody_on_duty_it_waits_for_anyone(shop):
    shop.options = {"assign": "round_robin"}
    assert actions.receive(shop, heard()).conversation.assignee is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_meet_the_same_new_buyer_at_once(shop):
    from concurrent.futures import ThreadPoolExecutor

    def work(n: int) -> bool:
        try:
            with transaction.atomic():
                return actions.receive(shop, heard(id=f"m{n % 2}", at=after(0))) is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        stored = list(pool.map(work, range(4)))
    assert (sum(stored), Message.objects.count(), Conversation.objects.count()) == (2, 2, 1)
    assert (Customer.objects.count(), Window.objects.filter(outcome="open").count()) == (1, 1)
