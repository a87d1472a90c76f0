"""Amazon's kinds of message on an order's page, asked of the pretend Amazon: what may be written now, once, and why not the rest."""

from datetime import timedelta

import pytest

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import LineSeen, MessageReceived, OrderSeen, Person
from bridgedesk.conversations import actions
from bridgedesk.lib import clock
from bridgedesk.orders import actions as orders
from bridgedesk.orders import performing
from bridgedesk.orders.models import PlatformAct
from bridgedesk.sandbox import seed
from bridgedesk.sandbox.amazon_orders import Package
from tests.sandbox.conftest import sandbox

__all__ = ["sandbox"]
pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "Guten Tag, das Paket kommt wegen eines Streiks zwei Tage später an."


@pytest.fixture
def seller(sandbox, settings, admin, alice, bob):
    settings.ALLOW_PRIVATE = frozenset({f"127.0.0.1:{sandbox.port}"})
    shop = seed.open_amazon(sandbox.port, [admin])
    shop.agents.set([alice, bob])
    return shop


@pytest.fixture
def order(sandbox, seller):
    placed = sandbox.do(lambda s: s.amazon.place_order(placed=s.world.now() - timedelta(hours=4)))
    seen = OrderSeen(placed.id, state="to_ship", status="UNSHIPPED", at=clock.now(), lines=(LineSeen("l1", 1, "Lamp"),))
    return orders.see(seller, seen)


def card(client, order, **sent):
    address = f"/orders/{order.pk}/kinds"
    answer = client.post(address, sent) if sent else client.get(address)
    return answer.content.decode()


def offered(page, kind):
    """Whether that kind may be written now."""
    return f'name="kind" value="{kind}"' in page


def test_bob_sees_what_amazon_permits_now_and_why_not_the_rest(order, bob, sign_in):
    page = card(sign_in(bob), order)
    assert offered(page, "confirmOrderDetails")
    assert offered(page, "unexpectedProblem")
    assert not offered(page, "digitalAccessKey")
    assert "Amazon does not offer it for this order now." in page
    assert "getMessagingActionsForOrder" in page
    assert "a review is asked for once" in page
    assert "Amazon communication guidelines" in page
    assert f'hx-get="/orders/{order.pk}/kinds"' in sign_in(bob).get(f"/orders/{order.pk}").content.decode()


def test_what_bob_writes_goes_once_and_stands_in_the_conversation(sandbox, order, bob, sign_in):
    heard = MessageReceived("t", "m", Person("u", name="Anna"), clock.now(), "Wo ist es?", order=order.external_id)
    talk = actions.receive(order.shop, heard).conversation
    client = sign_in(bob)
    assert "on its way, once" in card(client, order, kind="unexpectedProblem", text=WORDS)
    assert "handed over already" in card(client, order, kind="unexpectedProblem", text=WORDS)
    act = PlatformAct.objects.get()
    performing.perform(act.pk)
    act.refresh_from_db()
    assert (act.state, act.by) == ("done", bob)
    (arrived,) = sandbox.arrived
    assert (arrived.kind, arrived.to, arrived.text) == ("unexpectedProblem", order.external_id, WORDS)
    assert Activity.objects.get(verb="kind_written", subject_type="conversation", subject_id=talk.pk).data["text"] == WORDS


@pytest.mark.parametrize(("kind", "text", "said"), [
    ("unexpectedProblem", "  ", "wants a text"),
    ("invoice", "", "Attach at least one file"),
    ("unexpectedProblem", "Schreiben Sie uns auf WhatsApp +49 151 23456789", "not permitted"),
])  # fmt: skip
def test_what_does_not_fit_is_refused_with_the_reason_and_keeps_the_words(order, bob, sign_in, kind, text, said):
    page = card(sign_in(bob), order, kind=kind, text=text)
    assert said in page
    assert text.strip() in page
    assert not PlatformAct.objects.exists()


def test_a_review_is_asked_for_when_amazon_offers_it_and_once(sandbox, order, bob, sign_in):
    def arrives(servers):
        sold = servers.amazon.orders[order.external_id]
        items = tuple((line, pieces) for line, _goods, pieces in sold.lines)
        sold.packages["1"] = Package("1", "DHL", "X1", servers.world.now() - timedelta(days=12), items)

    sandbox.do(arrives)
    client = sign_in(bob)
    assert offered(card(client, order), "review")
    assert "on its way, once" in card(client, order, kind="review")
    performing.perform(PlatformAct.objects.get().pk)
    assert [row.kind for row in sandbox.arrived] == ["solicitation"]
    assert "handed over already" in card(client, order, kind="review")
    assert not offered(card(client, order), "review")


def test_an_order_amazon_packs_is_written_to_by_amazon_alone(sandbox, seller, bob, sign_in):
    placed = sandbox.do(lambda s: s.amazon.place_order(fba=True))
    order = orders.see(seller, OrderSeen(placed.id, state="to_ship", status="UNSHIPPED", at=clock.now()))
    assert "Amazon offers nothing for this order now" in card(sign_in(bob), order)


def test_when_amazon_is_silent_the_card_says_so_and_asks_again(sandbox, order, bob, sign_in):
    sandbox.fault(f"/messaging/v1/orders/{order.external_id}", "lose_request")
    page = card(sign_in(bob), order)
    assert "Amazon does not say what may be written now." in page
    assert "Ask again" in page
    assert offered(card(sign_in(bob), order), "unexpectedProblem")


def test_charlie_sees_nothing_and_an_observer_writes_nothing(order, charlie, make_agent, sign_in):
    assert sign_in(charlie).get(f"/orders/{order.pk}/kinds").status_code == 404
    assert sign_in(charlie).post(f"/orders/{order.pk}/kinds", {"kind": "unexpectedProblem", "text": WORDS}).status_code == 404
    eve = make_agent("eve", "observer")
    order.shop.agents.add(eve)
    assert not offered(card(sign_in(eve), order), "unexpectedProblem")
    assert sign_in(eve).post(f"/orders/{order.pk}/kinds", {"kind": "unexpectedProblem", "text": WORDS}).status_code == 403
    assert not PlatformAct.objects.exists()


def test_where_there_is_a_chat_there_are_no_kinds(shop, bob, sign_in):
    order = orders.see(shop, OrderSeen("ON-1", state="to_ship", status="PAID", at=clock.now()))
    assert sign_in(bob).get(f"/orders/{order.pk}/kinds").status_code == 404
    assert "/kinds" not in sign_in(bob).get(f"/orders/{order.pk}").content.decode()
