"""Shopee's pushes as events, whatever shape they come in, and the keys that make a repeat one row."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridgedesk.channels import shopee_parse as parsing
from bridgedesk.channels import shopee_values as values
from bridgedesk.channels.base import Inbound, Raw, Unparsable
from bridgedesk.channels.events import MessageReceived, MessageSent
from bridgedesk.channels.shopee import Shopee
from tests.channels import payloads
from tests.channels.accounts import account

SHOP = payloads.shop_of("shopee")
TEXT = json.loads((payloads.HERE / "shopee" / "text.json").read_text())


def inbound(push: Any) -> Inbound:
    return Inbound("https://desk.example/in/shopee/1", {}, push if isinstance(push, bytes) else json.dumps(push).encode())


def key(push: Any) -> str:
    return Shopee().raw_of(SHOP, inbound(push)).key


def changed(**content: Any) -> dict[str, Any]:
    push: dict[str, Any] = copy.deepcopy(TEXT)
    push["data"]["content"].update(content)
    return push


def parsed(push: Any, shop: Any = SHOP) -> Any:
    raw = Shopee().raw_of(shop, inbound(push))
    return Shopee().parse(shop, raw)[-1]


def test_a_message_is_keyed_by_its_id_and_ordered_by_its_conversation() -> None:
    raw = Shopee().raw_of(SHOP, inbound(TEXT))
    assert (raw.key, raw.thread, raw.kind) == ("message:2400000000000000123", "1417500000000000321", "push")


def test_pushed_repeated_recovered_and_polled_a_message_is_one_row() -> None:
    as_text = {**TEXT, "data": json.dumps(TEXT["data"])}
    lost = {"shop_id": 1, "code": 10, "timestamp": 5, "data": TEXT}
    polled = parsing.wrapped(values.load(json.dumps(TEXT["data"]["content"]).encode()), SHOP.external_id)
    row = parsing.raw_of(polled, "poll", json.dumps(polled).encode(), SHOP)
    assert {key(TEXT), key(as_text), key(lost), row.key} == {"message:2400000000000000123"}
    assert Shopee().parse(SHOP, row) == Shopee().parse(SHOP, Shopee().raw_of(SHOP, inbound(TEXT)))


def test_an_order_push_recovered_later_is_the_same_row_and_another_state_is_not() -> None:
    push = json.loads((payloads.HERE / "shopee" / "order_status.json").read_text())
    again = {"data": json.dumps(push["data"], indent=4), **{name: push[name] for name in ("timestamp", "code", "shop_id")}}
    later = {**push, "data": {**push["data"], "status": "COMPLETED"}}
    assert key(push) == key(again) != key(later)


def test_pushes_about_one_order_keep_their_order() -> None:
    status, tracking = ((payloads.HERE / "shopee" / f"{name}.json").read_bytes() for name in ("order_status", "tracking_number"))
    assert {Shopee().raw_of(SHOP, inbound(body)).thread for body in (status, tracking)} == {"order:251120ABCD1234"}


def test_a_push_for_another_shop_of_the_app_says_whose_it_is() -> None:
    push = {**TEXT, "shop_id": 330044552}
    assert Shopee().raw_of(SHOP, inbound(push)).shop == "330044552"
    assert Shopee().raw_of(SHOP, inbound(TEXT)).shop == ""
    gone = {"code": 2, "timestamp": 1, "partner_id": 5, "data": {"shopid": 330044559, "authorize_type": "expiry"}}
    assert Shopee().raw_of(SHOP, inbound(gone)).shop == "330044559"


@pytest.mark.parametrize("number", [2400000000000000123, 2**63 + 1, 10**30 + 1])
def test_a_bare_number_keeps_every_digit(number: int) -> None:
    event = parsed(changed(message_id=number, conversation_id=number + 1))
    assert (event.external_id, event.thread) == (str(number), str(number + 1))


@pytest.mark.parametrize("factor", [1, 10**3, 10**6, 10**9])
def test_times_are_told_apart_by_their_size(factor: int) -> None:
    assert values.moment(str(1763630101 * factor)) == datetime(2025, 11, 20, 9, 15, 1, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, "", "0", "-5", "now", "1e9", "9" * 40, "²", True, {}])
def test_what_is_no_time_is_none(value: object) -> None:
    assert values.moment(value) is None


@given(st.integers(10**9, 10**10 - 1), st.sampled_from([1, 10**3, 10**6, 10**9]))
def test_a_time_is_right_to_the_second_in_every_unit(seconds: int, factor: int) -> None:
    assert abs(values.moment(str(seconds * factor)).timestamp() - seconds) < 0.001  # type: ignore[union-attr]


def test_a_message_without_its_own_time_takes_the_push_s() -> None:
    assert parsed(changed(created_timestamp=0)).at == datetime(2025, 11, 20, 9, 15, 2, tzinfo=UTC)


@pytest.mark.parametrize("missing", ["message_id", "conversation_id", "from_id"])
def test_a_message_without_its_ids_is_kept_for_a_person(missing: str) -> None:
    push = changed()
    del push["data"]["content"][missing]
    with pytest.raises(Unparsable):
        parsed(push)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"1", b'{"code":10', b"[" * 100_000, b'{"a":NaN}', b"\xff\xfe", b'{"code":{}}'])
def test_what_is_no_push_is_unparsable_but_has_a_key(body: bytes) -> None:
    raw = Shopee().raw_of(SHOP, inbound(body))
    assert raw.key
    with pytest.raises(Unparsable):
        Shopee().parse(SHOP, raw)


@pytest.mark.parametrize(
    ("content", "ours"),
    [
        ({"from_shop_id": 330044551, "to_shop_id": 0}, True),
        ({"from_shop_id": 777, "to_shop_id": 330044551}, False),
        ({"from_shop_id": 0, "to_shop_id": 777}, True),
        ({"from_shop_id": None, "to_shop_id": None, "from_id": 42}, True),
        ({"from_shop_id": None, "to_shop_id": None, "from_id": 43}, False),
    ],
)
def test_whose_side_wrote(content: dict[str, Any], ours: bool) -> None:
    event = parsed(changed(**content), account("330044551", options={"user_id": "42"}))
    assert isinstance(event, MessageSent if ours else MessageReceived)


def test_in_doubt_the_buyer_wrote() -> None:
    assert isinstance(parsed(changed(from_shop_id=None, to_shop_id=None)), MessageReceived)


def test_a_sub_account_is_the_shop_s_side() -> None:
    assert isinstance(parsed(changed(from_shop_id=None, to_shop_id=None, sub_account_id=12)), MessageSent)


@settings(max_examples=200)
@given(st.text())
def test_every_text_of_a_buyer_arrives_as_it_was_written(text: str) -> None:
    storable = text.replace("\0", "")
    if not storable:
        return
    event = parsed(changed(content={"text": text}))
    assert (event.text, event.kind) == (storable, "text")


@settings(max_examples=200)
@given(st.text(max_size=30))
def test_no_type_of_message_is_ever_dropped(kind: str) -> None:
    event = parsed(changed(message_type=kind, content={"anything": [1, {"a": None}]}))
    assert isinstance(event, MessageReceived)
    if kind not in parsing.KINDS:
        assert event.kind == "unsupported"
        assert event.meta["content"] == {"anything": ["1", {"a": None}]}


@pytest.mark.parametrize("kind", ["image", "video", "file"])
@pytest.mark.parametrize("url", ["", "9f3a11", "javascript:alert(1)", "file:///etc/passwd", 5, None])
def test_a_file_without_a_web_address_is_shown_as_unsupported(kind: str, url: object) -> None:
    event = parsed(changed(message_type=kind, content={"url": url}))
    assert (event.kind, event.files) == ("unsupported", ())


def test_reading_the_stored_bytes_again_gives_the_same() -> None:
    raw = Shopee().raw_of(SHOP, inbound(TEXT))
    assert Shopee().parse(SHOP, raw) == Shopee().parse(SHOP, Raw("other key", raw.body, "push"))
