"""The desk in one hand: tables are cards, and what can be done with a conversation has its name."""

import pytest
from playwright.sync_api import expect

from bridgedesk.conversations import templates
from bridgedesk.team.models import Agent
from tests.browser.world import fill

PHONE = {"width": 390, "height": 844}
TABLES = ["/shops", "/team", "/sync", "/activity", "/templates", "/policies?platform=shopee", "/webhooks"]


@pytest.fixture
def dora(make_agent, transactional_db):
    admin = make_agent("dora", Agent.Role.ADMIN, shown_name="Dora")
    fill(admin, make_agent("bob", shown_name="Bob"))
    templates.load_content()
    return admin


def test_no_table_is_scrolled_sideways_by_thumb(screen_of, dora):
    page = screen_of(dora, **PHONE)
    for path in TABLES:
        page.goto(path)
        page.wait_for_load_state("load")
        wide = page.evaluate("[...document.querySelectorAll('.table-wrap')].filter((box) => box.scrollWidth > box.clientWidth + 1).length")
        assert (path, wide) == (path, 0)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_cell_of_a_card_says_the_word_of_its_column(screen_of, dora):
    page = screen_of(dora, **PHONE)
    page.goto("/team")
    cell = page.locator(".table tbody tr").first.locator("td").nth(1)
    expect(cell).to_have_attribute("data-label", "Role")
    expect(page.locator(".table thead").first).not_to_be_in_viewport()


def test_what_can_be_done_with_a_conversation_has_its_name_by_thumb(screen_of, dora):
    page = screen_of(dora, **PHONE)
    page.goto("/")
    page.locator(".entry-link").first.tap()
    acts = page.locator(".talk-acts .button.square")
    expect(acts.first).to_be_visible()
    shown = acts.evaluate_all("(all) => all.map((one) => getComputedStyle(one, '::after').content)")
    assert '"Snooze"' in shown
    assert "none" not in shown
    for box in [one.bounding_box() for one in acts.all()]:
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= 390
