"""What is at hand while answering: the right product, and its facts in the buyer's language."""

import pytest

from bridgedesk.channels.events import MessageReceived, Person
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations.models import Conversation
from bridgedesk.orders.models import Line, Order
from bridgedesk.products import actions, knowledge
from tests.conftest import NOON


def named(found) -> list[str]:
    return [one.product.name for one in found]


@pytest.fixture
def chair(shop, alice, make_listing):
    made = actions.create("Garden chair", by=alice)
    make_listing(shop, "200", sku=actions.add_sku(made, "CHAIR-9", by=alice), code="CHAIR-9", title="Folding garden chair 折疊椅")
    return made


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Is the ceramic lamp heavy?", "Desk lamp Nord"),
        ("do you have CHAIR-9 in green", "Garden chair"),
        ("请问折疊椅多重？", "Garden chair"),
    ],
)
def test_the_words_of_the_buyer_find_the_product(lamp, chair, shop, bob, words, wanted):
    assert named(knowledge.spoken_of(bob, shop.pk, words))[0] == wanted


def test_nothing_is_found_where_nothing_is_named(lamp, chair, shop, bob):
    assert knowledge.spoken_of(bob, shop.pk, "Hello, are you there?") == []
    assert knowledge.spoken_of(bob, shop.pk, "") == []


def test_what_was_shown_or_bought_goes_before_the_words(lamp, chair, shop, bob):
    sku = chair.skus.get()
    assert named(knowledge.spoken_of(bob, shop.pk, "ceramic desk lamp", items=["200"]))[0] == "Garden chair"
    found = knowledge.spoken_of(bob, shop.pk, "ceramic desk lamp", skus=[sku.pk])
    assert named(found)[0] == "Garden chair"
    assert found[0].named == [sku]


def test_another_shops_products_stay_there(lamp, make_shop, charlie):
    far = make_shop("Far")
    far.agents.add(charlie)
    assert knowledge.spoken_of(charlie, far.pk, "ceramic desk lamp", skus=[lamp.skus.first().pk]) == []


def test_a_fact_is_said_in_the_buyers_language_or_marked(lamp, shop, alice):
    fact = actions.say(lamp, "Takes an E27 bulb.", by=alice, language="en")
    actions.say(lamp, "Braucht E27.", by=alice, language="de", origin=fact)
    told = {
        language: knowledge.spoken_of(alice, shop.pk, "ceramic lamp", language=language)[0].facts[0] for language in ("de-AT", "en", "fr")
    }
    assert [(one.text, one.foreign) for one in told.values()] == [
        ("Braucht E27.", False), ("Takes an E27 bulb.", False), ("Takes an E27 bulb.", True),
    ]  # fmt: skip


def test_the_answer_to_the_question_comes_first(lamp, shop, alice, bob):
    actions.say(lamp, "Made of ceramic.", by=alice)
    actions.say(lamp, "1.5 m.", by=bob, kind="answer", question="How long is the cable?")
    facts = knowledge.spoken_of(bob, shop.pk, "The ceramic lamp: how long is its cable?")[0].facts
    assert [(told.text, told.asked) for told in facts] == [("1.5 m.", True), ("Made of ceramic.", False)]


@pytest.fixture
def talk(shop, lamp):
    event = MessageReceived("t1", "m1", Person("anna", name="Anna"), NOON, "How heavy is the ceramic lamp?", item="100")
    return conversations.receive(shop, event).conversation


def test_the_card_beside_a_conversation(talk, lamp, alice, bob, charlie, sign_in):
    actions.say(lamp, "It weighs 830 g.", by=alice)
    page = sign_in(bob).get(f"/conversations/{talk.pk}/products").content.decode()
    assert 'data-phrase="It weighs 830 g."' in page
    assert 'data-fact="1"' in page
    assert "LAMP-1" in page
    assert sign_in(charlie).get(f"/conversations/{talk.pk}/products").status_code == 404
    assert "No product of this shop fits" in sign_in(bob).get(f"/conversations/{talk.pk}/products?q=zzz").content.decode()


def test_the_listing_a_buyer_wrote_from_is_kept(talk):
    assert talk.messages.get().meta["item_id"] == "100"


def test_the_card_shows_what_the_order_is_about(talk, chair, shop, bob, sign_in):
    order = Order.objects.create(shop=shop, external_id="ON-7", first_seen_at=NOON)
    Line.objects.create(order=order, external_id="1", quantity=1, sku=chair.skus.get())
    Conversation.objects.filter(pk=talk.pk).update(order_ref="ON-7")
    page = sign_in(bob).get(f"/conversations/{talk.pk}/products").content.decode()
    assert "Garden chair" in page
    assert "Nothing is written down of it yet" in page


def test_a_product_without_words_is_no_error(talk, bob, sign_in):
    assert sign_in(bob).get(f"/conversations/{talk.pk}/products?q=%00%F0").status_code == 200
