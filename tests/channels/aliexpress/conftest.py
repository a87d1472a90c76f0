"""A shop of the pretend AliExpress as its channel sees it."""

import pytest

from bridgedesk.channels.base import Account
from bridgedesk.sandbox import aliexpress as pretend
from bridgedesk.sandbox.servers import Sandbox
from tests.channels.accounts import MemoryVault, account


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
