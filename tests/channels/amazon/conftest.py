"""The pretend Amazon, a shop of it, and a hand on its clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bridgedesk.channels import amazon_api
from bridgedesk.channels.base import Account
from bridgedesk.lib import clock
from bridgedesk.sandbox import amazon as pretend
from bridgedesk.sandbox.amazon_orders import AmazonOrder
from bridgedesk.sandbox.servers import Sandbox
from tests.channels.accounts import account


class Later:
    """Amazon's clock: ours and what was added."""

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
    amazon_api._granted.clear()


@pytest.fixture
def germany(sandbox: Sandbox) -> Account:
    """A shop with everything typed, not logged in yet."""
    return account(
        pretend.SELLER,
        region="DE",
        options={"client_id": pretend.CLIENT_ID, "custom_base_url": sandbox.url},
        secrets={"client_secret": pretend.CLIENT_SECRET, "refresh_token": pretend.REFRESH_TOKEN},
    )


@pytest.fixture
def open_order(sandbox: Sandbox, later: Later) -> AmazonOrder:
    """Paid, for us to ship."""
    return sandbox.do(lambda servers: servers.amazon.place_order(placed=later.now() - timedelta(hours=3)))
