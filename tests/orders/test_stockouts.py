"""What cannot be had: from purchasing to the buyer and back, every order one row that ends or is taken to a lead."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from bridgedesk.channels.events import MessageReceived, OrderSeen, Person
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations import composing, templates
from bridgedesk.conversations.models import Conversation
from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.orders import actions, shortages, stockouts
from bridgedesk.orders.models import Finding, Order, PlatformAct, Remark
from bridgedesk.orders.stockout_models import ShortLine, Stockout
from bridgedesk.products import actions as products
from bridgedesk.products.models import Listing, Restock, Sku
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent
from tests.conftest import NOON
from tests.orders.conftest import paid


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def red(able, pretend_shop, alice, noon):
    """The red lamp, on sale in the pretend shop; a blue one of the same product beside it."""
    product = products.create("Desk lamp", by=alice, category="Lamps")
    for model, code, color in (("m-red", "LAMP-R", "red"), ("m-blue", "LAMP-B", "blue")):
        sku = products.add_sku(product, code, by=alice, options={"Colour": color})
        Listing.objects.create(
            shop=pretend_shop, item="item-1", model=model, code=code, sku=sku, title="Lámpara", listed=9, seen_at=clock.now()
        )
    return Sku.objects.get(code="LAMP-R")


@pytest.fixture
def blue(red):
    return Sku.objects.get(code="LAMP-B")


@pytest.fixture
def short(red, pretend_shop, alice):
    """An order of two red lamps that waits for them."""
    paid(pretend_shop, "ON-1", ship_by=NOON + timedelta(hours=30))
    stockouts.begin(red, by=alice)
    return ShortLine.objects.get()


def test_what_purchasing_marks_becomes_a_task_of_every_order_that_waits(red, pretend_shop, alice):
    request = products.ask_restock(red, 5, by=alice)
    for number, hours in (("LATER", 40), ("FIRST", 8)):
        paid(pretend_shop, number, ship_by=NOON + timedelta(hours=hours))
    paid(pretend_shop, "GONE", state="shipped")
    stockouts.begin(red, by=alice, note="the factory closed")
    rows = list(shortages.waiting_for(ShortLine.objects.all()))
    assert [row.line.order.external_id for row in rows] == ["FIRST", "LATER"]
    assert [row.due_at - NOON for row in rows] == [timedelta(hours=2), timedelta(hours=24)]
    request.refresh_from_db()
    assert (request.state, Sku.objects.get(pk=red.pk).available) == (Restock.State.IMPOSSIBLE, False)
    assert actions.obstacles(rows[0].line.order) == ["A finding must be settled first."]


def test_what_lies_on_the_shelf_still_goes_to_whoever_has_to_leave_first(red, pretend_shop, alice):
    products.count(red, 3, by=alice)
    for number, hours in (("B", 20), ("A", 8), ("C", 30)):
        paid(pretend_shop, number, ship_by=NOON + timedelta(hours=hours))
    stockouts.begin(red, by=alice)
    assert sorted(ShortLine.objects.values_list("line__order__external_id", flat=True)) == ["B", "C"]
    shortages.watch()
    assert ShortLine.objects.count() == 2


def test_an_order_that_comes_later_joins_and_one_that_ends_leaves(short, pretend_shop):
    paid(pretend_shop, "NEW")
    shortages.watch()
    assert ShortLine.objects.count() == 2
    actions.see(pretend_shop, OrderSeen("NEW", "CANCELLED", NOON + timedelta(hours=1), state="cancelled"))
    shortages.watch()
    row = ShortLine.objects.get(line__order__external_id="NEW")
    assert (row.state, row.answer) == ("done", "gone")
    assert not Finding.objects.filter(order__external_id="NEW").exclude(state="done").exists()


def test_the_loop_ends_with_a_swap_the_packers_read(short, blue, bob, alice):
    stockouts.propose(short, blue, by=bob)
    stockouts.asked(short, by=bob, message=7)
    stockouts.asked(short, by=alice)
    stockouts.answer(short, "swap", by=bob, note="she is glad")
    note = Remark.objects.get()
    assert (note.kind, note.text, note.addressee) == ("swap", "2 × LAMP-B instead of LAMP-R", "packing")
    stockouts.finish(short, by=alice)
    row = ShortLine.objects.get()
    assert (row.state, row.answer, row.asked_by, row.answered_by, row.done_by, row.message) == ("done", "swap", bob, bob, alice, 7)
    assert actions.obstacles(row.line.order) == ["A remark for the packers is not acknowledged."]
    with pytest.raises(actions.CannotNow):
        stockouts.answer(short, "wait", by=bob)


def test_a_corrected_answer_takes_the_swap_back(short, blue, bob):
    with pytest.raises(ValidationError, match="which article"):
        stockouts.answer(short, "swap", by=bob)
    stockouts.answer(short, "swap", by=bob, swap=blue)
    stockouts.answer(short, "wait", by=bob)
    assert Remark.objects.get().withdrawn_at is not None


def test_who_wants_the_money_back_is_cancelled_as_out_of_stock_by_the_seller(short, bob, alice):
    with pytest.raises(actions.CannotNow):
        stockouts.finish(short, by=alice)
    stockouts.answer(short, "cancel", by=bob)
    assert not PlatformAct.objects.filter(kind="CancelOrder").exists()
    stockouts.finish(short, by=alice)
    act = PlatformAct.objects.get(kind="CancelOrder")
    assert (act.data["reason"], act.data["lines"]) == ("out_of_stock", ["l1"])


def test_what_nobody_ends_goes_to_a_lead_before_it_has_to_leave(short, bob, noon):
    with clock.frozen(NOON + timedelta(hours=23)):
        shortages.watch()
        assert ShortLine.objects.get().escalated_at is None
    with clock.frozen(NOON + timedelta(hours=24)):
        shortages.watch()
        shortages.watch()
    row = ShortLine.objects.get()
    assert row.escalated_at == NOON + timedelta(hours=24)
    assert row.escalated_at < row.line.order.ship_by
    stockouts.asked(row, by=bob)
    assert ShortLine.objects.get().escalated_at is None


def test_the_article_comes_after_all(short, red, alice, bob, pretend_shop):
    paid(pretend_shop, "ON-2")
    shortages.watch()
    second = ShortLine.objects.get(line__order__external_id="ON-2")
    stockouts.asked(second, by=bob)
    stockouts.end(Stockout.objects.get(), by=alice)
    assert sorted(ShortLine.objects.values_list("state", flat=True)) == ["asked", "done"]
    assert Sku.objects.get(pk=red.pk).available
    with pytest.raises(actions.CannotNow):
        stockouts.end(Stockout.objects.get(), by=alice)
    stockouts.begin(red, by=alice)
    assert Stockout.objects.count() == 2
    assert sorted(ShortLine.objects.exclude(state="done").values_list("line__order__external_id", flat=True)) == ["ON-1", "ON-2"]


def test_what_is_offered_is_on_sale_there_and_at_hand(short, blue, red, alice):
    other = products.add_sku(red.product, "LAMP-G", by=alice)
    assert shortages.similar(short, alice) == [blue]
    products.count(blue, 1, by=alice)
    assert shortages.similar(short, alice) == []
    assert other.pk
    with pytest.raises(ValidationError):
        stockouts.propose(short, red, by=alice)
    with pytest.raises(ValidationError):
        stockouts.begin(red, by=alice, swap=red)


def test_charlie_meets_none_of_it_and_an_observer_only_looks(short, charlie, bob, sign_in, make_agent, pretend_shop):
    browser = sign_in(charlie)
    assert "ON-1" not in text(browser.get("/stockouts"))
    assert browser.post(f"/stockouts/orders/{short.pk}/asked").status_code == 404
    assert browser.post(f"/stockouts/{short.stockout_id}/end").status_code == 404
    assert "There is no article" in text(browser.post("/stockouts/begin", {"code": "LAMP-B"}, follow=True))
    with pytest.raises(PermissionDenied):
        stockouts.asked(short, by=charlie)
    eve = make_agent("eve", Agent.Role.OBSERVER)
    pretend_shop.agents.add(eve)
    assert "ON-1" in text(sign_in(eve).get("/stockouts"))
    assert sign_in(eve).post(f"/stockouts/orders/{short.pk}/asked").status_code == 403
    assert sign_in(bob).post(f"/stockouts/orders/{short.pk}/no-such").status_code == 404
    assert ShortLine.objects.get().state == "to_ask"


def test_purchasing_and_service_see_the_same_page(short, blue, bob, alice, sign_in):
    for agent in (alice, bob):
        page = text(sign_in(agent).get("/stockouts"))
        assert "ON-1" in page
        assert "LAMP-R" in page
        assert "Nothing is offered instead yet" in page
    browser = sign_in(bob)
    assert "Choose a similar article" in text(browser.post(f"/stockouts/orders/{short.pk}/ask", follow=True))
    browser.post(f"/stockouts/orders/{short.pk}/propose", {"swap": blue.pk})
    browser.post(f"/stockouts/orders/{short.pk}/asked", {"tab": "ask"})
    assert "Asked: Bob" in text(sign_in(alice).get("/stockouts?tab=waiting"))
    browser.post(f"/stockouts/orders/{short.pk}/answer", {"answer": "swap", "note": "fine"})
    page = text(sign_in(alice).get("/stockouts?tab=answered"))
    assert "Takes the other article" in page
    assert "The other article lies ready" in page
    sign_in(alice).post(f"/stockouts/orders/{short.pk}/finish")
    assert "ON-1" in text(browser.get("/stockouts?tab=done"))


def test_an_article_is_marked_on_the_page_by_its_code(red, blue, alice, sign_in, pretend_shop):
    paid(pretend_shop, "ON-1")
    browser = sign_in(alice)
    sent = {"code": "lamp-r", "swap": "LAMP-B", "back_on": "2026-12-20", "note": "factory"}
    assert "ON-1" in text(browser.post("/stockouts/begin", sent, follow=True))
    row = Stockout.objects.get()
    assert (row.swap, row.back_on) == (blue, date(2026, 12, 20))
    for wrong in ({"code": ""}, {"code": "zzz"}, {"code": "LAMP-R", "back_on": "2026-13-40"}):
        assert "There is no" in text(browser.post("/stockouts/begin", wrong, follow=True))
    browser.post(f"/stockouts/{row.pk}/end")
    assert Stockout.objects.get().ended_at is not None


@pytest.fixture
def talk(short, pretend_shop):
    """The buyer of the order, who wrote before; their platform is Shopee's."""
    Shop.objects.filter(pk=pretend_shop.pk).update(region="TW")
    event = MessageReceived("t1", "m1", Person("anna", name="Anna"), NOON, "¿Cuándo llega mi lámpara?")
    talk = conversations.receive(Shop.objects.get(pk=pretend_shop.pk), event).conversation
    Order.objects.update(customer=talk.customer)
    Customer.objects.update(language="es")
    templates.load_content()
    return Conversation.objects.select_related("shop", "customer").get(pk=talk.pk)


def test_the_letter_offers_in_the_buyers_language_and_asks_nobody_to_cancel(talk, short, blue, bob, sign_in):
    stockouts.propose(short, blue, by=bob)
    answer = sign_in(bob).post(f"/stockouts/orders/{short.pk}/ask", follow=True)
    assert answer.redirect_chain[-1][0].startswith(f"/conversations/{talk.pk}?template=sold-out-swap")
    phrase = composing.preset(talk, bob, "sold-out-swap", "order_problem", "ON-1")
    assert "ON-1: Desk lamp, red se ha agotado" in phrase.text
    assert "Lámpara, blue" in phrase.text
    assert "⟦" not in phrase.text
    assert ShortLine.objects.get().state == "to_ask"
    sent = conversations.reply(talk, phrase.text, by=bob, purpose="order_problem", released=True)
    row = ShortLine.objects.get()
    assert (row.state, row.asked_by, row.message) == ("asked", bob, sent[0].pk)
    conversations.withdraw(sent[0], by=bob)
    assert ShortLine.objects.get().state == "to_ask"


def test_the_buyers_answer_is_read_on_the_page_and_beside_the_conversation(talk, short, bob, charlie, pretend_shop, sign_in):
    stockouts.asked(short, by=bob)
    since = (NOON + timedelta(minutes=1)).isoformat()
    address = f"/conversations/said?shop={pretend_shop.pk}&customer={talk.customer_id}"
    assert "has not written since" in text(sign_in(bob).get(address, {"since": since}))
    event = MessageReceived("t1", "m2", Person("anna", name="Anna"), NOON + timedelta(hours=1), "Sí, la azul")
    conversations.receive(pretend_shop, event)
    query = {"shop": pretend_shop.pk, "customer": talk.customer_id, "since": since}
    assert "Sí, la azul" in text(sign_in(bob).get("/conversations/said", query))
    assert "Sí, la azul" not in text(sign_in(charlie).get("/conversations/said", query))
    assert sign_in(bob).get("/conversations/said", query | {"since": "x"}).status_code == 200
    card = f"/stockouts/card?shop={pretend_shop.pk}&customer={talk.customer_id}"
    assert "Takes the other article" in text(sign_in(bob).get(card))
    assert "ON-1" not in text(sign_in(charlie).get(card))


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "断货"), ("zh-hant", "斷貨")])
def test_the_page_speaks_chinese(short, bob, sign_in, language, word):
    Agent.objects.filter(pk=bob.pk).update(language=language)
    assert word in text(sign_in(bob).get("/stockouts"))
