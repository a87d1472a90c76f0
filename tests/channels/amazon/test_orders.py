"""Orders of Amazon over the wire: read once, read again when they changed, with what the app may see."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bridgedesk.channels.amazon import Amazon
from bridgedesk.channels.base import Account, NeedsReconnect, Raw, SendError
from bridgedesk.channels.events import OrderSeen
from bridgedesk.sandbox.amazon_orders import AmazonOrder
from bridgedesk.sandbox.servers import Sandbox
from tests.channels.accounts import MemoryVault
from tests.channels.conftest import Later

AMAZON = Amazon()
SEARCH = "/orders/2026-01-01/orders"


def read(shop: Account, cursor: str = "") -> tuple[dict[str, OrderSeen], str, list[Raw]]:
    """Every page until there is no more."""
    raws: list[Raw] = []
    more = True
    while more:
        page = AMAZON.fetch(shop, cursor, "orders")
        raws, cursor, more = [*raws, *page.raws], page.cursor, page.more
    found = [event for raw in raws for event in AMAZON.parse(shop, raw)]
    return {event.external_id: event for event in found if isinstance(event, OrderSeen)}, cursor, raws


def test_the_first_look_turns_every_page(germany: Account, sandbox: Sandbox) -> None:
    wanted = sandbox.do(lambda servers: set(servers.amazon.orders))
    found, _cursor, raws = read(germany)
    assert set(found) == wanted
    assert len({raw.key for raw in raws}) == len(raws)
    assert all(raw.thread == f"order:{next(iter(AMAZON.parse(germany, raw))).external_id}" for raw in raws)  # type: ignore[union-attr]


def test_an_order_that_did_not_change_is_the_same_row(germany: Account) -> None:
    _found, cursor, first = read(germany)
    _again, _cursor, second = read(germany, cursor)
    assert {raw.key for raw in second} <= {raw.key for raw in first}


def test_an_order_that_changed_is_told_again(germany: Account, sandbox: Sandbox, later: Later, open_order: AmazonOrder) -> None:
    found, cursor, _raws = read(germany)
    assert found[open_order.id].state == "to_ship"
    sandbox.do(lambda servers: setattr(servers.amazon.orders[open_order.id], "wish_at", later.now()))
    later.let_pass(minutes=10)
    again, _cursor, _raws = read(germany, cursor)
    assert again[open_order.id].state == "cancelling"
    assert again[open_order.id].cancel_wish


def test_deadlines_move_on_the_platforms_clock(germany: Account, sandbox: Sandbox, later: Later) -> None:
    ours = sandbox.do(lambda servers: servers.amazon.place_order(fba=True))
    later.let_pass(minutes=5)
    found, cursor, _raws = read(germany)
    assert (found[ours.id].state, found[ours.id].fulfilled_by) == ("unpaid", "platform")
    later.let_pass(hours=9)
    again, _cursor, _raws = read(germany, cursor)
    assert again[ours.id].state == "shipped"


def test_a_page_whose_token_ended_begins_the_span_again(germany: Account, sandbox: Sandbox) -> None:
    cursor = AMAZON.fetch(germany, "", "orders").cursor
    found, _cursor, _raws = read(germany, cursor.replace('"5|', '"gone|'))
    assert set(found) == sandbox.do(lambda servers: set(servers.amazon.orders))


@pytest.mark.parametrize("cursor", ["x", "[]", "{}", '{"since": 5}', '{"since": "2026", "other": 1}'])
def test_a_cursor_that_is_not_ours_begins_anew(germany: Account, cursor: str) -> None:
    assert read(germany, cursor)[0]


def test_an_app_without_the_role_for_persons_reads_orders_without_them(germany: Account, sandbox: Sandbox) -> None:
    sandbox.do(lambda servers: setattr(servers.amazon, "may_see_buyers", False))
    found, cursor, _raws = read(germany)
    assert found
    assert all(order.buyer is None and order.address is None and order.lines for order in found.values())
    sandbox.fault(SEARCH, "status", status=500)
    with pytest.raises(SendError) as caught:
        AMAZON.fetch(germany, cursor, "orders")
    assert not caught.value.permanent


def test_there_are_no_messages_to_read(germany: Account) -> None:
    assert AMAZON.fetch(germany, "", "messages").raws == []


def test_a_refused_token_is_renewed_once(germany: Account, later: Later) -> None:
    read(germany)
    later.let_pass(hours=2)
    read(germany)
    assert isinstance(germany.vault, MemoryVault)
    assert germany.vault.renewals == 2


def test_a_withdrawn_authorisation_needs_a_person(germany: Account) -> None:
    assert isinstance(germany.vault, MemoryVault)
    germany.vault.kept["refresh_token"] = ("Atzr|other", None)
    with pytest.raises(NeedsReconnect, match="refresh token"):
        read(germany)


def test_a_wrong_client_secret_says_so(germany: Account) -> None:
    assert isinstance(germany.vault, MemoryVault)
    germany.vault.kept["client_secret"] = ("wrong", None)
    with pytest.raises(NeedsReconnect, match="client ID or secret"):
        read(germany)


def test_too_many_calls_wait_as_long_as_the_plan_says(germany: Account, sandbox: Sandbox) -> None:
    sandbox.fault(SEARCH, "status", status=429)
    with pytest.raises(SendError) as caught:
        read(germany)
    assert not caught.value.permanent
    assert caught.value.retry_after is not None
    assert timedelta(seconds=170) < caught.value.retry_after < timedelta(seconds=190)


def test_a_call_beyond_the_plan_is_not_made(germany: Account) -> None:
    asked: list[tuple[str, float, float]] = []

    def full(name: str, rate_per_s: float, burst: float) -> timedelta | None:
        asked.append((name, rate_per_s, burst))
        return timedelta(seconds=42)

    with pytest.raises(SendError) as caught:
        AMAZON.fetch(replace(germany, pace=full), "", "orders")
    assert caught.value.retry_after == timedelta(seconds=42)
    assert asked == [("amazon searchOrders", 0.0056, 20)]


def test_a_stored_shop_is_paced_by_its_bucket(db: None, make_shop: Any) -> None:
    from bridgedesk.shops.vault import account_of

    stored = account_of(make_shop("Germany", "amazon", region="DE"))
    assert stored.pace("amazon searchOrders", 0.0056, 1) is None
    wait = stored.pace("amazon searchOrders", 0.0056, 1)
    assert wait is not None
    assert wait > timedelta(seconds=60)
