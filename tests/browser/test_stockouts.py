"""What cannot be had, walked whole on the pretend Shopee: purchasing marks it, service asks, the buyer chooses, purchasing ends it."""

import time

import pytest
from playwright.sync_api import expect

from bridgedesk.conversations import sending, templates
from bridgedesk.conversations.models import Message
from bridgedesk.lib import clock
from bridgedesk.orders import actions
from bridgedesk.orders.models import Line, Remark
from bridgedesk.orders.stockout_models import ShortLine
from bridgedesk.products import actions as products
from bridgedesk.products.models import Fact, Listing, Sku
from bridgedesk.sandbox import scenery, seed
from bridgedesk.sandbox.scenery import TAIWAN
from bridgedesk.sync import actions as sync
from bridgedesk.sync import polling
from bridgedesk.sync.models import Delivery
from tests.sandbox.conftest import sandbox

__all__ = ["sandbox"]
MEI = 500_000_001


@pytest.fixture
def taiwan(transactional_db, sandbox, settings, admin, alice, bob, monkeypatch):
    """Alice's and Bob's shop at the pretend Shopee, with its listings as articles."""
    monkeypatch.setattr("bridgedesk.sandbox.shopee.CALLS_PER_SECOND", 100_000)
    settings.ALLOW_PRIVATE, settings.UNDO_SECONDS = frozenset({f"127.0.0.1:{sandbox.port}"}), 0
    shop = seed.open_shop(scenery.stage(str(TAIWAN.shop_id)), sandbox.port, [admin, alice, bob])
    shop.agents.set([alice, bob])
    templates.load_content()
    fetch(shop, "stock")
    products.adopt(Listing.objects.filter(shop=shop), by=alice)
    return shop


def fetch(shop, *feeds):
    for feed in feeds:
        polling.poll(shop.pk, feed)
    for pk in Delivery.objects.filter(state=Delivery.State.NEW).order_by("pk").values_list("pk", flat=True):
        sync.apply(pk)


def fetched_line(shop, sale):
    """The first line of the order, once a look at the shop's orders tells it: a look may end a second early."""
    fetch(shop, "orders", "messages")
    return Line.objects.select_related("sku", "order").filter(order__shop=shop, order__external_id=sale.order_sn).first()


def sent_about(sandbox, sale):
    """What arrived about an order, once the undo window is over."""
    for pk in Message.objects.filter(state=Message.State.QUEUED).values_list("pk", flat=True):
        sending.send(pk)
    return [row for row in sandbox.do(lambda s: list(s.world.arrived)) if sale.order_sn in row.text]


def until(reached, seconds=60):
    end = time.monotonic() + seconds
    while not (found := reached()):
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)
    return found


@pytest.mark.slow
def test_what_cannot_be_had_goes_to_the_buyer_and_back(screen_of, sandbox, taiwan, alice, bob):
    sale = sandbox.do(lambda s: s.shopee.trade.buy(TAIWAN, MEI, "mei"))
    sandbox.do(lambda s: s.shopee.buyer_writes(TAIWAN.shop_id, MEI, "mei", "請問什麼時候出貨？", order_sn=sale.order_sn))
    line = until(lambda: fetched_line(taiwan, sale))
    order = line.order
    swap = Sku.objects.exclude(pk__in=order.lines.values("sku")).filter(listings__listed__gt=5).first()

    purchasing = screen_of(alice, "/stockouts")
    purchasing.locator("[name=code]").fill(line.sku.code)
    purchasing.locator("form[action='/stockouts/begin'] [name=swap]").fill(swap.code)
    purchasing.get_by_role("button", name="It is out of stock").click()
    expect(purchasing.locator("section.card").filter(has_text=sale.order_sn)).to_be_visible()
    assert "A finding must be settled first." in actions.obstacles(order)

    service = screen_of(bob, "/stockouts")
    card = service.locator("section.card").filter(has_text=sale.order_sn)
    expect(card).to_contain_text(swap.code)
    card.get_by_role("button", name="Ask the buyer").click()
    expect(service.locator("#purpose")).to_have_value("order_problem")
    words = service.locator("#words")
    expect(words).not_to_have_value("")
    assert sale.order_sn in words.input_value()
    assert "取消" not in words.input_value()
    assert ShortLine.objects.get().state == "to_ask"
    service.locator("[data-release]").click()
    service.locator("#send:enabled").click()
    expect(words).to_have_value("")
    until(lambda: ShortLine.objects.get().state == "asked")
    assert len(until(lambda: sent_about(sandbox, sale))) == 1

    sandbox.do(lambda s: s.shopee.buyer_writes(TAIWAN.shop_id, MEI, "mei", "可以，換這個", order_sn=sale.order_sn))
    fetch(taiwan, "messages")
    service.goto("/stockouts?tab=waiting")
    expect(card).to_contain_text("可以，換這個")
    card.locator("[name=answer]").select_option("swap")
    card.get_by_role("button", name="Back to purchasing").click()
    expect(card).to_have_count(0)

    purchasing.goto("/stockouts?tab=answered")
    theirs = purchasing.locator("section.card").filter(has_text=sale.order_sn)
    expect(theirs).to_contain_text("Takes the other article")
    theirs.get_by_role("button", name="The other article lies ready").click()
    expect(theirs).to_have_count(0)
    assert ShortLine.objects.get().state == "done"
    assert Remark.objects.get(kind="swap").text.startswith(f"{line.quantity} × {swap.code}")
    assert actions.obstacles(order) == ["A remark for the packers is not acknowledged."]
    assert purchasing.complaints == service.complaints == []


def test_a_fact_is_put_into_the_answer_with_two_keys(screen_of, sandbox, taiwan, alice, bob):
    sku = Sku.objects.filter(listings__title__contains="陶瓷").select_related("product").first()
    Fact.objects.create(product=sku.product, kind="fact", language="zh-Hant", text="重 1.35 公斤。", changed_at=clock.now())
    sandbox.do(lambda s: s.shopee.buyer_writes(TAIWAN.shop_id, MEI, "mei", "請問陶瓷檯燈多重？"))
    fetch(taiwan, "messages")
    talk = Message.objects.get(text__contains="陶瓷").conversation
    page = screen_of(bob, f"/conversations/{talk.pk}")
    expect(page.locator("[data-fact='1']")).to_contain_text("重 1.35 公斤。")
    page.keyboard.press("p")
    expect(page.locator("#goods[data-waiting]")).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator("#words")).to_have_value("重 1.35 公斤。")
    expect(page.locator("#goods[data-waiting]")).to_have_count(0)


def test_a_shelf_is_counted_by_thumb_and_by_scanner(screen_of, taiwan, bob):
    sku = Sku.objects.order_by("code").first()
    page = screen_of(bob, "/stock/count", width=390, height=844)
    line = page.locator(f"#count-{sku.pk}")
    for _piece in range(3):
        page.locator("[name=code]").fill(sku.code)
        page.locator("[name=code]").press("Enter")
        expect(page.locator("[name=code]")).to_have_value("")
        expect(line).to_have_attribute("data-touched", "")
    expect(line.locator("[name=pieces]")).to_have_value("3")
    line.get_by_role("button", name="One more").click()
    line.get_by_role("button", name="Keep the count").click()
    expect(line.locator(".kept")).to_be_visible()
    assert Sku.objects.get(pk=sku.pk).on_hand == 4
    page.locator("[name=code]").fill("no-such-thing")
    page.locator("[name=code]").press("Enter")
    expect(page.locator("#scan-said")).to_contain_text("No article has this code")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
