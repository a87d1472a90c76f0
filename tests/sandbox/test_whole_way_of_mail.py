"""The whole way of a mail on real IMAP and SMTP: in, answered, and the buyer's answer in the same thread."""

import pytest

from bridgedesk.conversations import actions, sending
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.sandbox import scenery, seed
from bridgedesk.sandbox.letters import Letter
from bridgedesk.sync import polling
from tests.sandbox.test_whole_way import apply_all, dora, until

__all__ = ["dora"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def open_box(sandbox, settings, dora):
    settings.ALLOW_PRIVATE = frozenset(f"127.0.0.1:{sandbox.port + n}" for n in range(3))
    got = []
    sandbox.do(lambda s: s.mail.on_answer.append(lambda _sender, _address, mail: got.append(mail)))

    def make(address):
        return seed.open_shop(scenery.stage(address), sandbox.port, [dora]), got

    return make


def fetch(shop):
    polling.poll(shop.pk)
    apply_all()


def writes(sandbox, to, text, *, order="", **more):
    given = {"name": "Piotr Nowak", "address": "piotr1@mail.example", "subject": "Gdzie paczka", "language": "pl", "client": "gmail"} | more
    return sandbox.do(lambda s: s.mail.buyer_writes(Letter(to=to, text=text, at=s.world.now(), **given), relay_order=order))


def answer(conversation, text, by):
    message = actions.reply(conversation, text, by=by, released=True)[0]
    Message.objects.filter(pk=message.pk).update(not_before=message.at)
    sending.send(message.pk)
    message.refresh_from_db()
    return message


@pytest.mark.parametrize("client", ["gmail", "outlook", "apple", "plain"])
def test_a_buyer_answers_in_the_thread_with_the_history_folded(sandbox, open_box, dora, client):
    shop, got = open_box(scenery.OWN_SITE)
    polling.poll(shop.pk)
    writes(sandbox, scenery.OWN_SITE, "Gdzie jest moja paczka?")
    fetch(shop)
    conversation = Conversation.objects.get()
    assert conversation.address == "piotr1@mail.example"
    assert answer(conversation, "Paczka jest w drodze.", dora).state == "sent"
    assert [a.to for a in sandbox.arrived] == ["piotr1@mail.example"]
    writes(sandbox, scenery.OWN_SITE, "Dziękuję bardzo!", client=client, answers=got[0])
    fetch(shop)
    said = list(Message.objects.filter(direction="in").order_by("pk").values_list("text", flat=True))
    assert Conversation.objects.count() == 1
    assert said[0] == "Gdzie jest moja paczka?"
    assert said[1].startswith("Dziękuję bardzo!")
    assert "Paczka jest w drodze" not in said[1]


def test_amazons_relay_comes_by_order_and_the_answer_goes_to_the_alias(sandbox, open_box, dora):
    shop, _got = open_box(scenery.AMAZON)
    polling.poll(shop.pk)
    alias = "q1w2e3r4@marketplace.amazon.de"
    writes(sandbox, scenery.AMAZON, "Wo bleibt die Lampe?", order="302-1234567-7654321", address=alias, name="Uwe", language="de")
    fetch(shop)
    conversation = Conversation.objects.get()
    assert (conversation.order_ref, Message.objects.get().text) == ("302-1234567-7654321", "Wo bleibt die Lampe?")
    assert answer(conversation, "Sie ist unterwegs.", dora).state == "sent"
    assert sandbox.arrived[0].to == alias


def test_a_mail_that_comes_back_turns_the_answer_red(sandbox, open_box, dora):
    shop, _got = open_box(scenery.OWN_SITE)
    polling.poll(shop.pk)
    writes(sandbox, scenery.OWN_SITE, "Gdzie jest moja paczka?")
    fetch(shop)
    sandbox.do(lambda s: s.mail.people.clear())
    message = answer(Conversation.objects.get(), "Jest w drodze.", dora)
    until(lambda: sandbox.do(lambda s: len(s.mail.boxes[scenery.OWN_SITE].inbox.mails)) == 2)
    fetch(shop)
    message.refresh_from_db()
    assert message.state == "failed"
    assert Conversation.objects.get().trouble


def test_a_moved_mailbox_brings_no_mail_twice_and_loses_none(sandbox, open_box):
    shop, _got = open_box(scenery.OWN_SITE)
    polling.poll(shop.pk)
    writes(sandbox, scenery.OWN_SITE, "Pierwsza")
    fetch(shop)
    sandbox.fault("imap", "uidvalidity")
    writes(sandbox, scenery.OWN_SITE, "Druga")
    fetch(shop)
    fetch(shop)
    assert sorted(Message.objects.values_list("text", flat=True)) == ["Druga", "Pierwsza"]
