"""Every page in every language, theme and width: no complaint of the browser, nothing wider than the screen.

With BRIDGEDESK_SHOTS=folder the pictures are kept there.
"""

import os
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bridgedesk.channels.events import HealthSeen, ParcelSeen, PenaltySeen, ReturnSeen, ReviewSeen, TrackEvent
from bridgedesk.conversations import templates
from bridgedesk.lib import clock
from bridgedesk.lib.money import Money
from bridgedesk.orders import actions as orders
from bridgedesk.orders import findings
from bridgedesk.orders.models import Order
from bridgedesk.playbooks import drafts, publishing, trials
from bridgedesk.remedies import actions as remedies
from bridgedesk.reviews import actions as reviews
from bridgedesk.shops import rating
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent
from tests.browser.shelves import stocked
from tests.browser.world import fill
from tests.orders.test_findings import BERLIN, PAID

SHOTS = os.environ.get("BRIDGEDESK_SHOTS", "")
THEMES = ("light", "dark") if SHOTS else ("light",)
LANGUAGES = ("zh-hans", "zh-hant", "en")
WIDTHS = (1440, 1280, 390)
FITS = """() => [document.documentElement, document.querySelector("main")].every(one => !one || one.scrollWidth <= one.clientWidth)"""
"""The page scrolls within `main`: both are looked at."""


def judged(alice: Agent) -> Shop:
    """A shop with ratings, a return that waits for an answer, and figures of the platform."""
    shop, now = Shop.objects.visible_to(alice).order_by("pk")[0], clock.now()
    reviews.see(shop, ReviewSeen("r1", order="A1", stars=2, text="燈不亮，很失望" * 20, at=now, buyer="mei", changeable="yes"))
    reviews.see(shop, ReviewSeen("r2", order="A2", stars=5, text="Cantik!", at=now, reply="Terima kasih", changeable="used"))
    remedies.see(shop, ReturnSeen("2511120RET00001", "A1", "REQUESTED", "asked", "FUNCTIONAL_DMG", "燈不亮", Money(119_700, "TWD"), now,
                                  answer_by=now + timedelta(hours=5), goods_come_back=True))  # fmt: skip
    for day, value in enumerate((70, 74, 82)):
        rating.see_figure(shop, HealthSeen("response_rate", Decimal(value), "percent", now - timedelta(days=2 - day), Decimal(75), ">="))
    rating.see_penalty(shop, PenaltySeen("p1", 2, "23", now))
    return shop


def traded(shop: Shop) -> Order:
    """An order whose parcel waits in its shop with a long way behind it, one to check, one whose buyer wishes to cancel."""
    now = clock.now()
    with clock.frozen(now - timedelta(days=40)):
        orders.see(shop, replace(PAID, external_id="2511120PAIDLATE", ship_by=clock.now() + timedelta(hours=3), at=clock.now()))
    scans = tuple(TrackEvent(now - timedelta(days=9 - n), f"Arrived at sorting centre number {n}", "in_transit", "台北") for n in range(5))
    waits = TrackEvent(now - timedelta(days=3), "Ready for pickup", "pickup_ready", "7-ELEVEN 信義門市")
    parcel = ParcelSeen(
        "2511120SENT", number="LP00012345678912", carrier="Cainiao", status="pickup_ready", at=waits.at, events=(*scans, waits)
    )
    sent = orders.see(shop, replace(PAID, external_id="2511120SENT", state="shipped", at=waits.at, parcels=(parcel,)))
    long = replace(BERLIN, lines=("Donaudampfschifffahrtsgesellschaftsstraße",), name="Anna-Katharina von und zu Beispielhausen")
    for n in range(3):
        told = replace(
            PAID, external_id=f"2511120CHECK{n}", address=long, buyer_note="請給我藍色的，謝謝" * 6, ship_by=now + timedelta(hours=20 + n)
        )
        orders.see(shop, replace(told, placed_at=now - timedelta(days=n * 3), at=now))
    wish = {"state": "cancelling", "cancel_wish": "changed my mind", "cancel_answer_by": now + timedelta(hours=5), "at": now}
    orders.see(shop, replace(PAID, external_id="2511120CANCEL", **wish))
    findings.check_waiting()
    return sent


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_every_screen(screen_of, transactional_db, make_agent, language):
    alice = make_agent("alice", Agent.Role.LEAD, shown_name="Alice", language=language)
    talks = fill(alice, make_agent("bob", shown_name="Bob"))
    templates.load_content()
    publishing.load_content()
    drafts.begin("return-without-reason", by=alice)
    shop = judged(alice)
    tried = drafts.begin("damaged", by=alice)
    trials.begin(tried, 20, [shop], note="a photo is asked for first", base=1, by=alice)
    sent = traded(shop)
    pages = {
        "reviews": "/reviews",
        "reviews-ask": "/reviews/ask",
        "reviews-skus": "/reviews/skus",
        "reviews-sku": "/reviews/skus/none",
        "returns": "/remedies",
        "figures": "/figures",
        "figures-letters": "/figures/letters",
        "figures-basis": "/figures/basis",
        "shop": f"/shops/{shop.pk}",
        "orders": "/orders",
        "order": f"/orders/{sent.pk}",
        "evidence": f"/orders/{sent.pk}/evidence",
        "cancel": f"/orders/{Order.objects.get(external_id='2511120CANCEL').pk}",
        "check": "/orders/check",
        "parcels": "/parcels",
        "today": "/today",
        "inbox": "/",
        "thread": f"/conversations/{talks['林怡君'].pk}",
        "states": f"/conversations/{talks['陳柏翰'].pk}",
        "search": "/search?q=訂",
        "templates": "/templates",
        "playbooks": "/playbooks",
        "playbook": "/playbooks/return-without-reason",
        "playbook-edit": "/playbooks/return-without-reason/edit",
        "playbook-trial": "/playbooks/damaged/trial",
        "playbook-simulate": "/playbooks/return-without-reason/simulate",
        "playbook-new": "/playbooks/new",
        "template": "/templates/new",
        "policies": "/policies?platform=shopee",
        "imports": "/imports",
        "exports": "/exports",
        "help": "/help",
        "404": "/nowhere",
    }
    look_at(pages, screen_of, alice, language)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_warehouse_and_what_buyers_are_told_fit_every_screen(screen_of, transactional_db, make_agent, make_shop, language):
    alice = make_agent("alice", Agent.Role.LEAD, shown_name="Alice", language=language)
    shop = make_shop("臺灣旗艦店 Lumi Home Living & Lighting Official", "shopee", region="TW")
    shop.agents.set([alice])
    templates.load_content()
    look_at(stocked(shop, alice), screen_of, alice, language)


def look_at(pages, screen_of, alice, language):
    """Each page in every theme and width: no complaint of the browser, nothing wider than the screen, every row there."""
    for theme in THEMES:
        Agent.objects.filter(pk=alice.pk).update(theme=theme)
        for width in WIDTHS:
            page, wide = screen_of(alice, width=width, height=844 if width < 700 else 900, color_scheme=theme), []
            for name, path in pages.items():
                page.goto(path)
                page.wait_for_load_state("load")
                page.wait_for_timeout(400) if SHOTS else None
                wide += [] if page.evaluate(FITS) else [f"{name} is wider than {width}"]
                if SHOTS:
                    Path(SHOTS).mkdir(parents=True, exist_ok=True)
                    page.screenshot(path=f"{SHOTS}/{name}-{language}-{theme}-{width}.png")
            assert wide + [c for c in page.complaints if "404" not in c] == []
