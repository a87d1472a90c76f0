"""What reviews say by article: reckoned by hand, under filters, seen by those who see the shop, at a cost that does not grow."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from bridgedesk.assist.models import Translation
from bridgedesk.assist.reviewing import look_at_review
from bridgedesk.assist.translate import _key
from bridgedesk.channels.events import OrderSeen, ReviewSeen, StockSeen
from bridgedesk.imports import exporting
from bridgedesk.metrics import opinion_labels, opinions, plots
from bridgedesk.metrics.opinions import Asked, Ratings
from bridgedesk.orders import actions as orders
from bridgedesk.orders.models import Order
from bridgedesk.products import actions as products
from bridgedesk.products.models import Fact, Listing, Product, Sku
from bridgedesk.reviews import actions
from bridgedesk.team.models import Agent
from tests.conftest import NOON

ALL = Ratings((10, 0, 0, 0, 30))


@pytest.fixture
def shopee(make_shop, alice, bob):
    made = make_shop("Shopee shop", "shopee", region="TW")
    made.agents.set([alice, bob])
    return made


@pytest.fixture
def lamp(shopee, noon) -> Sku:
    """On sale in the shop as item 7."""
    sku = Sku.objects.create(product=Product.objects.create(name="Lamp", created_at=NOON), code="LAMP", name="Lamp, white", created_at=NOON)
    products.see(shopee, StockSeen("7", title="Lamp"))
    Listing.objects.update(sku=sku)
    return sku


@pytest.fixture
def rate(shopee):
    """A review of item 7, so many days ago."""
    made = []

    def make(stars, text="", days=1.0, *, shop=None, item="7", **more):
        made.append(1)
        event = ReviewSeen(f"r{len(made)}", item=item, stars=stars, text=text, at=NOON - timedelta(days=days), **more)
        return look_at_review(actions.see(shop or shopee, event))

    return make


def said(agent, only=None, **asked):
    scope = opinions.scope_of(agent, {name: str(value) for name, value in asked.items()})
    return opinions.by_article(scope, opinions.total(scope), only)


def test_one_bad_review_makes_no_bad_article():
    """By hand: four more reviews as all are, 1 of one star and 3 of five: (1 + 1 + 3 · 5) / 5 = 3.4."""
    mean = opinions.stars(Ratings((1, 0, 0, 0, 0)), ALL)
    assert mean.value == pytest.approx(3.4)
    assert mean.low < 1.9
    assert mean.high > 4.9


def test_many_reviews_speak_for_themselves_and_agreement_is_never_quite_sure():
    mean = opinions.stars(Ratings((100, 0, 0, 0, 0)), ALL)
    assert mean.value == pytest.approx((101 + 15) / 104)
    assert mean.low == 1
    assert mean.high > mean.value


def test_nothing_rated_at_all_is_in_the_middle():
    assert opinions.stars(Ratings(), Ratings()).value == 3


def test_an_article_is_counted_in_the_period_and_against_the_one_before(lamp, rate, alice):
    for days in (1, 2, 3):
        rate(1, "It smells, and it smells again.", days)
    rate(5, "Great quality!", 4)
    rate(5, "", 100)
    rate(5, "", 200)
    (row,) = said(alice)
    assert (row.sku, row.now.counts, row.before.counts) == (lamp, (3, 0, 0, 0, 1), (0, 0, 0, 0, 1))
    assert row.topics == [("smell", 3, 3), ("quality", 1, 0)]
    assert row.now.low_share.value == 0.75
    assert (row.change.value, row.turn) == (0.75, "same"), "four against one is too few to say"


def test_a_clear_turn_is_named(lamp, rate, alice):
    for n in range(12):
        rate(1, days=1 + n)
        rate(5, days=100 + n)
    assert [row.turn for row in said(alice)] == ["worse"]
    assert said(alice, days=30)[0].turn == "", "nothing in the month before"


def test_the_least_liked_come_first_and_what_is_no_article_s_is_kept_apart(lamp, rate, alice):
    for n in range(3):
        rate(1, days=n + 1)
        rate(5, days=n + 1, item="unknown")
    assert [row.sku for row in said(alice)] == [lamp, None]
    assert [row.sku for row in said(alice, only=0)] == [None]
    assert [row.sku for row in said(alice, only=lamp.pk)] == [lamp]


def test_filters_narrow_and_nonsense_is_none(lamp, rate, alice, make_shop, shopee):
    amazon = make_shop("Amazon shop", "amazon")
    amazon.agents.add(alice)
    orders.see(amazon, OrderSeen("B1", "SHIPPED", NOON, state="delivered"))
    Order.objects.update(country="DE")
    rate(2, shop=amazon, order="B1")
    rate(5)
    counts = {
        "platform": len(said(alice, platform="amazon")), "shop": len(said(alice, shop=shopee.pk)),
        "country": len(said(alice, country="de")), "other": len(said(alice, country="FR")),
    }  # fmt: skip
    assert counts == {"platform": 1, "shop": 1, "country": 1, "other": 0}
    assert Asked.parse({"days": "7", "platform": "x", "country": "DEU", "topic": "y", "shop": "²", "page": "-1"}) == Asked()


def test_weeks_stand_side_by_side_and_empty_ones_too(lamp, rate, alice):
    rate(1)
    rate(5, days=8)
    rows = opinions.over_time(opinions.scope_of(alice, {}))
    assert len(rows) == 14
    assert [(each.all, each.low) for _day, each in rows[-2:]] == [(1, 0), (1, 1)]
    piles = plots.heap([(day, each.all, each.low) for day, each in rows]).piles
    assert (piles[-1].plain, piles[-1].top, piles[-2].plain) == (0, 100, 100)
    assert len(opinions.over_time(opinions.scope_of(alice, {"days": "365"}))) == 13


def test_every_topic_has_words_and_something_to_do_next():
    names = set(opinions.review_topics.names())
    assert names == set(opinion_labels.TOPICS) == set(opinion_labels.NEXT)
    assert set(opinion_labels.WAYS) <= names


def test_alice_and_bob_see_it_and_charlie_does_not(lamp, rate, alice, bob, charlie, sign_in):
    rate(1, "It smells of rubber.")
    for who in (alice, bob):
        client = sign_in(who)
        assert "Lamp, white" in client.get("/reviews/skus").content.decode()
        assert "It smells of rubber." in client.get(f"/reviews/skus/{lamp.pk}").content.decode()
    client = sign_in(charlie)
    assert "No reviews in this period" in client.get("/reviews/skus").content.decode()
    assert client.get(f"/reviews/skus/{lamp.pk}").status_code == 404
    assert "No reviews in this period" in client.get("/reviews/skus/none").content.decode()
    assert client.get("/reviews/skus/99999999999999999999").status_code == 404


def test_an_article_says_what_is_named_what_to_do_and_what_is_on_file(lamp, rate, bob, sign_in):
    Fact.objects.create(product=lamp.product, kind="caution", language="en", text="Smells for two days.", changed_at=NOON)
    rate(1, "It smells of rubber.")
    page = sign_in(bob).get(f"/reviews/skus/{lamp.pk}").content.decode()
    for words in ("Air it before packing", "Smells for two days.", f'href="/products/{lamp.product_id}"'):
        assert words in page
    rate(2, "Too small")
    assert "It smells of rubber." not in sign_in(bob).get(f"/reviews/skus/{lamp.pk}?topic=size").content.decode()
    assert "Nobody wrote a word here" in sign_in(bob).get(f"/reviews/skus/{lamp.pk}?topic=colour").content.decode()


def test_quotes_are_shown_in_the_reader_s_language_where_that_was_asked_before(lamp, rate, shopee, bob, sign_in):
    Agent.objects.filter(pk=bob.pk).update(language="zh-hans")
    rate(1, "Es riecht sehr stark nach Chemie und Gummi")
    rate(2, "燈罩裂了，顏色也不對")
    Translation.objects.create(
        key=_key("Es riecht sehr stark nach Chemie und Gummi"), source="de", target="zh-Hans", engine="x", text="气味很重", created_at=NOON
    )
    bob.refresh_from_db()
    page = sign_in(bob).get(f"/reviews/skus/{lamp.pk}").content.decode()
    assert "气味很重" in page
    assert "灯罩裂了" in page


def test_older_quotes_are_a_page_away(lamp, rate, bob, sign_in):
    for n in range(25):
        rate(1, f"It smells {n:02}", days=n + 1)
    client = sign_in(bob)
    first, second = (client.get(f"/reviews/skus/{lamp.pk}?page={n}").content.decode() for n in (0, 1))
    assert [("It smells 00" in page, "It smells 24" in page) for page in (first, second)] == [(True, False), (False, True)]


@pytest.mark.parametrize("path", ["/reviews/skus", "/reviews/skus/{lamp}"])
def test_a_page_costs_the_same_however_many_reviews_there_are(path, lamp, rate, shopee, bob, sign_in, django_assert_num_queries):
    client, path = sign_in(bob), path.format(lamp=lamp.pk)
    rate(1, "It smells", order="A1")
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    for n in range(12):
        products.see(shopee, StockSeen(f"i{n}", title="Lamp"))
        rate(1 + n % 5, "It smells", days=n, item=f"i{n}", order=f"O{n}")
        rate(1 + n % 5, "It smells", days=n, order=f"A{n}")
    with django_assert_num_queries(len(few)):
        client.get(path)


def test_what_an_article_is_called_computes_nothing_in_the_export(lamp, rate, bob):
    rate(1, "It smells")
    Sku.objects.update(name="=1+1")
    headings, batches = exporting.all_of("opinions", exporting.Reader(bob, QueryDict("days=30")))
    (row,) = [row for batch in batches for row in batch]
    told = dict(zip(headings, row, strict=False))
    assert (row[0], row[2], told["Smell"], told["Smell ≤ 3 ★"]) == ("LAMP", 1, 1, 1)
