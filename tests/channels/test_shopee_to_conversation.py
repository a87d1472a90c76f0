"""Shopee's bytes all the way into conversations: pushed, repeated, recovered and polled, a message is there once."""

import json
from typing import Any

import pytest
from django.test import Client

from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations.models import Message
from bridgedesk.sandbox import shopee_chat
from bridgedesk.sandbox import shopee_keys as keys
from bridgedesk.sandbox.scenery import TAIWAN
from bridgedesk.sandbox.servers import Sandbox
from bridgedesk.shops.models import Shop
from bridgedesk.shops.vault import account_of, store
from bridgedesk.sync import actions
from bridgedesk.sync.models import Delivery

BUYER = 500_000_001


@pytest.fixture
def taiwan_shop(db: None, sandbox: Sandbox, make_shop: Any) -> Shop:
    """The pretend shop, connected."""
    shop: Shop = make_shop(
        "Taiwan", "shopee", external_id=str(TAIWAN.shop_id), region="TW", base_url=sandbox.url, options={"partner_id": keys.PARTNER_ID}
    )
    pair = sandbox.tokens()
    store(
        shop.pk, {"partner_key": (keys.PARTNER_KEY, None), **{name: (str(pair[name]), None) for name in ("access_token", "refresh_token")}}
    )
    return shop


def says(sandbox: Sandbox, text: str, *, buyer: bool = True) -> dict[str, Any]:
    """Somebody writes; the push about it."""

    def write(servers: Any) -> dict[str, Any]:
        shopee = servers.shopee
        line = (
            shopee.buyer_writes(TAIWAN.shop_id, BUYER, "mei", text) if buyer else shopee.shop_writes_elsewhere(TAIWAN.shop_id, BUYER, text)
        )
        data = shopee_chat.as_push(shopee.talk(TAIWAN.shop_id, BUYER), line)
        return {"msg_id": "1", "data": data, "shop_id": TAIWAN.shop_id, "code": 10, "timestamp": int(line.at.timestamp())}

    return sandbox.do(write)


def push(shop: Shop, told: dict[str, Any], *, key: str = "") -> int:
    """Post it as the platform does; the status."""
    body = json.dumps(told).encode()
    callback = account_of(shop).options["callback_url"]
    given = key or keys.push_sign(callback, body)
    answer = Client().post(f"/in/shopee/{shop.pk}", body, content_type="application/json", headers={"Authorization": given})
    assert answer.content == b""
    return answer.status_code


def poll(shop: Shop) -> None:
    """Read what there is and store it."""
    cursor, more = "", True
    while more:
        page = CHANNELS["shopee"].fetch(account_of(shop), cursor)
        for raw in page.raws:
            actions.accept(shop, raw)
        cursor, more = page.cursor, page.more


def apply_all() -> list[tuple[str, str]]:
    """Apply what is stored; direction and text of every message, in order."""
    for pk in Delivery.objects.order_by("pk").values_list("pk", flat=True):
        actions.apply(pk)
    return list(Message.objects.order_by("at", "pk").values_list("direction", "text"))


def test_pushed_repeated_recovered_and_polled_is_one_message(taiwan_shop: Shop, sandbox: Sandbox) -> None:
    told = says(sandbox, "還有貨嗎？")
    assert [push(taiwan_shop, told), push(taiwan_shop, told)] == [200, 200]
    poll(taiwan_shop)
    assert apply_all() == [("in", "還有貨嗎？")]
    assert Delivery.objects.count() == 1


def test_an_answer_typed_in_the_app_is_ours_and_in_its_place(taiwan_shop: Shop, sandbox: Sandbox) -> None:
    first, answer = says(sandbox, "hello"), says(sandbox, "you are welcome", buyer=False)
    assert [push(taiwan_shop, answer), push(taiwan_shop, first)] == [200, 200]
    assert sorted(apply_all()) == [("in", "hello"), ("out", "you are welcome")]


def test_a_forged_push_is_refused_and_nothing_is_stored(taiwan_shop: Shop, sandbox: Sandbox) -> None:
    assert push(taiwan_shop, says(sandbox, "hello"), key="0" * 64) == 401
    assert not Delivery.objects.exists()


def test_what_no_push_brought_polling_brings(taiwan_shop: Shop, sandbox: Sandbox) -> None:
    for text in ("one", "two"):
        says(sandbox, text)
    poll(taiwan_shop)
    assert sorted(text for _, text in apply_all()) == ["one", "two"]
