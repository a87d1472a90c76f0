"""The release list on screen: who may, what it shows, what a click does."""

from html import unescape

import pytest

from bridgedesk.conversations.liquid import gaps, variables
from bridgedesk.conversations.notice_models import Notice
from bridgedesk.orders.models import Order
from tests.conversations.test_notices import _content, queue, sell

__all__ = ["_content", "sell"]
pytestmark = pytest.mark.usefixtures("at_noon")
LIVELY = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def waits(sell):
    """A reminder that Shopee lets only a person send."""
    return queue(sell("shopee"), "pickup_reminder", template="parcel-shipped")


def test_what_waits_shows_its_words_with_reason_and_source(waits, bob, sign_in):
    page = sign_in(bob).get("/notices").content.decode()
    assert "LX123456785CN" in page
    assert "Shopee sends its own pickup notice" in page
    assert "Platform Partner Rules" in page
    assert "unconfirmed" in page


def test_one_click_releases_and_the_row_is_gone(waits, bob, sign_in):
    client = sign_in(bob)
    assert client.post(f"/notices/{waits.pk}/release", **LIVELY).content == b""
    waits.refresh_from_db()
    assert (waits.state, waits.settled_by, waits.message.state) == ("sent", bob, "queued")
    assert f"notice-{waits.pk}" not in client.get("/notices").content.decode()
    assert f"notice-{waits.pk}" in client.get("/notices", {"tab": "settled"}).content.decode()


def test_a_second_click_says_that_it_was_settled(waits, bob, sign_in):
    client = sign_in(bob)
    for _click in range(2):
        answer = client.post(f"/notices/{waits.pk}/release", follow=True)
    assert "settled already" in answer.content.decode()
    assert Notice.objects.get().message.conversation.messages.filter(direction="out").count() == 1


def test_what_amazon_forbids_is_shown_blocked_with_the_permitted_way(sell, bob, sign_in):
    queue(sell("amazon"))
    page = sign_in(bob).get("/notices", {"tab": "blocked"}).content.decode()
    assert "Amazon sends them itself" in page
    assert "Confirm the shipment with its tracking number" in page
    assert "data-do" not in page


def test_what_has_a_gap_cannot_be_released_by_a_click(sell, bob, sign_in):
    notice = queue(sell("shopee"), "pickup_reminder", template="delay-with-cause")
    page = sign_in(bob).get("/notices").content.decode()
    assert 'data-do="release"' not in page
    assert "Something is not known: " in page
    named = [variables()[name].about.en for name in gaps(notice.text)]
    assert [about for about in named if f"⟦{about}⟧" not in unescape(page)] == [], "in words, not by the names templates know"
    assert not any(f"⟦{name}⟧" in page for name in gaps(notice.text))
    answer = sign_in(bob).post(f"/notices/{notice.pk}/release", **LIVELY)
    assert "notice-card" in answer.content.decode()
    assert Notice.objects.get().state == "waiting"


def test_many_are_released_at_once_and_one_that_is_refused_keeps_no_other(sell, waits, bob, sign_in):
    gap = queue(waits.order, "pickup_reminder", key="gap", template="delay-with-cause")
    more = [queue(waits.order, "pickup_reminder", key=str(n), template="parcel-shipped") for n in range(3)]
    answer = sign_in(bob).post("/notices/bulk", {"ids": [waits.pk, gap.pk, *(one.pk for one in more)], "act": "release"}, follow=True)
    assert "4 notices settled" in answer.content.decode()
    assert Notice.objects.filter(state="waiting").get() == gap


def test_charlie_finds_nothing_of_it(waits, charlie, sign_in):
    client = sign_in(charlie)
    assert "LX123456785CN" not in client.get("/notices").content.decode()
    assert client.post(f"/notices/{waits.pk}/release").status_code == 404
    client.post("/notices/bulk", {"ids": [waits.pk], "act": "release"})
    assert Notice.objects.get().state == "waiting"


def test_an_observer_looks_and_releases_nothing(waits, make_agent, sign_in):
    olga = make_agent("olga", "observer")
    waits.shop.agents.add(olga)
    client = sign_in(olga)
    assert "data-do" not in client.get("/notices").content.decode()
    assert client.post(f"/notices/{waits.pk}/release").status_code == 403
    assert client.post("/notices/bulk", {"ids": [waits.pk], "act": "release"}).status_code == 403


def test_a_page_costs_the_same_for_one_notice_and_for_thirty(waits, bob, sign_in, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = sign_in(bob)
    client.get("/notices")
    with CaptureQueriesContext(connection) as one:
        client.get("/notices")
    for number in range(45):
        queue(waits.order, "pickup_reminder", key=str(number), template="parcel-shipped")
    with django_assert_num_queries(len(one)):
        page = client.get("/notices").content.decode()
    assert "Next page" in page


def test_nothing_waits_is_said(bob, shop, sign_in):
    assert "No notice waits for you" in sign_in(bob).get("/notices").content.decode()


def test_the_page_of_the_day_counts_what_waits(waits, bob, sign_in):
    card = sign_in(bob).get("/today/notices").content.decode()
    assert '<b class="num">1</b>' in card


def test_a_lead_leaves_every_notice_of_a_shop_to_people_and_back(sell, alice, sign_in):
    order, client = sell("aliexpress"), sign_in(alice)
    address = f"/shops/{order.shop_id}/notices"
    assert "Leave every notice to a person" in client.get(address).content.decode()
    assert "Let them go by themselves again" in client.post(address, {"on": ""}, **LIVELY).content.decode()
    assert queue(order, "shipping_notice").state == "waiting"
    client.post(address, {"on": "1"}, **LIVELY)
    order.refresh_from_db()
    assert queue(Order.objects.get(pk=order.pk), "shipping_notice", key="second").state == "sent"


def test_where_nothing_goes_by_itself_there_is_nothing_to_switch(sell, alice, sign_in):
    page = sign_in(alice).get(f"/shops/{sell('shopee').shop_id}/notices").content.decode()
    assert "there is nothing to switch" in page
    assert "prohibited use" in page


def test_bob_sees_what_is_permitted_and_charlie_no_shop(sell, bob, charlie, sign_in):
    address = f"/shops/{sell('aliexpress').shop_id}/notices"
    assert "Leads decide" in sign_in(bob).get(address).content.decode()
    assert sign_in(bob).post(address, {"on": ""}).status_code == 403
    assert sign_in(charlie).get(address).status_code == 404
    assert sign_in(charlie).post(address, {"on": ""}).status_code == 404
