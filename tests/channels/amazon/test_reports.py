"""Reports of Amazon over the wire: asked for, waited for without waiting, read once."""

import gzip
from datetime import UTC, datetime
from typing import Any

import pytest

from bridgedesk.channels import amazon_reports, amazon_told
from bridgedesk.channels.amazon import Amazon
from bridgedesk.channels.amazon_reports import SHARES, Asked, shares, table, text, unpacked
from bridgedesk.channels.base import Account, SendError
from bridgedesk.channels.events import HealthSeen, ReturnSeen, ReviewSeen, StockSeen
from bridgedesk.lib import clock
from bridgedesk.sandbox.servers import Sandbox
from tests.channels.conftest import Later

AMAZON = Amazon()
CREATE = "/reports/2021-06-30/reports"


def looks(shop: Account, later: Later, feed: str, cursor: str = "", times: int = 2) -> tuple[list[Any], str]:
    """What several looks bring, ten minutes apart for Amazon."""
    found: list[Any] = []
    for _ in range(times):
        page = AMAZON.fetch(shop, cursor, feed)
        assert not page.more
        found += [event for raw in page.raws for event in AMAZON.parse(shop, raw)]
        cursor = page.cursor
        later.let_pass(minutes=10)
    return found, cursor


def asked(sandbox: Sandbox) -> list[str]:
    return sandbox.do(lambda servers: [made.kind for made in servers.amazon.made.values()])


def test_figures_come_at_the_second_look(germany: Account, later: Later) -> None:
    first = AMAZON.fetch(germany, "", "health")
    assert first.raws == []
    later.let_pass(minutes=10)
    found, _cursor = looks(germany, later, "health", first.cursor, times=1)
    figures = {event.name: event for event in found if isinstance(event, HealthSeen)}
    assert {"late_shipment_rate", "order_defect_rate", "valid_tracking_rate"} <= set(figures)
    assert (figures["late_shipment_rate"].target, figures["late_shipment_rate"].comparator) == (4, "<")


def test_a_report_not_ready_yet_is_looked_after_again(germany: Account, sandbox: Sandbox) -> None:
    cursor = ""
    for _ in range(3):
        page = AMAZON.fetch(germany, cursor, "health")
        assert page.raws == []
        cursor = page.cursor
    assert len(asked(sandbox)) == 1


def test_a_report_is_not_asked_for_before_its_time(germany: Account, sandbox: Sandbox, later: Later) -> None:
    looks(germany, later, "reviews", times=6)
    assert len(asked(sandbox)) == 1


def test_feedback_of_buyers_is_read(germany: Account, later: Later, sandbox: Sandbox) -> None:
    later.let_pass(days=9)
    found, _cursor = looks(germany, later, "reviews")
    reviews = [event for event in found if isinstance(event, ReviewSeen)]
    assert reviews
    assert all(1 <= review.stars <= 5 and review.order and review.at and review.changeable == "" for review in reviews)


def test_returns_to_us_and_to_amazon_are_read(germany: Account, later: Later) -> None:
    later.let_pass(days=20)
    found, _cursor = looks(germany, later, "returns")
    returns = [event for event in found if isinstance(event, ReturnSeen)]
    assert {event.state for event in returns} == {"agreed", "closed"}


def test_stock_of_both_warehouses_is_read_and_only_changes_are_stored_again(germany: Account, later: Later, sandbox: Sandbox) -> None:
    found, cursor = looks(germany, later, "stock")
    levels = {event.sku: event.listed for event in found if isinstance(event, StockSeen)}
    assert levels == {"LH-LAMP-01": 12, "LH-TIMER-02": 21, "LH-BAG-03": 30, "LH-BAG-03-FBA": 7}
    sandbox.do(lambda servers: servers.amazon.stock.update({"LH-TIMER-02": 2}))
    with clock.frozen(clock.now() + amazon_reports.HOUR * 2):
        later.ahead -= amazon_reports.HOUR * 2
        again, _cursor = looks(germany, later, "stock", cursor)
    assert {event.sku: event.listed for event in again} == {"LH-TIMER-02": 2}


def test_a_report_without_its_role_rests_and_the_other_comes(germany: Account, later: Later, sandbox: Sandbox) -> None:
    sandbox.fault(CREATE, "status", status=403)
    later.let_pass(days=20)
    found, _cursor = looks(germany, later, "returns", times=4)
    assert asked(sandbox) == ["GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"]
    assert {event.meta.get("by_platform") for event in found if isinstance(event, ReturnSeen)} == {"yes"}


def test_trouble_in_between_loses_nothing(germany: Account, later: Later, sandbox: Sandbox) -> None:
    first = AMAZON.fetch(germany, "", "health")
    later.let_pass(minutes=10)
    sandbox.fault(f"{CREATE}/{sandbox.do(lambda servers: next(iter(servers.amazon.made)))}", "status", status=503)
    with pytest.raises(SendError):
        AMAZON.fetch(germany, first.cursor, "health")
    assert looks(germany, later, "health", first.cursor, times=1)[0]


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(SendError):
        unpacked(gzip.compress(b"0" * (amazon_reports.MOST + 10)))
    with pytest.raises(SendError):
        unpacked(b"not packed")


@pytest.mark.parametrize(("coding", "region"), [("utf-8", "DE"), ("utf-8-sig", "DE"), ("cp1252", "FR"), ("cp932", "JP")])
def test_files_are_read_in_the_writing_of_their_marketplace(coding: str, region: str) -> None:
    said = "配送が遅い" if region == "JP" else "Très déçue"
    assert text(said.encode(coding), region) == said


def test_headings_are_read_however_they_are_written(germany: Account) -> None:
    rows = list(table(b"Order ID\tMerchant SKU\r\n1-2\tA\r\n\r\n3-4\tB\textra\r\n", germany))
    assert [(row["order-id"], row["merchant-sku"]) for row in rows] == [("1-2", "A"), ("3-4", "B")]


def test_a_long_list_is_cut_into_shares_that_stay_the_same() -> None:
    rows = [{"seller-sku": f"SKU-{number}", "quantity": "1"} for number in range(2000)]
    known = Asked()
    first = shares("listings", rows, "seller-sku", known)
    assert len(first) == SHARES
    rows[77]["quantity"] = "0"
    assert len(shares("listings", rows, "seller-sku", known)) == 1
    assert shares("listings", rows, "seller-sku", known) == []


@pytest.mark.parametrize(
    ("said", "region", "day"),
    [("11/7/26", "US", (2026, 11, 7)), ("07/11/26", "GB", (2026, 11, 7)), ("07.11.2026", "DE", (2026, 11, 7)),
     ("2026/11/07", "JP", (2026, 11, 7)),
     ("26/11/07", "JP", (2026, 11, 7)), ("11/27/26", "GB", (2026, 11, 27)), ("07-Nov-2026", "IN", (2026, 11, 7)),
     ("2026-11-07", "DE", (2026, 11, 7))],
)  # fmt: skip
def test_days_are_read_in_the_order_of_the_marketplace(said: str, region: str, day: tuple[int, int, int]) -> None:
    assert amazon_told.day(said, region) == datetime(*day, tzinfo=UTC)


@pytest.mark.parametrize("said", ["", "soon", "99/99/99", "1/2", "0/0/0000"])
def test_what_is_no_day_is_none(said: str) -> None:
    assert amazon_told.day(said, "US") is None
