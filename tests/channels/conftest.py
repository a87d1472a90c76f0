"""The pretend platforms with a hand on their clock, and a shop of the pretend Shopee as its channel sees it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bridgedesk.channels import aliexpress_api, amazon_api, shopee_api
from bridgedesk.channels.base import Account
from bridgedesk.lib import clock
from bridgedesk.sandbox import shopee_keys as keys
from bridgedesk.sandbox.scenery import TAIWAN
from bridgedesk.sandbox.servers import Sandbox
from tests.channels.accounts import MemoryVault, account


class Later:
    """The platforms' clock: ours and what was added."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return clock.now() + self.ahead

    def let_pass(self, **span: int) -> None:
        self.ahead += timedelta(**span)


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def sandbox(settings: Any, later: Later) -> Iterator[Sandbox]:
    with Sandbox(now=later.now) as world:
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{world.port}"}
        yield world
    shopee_api._measured.clear()
    shopee_api._offsets.clear()
    aliexpress_api.TIME.forget()
    amazon_api._granted.clear()


@pytest.fixture
def fresh_shop(sandbox: Sandbox) -> Account:
    """A shop whose app is known and that nobody has authorised yet."""
    return account(
        str(TAIWAN.shop_id),
        region="TW",
        base_url=sandbox.url,
        options={"partner_id": keys.PARTNER_ID, "callback_url": "https://desk.example/in/shopee/1"},
        secrets={"partner_key": keys.PARTNER_KEY},
    )


@pytest.fixture
def taiwan(fresh_shop: Account, sandbox: Sandbox) -> Account:
    """An authorised shop."""
    assert isinstance(fresh_shop.vault, MemoryVault)
    pair = sandbox.tokens()
    fresh_shop.vault.kept |= {name: (str(pair[name]), None) for name in ("access_token", "refresh_token")}
    return fresh_shop


@pytest.fixture
def told() -> Callable[..., Account]:
    """The same shop with other options."""
    return lambda shop, **options: replace(shop, options={**shop.options, **options})


@pytest.fixture
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that are not about rate limits run faster than a shop does."""
    monkeypatch.setattr("bridgedesk.sandbox.shopee.CALLS_PER_SECOND", 100_000)
