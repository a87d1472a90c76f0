"""The shops' pages with Alice, Bob, Charlie and the admin Dora."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.test import Client

from bridgedesk.activity.models import Activity
from bridgedesk.channels.base import Grant, GrantedShop, SendError
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.channels.shopee_door import ShopeeDoor
from bridgedesk.lib import clock
from bridgedesk.shops import authorising, queries, vault
from bridgedesk.shops.models import Credential, Shop, Threshold

GENERAL = {"name": "灯具店", "language": "zh-Hant", "timezone": "Asia/Taipei", "color": "teal"}
MAILBOX = GENERAL | {
    "address": "help@lamps.example", "password": "app password 1", "imap_host": "imap.example", "imap_security": "ssl",
    "smtp_host": "smtp.example", "smtp_security": "ssl", "imap_port": "993", "smtp_port": "465",
}  # fmt: skip
SHOPEE = GENERAL | {"region": "TW", "partner_id": "1001", "partner_key": "key-of-the-app", "base_url": "https://partner.shopeemobile.com"}


@pytest.fixture
def shopee(make_shop, alice):
    made = make_shop("Shopee TW", "shopee", external_id="", region="TW", options={"partner_id": "1001"})
    vault.store(made.pk, {"partner_key": ("key-of-the-app", None)})
    made.agents.set([alice])
    return made


def text(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize("path", ["/shops", "/shops/{}", "/shops/{}/inflow", "/shops/{}/checks"])
@pytest.mark.parametrize(("who", "inside"), [("alice", True), ("bob", True), ("charlie", False), ("admin", True)])
def test_only_who_looks_after_a_shop_sees_it(shop, who, inside, path, request, sign_in):
    answer = sign_in(request.getfixturevalue(who)).get(path.format(shop.pk))
    if path.endswith("checks") and who == "bob":
        assert answer.status_code == 403, "the log-in is tried by leads"
    elif path == "/shops":
        assert (shop.name in text(answer)) is inside
    else:
        assert answer.status_code == (200 if inside else 404)


@pytest.mark.parametrize("path", ["/shops/connect", "/shops/connect/email", "/doctor", "/doctor/findings"])
@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_only_an_admin_connects_shops_and_calls_the_doctor(path, who, request, sign_in):
    assert sign_in(request.getfixturevalue(who)).get(path).status_code == 403


@pytest.mark.parametrize("path", ["/shops", "/shops/connect", "/doctor", "/shops/1", "/shops/authorised"])
def test_a_stranger_is_sent_to_the_door(path, db):
    assert Client().get(path).headers["Location"].startswith("/account/login/")


@pytest.mark.parametrize("platform", sorted(CHANNELS))
def test_every_platform_has_its_form_and_says_what_it_needs(platform, admin, sign_in):
    browser = sign_in(admin)
    assert f"/shops/connect/{platform}" in text(browser.get("/shops/connect"))
    page = text(browser.get(f"/shops/connect/{platform}"))
    for field in CHANNELS[platform].fields:
        assert f'name="{field.name}"' in page
    assert "<li>" in page


def test_dora_connects_a_mailbox_and_its_password_is_never_seen_again(admin, sign_in):
    browser = sign_in(admin)
    answer = browser.post("/shops/connect/email", MAILBOX)
    shop = Shop.objects.get()
    assert answer.headers["Location"] == f"/shops/{shop.pk}"
    assert (shop.name, shop.platform, shop.timezone, shop.options["imap_host"]) == ("灯具店", "email", "Asia/Taipei", "imap.example")
    assert vault.ShopVault(shop.pk).get("password") == "app password 1"
    page = text(browser.get(f"/shops/{shop.pk}"))
    assert "app password 1" not in page
    assert "Stored. Leave empty to keep it." in page
    assert "app password 1" not in str(list(Activity.objects.values_list("data", flat=True))) + str(shop.options)


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"name": ""}, "Give the shop a name"),
        ({"language": "klingonish"}, "no language code"),
        ({"timezone": "Mars/Base"}, "no such time zone"),
        ({"imap_port": "99a"}, "Digits only"),
        ({"imap_security": "none-at-all"}, "Choose one of the list"),
        ({"password": ""}, "This is needed"),
        ({"from_name": "x" * 3000}, "too long"),
    ],
)
def test_what_is_wrong_in_the_form_is_said_beside_it_and_nothing_is_made(admin, sign_in, wrong, word):
    answer = sign_in(admin).post("/shops/connect/email", MAILBOX | wrong)
    assert answer.status_code == 422
    assert word in text(answer)
    assert not Shop.objects.exists()
    assert "app password 1" not in text(answer), "a secret is not even given back with an error"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "ftp://x.example", "https://", "https://me:secret@x.example/", "https://x .example"]
)
def test_an_address_is_a_web_address(admin, sign_in, address):
    answer = sign_in(admin).post("/shops/connect/manual", GENERAL | {"tool_url": address})
    assert answer.status_code == 422
    assert not Shop.objects.exists()


def test_the_same_shop_is_not_connected_twice(admin, sign_in):
    browser = sign_in(admin)
    browser.post("/shops/connect/shopee", SHOPEE | {"external_id": "77"})
    answer = browser.post("/shops/connect/shopee", SHOPEE | {"external_id": "77"})
    assert "connected already" in text(answer)
    assert Shop.objects.count() == 1
    assert Credential.objects.values("shop").distinct().count() == 1


def test_settings_are_changed_and_an_empty_secret_stays(admin, sign_in):
    browser = sign_in(admin)
    browser.post("/shops/connect/email", MAILBOX)
    shop = Shop.objects.get()
    Shop.objects.filter(pk=shop.pk).update(options=shop.options | {"poll_seconds": "30"})
    assert browser.post(f"/shops/{shop.pk}", MAILBOX | {"password": "", "imap_host": "mail.example", "assign": "1"}).status_code == 302
    shop.refresh_from_db()
    assert (shop.options["imap_host"], shop.options["assign"], shop.options["poll_seconds"]) == ("mail.example", "round_robin", "30")
    assert vault.ShopVault(shop.pk).get("password") == "app password 1"


@pytest.mark.parametrize("act", ["", "/do/pause", "/do/resume", "/authorise", "/granted"])
@pytest.mark.parametrize("who", ["alice", "charlie"])
def test_who_is_no_admin_changes_nothing(shopee, who, act, request, sign_in):
    browser, path = sign_in(request.getfixturevalue(who)), f"/shops/{shopee.pk}{act}"
    answer = browser.get(path) if act.startswith("/auth") else browser.post(path, SHOPEE)
    assert answer.status_code == (403 if who == "alice" else 404)
    assert Shop.objects.get().state == "connected"


def test_a_paused_shop_is_resumed(shop, admin, sign_in):
    browser = sign_in(admin)
    for act, state in [("pause", "paused"), ("resume", "connected")]:
        browser.post(f"/shops/{shop.pk}/do/{act}")
        shop.refresh_from_db()
        assert shop.state == state
    assert browser.post(f"/shops/{shop.pk}/do/delete").status_code == 404


def test_alice_assigns_colleagues_and_bob_may_not(shop, alice, bob, charlie, sign_in):
    sign_in(alice).post(f"/shops/{shop.pk}/agents", {"agents": [alice.pk, charlie.pk]})
    assert set(shop.agents.all()) == {alice, charlie}
    assert sign_in(bob).post(f"/shops/{shop.pk}/agents", {"agents": [bob.pk]}).status_code == 404, "he sees it no more"
    assert sign_in(charlie).post(f"/shops/{shop.pk}/agents", {"agents": [bob.pk]}).status_code == 403


def test_a_figure_holds_from_its_day_on(shop, alice, sign_in, noon):
    given = {"name": "response_hours", "value": "8", "day": "2026-11-20", "sure": "unconfirmed", "source": "A colleague <b>said</b> so"}
    browser = sign_in(alice)
    browser.post(f"/shops/{shop.pk}/figures", given)
    row = Threshold.objects.get()
    assert row.valid_from.isoformat() == "2026-11-19T16:00:00+00:00", "the day begins where Alice is"
    assert queries.threshold(shop, "response_hours", noon).value == 8
    page = text(browser.get(f"/shops/{shop.pk}"))
    assert "unconfirmed" in page
    assert "A colleague &lt;b&gt;said&lt;/b&gt; so" in page
    (now,) = [figure for figure in queries.figures(shop, noon) if figure.name == "response_hours" and figure.in_force]
    assert (now.value, now.origin) == (8, "shop")
    (before,) = [f for f in queries.figures(shop, noon - timedelta(days=3)) if f.name == "response_hours" and f.in_force]
    assert before.origin == "shipped"


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": "NaN"},
        {"value": "many"},
        {"value": "-1"},
        {"value": "1e9"},
        {"day": "soon"},
        {"name": "x"},
        {"sure": "x"},
        {"source": " "},
    ],
)
def test_a_figure_that_is_none_is_refused(shop, alice, sign_in, wrong):
    given = {"name": "response_hours", "value": "8", "day": "2026-11-20", "sure": "own", "source": "contract"}
    assert sign_in(alice).post(f"/shops/{shop.pk}/figures", given | wrong).status_code == 302
    assert not Threshold.objects.exists()


def test_bob_sets_no_figure(shop, bob, sign_in):
    given = {"name": "response_hours", "value": "8", "day": "2026-11-20", "sure": "own", "source": "contract"}
    assert sign_in(bob).post(f"/shops/{shop.pk}/figures", given).status_code == 403


def test_the_targets_of_many_shops_are_what_each_shop_says_alone(shop, make_shop, alice, noon):
    others = [make_shop("A", "shopee", region="MY"), make_shop("B", "shopee", region="TW"), make_shop("C", "email")]
    Threshold.objects.create(platform="shopee", name="response_rate", value=66, valid_from=noon, source="s", sure="own", region="TW")
    Threshold.objects.create(shop=others[0], platform="shopee", name="response_rate", value=99, valid_from=noon, source="s", sure="own")
    for name in ("response_rate", "response_hours"):
        found = queries.targets([shop, *others], name, noon)
        for one in [shop, *others]:
            try:
                assert found[one.pk].value == queries.threshold(one, name, noon).value
            except KeyError:
                assert one.pk not in found


@pytest.fixture
def granted(monkeypatch):
    """The platform takes the code "good": for shop 77, or for the three of a main account."""

    def exchange(self, account, given, back):
        if given.get("code") != "good":
            raise SendError("Invalid code.", permanent=True)
        ends = clock.now() + timedelta(hours=4)
        shops = [GrantedShop(given.get("shop_id", "77"))] if "main_account_id" not in given else MAIN
        return Grant({"access_token": ("a-1", ends), "refresh_token": ("r-1", ends)}, shops)

    monkeypatch.setattr(ShopeeDoor, "exchange", exchange)


MAIN = [GrantedShop("77", "TW"), GrantedShop("78", "MY"), GrantedShop("79", "SG", "Lumen SG")]


def comes_back(browser, shop, **given):
    """Dora leaves for the platform and returns with what it sends along; the page she sees then."""
    away = browser.get(f"/shops/{shop.pk}/authorise").headers["Location"]
    state = parse_qs(urlsplit(away).query)["state"][0]
    return text(browser.get("/shops/authorised", {"code": "good", "state": state, **given}, follow=True))


def test_dora_authorises_a_shopee_shop(shopee, admin, sign_in, granted):
    Shop.objects.filter(pk=shopee.pk).update(state="broken", trouble="The authorisation ended.")
    browser = sign_in(admin)
    away = browser.get(f"/shops/{shopee.pk}/authorise").headers["Location"]
    assert away.startswith("https://open.shopee.com/auth?")
    assert parse_qs(urlsplit(away).query)["redirect_uri"][0].endswith("/shops/authorised")
    page = comes_back(browser, shopee, shop_id="77")
    assert "The seller granted: 77." in page
    shopee.refresh_from_db()
    assert (shopee.external_id, shopee.state, vault.ShopVault(shopee.pk).get("access_token")) == ("77", "connected", "a-1")
    assert "a-1" not in page


def test_of_a_main_accounts_shops_dora_says_which_this_is(shopee, make_shop, admin, sign_in, granted):
    make_shop("Shopee MY", "shopee", external_id="78", region="MY")
    browser = sign_in(admin)
    page = comes_back(browser, shopee, main_account_id="5")
    assert "Say which of them this is." in page
    assert [shop in page for shop in ('value="77"', 'value="78"', 'value="79"')] == [True, False, True], "78 is connected already"
    page = text(browser.post(f"/shops/{shopee.pk}/granted", {"shop": "79"}, follow=True))
    shopee.refresh_from_db()
    assert (shopee.external_id, shopee.region, shopee.options) == ("79", "SG", {"partner_id": "1001"})
    assert "Which shop is this?" not in page
    assert vault.ShopVault(shopee.pk).get("access_token") == "a-1"
    assert Activity.objects.filter(verb="chose_granted_shop").count() == 1


@pytest.mark.parametrize("shop", ["", "78", "80"])
def test_a_shop_that_was_not_granted_or_is_connected_cannot_be_chosen(shop, shopee, make_shop, admin, sign_in, granted):
    make_shop("Shopee MY", "shopee", external_id="78", region="MY")
    browser = sign_in(admin)
    comes_back(browser, shopee, main_account_id="5")
    page = text(browser.post(f"/shops/{shopee.pk}/granted", {"shop": shop}, follow=True))
    assert "Choose one of the shops the seller granted." in page
    shopee.refresh_from_db()
    assert shopee.external_id == ""


def test_the_choice_outlives_a_change_of_settings_and_ends_with_a_typed_id(shopee, admin, sign_in, granted):
    browser = sign_in(admin)
    comes_back(browser, shopee, main_account_id="5")
    for typed, open_still in [({}, True), ({"external_id": "79"}, False)]:
        assert browser.post(f"/shops/{shopee.pk}", SHOPEE | typed).status_code == 302
        assert ("Which shop is this?" in text(browser.get(f"/shops/{shopee.pk}"))) is open_still


def test_a_main_account_that_has_the_shop_named_needs_no_choice(shopee, admin, sign_in, granted):
    Shop.objects.filter(pk=shopee.pk).update(external_id="78")
    page = comes_back(sign_in(admin), shopee, main_account_id="5")
    assert "The seller granted: 77, 78, 79." in page
    assert "Which shop is this?" not in page


def test_an_id_that_is_connected_already_is_not_taken_twice(shopee, make_shop, admin, sign_in, granted):
    make_shop("The same", "shopee", external_id="77", region="TW")
    assert "Shop 77 is connected already." in comes_back(sign_in(admin), shopee, shop_id="77")
    assert not vault.ShopVault(shopee.pk).get("access_token")


@pytest.mark.parametrize("broken", ["state", "person", "shop", "old", "code", "named"])
def test_a_way_back_that_is_not_ours_connects_nothing(shopee, shop, admin, make_agent, sign_in, granted, broken):
    other = make_agent("eve", "admin")
    state = signing.dumps(
        [shop.pk if broken == "shop" else shopee.pk, other.pk if broken == "person" else admin.pk], salt=authorising._SALT
    )
    if broken == "named":
        Shop.objects.filter(pk=shopee.pk).update(external_id="78")
    given = {"state": "forged" if broken == "state" else state, "code": "stolen" if broken == "code" else "good", "shop_id": "77"}
    later = clock.now() + timedelta(hours=2)
    browser = sign_in(admin)
    with pytest.MonkeyPatch.context() as patched:
        if broken == "old":
            patched.setattr("django.core.signing.time.time", later.timestamp)
        assert browser.get("/shops/authorised", given).status_code == 302
    assert not vault.ShopVault(shopee.pk).get("access_token")
    assert not vault.ShopVault(shop.pk).get("access_token")


def test_a_seller_who_says_no_is_told_to_start_again(shopee, admin, sign_in):
    page = comes_back(sign_in(admin), shopee, code="", error="access_denied")
    assert "The platform sent no code back. Authorise the shop once more." in page


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_nobody_but_an_admin_brings_a_code_back(who, request, sign_in):
    assert sign_in(request.getfixturevalue(who)).get("/shops/authorised", {"code": "good"}).status_code == 403


def test_without_the_apps_key_dora_is_told_what_is_missing(make_shop, admin, sign_in):
    shop = make_shop("Shopee", "shopee", external_id="")
    page = text(sign_in(admin).get(f"/shops/{shop.pk}/authorise", follow=True))
    assert "partner ID or key" in page


def test_only_platforms_that_ask_for_it_are_authorised(shop, admin, sign_in):
    assert sign_in(admin).get(f"/shops/{shop.pk}/authorise").status_code == 404


def test_the_doctor_says_what_to_do(shopee, admin, sign_in):
    vault.store(shopee.pk, {"partner_key": ("", None)})
    page = text(sign_in(admin).get(f"/shops/{shopee.pk}/checks"))
    assert "Copy both from the app in the Shopee console." in page
    assert "Worker" in text(sign_in(admin).get("/doctor/findings"))


def test_a_platform_we_do_not_speak_breaks_no_page(make_shop, admin, sign_in):
    shop = make_shop("Old", "yahoo")
    for path in ("", "/checks", "/inflow"):
        assert sign_in(admin).get(f"/shops/{shop.pk}{path}").status_code == 200
    assert sign_in(admin).get("/shops").status_code == 200


def test_the_list_asks_a_fixed_number_of_times(shop, admin, make_shop, sign_in, django_assert_num_queries):
    browser = sign_in(admin)
    for number in range(8):
        make_shop(f"Shop {number}").agents.add(admin)
    with django_assert_num_queries(4):
        browser.get("/shops")
    with django_assert_num_queries(5):
        browser.get("/shops/rates")


def test_a_shops_page_asks_a_fixed_number_of_times(shop, admin, make_agent, sign_in, django_assert_num_queries):
    browser = sign_in(admin)
    for number in range(8):
        shop.agents.add(make_agent(f"agent{number}"))
    with django_assert_num_queries(7):
        browser.get(f"/shops/{shop.pk}")
