"""Programs change orders of own shops: what Bob may, Charlie may not; a refusal has a code for the program and words for its people."""

import json

import pytest
from django.test import Client

from bridgedesk.customers.models import Customer, PaymentMethod
from bridgedesk.lib import clock
from bridgedesk.orders import actions
from bridgedesk.orders.models import Order, Payment
from bridgedesk.orders.terms import Piece
from bridgedesk.team import actions as team
from bridgedesk.team.models import Agent

HOME = {"lines": ["Lange Straße 4"], "city": "Kassel", "postcode": "34117", "country": "DE"}


@pytest.fixture
def program():
    """A program of that agent: call(path, body) posts, call(path) gets."""

    def make(agent, *scopes):
        _, secret = team.new_token(agent, "test", scopes or ("read", "write"), by=agent)

        def call(path, body=None):
            method = "GET" if body is None else "POST"
            data = "" if body is None else json.dumps(body)
            return Client().generic(method, f"/api/v1{path}", data, "application/json", headers={"authorization": f"Bearer {secret}"})

        return call

    return make


def test_a_program_reads_an_order_with_all_that_hangs_on_it(program, stall, bob):
    found = program(bob)(f"/orders/{stall.order.pk}").json()
    assert [(line["model"], line["quantity"], line["price_minor"]) for line in found["lines"]] == [("blue", 2, 4000), ("white", 1, 1550)]
    assert [(row["kind"], row["minor"], row["payment_method_id"]) for row in found["payments"]] == [("payment", 9550, stall.card.pk)]
    assert (found["state"], found["returns"], found["address"]["lines"]) == ("to_ship", [], [])


def test_a_program_finds_an_order_by_its_number_and_walks_through_all(program, stall, bob):
    call = program(bob)
    later = Order.objects.create(shop=stall.shop, external_id="WEB-2", state="shipped", first_seen_at=clock.now())
    assert [row["id"] for row in call("/orders").json()] == [later.pk, stall.order.pk]
    assert [row["id"] for row in call(f"/orders?after={later.pk}").json()] == [stall.order.pk]
    for query in (f"shop={stall.shop.pk}&external_id=WEB-1", "state=to_ship", f"customer={stall.anna.pk}"):
        assert [row["id"] for row in call(f"/orders?{query}").json()] == [stall.order.pk], query


def test_reading_costs_the_same_however_much_an_order_holds(program, stall, bob, django_assert_max_num_queries):
    call = program(bob)
    call("/orders")
    with django_assert_max_num_queries(12):
        call(f"/orders/{stall.order.pk}")
    with django_assert_max_num_queries(12):
        call(f"/orders/{stall.order.pk}/offers")


def test_what_a_line_may_be_swapped_for_is_listed_with_what_cannot_be_had(program, stall, bob):
    offers = program(bob)(f"/orders/{stall.order.pk}/offers").json()
    lamps = [(row["model"], row["available"]) for row in offers if row["line_id"] == stall.lamps.pk]
    assert lamps == [("blue", True), ("red", True), ("big", True), ("old", False)]


def test_a_program_swaps_pays_sends_elsewhere_and_cancels(program, stall, bob):
    call, path = program(bob), f"/orders/{stall.order.pk}"
    assert call(f"{path}/address", HOME).json()["address"]["city"] == "Kassel"
    PaymentMethod.objects.filter(pk=stall.gift.pk).update(balance_minor=20_000)
    assert len(call(f"{path}/payment-method", {"payment_method_id": stall.gift.pk}).json()["payments"]) == 3
    swaps = [{"line_id": stall.lamps.pk, "listing_id": stall.red.pk, "quantity": 1}]
    swapped = call(f"{path}/articles", {"swaps": swaps, "payment_method_id": stall.gift.pk})
    assert (swapped.status_code, swapped.json()["total_minor"]) == (200, 10_050)
    late = call(f"{path}/cancel", {"reason": "no_longer_needed"})
    assert (late.status_code, late.json()["code"]) == (409, "articles_changed")
    assert late.json()["error"]


def test_a_program_cancels_and_sees_to_the_refund(program, stall, bob):
    call = program(bob)
    cancelled = call(f"/orders/{stall.order.pk}/cancel", {"reason": "no_longer_needed"}).json()
    assert (cancelled["state"], cancelled["cancel_reason"], cancelled["payments"][-1]["settled_at"]) == (
        "cancelled",
        "no_longer_needed",
        None,
    )
    assert call(f"/payments/{cancelled['payments'][-1]['id']}/settle", {"reference": "re_1"}).json()["settled_at"]


def test_goods_come_back_by_program(program, delivered, bob):
    call, stall = program(bob), delivered
    body = {"swaps": [{"line_id": stall.lamps.pk, "listing_id": stall.red.pk}], "payment_method_id": stall.card.pk, "reason": "too dark"}
    asked = call(f"/orders/{stall.order.pk}/exchange", body)
    assert (asked.status_code, asked.json()["difference_minor"], asked.json()["lines"][0]["new_price_minor"]) == (201, 1000, 4500)
    assert call(f"/returns/{asked.json()['id']}/withdraw", {}).json()["state"] == "withdrawn"
    body = {"pieces": [{"line_id": stall.white.pk}], "payment_method_id": stall.card.pk}
    back = call(f"/orders/{stall.order.pk}/return", body).json()
    assert call(f"/returns/{back['id']}/settle", {}).json()["state"] == "closed"


WRONG = [
    ("cancel", {"reason": "because"}, "reason_unknown"),
    ("payment-method", {"payment_method_id": 0}, "method_unknown"),
    ("articles", {"swaps": [], "payment_method_id": 0}, "nothing_named"),
    ("articles", {"swaps": [{"line_id": 0, "listing_id": 0}], "payment_method_id": 0}, "line_unknown"),
    ("address", HOME | {"lines": []}, "wrong_facts"),
]


@pytest.mark.parametrize(("act", "body", "code"), WRONG)
def test_what_cannot_be_is_said_by_code_and_in_words(act, body, code, program, stall, bob):
    answer = program(bob)(f"/orders/{stall.order.pk}/{act}", body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["error"]


@pytest.mark.parametrize("body", [{"reason": 1}, {"reason": "x" * 41}, {"reason": "out_of_stock", "refund": 1}, [], None])
def test_a_body_of_another_form_is_refused_and_changes_nothing(body, program, stall, bob):
    answer = program(bob)(f"/orders/{stall.order.pk}/cancel", body or [])
    assert answer.status_code == 422
    assert Payment.objects.count() == 1


ROUTES = [
    ("/orders/{order}", None),
    ("/orders/{order}/offers", None),
    ("/orders/{order}/cancel", {"reason": "no_longer_needed"}),
    ("/orders/{order}/address", HOME),
    ("/orders/{order}/payment-method", {"payment_method_id": 1}),
    ("/orders/{order}/articles", {"swaps": [], "payment_method_id": 1}),
    ("/orders/{order}/exchange", {"swaps": [], "payment_method_id": 1}),
    ("/orders/{order}/return", {"pieces": [], "payment_method_id": 1}),
    ("/returns/{returned}/withdraw", {}),
    ("/returns/{returned}/settle", {}),
    ("/payments/{payment}/settle", {}),
    ("/customers/{customer}/address", HOME),
    ("/customers/{customer}/payment-methods", None),
    ("/customers/{customer}/payment-methods", {"shop_id": 1, "external_id": "x", "kind": "card"}),
]


@pytest.fixture
def address(delivered, bob):
    """The path with the ids of what is in Alice's shop."""
    returned = actions.ask_return(delivered.order, [Piece(delivered.white.pk)], delivered.card.pk, by=bob)
    ids = {"order": delivered.order.pk, "returned": returned.pk, "payment": Payment.objects.get().pk, "customer": delivered.anna.pk}
    return lambda path: path.format(**ids)


@pytest.mark.parametrize(("path", "body"), ROUTES)
def test_charlie_meets_no_order_of_a_shop_that_is_not_his(path, body, address, program, charlie):
    assert program(charlie)(address(path), body).status_code == 404


@pytest.mark.parametrize(("path", "body"), [route for route in ROUTES if route[1] is not None])
def test_a_program_that_only_reads_and_an_observers_change_nothing(path, body, address, program, bob, make_agent, delivered):
    eve = make_agent("eve", Agent.Role.OBSERVER)
    delivered.shop.agents.add(eve)
    before = list(Order.objects.values()), list(Payment.objects.values()), list(Customer.objects.values())
    for call in (program(bob, "read"), program(eve, "read")):
        assert call(address(path), body).status_code == 401
    assert (list(Order.objects.values()), list(Payment.objects.values()), list(Customer.objects.values())) == before


def test_charlies_list_of_orders_is_empty(program, stall, charlie):
    assert program(charlie)("/orders").json() == []


def test_a_lead_keeps_what_a_buyer_pays_with_and_an_agent_only_reads_it(program, stall, alice, bob):
    path, body = f"/customers/{stall.anna.pk}/payment-methods", {"shop_id": stall.shop.pk, "external_id": "gift-1", "kind": "gift_card"}
    body |= {"balance_minor": 5000, "currency": "EUR"}
    assert program(bob)(path, body).status_code == 403
    assert program(alice)(path, body).status_code == 201
    assert [(row["external_id"], row["balance_minor"]) for row in program(bob)(path).json()] == [("visa-1", None), ("gift-1", 5000)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "cash"},
        {"balance_minor": None},
        {"kind": "card"},
        {"currency": "euro"},
        {"kind": "card", "balance_minor": None, "last_four": "12x4"},
    ],
)
def test_a_payment_method_that_cannot_be_is_refused(wrong, program, stall, alice):
    body = {"shop_id": stall.shop.pk, "external_id": "new", "kind": "gift_card", "balance_minor": 1, "currency": "EUR"} | wrong
    assert program(alice)(f"/customers/{stall.anna.pk}/payment-methods", body).status_code == 422
    assert not PaymentMethod.objects.filter(external_id="new").exists()


def test_another_buyers_payment_method_stays_theirs(program, stall, alice):
    ben = Customer.objects.create(name="Ben", created_at=clock.now())
    ben.identities.create(shop=stall.shop, kind="user", external_id="ben")
    answer = program(alice)(f"/customers/{ben.pk}/payment-methods", {"shop_id": stall.shop.pk, "external_id": "visa-1", "kind": "card"})
    assert answer.status_code == 422
    stall.card.refresh_from_db()
    assert stall.card.customer == stall.anna


def test_a_buyer_moves_and_orders_already_placed_go_where_they_said(program, stall, bob):
    moved = program(bob)(f"/customers/{stall.anna.pk}/address", HOME).json()
    stall.order.refresh_from_db()
    assert (moved["address"]["city"], stall.order.address) == ("Kassel", {})
