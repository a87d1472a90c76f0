"""Asking for a review: once, in the platform's time, by the platform's way; and why not where it is not permitted."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bridgedesk.conversations.access import CannotWrite
from bridgedesk.conversations.models import Message
from bridgedesk.conversations.notice_models import Notice
from bridgedesk.lib import clock
from bridgedesk.orders.models import PlatformAct
from bridgedesk.remedies.models import Case
from bridgedesk.reviews import actions, asking
from bridgedesk.shops.actions import set_threshold
from tests.conftest import NOON

pytestmark = pytest.mark.usefixtures("letters", "noon")


def waiting(*shops):
    return [order.external_id for order in asking.may_be_asked(asking.ways(shops), clock.now())]


def test_amazon_is_asked_by_its_own_request_once(shops, arrived, bob):
    order = arrived(shops["amazon"])
    act = actions.ask(order, by=bob)
    assert (act.kind, act.state, act.data["order"]) == ("AskReview", "queued", "A1")
    assert waiting(shops["amazon"]) == []
    with pytest.raises(actions.CannotAsk):
        actions.ask(order, by=bob)
    assert PlatformAct.objects.count() == 1
    assert not Message.objects.filter(direction="out").exists()


@pytest.mark.parametrize(("days", "found"), [(4.9, []), (5, ["A1"]), (29.9, ["A1"]), (30, [])])
def test_amazon_s_window_is_dated_data(shops, arrived, days, found):
    arrived(shops["amazon"], days=days)
    assert waiting(shops["amazon"]) == found


def test_a_lead_s_own_figure_moves_the_window(shops, arrived, admin):
    arrived(shops["amazon"], days=10)
    set_threshold(shops["amazon"], asking.FROM, 12, valid_from=NOON - timedelta(days=1), source="ours", by=admin)
    assert waiting(shops["amazon"]) == []


def test_aliexpress_is_asked_by_a_letter_in_the_buyer_s_language_once(shops, arrived, bob):
    order = arrived(shops["aliexpress"])
    notice = actions.ask(order, by=bob)
    letter = Message.objects.get(direction="out")
    assert (notice.state, letter.purpose, letter.author, letter.language) == ("sent", "review_request", bob, "pt")
    assert "sinceridade" in letter.text
    with pytest.raises(actions.CannotAsk):
        actions.ask(order, by=bob)
    assert Notice.objects.count() == 1


def test_a_letter_that_reached_nobody_may_be_tried_again_when_somebody_can_be_written_to(shops, arrived, bob):
    order = arrived(shops["aliexpress"], wrote=False)
    with pytest.raises(CannotWrite):
        actions.ask(order, by=bob)
    assert waiting(shops["aliexpress"]) == ["A1"]


def test_where_the_platform_forbids_it_nobody_is_asked_and_the_reason_is_said(shops, arrived, bob, sign_in):
    mail = shops["email"]
    mail.options = {"relay": "amazon"}
    mail.save()
    order = arrived(mail)
    assert waiting(mail) == []
    with pytest.raises(actions.CannotAsk, match=r"Amazon|亚马逊"):
        actions.ask(order, by=bob)
    page = sign_in(bob).get("/reviews/ask").content.decode()
    assert "not permitted" in page
    assert asking.ways([mail])[0].rule.reason.en[:30] in page


def test_whoever_has_judged_is_not_asked(shops, arrived, rated):
    arrived(shops["amazon"])
    rated(shops["amazon"])
    assert waiting(shops["amazon"]) == []


def test_whoever_has_an_open_case_is_not_asked(shops, arrived):
    order = arrived(shops["amazon"])
    case = Case.objects.create(shop=order.shop, order=order, state="asked", first_seen_at=NOON)
    assert waiting(shops["amazon"]) == []
    Case.objects.filter(pk=case.pk).update(state="closed")
    assert waiting(shops["amazon"]) == ["A1"]


def test_what_is_on_its_way_back_is_not_asked_about(shops, arrived):
    arrived(shops["amazon"], state="returning")
    assert waiting(shops["amazon"]) == []


def test_whose_time_ends_first_comes_first(shops, arrived):
    for number, days in (("B", 8), ("A", 20), ("C", 6)):
        arrived(shops["amazon"], number, days, wrote=False)
    arrived(shops["aliexpress"], "D", 12, wrote=False)
    assert waiting(*shops.values()) == ["A", "D", "B", "C"]


def test_one_click_asks_all_that_are_chosen_and_says_whom_it_could_not(shops, arrived, bob, sign_in):
    orders = [arrived(shops["amazon"], f"A{n}", 10, wrote=False) for n in range(3)] + [arrived(shops["amazon"], "LATE", 40, wrote=False)]
    page = sign_in(bob).post("/reviews/ask/many", {"ids": [order.pk for order in orders]}, follow=True).content.decode()
    assert "3 buyers are asked." in page
    assert "too early or too late" in page
    assert PlatformAct.objects.filter(kind="AskReview").count() == 3


def test_who_does_not_share_the_shop_sees_and_asks_nobody(shops, arrived, charlie, sign_in):
    order = arrived(shops["amazon"], "ORD-77")
    with pytest.raises(PermissionDenied):
        actions.ask(order, by=charlie)
    browser = sign_in(charlie)
    assert "ORD-77" not in browser.get("/reviews/ask").content.decode()
    browser.post("/reviews/ask/many", {"ids": [order.pk]})
    assert not PlatformAct.objects.exists()


def test_an_observer_looks_and_asks_nobody(shops, arrived, make_agent, sign_in):
    order, oscar = arrived(shops["amazon"]), make_agent("oscar", "observer")
    shops["amazon"].agents.add(oscar)
    browser = sign_in(oscar)
    assert "Ask the chosen" not in browser.get("/reviews/ask").content.decode()
    assert browser.post("/reviews/ask/many", {"ids": [order.pk]}).status_code == 403


def test_the_page_costs_the_same_however_many_shops_and_orders(shops, arrived, alice, sign_in, make_shop):
    browser, costs = sign_in(alice), []
    for number in range(8):
        shop = make_shop(f"More {number}", "amazon")
        shop.agents.add(alice)
        arrived(shop, f"A{number}", wrote=False)
        if number in (1, 7):
            with CaptureQueriesContext(connection) as queries:
                browser.get("/reviews/ask")
            costs.append(len(queries))
    assert costs[0] == costs[1]
