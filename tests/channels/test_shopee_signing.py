"""Shopee signatures, against bases computed by hand from the documented formula."""

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.channels.base import Inbound, Rejected
from bridgedesk.channels.shopee import Shopee
from bridgedesk.channels.shopee_signing import is_genuine, push_signature, request_base, sign
from tests.channels.accounts import account

CALLBACK = "https://desk.example/in/shopee/12"
BODY = '{"code":10,"data":{"text":"ä 🙏"}}'.encode()


def mac(key: str, text: bytes) -> str:
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()


def test_the_base_of_a_public_call_has_no_token_and_no_shop() -> None:
    assert request_base("2001", "/api/v2/auth/token/get", 1763630101) == "2001/api/v2/auth/token/get1763630101"


def test_the_base_of_a_shop_s_call_ends_with_token_and_shop() -> None:
    assert request_base("2001", "/api/v2/a", 1763630101, "TOKEN", "55") == "2001/api/v2/a1763630101TOKEN55"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=["Cs"])))
def test_a_signature_is_lower_case_hex_of_the_whole_base(key: str, base: str) -> None:
    assert sign(key, base) == mac(key, base.encode())


def push(signature: str, body: bytes = BODY, **secrets: str) -> None:
    shop = account(options={"callback_url": CALLBACK}, secrets=secrets or {"partner_key": "k1"})
    Shopee().verify(shop, Inbound("https://inside.example/other", {"authorization": signature}, body))


def test_a_push_is_signed_over_the_configured_address_and_the_raw_bytes() -> None:
    push(mac("k1", f"{CALLBACK}|".encode() + BODY))


def test_a_separate_push_key_is_accepted_beside_the_partner_key() -> None:
    push(push_signature("pk", CALLBACK, BODY), partner_key="k1", push_key="pk")
    push(push_signature("k1", CALLBACK, BODY), partner_key="k1", push_key="pk")


@pytest.mark.parametrize("signature", ["", " ", "0" * 64, "Bearer x", "é" * 10, push_signature("k1", "https://other.example/", BODY)])
def test_a_wrong_signature_is_rejected(signature: str) -> None:
    with pytest.raises(Rejected):
        push(signature)


def test_the_body_written_anew_is_not_the_body() -> None:
    anew = json.dumps(json.loads(BODY)).encode()
    with pytest.raises(Rejected):
        push(push_signature("k1", CALLBACK, BODY), anew)


def test_an_empty_key_signs_nothing() -> None:
    assert not is_genuine(push_signature("", CALLBACK, BODY), ["", ""], CALLBACK, BODY)


def test_the_rejection_names_no_key() -> None:
    with pytest.raises(Rejected) as caught:
        push("0" * 64, partner_key="very-secret", push_key="other-secret")
    assert "secret" not in str(caught.value)
