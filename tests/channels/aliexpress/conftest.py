"""The pretend AliExpress, and a shop of it as its channel sees it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bridgedesk.channels import aliexpress_api
from bridgedesk.channels.base import Account
from bridgedesk.lib import clock
from bridgedesk.sandbox import aliexpress as pretend
from bridgedesk.sandbox.servers import Sandbox
from tests.channels.accounts import MemoryVault, account


class Later:
    """AliExpress's clock: ours and what was added."""

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
    aliexpress_api.TIME.forget()


@pytest.fixture
def fresh_shop(sandbox: Sandbox) -> Account:
    """A shop whose app is known and that nobody has authorised yet."""
    return account(
        str(pretend.SELLER),
        region="",
        options={"app_key": pretend.APP_KEY, "custom_base_url": sandbox.url},
        secrets={"app_secret": pretend.APP_SECRET},
    )


@pytest.fixture
def shop(fresh_shop: Account, sandbox: Sandbox) -> Account:
    """An authorised shop."""
    assert isinstance(fresh_shop.vault, MemoryVault)
    pair = sandbox.do(lambda servers: servers.aliexpress.pair())
    fresh_shop.vault.kept |= {name: (str(pair[name]), None) for name in ("access_token", "refresh_token")}
    return fresh_shop
