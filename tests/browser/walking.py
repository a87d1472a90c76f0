"""What the walks of an order share: platforms and workers whose clock is turned on, and the steps that are the same everywhere."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Locator, Page, expect

from bridgedesk import jobs
from bridgedesk.conversations import templates
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order
from bridgedesk.products import actions as products
from bridgedesk.products.models import Listing, Product, Sku
from bridgedesk.sandbox import scenery, seed
from bridgedesk.sandbox.servers import Sandbox
from bridgedesk.shops.models import Shop
from bridgedesk.sync.models import Cursor, Delivery
from bridgedesk.team.models import Agent

WORKER = (jobs.sweep, jobs.watch_all_parcels, jobs.watch_deadlines)
MOST = 500


@dataclass
class Walk:
    """The outside world, and our worker beside it. Only `passes` moves time; the web process keeps its own hour."""

    sandbox: Sandbox
    ahead: timedelta = field(default_factory=timedelta)

    def passes(self, **span: float) -> None:
        """Let days, hours, minutes pass at once: platforms, carriers and buyers go on, then the worker does what is due."""
        self.sandbox.do(lambda servers: servers.world.leap(timedelta(**span)))
        self.ahead += timedelta(**span)
        for _round in range(3):
            for each in WORKER:
                each.func(0)
            self._work()
        assert not Cursor.objects.exclude(error="").values_list("feed", "error")
        assert not Delivery.objects.filter(state="failed").exists()

    def _work(self) -> None:
        """Every job whose time has come, and those they made necessary."""
        for _job in range(MOST):
            with connection.cursor() as cursor:
                cursor.execute(_TAKE, [clock.now()])
                taken = cursor.fetchone()
            if taken is None:
                return
            jobs.app.tasks[taken[0]].func(**json.loads(taken[1]))
        raise AssertionError("the worker finds no end")

    def arrived(self, words: str) -> int:
        """How many messages with these words reached buyers."""
        return sum(words in row.text for row in self.sandbox.arrived)


_TAKE = """
delete from procrastinate_jobs where id = (
  select id from procrastinate_jobs where status = 'todo' and (scheduled_at is null or scheduled_at <= %s) order by id limit 1)
returning task_name, args::text
"""


@pytest.fixture
def walk(transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    """The pretend platforms, and a worker that never looks at the wall's clock."""
    monkeypatch.setattr("bridgedesk.sandbox.shopee.CALLS_PER_SECOND", 100_000)
    with _platforms() as made:
        settings.ALLOW_PRIVATE = frozenset(f"127.0.0.1:{made.sandbox.port + n}" for n in range(3))
        wall = clock.now
        monkeypatch.setattr(clock, "now", lambda: wall() + made.ahead)
        templates.load_content()
        yield made


@contextmanager
def _platforms() -> Iterator[Walk]:
    with Sandbox(speed=1.0) as sandbox:
        yield Walk(sandbox)


def opened(walk: Walk, shop_id: str, agents: list[Agent]) -> Shop:
    """That pretend shop, connected, with its goods on our shelves; `agents` look after it, the last of them adopted the goods."""
    made: Shop = seed.open_shop(scenery.stage(shop_id), walk.sandbox.port, agents)
    walk.passes(minutes=1)
    products.adopt(Listing.objects.filter(shop=made), by=agents[-1])
    return made


@pytest.fixture
def taiwan(walk: Walk, admin: Agent, alice: Agent, bob: Agent) -> Shop:
    """The Shopee shop in Taiwan, what it lists taken over as articles."""
    return opened(walk, str(scenery.TAIWAN.shop_id), [admin, bob, alice])


def shelve(*codes: str) -> None:
    """Articles the packers know by these codes."""
    product = Product.objects.create(name="Lamp", created_at=clock.now())
    for code in codes:
        Sku.objects.create(product=product, code=code, name=code, created_at=clock.now())


def order_of(number: str) -> Order:
    return Order.objects.get(external_id=number)


def scan(page: Page, code: str) -> None:
    """A scanner types its code and presses Enter, wherever the cursor is."""
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def says(page: Page, verdict: str, words: str = "") -> None:
    there = page.locator(f'#station .verdict[data-verdict="{verdict}"]')
    expect(there).to_be_visible()
    expect(there).to_contain_text(words)


def card_of(page: Page, number: str) -> Locator:
    """The card of that order on the worklist or the list of notices."""
    return page.locator(".check-card").filter(has_text=number)


def send(page: Page, text: str, *, released: bool = False) -> None:
    """What the agent wrote goes out; `released`: the platform wants a person to answer for it."""
    words = page.locator("#words")
    words.fill(text)
    if released:
        page.locator("[data-release]").click()
    page.locator("#send:enabled").click()
    expect(words).to_have_value("")


def leave_remark(page: Page, kind: str, text: str, other: str = "") -> None:
    """On the order's page."""
    page.get_by_text("Leave a remark").click()
    form = page.locator("form[action$='/do/remark']")
    form.locator("[name=kind]").select_option(kind)
    form.locator("[name=text]").fill(text)
    form.locator("[name=other]").fill(other)
    form.get_by_role("button", name="Keep").click()
    expect(page.get_by_text(text).first).to_be_visible()


def pack(page: Page, number: str, *, wrong: str, right: list[str]) -> None:
    """The remark read, the wrong article caught, the right ones in, the parcel closed."""
    page.goto("/packing")
    scan(page, number)
    says(page, "stop", "A remark for the packers is not acknowledged")
    page.get_by_role("button", name="Read and understood").click()
    says(page, "", "Scan the first article")
    scan(page, wrong)
    says(page, "wrong", "Put it back")
    for place, code in enumerate(right, 1):
        scan(page, code)
        says(page, "complete" if place == len(right) else "right")
    page.get_by_role("button", name="Close the parcel", exact=True).click()
    says(page, "closed")


def dispatch(page: Page, number: str, *, mistyped: str, carrier: str) -> None:
    """The number on the label is typed: a wrong check digit is caught, the right one names the carrier."""
    scan(page, mistyped)
    says(page, "not_label", "check digit of this number is wrong")
    scan(page, number)
    says(page, "gone", carrier)
    says(page, "gone", "check digit right")
    expect(page.get_by_role("button", name="Open it again")).to_have_count(0)


def trouble(page: Page, number: str, code: str) -> Locator:
    """What is wrong with that order's parcel, on the page of parcels."""
    page.goto("/parcels")
    found = page.locator("tr").filter(has_text=number).locator(f"[data-finding={code}]")
    expect(found).to_be_visible()
    return found


def release(walk: Walk, page: Page, number: str, tracking: str) -> None:
    """The one notice that waits for a person goes out, and reaches the buyer once; not before."""
    card, before = card_of(page, number), walk.arrived(tracking)
    card.get_by_role("button", name="Release").click()
    expect(card).to_have_count(0)
    assert walk.arrived(tracking) == before
    walk.passes(minutes=1)
    assert walk.arrived(tracking) == before + 1


def fetched(walk: Walk, page: Page, order: Order, *, complaints: list[str]) -> None:
    """The buyer fetches the parcel: the order says so, no parcel is in trouble, and no screen had anything to complain of."""
    walk.passes(days=3)
    page.goto(f"/orders/{order.pk}")
    expect(page.locator(f"#parcel-{order.parcels.get().pk}")).to_contain_text("delivered")
    page.goto("/parcels")
    expect(page.get_by_text("No parcel is in trouble")).to_be_visible()
    assert [said for said in complaints if "409" not in said] == []


Screen = Callable[..., Page]
