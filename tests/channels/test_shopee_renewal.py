"""Tokens of a stored shop: one renewal however many workers find it ended, the new pair stored before anyone uses it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from bridgedesk.channels import shopee_api
from bridgedesk.channels.base import NeedsReconnect
from bridgedesk.sandbox import shopee_keys as keys
from bridgedesk.sandbox.scenery import TAIWAN
from bridgedesk.sandbox.servers import Sandbox
from bridgedesk.shops.models import Credential, Shop
from bridgedesk.shops.vault import account_of, store

REFRESH = "/api/v2/auth/access_token/get"
UNREAD = "sellerchat/get_unread_conversation_count"


@pytest.fixture
def stored(transactional_db: None, sandbox: Sandbox, make_shop: Any) -> Shop:
    """An authorised shop in the database."""
    shop = make_shop(
        "Taiwan", "shopee", external_id=str(TAIWAN.shop_id), region="TW", base_url=sandbox.url, options={"partner_id": keys.PARTNER_ID}
    )
    pair = sandbox.tokens()
    store(
        shop.pk, {"partner_key": (keys.PARTNER_KEY, None), **{name: (str(pair[name]), None) for name in ("access_token", "refresh_token")}}
    )
    return shop


def ask(shop: Shop) -> Any:
    """One call, as a worker would make it."""
    try:
        return shopee_api.call(account_of(shop), "GET", UNREAD)["total_unread_count"]
    finally:
        connections.close_all()


def test_eight_workers_that_find_the_token_ended_renew_it_once(stored: Shop, sandbox: Sandbox) -> None:
    sandbox.do(lambda s: s.shopee.tokens.expire(TAIWAN.shop_id))
    with ThreadPoolExecutor(8) as workers:
        assert list(workers.map(lambda _: ask(stored), range(8))) == ["0"] * 8
    assert sandbox.do(lambda s: s.shopee.calls[REFRESH]) == 1


def test_a_renewal_that_never_arrived_leaves_the_old_pair_and_is_tried_again(stored: Shop, sandbox: Sandbox) -> None:
    sandbox.do(lambda s: s.shopee.tokens.expire(TAIWAN.shop_id))
    before = account_of(stored).vault.get("refresh_token")
    sandbox.fault(REFRESH, "lose_request")
    with pytest.raises(shopee_api.SendError) as caught:
        ask(stored)
    assert not caught.value.permanent
    assert account_of(stored).vault.get("refresh_token") == before
    assert ask(stored) == "0"


def test_a_spent_refresh_token_needs_a_person(stored: Shop, sandbox: Sandbox) -> None:
    sandbox.do(lambda s: s.shopee.tokens.expire(TAIWAN.shop_id))
    shopee_api.refreshed(account_of(stored), {"refresh_token": account_of(stored).vault.get("refresh_token")})
    sandbox.do(lambda s: s.shopee.tokens.expire(TAIWAN.shop_id))
    with pytest.raises(NeedsReconnect):
        ask(stored)


def test_no_secret_lies_open_in_the_database(stored: Shop) -> None:
    sealed = " ".join(Credential.objects.values_list("sealed", flat=True))
    assert keys.PARTNER_KEY not in sealed
    assert Credential.objects.count() == 3
