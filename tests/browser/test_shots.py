"""Every page in every language, theme and width: no complaint of the browser, nothing wider than the screen.

With BRIDGEDESK_SHOTS=folder the pictures are kept there.
"""

import os
from pathlib import Path

import pytest

from bridgedesk.team.models import Agent
from tests.browser.world import fill

SHOTS = os.environ.get("BRIDGEDESK_SHOTS", "")
THEMES = ("light", "dark") if SHOTS else ("light",)
LANGUAGES = ("zh-hans", "zh-hant", "en")
WIDTHS = (1440, 1280, 390)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_every_screen(screen_of, transactional_db, make_agent, language):
    alice = make_agent("alice", Agent.Role.LEAD, shown_name="Alice", language=language)
    talks = fill(alice, make_agent("bob", shown_name="Bob"))
    pages = {
        "inbox": "/",
        "thread": f"/conversations/{talks['林怡君'].pk}",
        "states": f"/conversations/{talks['陳柏翰'].pk}",
        "search": "/search?q=訂",
        "templates": "/templates",
        "template": "/templates/new",
        "policies": "/policies?platform=shopee",
        "help": "/help",
        "404": "/nowhere",
    }
    for theme in THEMES:
        Agent.objects.filter(pk=alice.pk).update(theme=theme)
        for width in WIDTHS:
            page = screen_of(alice, width=width, height=844 if width < 700 else 900, color_scheme=theme)
            for name, path in pages.items():
                page.goto(path)
                page.wait_for_load_state("load")
                page.wait_for_timeout(400) if SHOTS else None
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than {width}"
                if SHOTS:
                    Path(SHOTS).mkdir(parents=True, exist_ok=True)
                    page.screenshot(path=f"{SHOTS}/{name}-{language}-{theme}-{width}.png")
            assert [c for c in page.complaints if "404" not in c] == []
