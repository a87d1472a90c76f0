"""A shop of the pretend Amazon as its channel sees it."""

from datetime import timedelta

import pytest

from bridgedesk.channels.base import Account
from bridgedesk.sandbox import amazon as pretend
from bridgedesk.sandbox.amazon_orders import AmazonOrder
from bridgedesk.sandbox.servers import Sandbox
from tests.channels.accounts import account
from tests.channels.conftest import Later


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
