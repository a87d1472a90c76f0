"""The pretend Shopee is as strict as the real one."""

import hashlib
import hmac
import json
import time

import httpx
import pytest

from bridgedesk.sandbox import letters
from bridgedesk.sandbox import shopee_keys as keys
from bridgedesk.sandbox.scenery import MALAYSIA, TAIWAN
from bridgedesk.sandbox.servers import Sandbox
from bridgedesk.sandbox.world import Chaos

BUYER = 500_000_001


def call(sandbox, method, path, *, token=None, shop=TAIWAN.shop_id, at=None, sign=None, client=httpx, **more):
    at = str(int(time.time()) if at is None else at)
    query = {"partner_id": keys.PARTNER_ID, "timestamp": at}
    base = keys.PARTNER_ID + path + at
    if token is not None:
        query |= {"access_token": token, "shop_id": str(shop)}
        base += token + str(shop)
    query["sign"] = sign or hmac.new(keys.PARTNER_KEY.encode(), base.encode(), hashlib.sha256).hexdigest()
    return client.request(method, sandbox.url + path, params=query | more.pop("params", {}), **more).json()


@pytest.fixture
def token(sandbox):
    return sandbox.tokens()["access_token"]


def chat(sandbox, method, name, token, **more):
    return call(sandbox, method, f"/api/v2/sellerchat/{name}", token=token, **more)


def send(sandbox, token, text="您好", **more):
    body = {"to_id": BUYER, "message_type": "text", "content": {"text": text}} | more
    return chat(sandbox, "POST", "send_message", token, json=body)


def writes(sandbox, text, **more):
    return sandbox.do(lambda s: s.shopee.buyer_writes(TAIWAN.shop_id, BUYER, "mei", text, **more)).message_id


def test_a_wrong_signature_is_refused(sandbox, token):
    assert chat(sandbox, "GET", "get_unread_conversation_count", token, sign="0" * 64)["error"] == "error_sign"


def test_a_timestamp_of_ten_minutes_ago_is_refused(sandbox, token):
    assert chat(sandbox, "GET", "get_unread_conversation_count", token, at=int(time.time()) - 600)["error"] == "error_param"


def test_success_has_an_empty_error(sandbox, token):
    answer = chat(sandbox, "GET", "get_unread_conversation_count", token)
    assert (answer["error"], answer["response"]) == ("", {"total_unread_count": 0})


def test_a_token_of_another_shop_opens_nothing(sandbox, token):
    assert chat(sandbox, "GET", "get_message", token, shop=MALAYSIA.shop_id)["error"] == "invalid_acceess_token"


def test_an_expired_token_is_refused_in_the_platforms_spelling(sandbox, token):
    sandbox.do(lambda s: s.shopee.tokens.expire(TAIWAN.shop_id))
    assert chat(sandbox, "GET", "get_message", token)["error"] == "invalid_acceess_token"


def test_a_refresh_token_works_once_and_the_old_access_token_five_minutes_more(sandbox):
    pair = sandbox.tokens()
    body = {"refresh_token": pair["refresh_token"], "partner_id": int(keys.PARTNER_ID), "shop_id": TAIWAN.shop_id}
    path = "/api/v2/auth/access_token/get"
    fresh = call(sandbox, "POST", path, json=body)
    assert fresh["expire_in"] == 14400
    assert "response" not in fresh
    assert call(sandbox, "POST", path, json=body)["error"] == "error_auth"
    for token in (pair["access_token"], fresh["access_token"]):
        assert chat(sandbox, "GET", "get_unread_conversation_count", token)["error"] == ""


def test_the_seller_authorises_and_the_code_works_once(sandbox):
    answer = httpx.get(
        f"{sandbox.url}/auth", params={"redirect_uri": "http://127.0.0.1/back", "state": "s1", "shop_id": str(TAIWAN.shop_id)}
    )
    given = dict(httpx.URL(answer.headers["location"]).params)
    assert (given["shop_id"], given["state"]) == (str(TAIWAN.shop_id), "s1")
    body = {"code": given["code"], "partner_id": int(keys.PARTNER_ID), "shop_id": TAIWAN.shop_id}
    pair = call(sandbox, "POST", "/api/v2/auth/token/get", json=body)
    assert pair["shop_id_list"] == [TAIWAN.shop_id]
    assert call(sandbox, "POST", "/api/v2/auth/token/get", json=body)["error"] == "error_param"


def test_the_authorisation_page_names_every_shop(sandbox):
    page = httpx.get(f"{sandbox.url}/auth", params={"redirect_uri": "http://127.0.0.1/back"}).text
    assert TAIWAN.name in page
    assert str(MALAYSIA.shop_id) in page


def test_what_we_send_arrives_and_is_pushed_back_to_us(sandbox, ear, token):
    sandbox.push_to(ear.url)
    sent = send(sandbox, token, "您好，已寄出")["response"]
    assert int(sent["message_id"]) > 2**53
    assert [(a.to, a.text) for a in sandbox.arrived] == [(str(BUYER), "您好，已寄出")]
    headers, body = ear.wait(1)[0]
    push = json.loads(body)
    assert push["code"] == 10
    assert push["data"]["content"]["message_id"] == sent["message_id"]
    assert push["data"]["content"]["from_shop_id"] == TAIWAN.shop_id
    proof = hmac.new(keys.PARTNER_KEY.encode(), ear.url.encode() + b"|" + body, hashlib.sha256).hexdigest()
    assert headers["authorization"] == proof


def test_nobody_is_behind_an_id_of_no_buyer(sandbox, token):
    assert send(sandbox, token, to_id=7)["error"] == "error_param"
    assert send(sandbox, token, content={})["error"] == "error_param"
    assert sandbox.arrived == []


def test_an_automatic_answer_is_marked(sandbox, token):
    body = {"to_id": BUYER, "content": {"text": "We read you soon"}}
    chat(sandbox, "POST", "send_autoreply_message", token, json=body)
    assert sandbox.arrived[0].automatic


def test_conversations_and_messages_page_backwards(sandbox, token):
    ids = [writes(sandbox, f"m{n}") for n in range(5)]
    listed = chat(sandbox, "GET", "get_conversation_list", token, params={"direction": "latest", "type": "unread", "page_size": "10"})
    talk = listed["response"]["conversations"][0]
    assert (talk["unread_count"], talk["latest_message_content"]) == (5, {"text": "m4"})
    query = {"conversation_id": talk["conversation_id"], "page_size": "2"}
    first = chat(sandbox, "GET", "get_message", token, params=query)["response"]
    assert [m["message_id"] for m in first["messages"]] == [ids[4], ids[3]]
    second = chat(sandbox, "GET", "get_message", token, params=query | {"offset": first["page_result"]["next_offset"]})["response"]
    assert [m["message_id"] for m in second["messages"]] == [ids[2], ids[1]]


def test_an_uploaded_image_can_be_sent_and_fetched(sandbox, token):
    picture = sandbox.do(lambda s: letters.photo(s.world.random))
    given = chat(sandbox, "POST", "upload_image", token, files={"file": ("a.png", picture, "image/png")})["response"]
    assert httpx.get(given["url"]).content == picture
    send(sandbox, token, message_type="image", content={"image_url": given["url"]})
    assert sandbox.arrived[0].files == (("image", len(picture)),)
    assert chat(sandbox, "POST", "upload_image", token, files={"file": ("a.svg", b"<svg/>", "image/svg+xml")})["error"] == "error_param"


def test_an_injected_error_comes_once(sandbox, token):
    sandbox.fault("/api/v2/sellerchat/send_message", "error", code="error_rate_limit")
    assert send(sandbox, token)["error"] == "error_rate_limit"
    assert send(sandbox, token)["error"] == ""


def test_a_lost_answer_has_arrived_nevertheless(sandbox, token):
    sandbox.fault("/api/v2/sellerchat/send_message", "lose_answer")
    with pytest.raises(httpx.RemoteProtocolError):
        send(sandbox, token, "once")
    assert [a.text for a in sandbox.arrived] == ["once"]


def test_a_lost_request_has_not_arrived(sandbox, token):
    sandbox.fault("/api/v2/sellerchat/send_message", "lose_request")
    with pytest.raises(httpx.RemoteProtocolError):
        send(sandbox, token)
    assert sandbox.arrived == []


def test_a_push_is_retried_until_it_is_taken(sandbox, ear):
    sandbox.push_to(ear.url)
    ear.statuses = [500, 500]
    writes(sandbox, "hello")
    bodies = [body for _headers, body in ear.wait(3)]
    assert len(set(bodies)) == 1


def test_a_push_nobody_takes_is_kept_as_lost_until_confirmed(sandbox):
    writes(sandbox, "hello")
    page = call(sandbox, "GET", "/api/v2/push/get_lost_push_message")["response"]
    assert json.loads(page["push_message_list"][0]["data"])["content"]["content"] == {"text": "hello"}
    call(sandbox, "POST", "/api/v2/push/confirm_consumed_lost_push_message", json={"last_message_id": page["last_message_id"]})
    assert call(sandbox, "GET", "/api/v2/push/get_lost_push_message")["response"]["push_message_list"] == []


def test_in_rough_weather_pushes_repeat_and_come_out_of_order(sandbox, ear):
    sandbox.push_to(ear.url)
    sandbox.do(lambda s: setattr(s.world, "chaos", Chaos(repeat=0.5, late=0.5, late_seconds=60)))
    sent = [writes(sandbox, f"m{n}") for n in range(20)]
    heard = [json.loads(body)["data"]["content"]["message_id"] for _headers, body in ear.wait(25)]
    assert set(heard) >= set(sent[:5])
    assert len(heard) > len(set(heard))
    assert heard != sorted(heard, key=int)


def test_orders_answer_for_a_named_order(sandbox, token):
    writes(sandbox, "where?", order_sn="261101ABC")
    found = call(
        sandbox,
        "GET",
        "/api/v2/order/get_order_detail",
        token=token,
        params={"order_sn_list": "261101ABC,NONE", "response_optional_fields": "buyer_user_id"},
    )["response"]
    assert [(o["order_sn"], o["buyer_user_id"]) for o in found["order_list"]] == [("261101ABC", BUYER)]


def test_one_connection_serves_many_calls(sandbox, token):
    with httpx.Client() as client:
        for _ in range(3):
            assert chat(sandbox, "GET", "get_unread_conversation_count", token, client=client)["error"] == ""


def test_too_many_calls_in_a_second_are_refused(sandbox, token):
    with httpx.Client() as client:
        errors = [chat(sandbox, "GET", "get_unread_conversation_count", token, client=client)["error"] for _ in range(150)]
    assert errors[0] == ""
    assert "error_rate_limit" in errors


def test_shop_and_performance_are_told(sandbox, token):
    assert call(sandbox, "GET", "/api/v2/shop/get_shop_info", token=token)["region"] == "TW"
    shops = call(sandbox, "GET", "/api/v2/public/get_shops_by_partner")["authed_shop_list"]
    assert [s["shop_id"] for s in shops] == [TAIWAN.shop_id, MALAYSIA.shop_id]
    metrics = call(sandbox, "GET", "/api/v2/account_health/get_shop_performance", token=token)["response"]["metric_list"]
    assert metrics[0]["target"] == {"value": 70, "comparator": ">="}


def test_a_restarted_platform_still_knows_its_tokens(sandbox):
    pair = sandbox.tokens()
    with Sandbox() as restarted:
        assert chat(restarted, "GET", "get_unread_conversation_count", pair["access_token"])["error"] == ""
        body = {"refresh_token": pair["refresh_token"], "partner_id": int(keys.PARTNER_ID), "shop_id": TAIWAN.shop_id}
        assert call(restarted, "POST", "/api/v2/auth/access_token/get", json=body)["error"] == ""


def test_a_made_up_token_opens_nothing(sandbox):
    for token in ("", "x", "a1g1g1g" + "0" * 24, sandbox.tokens()["access_token"][:-1] + "z"):
        assert chat(sandbox, "GET", "get_unread_conversation_count", token)["error"] == "invalid_acceess_token"


def test_the_control_side_makes_a_buyer_write_and_lists_what_arrived(sandbox, token):
    body = {"shop_id": TAIWAN.shop_id, "buyer_id": BUYER, "name": "mei", "text": "在嗎", "image": False}
    assert httpx.post(f"{sandbox.url}/sandbox/buyers/write", json=body).json()["message_id"]
    entered = httpx.post(f"{sandbox.url}/sandbox/buyers/write", json={"story": "thanks", "shop_id": TAIWAN.shop_id}).json()
    assert entered["language"] == "zh-Hant"
    send(sandbox, token, "您好")
    assert [row["text"] for row in httpx.get(f"{sandbox.url}/sandbox/arrived", params={"channel": "shopee"}).json()] == ["您好"]
    assert httpx.get(f"{sandbox.url}/sandbox/state").json()["talks"] == 2
    assert httpx.post(f"{sandbox.url}/sandbox/faults", json={"nonsense": 1}).status_code == 400
    assert httpx.get(f"{sandbox.url}/sandbox/nothing").status_code == 404
