"""What buyers wrote in public: kept once, a change noticed, the low ones first, and seen by those who see the shop."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import ReviewSeen, StockSeen
from bridgedesk.orders.models import Order
from bridgedesk.products import actions as products
from bridgedesk.reviews import actions
from bridgedesk.reviews.models import Review
from bridgedesk.reviews.queries import Filters, reviews


@pytest.fixture
def shopee(make_our_shop):
    return make_our_shop("Shopee shop", "shopee", region="TW")


def rated(number, stars=2, **more):
    return ReviewSeen(number, **{"order": "A1", "item": "7", "stars": stars, "text": "It flickers.", "changeable": "yes"} | more)


def test_a_review_is_kept_once_and_names_its_order_and_listing(shopee, noon):
    listing = products.see(shopee, StockSeen("7", model="71", title="Lamp"))
    review = actions.see(shopee, rated("r1", at=noon))
    again = actions.see(shopee, rated("r1", at=noon))
    assert review == again == Review.objects.get()
    assert (review.order, review.listing) == (Order.objects.get(external_id="A1"), listing)
    assert (review.low, review.changed_at) == (True, None)


def test_until_when_it_may_be_changed_is_the_platform_s_dated_rule(shopee, noon):
    assert actions.see(shopee, rated("r1", at=noon)).change_until == noon + timedelta(days=30)
    assert actions.see(shopee, rated("r1", at=noon, changeable="no")).change_until is None


def test_without_a_rule_nothing_is_made_up(shop, noon):
    assert actions.see(shop, rated("r1", at=noon)).change_until is None


def test_a_buyer_who_changes_a_review_is_noticed_with_what_stood_before(shopee, noon):
    actions.see(shopee, rated("r1", at=noon))
    review = actions.see(shopee, rated("r1", 5, at=noon, text="It works now!", changeable="used"))
    assert (review.stars, review.low, review.text, review.changed_at) == (5, False, "It works now!", noon)
    assert Activity.objects.get(verb="review_changed").data == {"before": 2, "after": 5}


def test_an_answer_that_is_told_later_is_added_and_what_is_untold_stays(shopee, noon):
    actions.see(shopee, rated("r1", at=noon, images=("https://cf.example/1.jpg",)))
    review = actions.see(shopee, ReviewSeen("r1", reply="We are sorry.", replied_at=noon))
    assert (review.text, review.reply, review.images) == ("It flickers.", "We are sorry.", ["https://cf.example/1.jpg"])


def test_the_low_ones_come_first_the_newest_on_top_page_by_page(shopee, alice, noon):
    for number in range(8):
        actions.see(shopee, rated(f"r{number}", 5 if number % 2 else 1, at=noon + timedelta(minutes=number)))
    first = reviews(alice, Filters(), 5)
    rest = reviews(alice, Filters(before=first[-1].pk), 5)
    assert [row.external_id for row in first + rest] == ["r6", "r4", "r2", "r0", "r7", "r5", "r3", "r1"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["a", "b", "c"]),
        ({"show": "low"}, ["a"]),
        ({"show": "unanswered"}, ["a", "c"]),
        ({"show": "changeable"}, ["a"]),
        ({"stars": "4"}, ["c"]),
        ({"stars": "9", "show": "nonsense", "shop": "x", "before": "²"}, ["a", "b", "c"]),
        ({"shop": "999999"}, []),
    ],
)
def test_a_filter_narrows_the_list(asked, found, shopee, alice, noon):
    actions.see(shopee, rated("a", 2, at=noon))
    actions.see(shopee, rated("b", 5, at=noon - timedelta(minutes=1), reply="Thanks!", changeable="used"))
    actions.see(shopee, rated("c", 4, at=noon - timedelta(minutes=2), changeable="no"))
    assert [row.external_id for row in reviews(alice, Filters.parse(asked))] == found


def test_who_sees_the_shop_sees_its_reviews(shopee, alice, bob, charlie, sign_in, noon):
    actions.see(shopee, rated("r1", at=noon))
    pages = [sign_in(who).get("/reviews").content.decode() for who in (alice, bob, charlie)]
    assert ["It flickers." in page for page in pages] == [True, True, False]
    assert "No reviews here" in pages[2]


def test_the_page_says_what_may_still_be_done(shopee, alice, sign_in, noon):
    actions.see(shopee, rated("r1", at=noon))
    page = sign_in(alice).get("/reviews").content.decode()
    assert "the buyer may change it" in page
    assert "not answered in public" in page


def test_the_page_costs_the_same_however_many_reviews_it_shows(shopee, alice, sign_in, noon):
    browser = sign_in(alice)
    costs = []
    for number in range(12):
        actions.see(shopee, rated(f"r{number}", order=f"A{number}", at=noon))
        if number in (1, 11):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                browser.get("/reviews")
            costs.append(len(queries))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(("platform", "shown"), [("amazon", True), ("shopee", False)])
def test_where_a_review_must_not_be_touched_its_row_says_why_and_from_where(platform, shown, make_shop, alice, sign_in, noon):
    shop = make_shop(platform, platform)
    shop.agents.add(alice)
    actions.see(shop, rated("r1", at=noon, changeable=""))
    page = sign_in(alice).get("/reviews").content.decode()
    said = ("nothing may be done to the review itself", "even after a refund", "Amazon communication guidelines", "second-hand")
    assert [words in page for words in said] == [shown] * 4


def test_pictures_are_a_click_away(shopee, alice, sign_in, noon):
    actions.see(shopee, rated("r1", at=noon, images=("https://cf.example/1.jpg",)))
    assert 'href="https://cf.example/1.jpg" target="_blank" rel="noopener noreferrer"' in sign_in(alice).get("/reviews").content.decode()
