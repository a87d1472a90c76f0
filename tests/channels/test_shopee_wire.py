"""Our client and the pretend Shopee over real HTTP: authorisation, sending once, finding what was sent."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bridgedesk.channels import shopee_api, shopee_errors
from bridgedesk.channels.base import Account, CannotTell, GrantedShop, NeedsReconnect, SendError, Uncertain
from bridgedesk.channels.events import File, MessageSent
from bridgedesk.channels.shopee import Shopee
from bridgedesk.channels.shopee_door import ShopeeDoor
from bridgedesk.lib import clock, http
from bridgedesk.sandbox import letters
from bridgedesk.sandbox import shopee_keys as keys
from bridgedesk.sandbox.scenery import MALAYSIA, TAIWAN
from bridgedesk.sandbox.servers import Sandbox
from tests.channels.accounts import MemoryVault
from tests.channels.shopee_talks import BUYER, SEND, UNREAD, answer, read_all, vault, writes

pytestmark = pytest.mark.usefixtures("generous")
DOOR, BACK = ShopeeDoor(), "http://127.0.0.1:1/back"


# Authorisation


def test_a_seller_connects_a_shop(fresh_shop: Account, sandbox: Sandbox) -> None:
    link = DOOR.link(fresh_shop, BACK, "s-1")
    back = http.request("GET", link + f"&shop_id={TAIWAN.shop_id}").headers["location"]
    given = dict(httpx.URL(back).params)
    assert given["state"] == "s-1"
    grant = DOOR.exchange(fresh_shop, given, BACK)
    assert grant.shops == (GrantedShop(str(TAIWAN.shop_id)),)
    vault(fresh_shop).kept |= grant.secrets
    assert shopee_api.call(fresh_shop, "GET", UNREAD) == {"total_unread_count": "0"}
    ends = fresh_shop.vault.expires("access_token")
    assert ends is not None
    assert timedelta(hours=3.9) < ends - clock.now() <= timedelta(hours=4)


def test_on_the_platform_itself_the_seller_signs_in_at_its_open_host(fresh_shop: Account) -> None:
    real = replace(fresh_shop, base_url="https://openplatform.shopee.com.br")
    link = DOOR.link(real, "https://desk.example/back?shop=1", "s")
    assert link.startswith("https://open.shopee.com.br/auth?partner_id=")
    assert "redirect_uri=https%3A%2F%2Fdesk.example%2Fback%3Fshop%3D1" in link


def test_a_code_used_twice_is_refused(fresh_shop: Account, sandbox: Sandbox) -> None:
    code = sandbox.do(lambda s: s.shopee.tokens.code(TAIWAN.shop_id, s.world.now()))
    given = {"code": code, "shop_id": str(TAIWAN.shop_id)}
    DOOR.exchange(fresh_shop, given, BACK)
    with pytest.raises(SendError):
        DOOR.exchange(fresh_shop, given, BACK)


def test_a_main_account_brings_all_its_shops_with_their_regions(fresh_shop: Account, sandbox: Sandbox) -> None:
    link = DOOR.link(fresh_shop, BACK, "s-1")
    back = http.request("GET", link + f"&main_account_id={keys.MAIN_ACCOUNT}").headers["location"]
    grant = DOOR.exchange(fresh_shop, dict(httpx.URL(back).params), BACK)
    assert set(grant.shops) == {GrantedShop(str(shop.shop_id), shop.region) for shop in (TAIWAN, MALAYSIA)}
    for shop in (TAIWAN, MALAYSIA):
        mine = replace(fresh_shop, external_id=str(shop.shop_id), vault=MemoryVault(dict(vault(fresh_shop).kept) | dict(grant.secrets)))
        assert shopee_api.call(mine, "GET", UNREAD) == {"total_unread_count": "0"}
        renewed = shopee_api.refreshed(mine, {"refresh_token": grant.secrets["refresh_token"][0]})
        assert renewed["refresh_token"] != grant.secrets["refresh_token"], "each shop goes on with a pair of its own"


def test_where_regions_are_not_told_the_ids_are_enough(fresh_shop: Account, sandbox: Sandbox) -> None:
    code = sandbox.do(lambda s: s.shopee.tokens.code(keys.MAIN_ACCOUNT, s.world.now()))
    sandbox.fault("/api/v2/public/get_shops_by_partner", "error", code="error_permission")
    grant = DOOR.exchange(fresh_shop, {"code": code, "main_account_id": str(keys.MAIN_ACCOUNT)}, BACK)
    assert {shop.region for shop in grant.shops} == {""}


@pytest.mark.parametrize("given", [{}, {"code": "c"}, {"code": "c", "shop_id": "x"}, {"shop_id": "7"}, {"code": "c", "shop_id": "9" * 40}])
def test_a_way_back_without_code_or_owner_asks_nothing(given: dict[str, str], fresh_shop: Account, sandbox: Sandbox) -> None:
    with pytest.raises(SendError) as caught:
        DOOR.exchange(fresh_shop, given, BACK)
    assert caught.value.code == "no_code"
    assert not sandbox.do(lambda s: s.shopee.calls)


@pytest.mark.parametrize(("span", "hours"), [("14400", 4), ("absolute", 5)])
def test_the_end_of_a_token_is_a_span_or_a_moment(span: str, hours: int, noon: datetime) -> None:
    told = str(int((noon + timedelta(hours=5)).timestamp())) if span == "absolute" else span
    pair = shopee_api.pair({"access_token": "a", "refresh_token": "r", "expire_in": told})
    assert pair["access_token"] == ("a", noon + timedelta(hours=hours))
    assert pair["refresh_token"] == ("r", noon + timedelta(days=30))


@pytest.mark.parametrize("missing", [{"access_token": ""}, {"refresh_token": ""}, {"expire_in": "x"}, {"expire_in": "9" * 30}])
def test_half_a_pair_is_no_pair(missing: dict[str, str]) -> None:
    with pytest.raises(SendError):
        shopee_api.pair({"access_token": "a", "refresh_token": "r", "expire_in": "14400", **missing})


def test_an_ended_token_is_renewed_once_and_the_call_goes_through(taiwan: Account, sandbox: Sandbox) -> None:
    sandbox.do(lambda s: s.shopee.tokens.expire(TAIWAN.shop_id))
    old = taiwan.vault.get("access_token")
    assert shopee_api.call(taiwan, "GET", UNREAD)["total_unread_count"] == "0"
    assert taiwan.vault.get("access_token") != old
    assert vault(taiwan).renewals == 1


def test_a_token_known_to_have_ended_is_renewed_before_the_call(taiwan: Account, sandbox: Sandbox) -> None:
    vault(taiwan).kept["access_token"] = ("old", clock.now() - timedelta(seconds=1))
    shopee_api.call(taiwan, "GET", UNREAD)
    assert sandbox.do(lambda s: s.shopee.calls[f"/api/v2/{UNREAD}"]) == 1


def test_an_expired_token_while_sending_still_sends_once(taiwan: Account, sandbox: Sandbox) -> None:
    sandbox.do(lambda s: s.shopee.tokens.expire(TAIWAN.shop_id))
    Shopee().send(taiwan, answer("once"))
    assert [arrived.text for arrived in sandbox.arrived] == ["once"]


def test_a_withdrawn_authorisation_needs_a_person(taiwan: Account, sandbox: Sandbox) -> None:
    sandbox.do(lambda s: s.shopee.tokens.revoke(TAIWAN.shop_id))
    with pytest.raises(NeedsReconnect):
        shopee_api.call(taiwan, "GET", UNREAD)


def test_a_shop_nobody_authorised_needs_a_person(fresh_shop: Account) -> None:
    with pytest.raises(NeedsReconnect):
        shopee_api.call(fresh_shop, "GET", UNREAD)


def test_without_partner_key_nothing_is_asked(fresh_shop: Account, sandbox: Sandbox) -> None:
    vault(fresh_shop).kept.clear()
    with pytest.raises(SendError) as caught:
        DOOR.exchange(fresh_shop, {"code": "c", "shop_id": "1"}, BACK)
    assert caught.value.permanent
    assert not sandbox.do(lambda s: s.shopee.calls)


# Errors


@pytest.mark.parametrize(
    ("code", "permanent", "reconnect"),
    [
        ("error_rate_limit", False, False), ("error_server", False, False), ("error_system_busy", False, False),
        ("error_limit", False, False),
        ("error_permission", True, False), ("sellerchat.error_param", True, False), ("source_ip_undeclared", True, False),
        ("partner_shop_no_link", True, True), ("partner_frozen", True, True), ("invalid_access_token", True, True),
        ("something_new", True, False),
    ],
)  # fmt: skip
def test_each_error_leads_where_it_should(taiwan: Account, sandbox: Sandbox, code: str, permanent: bool, reconnect: bool) -> None:
    sandbox.fault(f"/api/v2/{UNREAD}", "error", code=code, times=2)
    with pytest.raises(SendError) as caught:
        shopee_api.call(taiwan, "GET", UNREAD)
    assert (caught.value.permanent, isinstance(caught.value, NeedsReconnect)) == (permanent, reconnect)


def test_the_daily_limit_waits_for_midnight_in_singapore(noon: datetime) -> None:
    error = shopee_errors.error_for("error_limit")
    assert error.retry_after == timedelta(hours=12, minutes=1)  # noon in Shanghai is noon in Singapore


def test_a_short_rate_limit_waits_a_moment(taiwan: Account, sandbox: Sandbox) -> None:
    sandbox.fault(SEND, "error", code="error_rate_limit")
    with pytest.raises(SendError) as caught:
        Shopee().send(taiwan, answer())
    assert caught.value.retry_after
    assert not isinstance(caught.value, Uncertain)


def test_a_clock_that_is_wrong_is_learnt_from_the_platform(taiwan: Account, sandbox: Sandbox) -> None:
    late = clock.now() - timedelta(minutes=20)
    with clock.frozen(late):
        assert shopee_api.call(taiwan, "GET", UNREAD)["total_unread_count"] == "0"
        shopee_api.call(taiwan, "GET", UNREAD)
        assert sandbox.do(lambda s: s.shopee.calls[f"/api/v2/{UNREAD}"]) == 3, "one refused, then both right at once"
        clock_check = next(check for check in Shopee().check(taiwan) if check.name == "Clock")
    assert not clock_check.ok


def test_secrets_are_in_no_error_and_no_log(taiwan: Account, sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown = ""
    for kind, code in (("lose_answer", ""), ("error", "error_sign"), ("error", "error_server"), ("status", "")):
        sandbox.fault(SEND, kind, code=code)
        with pytest.raises(SendError) as caught:
            Shopee().send(taiwan, answer())
        shown += "".join(traceback.format_exception(caught.value))
    shown += caplog.text
    for secret, _ in vault(taiwan).kept.values():
        assert secret not in shown


# Sending


def test_an_answer_arrives_with_the_platform_s_id(taiwan: Account, sandbox: Sandbox) -> None:
    sent = Shopee().send(taiwan, answer("您好，已寄出"))
    assert [(arrived.external_id, arrived.text, arrived.to) for arrived in sandbox.arrived] == [
        (sent.external_id, "您好，已寄出", str(BUYER))
    ]
    assert abs(sent.at - clock.now()) < timedelta(seconds=5)


def test_an_image_is_uploaded_then_sent(taiwan: Account, sandbox: Sandbox) -> None:
    picture = sandbox.do(lambda s: letters.photo(s.world.random))
    Shopee().send(taiwan, answer("", files=(File("lamp.png", picture),)))
    assert sandbox.arrived[0].files == (("image", len(picture)),)
    raws, _ = read_all(taiwan)
    event = Shopee().parse(taiwan, raws[-1])[0]
    assert isinstance(event, MessageSent)
    assert Shopee().fetch_file(taiwan, event.files[0]) == picture


def test_an_image_the_platform_refuses_is_a_permanent_error(taiwan: Account, sandbox: Sandbox) -> None:
    with pytest.raises(SendError) as caught:
        Shopee().send(taiwan, answer("", files=(File("lamp.svg", b"<svg/>"),)))
    assert caught.value.permanent
    assert sandbox.arrived == []


def test_only_a_greeting_goes_the_way_of_automatic_replies(taiwan: Account, sandbox: Sandbox) -> None:
    Shopee().send(taiwan, answer("We read you soon", purpose="greeting"))
    Shopee().send(taiwan, answer("Here we are"))
    assert [arrived.automatic for arrived in sandbox.arrived] == [True, False]


@pytest.mark.parametrize("to", ["", "mei@example.com", "²"])
def test_a_buyer_without_a_user_id_cannot_be_written_to(taiwan: Account, to: str) -> None:
    with pytest.raises(SendError) as caught:
        Shopee().send(taiwan, replace(answer(), to=to))
    assert caught.value.permanent


def test_a_text_with_an_image_has_to_be_split_before(taiwan: Account) -> None:
    with pytest.raises(SendError) as caught:
        Shopee().send(taiwan, answer("look", files=(File("a.png", b"x"),)))
    assert caught.value.permanent


def test_a_lost_answer_is_uncertain_and_the_message_is_found(taiwan: Account, sandbox: Sandbox) -> None:
    message = answer("arrives once")
    sandbox.fault(SEND, "lose_answer")
    with pytest.raises(Uncertain):
        Shopee().send(taiwan, message)
    found = Shopee().find_sent(taiwan, message)
    assert found
    assert found.external_id == sandbox.arrived[0].external_id


def test_a_lost_request_is_uncertain_and_surely_not_there(taiwan: Account, sandbox: Sandbox) -> None:
    writes(sandbox, "never arrives")
    message = answer("never arrives")
    sandbox.fault(SEND, "lose_request")
    with pytest.raises(Uncertain):
        Shopee().send(taiwan, message)
    assert Shopee().find_sent(taiwan, message) is None


@pytest.mark.parametrize("fault", [{"kind": "error", "code": "error_inner"}, {"kind": "status", "status": 502}])
def test_a_platform_that_stumbles_while_sending_leaves_it_open(taiwan: Account, sandbox: Sandbox, fault: dict[str, Any]) -> None:
    sandbox.fault(SEND, **fault)
    with pytest.raises(SendError) as caught:
        Shopee().send(taiwan, answer())
    assert isinstance(caught.value, Uncertain)


def test_a_platform_that_cannot_be_reached_got_nothing(taiwan: Account, settings: Any) -> None:
    settings.ALLOW_PRIVATE = {"127.0.0.1:1025"}
    with pytest.raises(SendError) as caught:
        Shopee().send(replace(taiwan, base_url="http://127.0.0.1:1025"), answer())
    assert not isinstance(caught.value, Uncertain)
    assert not caught.value.permanent


def test_an_equal_text_known_from_before_is_not_taken_for_the_uncertain_one(taiwan: Account, sandbox: Sandbox) -> None:
    first = Shopee().send(taiwan, answer("ok"))
    assert Shopee().find_sent(taiwan, answer("ok", known=(first.external_id,))) is None
    earlier = replace(answer("ok"), since=clock.now() + timedelta(minutes=1))
    assert Shopee().find_sent(taiwan, earlier) is None, "sent before the first try"


def test_the_buyer_s_own_words_are_not_taken_for_ours(taiwan: Account, sandbox: Sandbox) -> None:
    message = answer("same words")
    writes(sandbox, "same words")
    assert Shopee().find_sent(taiwan, message) is None


def test_an_uncertain_message_is_found_behind_sixty_newer_ones(taiwan: Account, sandbox: Sandbox) -> None:
    message = answer("needle")
    sent = Shopee().send(taiwan, message)
    for number in range(60):
        writes(sandbox, f"m{number}")
    found = Shopee().find_sent(taiwan, message)
    assert found
    assert found.external_id == sent.external_id


def test_without_a_conversation_nobody_can_tell(taiwan: Account) -> None:
    with pytest.raises(CannotTell):
        Shopee().find_sent(taiwan, replace(answer(), thread=""))


# Doctor


def test_the_doctor_finds_a_healthy_shop_healthy(taiwan: Account, sandbox: Sandbox) -> None:
    sandbox.push_to("https://desk.example/in/shopee/1")
    assert [(check.name, check.ok) for check in Shopee().check(taiwan)] == [
        (name, True) for name in ("App", "Authorisation", "Clock", "Shop", "Chat", "Push")
    ]


@pytest.mark.parametrize(
    ("path", "code", "name"),
    [
        ("/api/v2/shop/get_shop_info", "shop_banned", "Shop"),
        (f"/api/v2/{UNREAD}", "error_api_permission", "Chat"),
        ("/api/v2/push/get_app_push_config", "error_permission", "Push"),
    ],
)
def test_the_doctor_says_what_is_wrong_and_what_to_do(taiwan: Account, sandbox: Sandbox, path: str, code: str, name: str) -> None:
    sandbox.push_to("https://desk.example/in/shopee/1")
    sandbox.fault(path, "error", code=code)
    wrong = [check for check in Shopee().check(taiwan) if not check.ok]
    assert [check.name for check in wrong] == [name]
    assert wrong[0].advice


def test_the_doctor_sees_that_pushes_go_elsewhere(taiwan: Account, sandbox: Sandbox) -> None:
    sandbox.push_to("https://old-desk.example/hook")
    assert not next(check for check in Shopee().check(taiwan) if check.name == "Push").ok


def test_the_doctor_stops_at_a_shop_nobody_authorised(fresh_shop: Account) -> None:
    assert [(check.name, check.ok) for check in Shopee().check(fresh_shop)] == [("App", True), ("Authorisation", False)]


def test_the_doctor_names_a_wrong_region(taiwan: Account, sandbox: Sandbox) -> None:
    wrong = [check for check in Shopee().check(replace(taiwan, region="MY")) if not check.ok and check.name == "Shop"]
    assert wrong[0].word == "The shop belongs to another region."


# Settings


def test_the_longest_message_is_a_setting_and_unconfirmed(taiwan: Account, told: Callable[..., Account]) -> None:
    assert Shopee().limits(told(taiwan, text_limit="400")).text == 400
    for odd in ("", "0", "-1", "many", "9" * 30):
        assert Shopee().limits(told(taiwan, text_limit=odd)).text == 1000
    assert not Shopee().limits(taiwan).sure


def test_an_address_of_one_s_own_wins_over_the_chosen_platform(taiwan: Account, told: Callable[..., Account]) -> None:
    assert shopee_api.host(told(taiwan, custom_base_url="https://test.example/")) == "https://test.example"
    assert shopee_api.host(replace(taiwan, base_url="")) == "https://partner.shopeemobile.com"


def test_the_moment_of_the_server_is_read_from_its_date_header() -> None:
    at = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    with clock.frozen(at):
        assert shopee_api.server_offset("Fri, 20 Nov 2026 04:00:30 GMT") == timedelta(seconds=30)
        assert shopee_api.server_offset("") is None
        assert shopee_api.server_offset("yesterday") is None
