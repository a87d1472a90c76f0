"""A buyer asks where the parcel is: number, page, latest news, in their language."""

from datetime import timedelta

import pytest

from bridgedesk.channels.events import OrderSeen, ParcelSeen, TrackEvent
from bridgedesk.conversations import templates
from bridgedesk.conversations.models import Template
from bridgedesk.orders import actions
from bridgedesk.orders.facts import three_facts
from bridgedesk.orders.models import Order
from tests.conftest import NOON
from tests.conversations.conftest import conversation, write  # noqa: F401 (fixtures)


@pytest.fixture
def order(shop, noon):
    scans = (
        TrackEvent(NOON - timedelta(days=2), "Departed from facility", "in_transit", "Shenzhen"),
        TrackEvent(NOON - timedelta(days=1), "Import clearance success", "in_transit", "Warsaw"),
    )
    parcel = ParcelSeen("ON-1", number="RR123456785CN", carrier="China Post", status="in_transit", events=scans)
    actions.see(shop, OrderSeen("ON-1", state="shipped", at=NOON, parcels=(parcel,)))
    Order.objects.update(country="DE")
    return Order.objects.get()


def test_the_three_facts_are_number_page_and_latest_news_in_the_buyers_language(order):
    facts = three_facts(order, "de", links_allowed=True)
    assert facts["parcel.number"] == "RR123456785CN"
    assert facts["parcel.carrier"] == "China Post"
    assert facts["parcel.site"].startswith("https://www.dhl.de/de/")
    assert facts["parcel.latest"] == "das Paket ist durch den Zoll"
    assert facts["parcel.latest_at"] == NOON - timedelta(days=1)


def test_where_links_are_forbidden_the_page_is_named_only(order):
    assert three_facts(order, "de", links_allowed=False)["parcel.site"] == "DHL"


def test_of_several_parcels_the_one_still_on_its_way_is_told(order, shop):
    actions.see_parcel(shop, ParcelSeen("ON-1", external_id="b", number="1Z999AA10123456784", status="delivered", at=NOON))
    assert three_facts(order, "en", links_allowed=False)["parcel.number"] == "RR123456785CN"


def test_a_state_newer_than_the_last_scan_is_what_is_told(order, shop):
    actions.see_parcel(shop, ParcelSeen("ON-1", number="RR123456785CN", status="delivered", at=NOON))
    assert three_facts(Order.objects.get(), "fr", links_allowed=False)["parcel.latest"] == "le colis a été livré"


def test_an_order_without_a_parcel_has_no_facts(shop, noon):
    assert three_facts(actions.see(shop, OrderSeen("ON-2")), "en", links_allowed=True) == {}


@pytest.mark.parametrize(("platform", "link"), [("email", True), ("shopee", False), ("amazon", False), ("aliexpress", True)])
def test_the_answer_to_where_is_my_order_is_complete_and_links_only_where_the_platform_permits(
    platform, link, order, shop, conversation, alice  # noqa: F811
):  # fmt: skip
    templates.load_content()
    shop.platform = platform
    shop.save()
    conversation.order_ref, conversation.language, conversation.topic, conversation.shop = "ON-1", "pl", "wismo", shop
    filled = templates.fill(Template.objects.get(key="where-is-my-order", current=True), conversation, alice)
    assert filled.missing == ()
    assert "RR123456785CN" in filled.text
    assert "paczka przeszła odprawę celną" in filled.text
    assert ("https://" in filled.text) is link


def test_a_buyer_who_names_no_order_is_told_of_the_only_one_on_its_way(order, shop, conversation):  # noqa: F811
    order.customer = conversation.customer
    order.save()
    assert templates.order_of(conversation) == order
    actions.see(shop, OrderSeen("ON-3", state="shipped", at=NOON), conversation.customer)
    assert templates.order_of(conversation) is None  # two: nobody guesses which


def test_another_shops_order_of_that_number_is_never_told(order, make_shop, conversation):  # noqa: F811
    conversation.order_ref, conversation.shop = "ON-1", make_shop("Chairs")
    assert templates.order_of(conversation) is None


@pytest.mark.parametrize("place", ["Żabka, ul. Długa 5", ""])
def test_a_reminder_to_collect_it_is_whole_whether_or_not_the_place_is_known(place, order, shop, conversation, alice):  # noqa: F811
    templates.load_content()
    scan = TrackEvent(NOON, "Ready for collection", "pickup_ready", place)
    actions.see_parcel(shop, ParcelSeen("ON-1", number="RR123456785CN", status="pickup_ready", at=NOON, events=(scan,)))
    conversation.order_ref = "ON-1"
    template = Template.objects.get(key="pickup-waiting", current=True)
    for text in template.texts.all():
        conversation.language = text.language
        filled = templates.fill(template, conversation, alice)
        assert filled.missing == ()
        assert "RR123456785CN" in filled.text
        assert (place in filled.text) if place else "  " not in filled.text
