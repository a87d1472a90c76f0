"""What begins a playbook without a word of the buyer: a review, an article that cannot be had. Once, on the right conversation."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import LineSeen, OrderSeen, Person, ReviewSeen
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations.models import Conversation
from bridgedesk.customers.actions import find_or_create
from bridgedesk.lib import clock
from bridgedesk.orders import actions as orders
from bridgedesk.orders import stockouts
from bridgedesk.orders.models import Order
from bridgedesk.playbooks import actions, due, events, labels, loading, shown
from bridgedesk.playbooks.gathering import gather
from bridgedesk.playbooks.models import Occasion, Run
from bridgedesk.products import actions as products
from bridgedesk.products.models import Listing
from bridgedesk.reviews import actions as reviews
from bridgedesk.reviews.models import Review
from bridgedesk.shops.models import Shop
from tests.conftest import NOON
from tests.conversations.conftest import heard
from tests.playbooks.conftest import BUYER

pytestmark = pytest.mark.usefixtures("shelf", "noon")


@pytest.fixture
def market(make_our_shop) -> Shop:
    """Alice's and Bob's shop on AliExpress."""
    return make_our_shop("Lamps", "aliexpress")


@pytest.fixture
def bought(market: Shop) -> Order:
    """Mary's lamp, which arrived last week."""
    return orders.see(market, OrderSeen("A1", "FINISH", NOON, state="completed", buyer=BUYER), find_or_create(market, BUYER))


@pytest.fixture
def talk(market: Shop, bought: Order) -> Conversation:
    """Mary wrote about it once; that was settled."""
    message = conversations.receive(market, heard("When does it arrive?", at=NOON - timedelta(days=9), buyer=BUYER, order="A1"))
    conversations.close(message.conversation, by=None)
    return Conversation.objects.get()


@pytest.fixture
def rated(market: Shop) -> Callable[..., Review]:
    """A review comes in, and the worker looks at it."""

    def make(stars: int = 2, text: str = "It flickers.", *, number: str = "r1", order: str = "A1", at: datetime = NOON, **more) -> Review:
        review = reviews.see(market, ReviewSeen(number, order=order, stars=stars, text=text, at=at, **more))
        due.sweep()
        return review

    return make


def begun() -> list[str]:
    return list(Run.objects.order_by("pk").values_list("version__key", flat=True))


def test_every_event_has_words_and_an_act():
    assert set(events.ON) | {"by_hand"} == set(labels.EVENT_WORDS)
    named = {event for data in loading.shipped() for event in data.get("events", ())}
    assert set(events.ON) <= named


def test_a_bad_review_puts_its_conversation_into_the_playbook_and_back_into_the_open_list(talk, rated, alice):
    rated()
    talk.refresh_from_db()
    run = Run.objects.get()
    assert (run.conversation, run.version.key, talk.state) == (talk, "review-bad", "open")
    card = shown.card(talk, run, alice)
    assert next(move.to for move in card.moves if move.suggested) == "solve"
    why = Activity.objects.get(verb="playbook_event").data["why"]
    assert why["en"] == "A review of three stars or fewer that says or shows why"
    assert why["zh-Hans"] != why["en"]


def test_however_often_it_is_looked_at_it_begins_once(talk, rated):
    for _ in range(3):
        rated()
    Review.objects.update(looked_at=None)
    due.sweep()
    assert begun() == ["review-bad"]
    assert Occasion.objects.count() == 1


def test_stars_without_a_word_are_asked_about_once(talk, rated, alice):
    rated(1, "")
    run = Run.objects.get()
    assert Occasion.objects.get().event == "review_without_text"
    assert next(move.to for move in shown.card(talk, run, alice).moves if move.suggested) == "ask"


def test_a_picture_says_as_much_as_words(talk, rated):
    rated(1, "", images=("https://cf.example/1.jpg",))
    assert Occasion.objects.get().event == "review_low"


def test_a_good_review_begins_its_playbook_and_disturbs_nobody(talk, rated):
    rated(5, "Lovely!")
    talk.refresh_from_db()
    assert (begun(), talk.state) == (["review-good"], "closed")


def test_a_review_of_last_year_is_history_and_begins_nothing(talk, rated):
    rated(1, at=NOON - timedelta(days=15))
    assert not Occasion.objects.exists()
    assert not Activity.objects.filter(verb="review_low").exists()


def test_a_buyer_who_makes_a_good_review_bad_is_a_new_event(talk, rated):
    rated(5, "Lovely!")
    actions.leave(Run.objects.get(), "nothing to do", by=talk.shop.agents.first())
    rated(1, "It broke.")
    assert begun() == ["review-good", "review-bad"]


def test_who_never_wrote_waits_for_the_first_word(market, bought, rated):
    rated()
    assert Occasion.objects.get().run is None
    message = conversations.receive(market, heard("Hello", buyer=BUYER, thread="t9"))
    events.heard([message])
    events.heard([message])
    assert Occasion.objects.get().run == Run.objects.get()
    assert Run.objects.get().conversation == message.conversation


def test_a_review_whose_order_nobody_knows_stays_a_row_of_the_list(market, rated):
    rated(order="")
    row = Occasion.objects.get()
    assert (row.order, row.conversation, row.run) == (None, None, None)


def test_while_another_playbook_runs_it_waits_for_its_end(talk, rated, bob):
    version = next(v for v in actions.queries.published() if v.key == "damaged")
    other = actions.start(talk, version, by=bob)
    rated()
    assert begun() == ["damaged"]
    actions.leave(other, "settled", by=bob)
    due.sweep()
    due.sweep()
    assert begun() == ["damaged", "review-bad"]


def test_what_waited_too_long_begins_nothing(market, bought, rated):
    rated()
    with clock.frozen(NOON + events.FRESH + timedelta(minutes=1)):
        message = conversations.receive(market, heard("Hello", at=clock.now(), buyer=BUYER, thread="t9"))
        events.heard([message])
    assert not Run.objects.exists()


def test_the_facts_stay_those_of_the_order_reviewed_when_the_buyer_speaks_of_another(talk, rated, market):
    review = rated()
    orders.see(market, OrderSeen("A2", "SHIPPED", NOON, state="shipped", buyer=BUYER), talk.customer)
    Conversation.objects.update(order_ref="A2")
    case = gather(Conversation.objects.get(pk=talk.pk), Run.objects.get())
    assert (case.order, case.facts["stars"]) == (review.order, 2)


def test_one_review_that_cannot_be_taken_up_keeps_no_other(talk, rated, monkeypatch, caplog):
    broken = events.begin
    monkeypatch.setitem(events.ON, "review_low", (lambda occasion: (_ for _ in ()).throw(RuntimeError("odd")),))
    rated(2)
    rated(5, "Lovely!", number="r2")
    assert begun() == ["review-good"]
    assert "could not be taken up" in caplog.text
    monkeypatch.setitem(events.ON, "review_low", (broken,))
    due.sweep()
    assert Occasion.objects.filter(event="review_low").count() == 1


def test_what_cannot_be_had_puts_the_buyer_s_conversation_into_its_playbook(market, alice):
    product = products.create("Desk lamp", by=alice)
    sku = products.add_sku(product, "LAMP-R", by=alice)
    Listing.objects.create(shop=market, item="i1", model="m1", code="LAMP-R", sku=sku, title="Lamp", listed=9, seen_at=NOON)
    lines = (LineSeen("l1", 1, item="i1", model="m1", sku="LAMP-R", title="Lamp"),)
    event = OrderSeen("A7", "WAIT_SELLER_SEND_GOODS", NOON, state="to_ship", buyer=BUYER, lines=lines, ship_by=NOON + timedelta(days=1))
    orders.see(market, event, find_or_create(market, Person("u-mary", name="Mary Miller")))
    message = conversations.receive(market, heard("Hello", buyer=BUYER, order="A7"))
    stockouts.begin(sku, by=alice)
    due.sweep()
    due.sweep()
    assert begun() == ["stock-out"]
    row = Occasion.objects.get()
    assert (row.event, row.conversation, row.order.external_id) == ("out_of_stock", message.conversation, "A7")
