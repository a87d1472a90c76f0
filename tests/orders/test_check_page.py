from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import MessageReceived, OrderSeen, Person
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations import said
from bridgedesk.customers.models import Customer, Identity
from bridgedesk.lib import clock
from bridgedesk.lib.money import Money
from bridgedesk.orders import actions, findings, labels, parcel_labels
from bridgedesk.orders.models import Finding, Order, Remark
from bridgedesk.team.models import Agent
from tests.conftest import NOON
from tests.orders.test_findings import BERLIN, PAID

NUMBERLESS = replace(BERLIN, lines=("Lange Straße",))


@pytest.fixture
def order(shop, noon):
    """Anna's order without a house number, checked."""
    anna = Customer.objects.create(name="Anna", country="DE", created_at=NOON)
    Identity.objects.create(customer=anna, shop=shop, kind="user", external_id="u-anna")
    made = actions.see(shop, replace(PAID, address=NUMBERLESS, ship_by=NOON + timedelta(days=2)), anna)
    findings.check(made)
    return made


def act(browser, order, name, /, **given):
    return browser.post(reverse("order-check-act", args=[order.pk, name]), given)


def test_the_worklist_shows_what_is_odd_and_what_to_do(order, bob, sign_in):
    page = sign_in(bob).get("/orders/check").content.decode()
    assert "ON-1" in page
    assert "No house number" in page
    assert "Ask the buyer for the house number." in page
    assert '<span class="odd">Lange Straße</span>' in page


def test_green_orders_are_not_on_it(shop, noon, bob, sign_in):
    findings.check(actions.see(shop, PAID))
    assert "Every order is fine" in sign_in(bob).get("/orders/check").content.decode()


def test_fine_takes_it_off_for_good_with_who_and_why(order, bob, sign_in):
    answer = act(sign_in(bob), order, "fine", reason="the post knows her")
    assert (answer.status_code, answer.content) == (200, b"")
    finding = Finding.objects.get()
    assert (finding.state, finding.closed_by, finding.note) == ("dismissed", bob, "the post knows her")
    assert Activity.objects.get(verb="findings_dismissed").by == bob
    findings.check(order)
    assert Order.objects.get().attention == findings.NOBODY


def test_a_corrected_address_is_a_remark_for_whoever_packs(order, bob, sign_in):
    answer = act(
        sign_in(bob), order, "correct", name="Anna", lines="Lange Straße 7\nHinterhaus", postcode="10115", city="Berlin", country="DE"
    )
    assert answer.content == b""
    remark = Remark.objects.get()
    assert (remark.kind, remark.author, remark.addressee) == ("address", bob, "packing")
    assert remark.data["address"]["lines"] == ["Lange Straße 7", "Hinterhaus"]
    assert Order.objects.get().address["lines"] == ["Lange Straße"], "the platform's own stays"
    assert Finding.objects.get().state == "done"


def test_a_correction_that_does_not_help_leaves_it_on_the_list(order, bob, sign_in):
    answer = act(sign_in(bob), order, "correct", lines="Kurze Straße")
    assert "Kurze Straße" in answer.content.decode()
    act(sign_in(bob), order, "correct", lines="Kurze Straße 3")
    assert Remark.objects.filter(withdrawn_at=None).count() == 1


def test_the_form_comes_when_it_is_asked_for_with_the_address_as_it_holds(order, bob, sign_in):
    browser = sign_in(bob)
    form = reverse("order-correct", args=[order.pk])
    page = browser.get("/orders/check").content.decode()
    assert form in page
    assert "<textarea" not in page, "fifty cards carry no form"
    assert ">Lange Straße</textarea>" in browser.get(form).content.decode()
    act(browser, order, "correct", lines="Kurze Straße")
    assert ">Kurze Straße</textarea>" in browser.get(form, {"tab": "held"}).content.decode()


def test_nothing_written_down_is_refused(order, bob, sign_in):
    assert act(sign_in(bob), order, "correct", lines=" ").status_code == 422
    assert not Remark.objects.exists()


def test_held_with_who_and_why_until_somebody_lets_it_go(order, alice, bob, sign_in):
    act(sign_in(bob), order, "hold", reason="waits for prepayment")
    order.refresh_from_db()
    assert (order.hold, order.held_by) == ("waits for prepayment", bob)
    page = sign_in(alice).get("/orders/check?tab=held").content.decode()
    assert "waits for prepayment" in page
    assert "Bob" in page
    assert "ON-1" not in sign_in(alice).get("/orders/check").content.decode()
    act(sign_in(alice), order, "release", reason="paid", tab="held")
    order.refresh_from_db()
    assert order.hold == ""
    assert [line.by for line in Activity.objects.filter(verb__in=["order_held", "order_released"]).order_by("pk")] == [bob, alice]


def test_asking_opens_the_conversation_with_the_fitting_template(shop, order, bob, sign_in):
    conversations.receive(shop, MessageReceived("t1", "m1", Person("u-anna", name="Anna"), NOON, "Hello", order="ON-1"))
    browser = sign_in(bob)
    answer = act(browser, order, "ask")
    assert Finding.objects.get().state == "waiting"
    opened = browser.get(answer["Location"])
    assert opened.status_code == 302
    assert "template=address-unclear" in opened["Location"]
    assert "purpose=order_problem" in opened["Location"]
    assert "data-preset" in browser.get(opened["Location"]).content.decode()
    assert "ON-1" in browser.get("/orders/check?tab=asked").content.decode()


def test_the_buyers_answer_brings_the_order_back(shop, order, bob, sign_in):
    act(sign_in(bob), order, "ask")
    conversations.receive(shop, MessageReceived("t1", "m1", Person("u-anna"), NOON, "Number 5, in red please", order="ON-1"))
    findings.check_waiting(said.about_orders)
    assert Finding.objects.get().state == "open"
    assert Order.objects.get().attention == findings.LOOK


def test_silence_brings_it_back_in_time_for_shipping(order, bob, sign_in):
    act(sign_in(bob), order, "ask")
    assert Order.objects.get().attention == findings.ASKED
    with clock.frozen(NOON + timedelta(hours=23)):
        assert findings.check_waiting() == 0
    with clock.frozen(NOON + timedelta(hours=24)):
        assert findings.check_waiting() == 1
    assert Order.objects.get().attention == findings.LOOK


def test_without_a_conversation_the_agent_is_told_how_to_write_first(order, bob, sign_in):
    browser = sign_in(bob)
    opened = browser.get(act(browser, order, "ask")["Location"], follow=True)
    assert "No conversation with this buyer is here yet" in opened.content.decode()


def test_shopee_forbids_confirming_and_the_screen_says_so(make_shop, noon, bob, sign_in):
    shop = make_shop("Nest", "shopee")
    shop.agents.add(bob)
    findings.check(actions.see(shop, replace(PAID, buyer_note="blue please")))
    page = sign_in(bob).get("/orders/check").content.decode()
    assert "Proactive order updates through the chat interface are a prohibited use" in page
    assert "Platform Partner Rules" in page


def test_a_buyers_words_never_become_markup(shop, noon, bob, sign_in):
    findings.check(actions.see(shop, replace(PAID, buyer_note="<b>blue</b> please", address=replace(BERLIN, name="<i>A</i>"))))
    page = sign_in(bob).get("/orders/check").content.decode()
    assert "<b>blue" not in page
    assert "<i>A" not in page


def test_charlie_sees_and_does_nothing(order, charlie, sign_in):
    browser = sign_in(charlie)
    assert "ON-1" not in browser.get("/orders/check").content.decode()
    assert "ON-1" not in browser.get(f"/orders/check?order={order.pk}").content.decode()
    for name in ("fine", "ask", "correct", "hold", "release"):
        assert act(browser, order, name, lines="x", reason="x").status_code == 404
    assert browser.get(reverse("order-call", args=[order.pk])).status_code == 404
    assert browser.get(reverse("order-correct", args=[order.pk])).status_code == 404
    assert browser.get(reverse("orders-pickups"), {"customer": order.customer_id}).status_code == 404


def test_observers_only_look(order, shop, make_agent, sign_in):
    olga = make_agent("olga", Agent.Role.OBSERVER)
    shop.agents.add(olga)
    browser = sign_in(olga)
    assert "data-do" not in browser.get("/orders/check").content.decode()
    assert act(browser, order, "fine").status_code == 403
    assert browser.get(reverse("order-correct", args=[order.pk])).status_code == 403


def test_the_list_costs_the_same_for_one_as_for_many(shop, noon, bob, sign_in, django_assert_num_queries):
    browser = sign_in(bob)
    for number in range(8):
        actions.see(shop, replace(PAID, external_id=f"ON-{number}", address=NUMBERLESS, placed_at=NOON - timedelta(days=number)))
    findings.check_waiting()
    with django_assert_num_queries(10):
        browser.get("/orders/check")
    Order.objects.exclude(external_id="ON-1").update(attention=0)
    with django_assert_num_queries(10):
        browser.get("/orders/check")


def test_a_page_leads_to_the_next(shop, noon, bob, sign_in, monkeypatch):
    monkeypatch.setattr("bridgedesk.orders.worklist.PAGE", 2)
    for number in range(3):
        seen = replace(PAID, external_id=f"ON-{number}", address=NUMBERLESS, ship_by=NOON + timedelta(days=number))
        actions.see(shop, seen)
    findings.check_waiting()
    first = sign_in(bob).get("/orders/check").content.decode()
    assert "ON-1" in first
    assert "ON-2" not in first
    assert "ON-2" in sign_in(bob).get("/orders/check?after=2").content.decode()


def test_a_large_order_is_a_call_by_the_buyers_clock(shop, noon, bob, sign_in):
    anna = Customer.objects.create(name="Anna", country="DE", created_at=NOON)
    order = actions.see(shop, replace(PAID, total=Money(50_000, "EUR")), anna)
    findings.check(order)
    browser = sign_in(bob)
    assert reverse("order-call", args=[order.pk]) in browser.get("/orders/check").content.decode()
    card = browser.get(reverse("order-call", args=[order.pk])).content.decode()
    assert "+4915123456789" in card
    assert "Too early or too late to call" in card, "noon in Shanghai is five in the morning in Berlin"


def test_the_buyers_card_tells_what_was_collected(shop, noon, bob, sign_in):
    anna = Customer.objects.create(name="Anna", created_at=NOON)
    Identity.objects.create(customer=anna, shop=shop, kind="user", external_id="u-anna")
    browser = sign_in(bob)
    assert browser.get(reverse("orders-pickups"), {"customer": anna.pk}).content.strip() == b""
    for number, state in enumerate(("completed", "returning", "cancelled")):
        seen = OrderSeen(f"OLD-{number}", "X", NOON, state="shipped", placed_at=NOON - timedelta(days=9), total=Money(100, "EUR"))
        actions.see(shop, seen, anna)
        Order.objects.filter(external_id=f"OLD-{number}").update(state=state)
    card = browser.get(reverse("orders-pickups"), {"customer": anna.pk}).content.decode()
    assert "Parcels collected: 1 of 3" in card
    assert 'data-tone="bad"' in card


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_it_speaks_the_agents_language(order, bob, sign_in, language):
    Agent.objects.filter(pk=bob.pk).update(language=language)
    page = sign_in(bob).get("/orders/check").content.decode()
    assert "No house number" not in page
    assert ("缺少门牌号" if language == "zh-hans" else "缺少門牌號碼") in page


def test_every_finding_has_an_icon_and_words(noon):
    for code, label in (labels.FINDINGS | parcel_labels.FINDINGS).items():
        row = Finding(code=code, data={})
        assert labels.picture(row) == label.icon
        assert labels.title(row)
        assert labels.then(row)
        assert "%(" not in labels.says(row)


def test_an_order_whose_address_nobody_told_can_be_looked_at(shop, bob, sign_in):
    made = actions.see(shop, replace(PAID, address=None, buyer_note="Please send two"))
    findings.check(made)
    assert sign_in(bob).get(f"/orders/check?order={made.pk}").status_code == 200
