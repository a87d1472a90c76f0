"""The release list by keys, by click and by thumb."""

import os

import pytest
from playwright.sync_api import expect

from bridgedesk.channels.events import LineSeen, MessageReceived, OrderSeen, ParcelSeen, Person
from bridgedesk.conversations import actions, notices, templates
from bridgedesk.conversations.models import Conversation
from bridgedesk.conversations.notice_models import Notice
from bridgedesk.lib import clock
from bridgedesk.orders import actions as orders
from bridgedesk.team.models import Agent
from tests.browser.contrast import too_faint

SPOKEN = ("zh-Hant", "th", "en")


@pytest.fixture
def waiting(transactional_db, make_shop, alice, bob):
    """Three reminders that Shopee lets only a person send, and one notice that it forbids."""
    templates.load_content()
    shop = make_shop("Lumi Home", "shopee", region="TW")
    shop.agents.set([alice, bob])
    for place, language in enumerate(SPOKEN):
        number, now = f"ON-{place}", clock.now()
        order = orders.see(shop, OrderSeen(number, state="shipped", status="SHIPPED", lines=(LineSeen("l1", 1, "Lamp"),), at=now))
        orders.see_parcel(shop, ParcelSeen(number, number="LX123456785CN", carrier="China Post", status="in_transit", at=now))
        heard = actions.receive(
            shop, MessageReceived(f"t{place}", f"m{place}", Person(f"u{place}", name="Anna"), now, "Hello", order=number)
        )
        Conversation.objects.filter(pk=heard.conversation_id).update(language=language, order_ref=number)
        notices.queue_notice(shop, order, "pickup_reminder", template="parcel-shipped")
    notices.queue_notice(shop, order, "shipping_notice")
    return list(Notice.objects.filter(state="waiting").order_by("pk"))


def test_bob_works_the_list_off_with_keys_and_the_rest_at_once(screen_of, waiting, bob):
    page = screen_of(bob, "/notices")
    first, second, third = (page.locator(f"#notice-{row.pk}") for row in waiting)
    expect(first).to_have_attribute("aria-current", "true")
    expect(first.locator("blockquote")).to_have_attribute("lang", "zh-Hant")
    page.keyboard.press("Enter")
    expect(first).to_have_count(0)
    expect(second).to_have_attribute("aria-current", "true")
    assert Notice.objects.get(pk=waiting[0].pk).settled_by == bob
    page.keyboard.press("j")
    page.keyboard.press("d")
    expect(third).to_have_count(0)
    page.get_by_label("Choose all that are ready").check()
    page.get_by_role("button", name="Release the chosen").click()
    expect(page.get_by_text("No notice waits for you")).to_be_visible()
    assert sorted(Notice.objects.values_list("state", flat=True)) == ["blocked", "dismissed", "sent", "sent"]
    assert page.complaints == []


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_the_list_fits_every_screen_in_both_themes(screen_of, waiting, bob, language):
    faint: list[str] = []
    for theme in ("light", "dark"):
        Agent.objects.filter(pk=bob.pk).update(language=language, theme=theme)
        for width in (1440, 390):
            page = screen_of(bob, "/notices", width=width, height=900, color_scheme=theme, reduced_motion="reduce")
            for tab in ("waiting", "blocked", "settled"):
                page.goto(f"/notices?tab={tab}")
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (tab, width)
                faint.extend(too_faint(page))
                if folder := os.environ.get("BRIDGEDESK_SHOTS"):
                    page.screenshot(path=f"{folder}/notices-{tab}-{language}-{theme}-{width}.png", full_page=True)
            assert page.complaints == []
    assert faint == []
