"""Bad reviews from the alert to solved: with words and a picture, with stars alone, and on Amazon, where a review is left alone."""

import re
from datetime import timedelta

import pytest
from django.db.models import F
from playwright.sync_api import Page, expect

from bridgedesk.conversations.models import Message
from bridgedesk.playbooks import publishing
from bridgedesk.playbooks.models import Run
from bridgedesk.remedies.models import Case
from bridgedesk.sandbox import seed
from bridgedesk.sandbox.scenery import TAIWAN
from tests.browser.walking import Walk, send, taiwan, walk

__all__ = ["taiwan", "walk"]
MEI, BROKEN = 500_000_001, "燈罩收到就破了，很失望"
PICTURE = "https://cf.shopee.tw/file/broken-shade"


def bought(walk: Walk, buyer: int = MEI, name: str = "mei"):
    """A lamp that arrived; its buyer has written once."""

    def trade(servers):
        market = servers.shopee.trade
        sale = market.buy(TAIWAN, buyer, name, wanted={"LAMP-CER-1": 1})
        servers.shopee.buyer_writes(TAIWAN.shop_id, buyer, name, "已下單，謝謝", order_sn=sale.order_sn)
        market.set_status(sale, "SHIPPED")
        market.set_status(sale, "COMPLETED")
        return sale

    sale = walk.sandbox.do(trade)
    walk.passes(minutes=10)
    Message.objects.update(at=F("at") - timedelta(days=1))  # before what the web process, whose hour stands still, sends now
    return sale


def row_of(page: Page, number: str):
    """The review of that order in the ledger."""
    return page.locator("tr").filter(has_text=number)


def take(page: Page, name: str) -> None:
    """The suggested step of the playbook, whose letter goes into the composer."""
    step = page.locator("#playbook .run-moves").get_by_role("button", name=name)
    expect(step).to_have_class(re.compile("primary"))
    step.click()


def letter(page: Page, holds: str) -> str:
    """What stands in the composer, with the buyer's own problem in its gap."""
    words = page.locator("#words")
    expect(words).to_have_value(re.compile(holds))
    return re.sub(r"⟦.*?⟧", "包裝沒有保護好燈罩。", words.input_value())


@pytest.mark.slow
def test_a_bad_review_with_a_picture_is_solved_by_the_cheapest_offer_the_buyer_takes(screen_of, walk: Walk, taiwan, bob):
    publishing.load_content()
    market = walk.sandbox.servers.shopee.trade
    sale = bought(walk)
    page = screen_of(bob)
    expect(page.locator("#rows")).to_contain_text("mei")

    # at once, wherever one works
    rating = walk.sandbox.do(lambda _s: market.rate(sale, 2, words=BROKEN, images=(PICTURE,)))
    walk.passes(hours=1)
    alert = page.locator("#toasts").filter(has_text="2")
    expect(alert.get_by_role("link")).to_be_visible()
    alert.get_by_role("link").click()

    # the ledger: what was written and shown, and until when what may be done
    row = row_of(page, sale.order_sn)
    expect(row).to_contain_text(BROKEN)
    expect(row.get_by_role("link", name="Picture 1")).to_have_attribute("href", PICTURE)
    expect(row).to_contain_text("the buyer may change it")
    expect(row).to_contain_text(re.compile(r"until \w"))
    expect(row).to_contain_text("not answered in public")

    # solve first: the case and its ladder
    row.get_by_role("link", name="Open a case: solve it first").click()
    page.get_by_label("What is wrong").select_option("damaged")
    expect(page.get_by_label("In the buyer's words, in short")).to_have_value(BROKEN)
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_text("Cheapest that satisfies:")).to_be_visible()
    best = page.locator("tr[data-tone=ok]")
    offered = best.locator(".strong").first.inner_text()
    best.get_by_role("button", name="Offer").click()
    expect(page.locator("#open-offer")).to_contain_text(offered)
    case = page.url

    # the letter of the playbook, released by a person
    page.get_by_role("link", name="Write to the buyer").click()
    take(page, "Apologise and solve the problem")
    send(page, letter(page, sale.order_sn), released=True)
    walk.passes(minutes=1)
    assert walk.arrived("向您道歉") == 1
    walk.sandbox.do(lambda s: s.shopee.buyer_writes(TAIWAN.shop_id, MEI, "mei", "好的，可以，謝謝", order_sn=sale.order_sn))
    walk.passes(minutes=10)
    page.goto(f"/conversations/{Run.objects.get().conversation_id}")
    ends = page.locator("#playbook .run-moves .primary")
    expect(page.locator("#playbook")).to_contain_text("the buyer accepts")
    ends.click()
    expect(ends).to_have_count(0)
    run = Run.objects.get()
    assert (run.version.key, run.state, run.outcome) == ("review-bad", "ended", "accepted")
    page.goto(case)
    page.get_by_role("button", name="Accepts").click()
    expect(page.locator("#loss")).to_be_visible()
    found = Case.objects.get()
    assert [(offer.state, offer.suggested) for offer in found.offers.all()] == [("accepted", True)]

    # answered below the review, where Shopee has a place for it
    page.goto("/reviews?show=low")
    row.get_by_text("Answer in public").click()
    row.get_by_role("textbox").fill("很抱歉讓您收到破損的燈罩，我們已經聯絡您並處理好了。")
    row.get_by_role("button", name="Answer", exact=True).click()
    walk.passes(minutes=1)
    assert "已經聯絡您" in rating["comment_reply"]["reply"]

    # what becomes of the review is the buyer's own affair
    walk.sandbox.do(lambda _s: market.rate_again(rating, 5, "店家處理得很好"))
    walk.passes(hours=1)
    page.goto("/reviews")
    expect(row).to_contain_text("店家處理得很好")
    expect(row).to_contain_text("The buyer has changed it already.")
    expect(row).to_contain_text("已經聯絡您")
    assert page.complaints == []


@pytest.mark.slow
def test_stars_without_a_word_are_asked_about_once_and_let_go(screen_of, walk: Walk, taiwan, bob):
    publishing.load_content()
    sale = bought(walk)
    walk.sandbox.do(lambda s: s.shopee.trade.rate(sale, 1, words=""))
    walk.passes(hours=1)
    page = screen_of(bob, "/reviews?show=low")
    expect(row_of(page, sale.order_sn)).to_contain_text("no words")
    page.goto(f"/conversations/{Run.objects.get().conversation_id}")
    take(page, "Ask once what was wrong")
    words = letter(page, sale.order_sn)
    assert "從您的評分看" in words
    send(page, words, released=True)
    walk.passes(minutes=1)
    assert walk.arrived("從您的評分看") == 1

    # nothing comes back: it rests, and nobody asks again
    walk.passes(days=6)
    run = Run.objects.get()
    assert (run.state, run.outcome) == ("ended", "no_answer")
    walk.passes(days=20)
    assert (Run.objects.count(), walk.arrived("從您的評分看")) == (1, 1)
    assert page.complaints == []


@pytest.mark.slow
def test_on_amazon_the_review_itself_is_left_alone_and_the_row_says_why(screen_of, walk: Walk, admin, bob):
    seed.open_amazon(walk.sandbox.port, [admin, bob])
    walk.passes(days=9)
    walk.passes(hours=13)
    page = screen_of(bob, "/reviews?show=low")
    row = page.locator("tr").filter(has_text="Verpackung beschädigt").first
    row.get_by_text("nothing may be done to the review itself").click()
    expect(row).to_contain_text("Asking to remove or change a review is forbidden, even after a refund.")
    expect(row).to_contain_text("Amazon communication guidelines")
    expect(row).to_contain_text("second-hand")
    expect(row).not_to_contain_text("the buyer may change it")
    expect(row.get_by_role("link", name="Open a case: solve it first")).to_be_visible()
    assert not Run.objects.exists()
    assert page.complaints == []
