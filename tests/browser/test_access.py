"""Who sees badly, uses no mouse, or wants nothing to move."""

import pytest
from playwright.sync_api import expect

from bridgedesk.conversations import templates
from bridgedesk.team.models import Agent
from tests.browser.contrast import too_faint
from tests.browser.shelves import stocked
from tests.browser.world import fill


@pytest.fixture
def talks(transactional_db, alice, bob):
    templates.load_content()
    return fill(alice, bob)


def test_every_text_stands_out_from_its_ground_in_both_themes(screen_of, talks, alice):
    pages = {
        "/": "#rows",
        f"/conversations/{talks['林怡君'].pk}": "#composer",
        f"/conversations/{talks['陳柏翰'].pk}": "#composer",
        "/search?q=lamp": "#found",
        "/templates": "main h1",
        "/playbooks": "main h1",
        "/policies": "main h1",
        "/shops": "main h1",
        "/sync": "main h1",
        "/activity": "main h1",
        "/team": "main h1",
        "/me": "main h1",
        "/today": "main h1",
        "/orders": "main h1",
        "/orders/check": "main h1",
        "/parcels": "main h1",
        "/reviews": "main h1",
        "/reviews/ask": "main h1",
        "/reviews/skus": "main h1",
        "/remedies": "main h1",
        "/figures": "main h1",
    }
    assert faint_on(pages, screen_of, alice) == []


def test_every_text_of_the_warehouse_stands_out_from_its_ground(screen_of, transactional_db, make_shop, alice):
    shop = make_shop("Lumi Home", "shopee", region="TW")
    shop.agents.set([alice])
    templates.load_content()
    pages = dict.fromkeys((path for name, path in stocked(shop, alice).items() if name != "packing-list"), "main h1")
    assert faint_on(pages, screen_of, alice) == []


def faint_on(pages, screen_of, alice):
    """What is too faint, in both themes, the palette included; `pages` says of each address what must be there first."""
    faint = []
    for theme in ("light", "dark"):
        Agent.objects.filter(pk=alice.pk).update(theme=theme)
        page = screen_of(alice, color_scheme=theme, reduced_motion="reduce")
        for path, there in pages.items():
            page.goto(path)
            expect(page.locator(there).first).to_be_visible()
            faint += [f"{theme} {path} {line}" for line in too_faint(page)]
        page.goto("/")
        page.keyboard.press("Control+k")
        expect(page.locator("#palette-list [role=option]").first).to_be_visible()
        faint += [f"{theme} palette {line}" for line in too_faint(page)]
    return faint


def test_by_tab_alone_every_stop_is_seen(screen_of, talks, bob):
    page = screen_of(bob, f"/conversations/{talks['Kelvin Tan'].pk}", reduced_motion="reduce")
    expect(page.locator("#composer")).to_be_visible()
    seen = """() => { const one = document.activeElement; if (!one || one === document.body) return "";
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
      const box = one.getBoundingClientRect();
      const held = one.closest(".pick, label") ?? one;
      const visible = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
      const there = held.getBoundingClientRect().width > 0 && box.width > 0;
      return [one.id || one.className || one.tagName, visible || boxShadow !== "none", there].join("|"); }"""
    stops = []
    page.locator("#talk-head .button:visible").first.focus()
    for _step in range(30):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(seen))
    assert [stop for stop in stops if "|false" in stop] == []
    assert any(stop.startswith("words|") for stop in stops), stops
    assert any(stop.startswith("send|") for stop in stops), stops


def test_nothing_moves_for_who_asked_for_stillness(screen_of, talks, bob):
    page = screen_of(bob, f"/conversations/{talks['Kelvin Tan'].pk}", reduced_motion="reduce")
    moving = """() => document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 10).length"""
    page.locator(".entry-link").first.click()
    page.keyboard.press("?")
    assert page.evaluate(moving) == 0
