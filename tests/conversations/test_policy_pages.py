"""The policies page and the help page with Alice, Bob, Charlie and the admin Dora."""

import re

import pytest

from bridgedesk.channels.policy import CHECKS, PURPOSES, names, policy
from bridgedesk.conversations.policy_views import CHECK_NAMES
from bridgedesk.shops.words import FIGURES


@pytest.mark.parametrize("path", ["/policies", "/help"])
def test_without_a_log_in_there_is_only_the_door(path, client, db):
    assert client.get(path).headers["Location"].startswith("/account/login/")


@pytest.mark.parametrize("path", ["/policies", "/help"])
def test_everybody_reads_them(path, alice, bob, charlie, admin, sign_in):
    assert [sign_in(who).get(path).status_code for who in (alice, bob, charlie, admin)] == [200] * 4


@pytest.mark.parametrize("platform", names())
def test_every_statement_of_every_platform_is_shown_with_its_source(platform, bob, sign_in):
    page = sign_in(bob).get(f"/policies?platform={platform}").content.decode()
    chosen = policy(platform)
    stated = len(chosen.rules) + len(chosen.checks) + len(chosen.thresholds) + len(chosen.lists)
    assert page.count('<th scope="row">') == stated
    assert page.count(' source">') == stated
    assert page.count("seen 20") == stated


@pytest.mark.parametrize("platform", names())
def test_what_is_unconfirmed_is_marked_wherever_it_stands(platform, bob, sign_in):
    page = sign_in(bob).get(f"/policies?platform={platform}").content.decode()
    chosen = policy(platform)
    stated = [*chosen.rules, *chosen.checks, *chosen.thresholds]
    assert page.count(">unconfirmed<") == sum(one.sure == "unconfirmed" for one in stated)
    assert page.count(">second-hand<") == sum(one.sure == "third_party" for one in stated)


def test_what_is_forbidden_says_what_is_permitted_instead(bob, sign_in):
    page = sign_in(bob).get("/policies?platform=shopee").content.decode()
    row = re.search(r"Shipping notice</th>.*?</tr>", page, re.S)
    assert row
    assert "not permitted" in row[0]
    assert "Instead:" in row[0]


def test_the_platforms_of_ones_own_shops_come_first(make_shop, bob, sign_in):
    make_shop("Text shop", "sms").agents.add(bob)
    page = sign_in(bob).get("/policies").content.decode()
    assert re.findall(r"policies\?platform=(\w+)", page)[0] == "sms"


@pytest.mark.parametrize("asked", ["", "nothing", "../common", "common"])
def test_an_unknown_platform_shows_the_first(asked, bob, sign_in):
    assert sign_in(bob).get("/policies", {"platform": asked}).status_code == 200


def test_every_purpose_check_and_figure_has_its_word():
    figures = {threshold.name for name in names() for threshold in policy(name).thresholds}
    assert set(CHECK_NAMES) == set(CHECKS)
    assert figures <= set(FIGURES)
    assert PURPOSES


@pytest.mark.parametrize("path", ["/policies", "/help"])
def test_they_ask_a_fixed_number_of_times(path, bob, shop, sign_in, django_assert_max_num_queries):
    browser = sign_in(bob)
    browser.get(path)
    with django_assert_max_num_queries(3):
        browser.get(path)


def test_the_help_page_shows_the_keys_of_the_workbench(bob, sign_in):
    sheet = set(re.findall(r"<kbd>([^<]+)</kbd>", sign_in(bob).get("/").content.decode()))
    assert sheet <= set(re.findall(r"<kbd>([^<]+)</kbd>", sign_in(bob).get("/help").content.decode()))
