"""The list of products and one product's page, as Alice, Bob and Charlie meet them."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bridgedesk.activity.models import Activity
from bridgedesk.products import actions, listing
from bridgedesk.products.models import Fact, Product, Sku
from bridgedesk.team.models import Agent


def text(answer) -> str:
    return answer.content.decode()


def test_bob_sees_the_products_of_his_shop_and_charlie_none(lamp, bob, charlie, sign_in):
    assert "Desk lamp Nord" in text(sign_in(bob).get("/products"))
    assert "LAMP-1" in text(sign_in(bob).get(f"/products/{lamp.pk}"))
    page = text(sign_in(charlie).get("/products"))
    assert "Desk lamp Nord" not in page
    assert "No products yet" in page
    assert sign_in(charlie).get(f"/products/{lamp.pk}").status_code == 404
    assert sign_in(charlie).post(f"/products/{lamp.pk}/do/change", {"name": "x"}).status_code == 404


def test_of_a_product_in_two_shops_everybody_sees_their_own_listing(lamp, make_shop, make_listing, charlie, sign_in):
    other = make_shop("Far shop")
    other.agents.add(charlie)
    make_listing(other, "900", sku=lamp.skus.first(), title="Far lamp", price_minor=1, currency="USD")
    page = text(sign_in(charlie).get(f"/products/{lamp.pk}"))
    assert "Far lamp" in page
    assert "Nordic" not in page


def test_a_product_on_sale_nowhere_is_for_leads(alice, bob):
    made = actions.create("New lamp", by=alice)
    assert made in Product.objects.visible_to(alice)
    assert made not in Product.objects.visible_to(bob)


@pytest.mark.parametrize("words", ["nord", "LAMP-2", "ceramic", "100"])
def test_a_product_is_found_by_each_of_its_names(lamp, alice, bob, words):
    actions.create("Chair", by=alice)
    assert [row.name for row in listing.page(bob, listing.Filters(q=words)).products] == ["Desk lamp Nord"]


def test_filters_narrow_and_the_empty_list_says_so(lamp, alice, shop, make_shop, sign_in):
    actions.create("Chair", by=alice, category="Seats")
    browser = sign_in(alice)
    assert "Chair" in text(browser.get("/products"))
    for query in (f"shop={shop.pk}", "category=Lamps", "q=lamp"):
        assert "Chair" not in text(browser.get(f"/products?{query}")).split("<table")[1]
    assert "No product fits" in text(browser.get("/products?q=nothing-like-it"))
    assert "No product fits" in text(browser.get(f"/products?shop={make_shop('Other').pk}"))
    actions.say(lamp, "220 V", by=alice)
    assert [row.name for row in listing.page(alice, listing.Filters(bare=True)).products] == ["Chair"]


def test_pages_follow_each_other_and_ask_a_fixed_number_of_times(shop, alice, make_listing, sign_in, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 2)
    for place in range(5):
        made = actions.create(f"P{place // 2}", by=alice)
        make_listing(shop, str(place), sku=actions.add_sku(made, f"C{place}", by=alice))
    seen, after = [], ""
    while True:
        page = listing.page(alice, listing.Filters(), after)
        seen += [row.pk for row in page.products]
        after = page.next
        if not after:
            break
    assert len(seen) == len(set(seen)) == 5
    browser, counts = sign_in(alice), []
    for size in (1, 5):
        monkeypatch.setattr(listing, "PAGE", size)
        with CaptureQueriesContext(connection) as asked:
            browser.get("/products")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_lead_changes_an_article_and_an_agent_may_not(lamp, alice, bob, sign_in):
    sku = lamp.skus.first()
    sent = {"id": sku.pk, "name": "white", "barcode": "4006381333931", "cost": "12.5", "cost_currency": "cny", "weight_g": "830",
            "length_mm": "300", "width_mm": "", "height_mm": "", "reserve": "2", "low_at": "5", "image": "", "fragile": "1"}  # fmt: skip
    assert sign_in(bob).post(f"/products/{lamp.pk}/do/sku-change", sent).status_code == 403
    sign_in(alice).post(f"/products/{lamp.pk}/do/sku-change", sent)
    row = Sku.objects.get(pk=sku.pk)
    assert (row.cost_minor, row.cost_currency, row.weight_g, row.width_mm, row.reserve, row.low_at, row.fragile, row.photo_needed) == (
        1250, "CNY", 830, None, 2, 5, True, False,
    )  # fmt: skip
    page = text(sign_in(bob).get(f"/products/{lamp.pk}"))
    assert "CN¥12.50" in page
    assert "830 g" in page
    assert Activity.objects.filter(verb="sku_changed", by=alice).exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("weight_g", "-1", "no whole number"), ("weight_g", "9" * 30, "no whole number"), ("cost", "abc", "no sum of money"),
     ("cost", "-3", "no sum of money"), ("cost", "NaN", "no sum of money"), ("image", "javascript:alert(1)", "https://"),
     ("cost_currency", "XX", "currency")],
)  # fmt: skip
def test_what_does_not_fit_is_said_and_changes_nothing(lamp, alice, sign_in, name, value, said):
    sku = lamp.skus.first()
    sent = {"id": sku.pk, "weight_g": "5", "cost": "1", "cost_currency": "CNY", "image": ""} | {name: value}
    assert said in text(sign_in(alice).post(f"/products/{lamp.pk}/do/sku-change", sent, follow=True))
    assert Sku.objects.get(pk=sku.pk).weight_g is None


def test_a_code_is_given_once(lamp, alice):
    with pytest.raises(ValidationError, match="taken"):
        actions.add_sku(lamp, "LAMP-1", by=alice)


def test_a_fact_has_its_words_in_each_language_once(lamp, alice):
    fact = actions.say(lamp, "Takes an E27 bulb up to 40 W.", by=alice, language="en")
    actions.say(lamp, "E27 灯泡，最大 40 W。", by=alice, language="zh-Hans", origin=fact)
    for language in ("zh-Hans", "en", "xx"):
        with pytest.raises(ValidationError):
            actions.say(lamp, "again", by=alice, language=language, origin=fact)
    assert fact.variants.count() == 1


def test_whoever_answers_may_keep_an_answer_and_a_lead_the_rest(lamp, bob, alice, sign_in):
    sign_in(bob).post(f"/products/{lamp.pk}/do/say", {"kind": "answer", "language": "en", "question": "Which bulb?", "text": "E27."})
    assert Fact.objects.get().question == "Which bulb?"
    assert sign_in(bob).post(f"/products/{lamp.pk}/do/say", {"kind": "caution", "language": "en", "text": "Hot."}).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.unsay(Fact.objects.get(), by=bob)
    actions.correct(Fact.objects.get(), "E27, 40 W at most.", by=alice, question="Which bulb does it take?")
    assert "Which bulb does it take?" in text(sign_in(bob).get(f"/products/{lamp.pk}"))
    actions.unsay(Fact.objects.get(), by=alice)
    assert not Fact.objects.exists()


def test_an_observer_looks_and_writes_nothing(lamp, shop, make_agent, sign_in):
    eve = make_agent("eve", Agent.Role.OBSERVER)
    shop.agents.add(eve)
    assert sign_in(eve).get(f"/products/{lamp.pk}").status_code == 200
    sent = {"kind": "answer", "language": "en", "question": "?", "text": "x"}
    assert sign_in(eve).post(f"/products/{lamp.pk}/do/say", sent).status_code == 403


def test_listings_without_an_article_become_articles_and_the_same_code_is_one(shop, make_shop, alice, make_listing, sign_in):
    second = make_shop("Second")
    second.agents.add(alice)
    make_listing(shop, "1", model="a", code="X-1", title="Lamp", options={"Colour": "red"})
    make_listing(shop, "1", model="b", code="X-2", title="Lamp")
    make_listing(second, "7", code="X-1", title="Lampe")
    make_listing(second, "8", title="no code")
    browser = sign_in(alice)
    assert "3 listings belong to no article yet" in text(browser.get("/products"))
    browser.post("/products/add", {"adopt": "1"})
    assert sorted(Sku.objects.values_list("code", flat=True)) == ["X-1", "X-2"]
    assert Product.objects.get().name == "Lamp"
    assert Sku.objects.get(code="X-1").listings.count() == 2
    assert "belong to no article" not in text(browser.get("/products"))


def test_a_listing_is_linked_and_let_go_again(lamp, shop, alice, make_listing, sign_in):
    row = make_listing(shop, "55", code="OTHER", title="Lamp, set of one")
    sku, browser = lamp.skus.first(), sign_in(alice)
    browser.post(f"/products/{lamp.pk}/do/link", {"listing": row.pk, "sku": sku.pk})
    row.refresh_from_db()
    assert row.sku == sku
    browser.post(f"/products/{lamp.pk}/do/link", {"listing": row.pk, "off": "1"})
    row.refresh_from_db()
    assert row.sku is None


@pytest.mark.parametrize("name", ["no-such-act", "sku-change", "correct", "unsay", "link"])
def test_what_does_not_exist_is_not_found(lamp, alice, sign_in, name):
    assert sign_in(alice).post(f"/products/{lamp.pk}/do/{name}", {"id": "7"}).status_code == 404


@pytest.mark.parametrize(("language", "word"), [("en", "On the shelf"), ("zh-hans", "实物库存"), ("zh-hant", "實際庫存")])
def test_the_pages_speak_three_languages(lamp, alice, sign_in, language, word):
    Agent.objects.filter(pk=alice.pk).update(language=language)
    browser = sign_in(alice)
    for address in ("/products", f"/products/{lamp.pk}"):
        assert word in text(browser.get(address))
