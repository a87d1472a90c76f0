"""The cards of greetings and response rate on a shop's page, with Alice, Bob, Charlie and the admin Dora."""

import re
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bridgedesk.activity.models import Activity
from bridgedesk.conversations import actions, greeting, queries, response
from bridgedesk.conversations.models import Greeting, Window
from bridgedesk.conversations.response_views import HEIGHT, bars
from bridgedesk.conversations.rules import Rate
from bridgedesk.lib import clock
from bridgedesk.shops import actions as shops
from tests.conftest import NOON
from tests.conversations.conftest import after

CARDS = ["greetings", "response"]
HELLO = {"language": "en", "body": "Hello! We answer within hours.", "enabled": "1"}


@pytest.fixture
def mail_shop(make_our_shop):
    """By mail one may greet by oneself."""
    return make_our_shop("Mail shop", "email")


@pytest.fixture
def shopee(make_shop, alice):
    made = make_shop("Shopee shop", "shopee", region="TW")
    made.agents.set([alice])
    return made


@pytest.mark.parametrize("card", CARDS)
def test_without_a_log_in_there_is_only_the_door(card, client, shop):
    assert client.get(f"/shops/{shop.pk}/{card}").headers["Location"].startswith("/account/login/")


@pytest.mark.parametrize("card", CARDS)
def test_who_sees_the_shop_sees_its_cards(card, shop, alice, bob, charlie, admin, sign_in):
    answers = [sign_in(who).get(f"/shops/{shop.pk}/{card}").status_code for who in (alice, bob, admin, charlie)]
    assert answers == [200, 200, 200, 404]


@pytest.mark.parametrize(("who", "status"), [("bob", 403), ("charlie", 404)])
def test_only_leads_of_the_shop_change_its_greeting(who, status, mail_shop, request, sign_in):
    assert sign_in(request.getfixturevalue(who)).post(f"/shops/{mail_shop.pk}/greetings", HELLO).status_code == status
    assert not Greeting.objects.exists()


def test_alice_writes_switches_off_and_takes_away_a_greeting(mail_shop, alice, sign_in):
    browser, address = sign_in(alice), f"/shops/{mail_shop.pk}/greetings"
    page = browser.post(address, HELLO).content.decode()
    assert "We answer within hours." in page
    assert Greeting.objects.get().enabled
    browser.post(address, {"language": "en", "body": "Hello again."})
    assert (Greeting.objects.get().body, Greeting.objects.get().enabled) == ("Hello again.", False)
    browser.post(address, {"language": "en", "body": "  "})
    assert not Greeting.objects.exists()
    assert Activity.objects.filter(verb="changed_greeting", by=alice).count() == 3


def test_a_greeting_the_gate_holds_is_not_switched_on_and_its_words_are_kept(mail_shop, alice, sign_in):
    body = "Hello! Leave us 5 stars and we send you a gift card."
    answer = sign_in(alice).post(f"/shops/{mail_shop.pk}/greetings", HELLO | {"body": body})
    assert answer.status_code == 422
    assert "Not saved" in answer.content.decode()
    assert body in answer.content.decode()
    assert not Greeting.objects.exists()


def test_where_the_platform_greets_by_itself_ours_cannot_be_switched_on(shopee, alice, sign_in):
    page = sign_in(alice).get(f"/shops/{shopee.pk}/greetings").content.decode()
    assert "not sent here" in page
    assert "Switch on the auto-reply in Seller Centre" in page
    assert re.search(r'name="enabled" value="1" disabled', page)
    assert sign_in(alice).post(f"/shops/{shopee.pk}/greetings", HELLO).status_code == 422


def test_an_unknown_language_is_refused(mail_shop, alice, sign_in):
    assert sign_in(alice).post(f"/shops/{mail_shop.pk}/greetings", HELLO | {"language": "xx"}).status_code == 400


def test_the_card_asks_a_fixed_number_of_times(mail_shop, alice, sign_in, django_assert_num_queries, django_assert_max_num_queries):
    browser, address = sign_in(alice), f"/shops/{mail_shop.pk}/greetings"
    greeting.save_greeting(mail_shop, "en", "Hello!", enabled=True, by=alice)
    browser.get(address)
    with django_assert_max_num_queries(6) as before:
        browser.get(address)
    for language in ("de", "fr", "es"):
        greeting.save_greeting(mail_shop, language, "Hello!", enabled=True, by=alice)
    with django_assert_num_queries(len(before)):
        browser.get(address)


@pytest.fixture
def week(write, shop, bob):
    """One answered in time, one late, one never, one marked, one still open."""

    def asks(thread: str, hours_ago: float):
        return write(thread=thread, at=NOON - timedelta(hours=hours_ago)).conversation

    def answers(conversation, at) -> None:
        with clock.frozen(at):
            message = actions.reply(conversation, "It left today.", by=bob)[0]
            actions.mark_sent(message, external_id=f"out-{message.pk}", at=at)

    answers(asks("t1", 50), NOON - timedelta(hours=49))
    answers(asks("t2", 100), NOON - timedelta(hours=1))
    asks("t3", 90)
    marked = asks("t4", 10)
    with clock.frozen(NOON - timedelta(hours=1)):
        actions.no_answer_needed(marked, by=bob)
    asks("t5", 1)
    asks("t6", 24 * 60)


def test_every_answer_owed_is_counted_once_where_it_belongs(week, shop, noon):
    report = response.report(shop, ZoneInfo("Asia/Shanghai"))
    assert [period.rate for period in report.periods] == [
        Rate(in_time=1, late=1, missed=1, pending=1, marked=1),
        Rate(in_time=1, late=1, missed=1, pending=1, marked=1),
        Rate(in_time=1, late=1, missed=2, pending=1, marked=1),
    ]


def test_the_days_add_up_to_what_the_rules_say(week, shop, noon):
    start = NOON - timedelta(days=80)
    by_day = response.days(shop, start.date(), ZoneInfo("UTC"), NOON)
    assert sum(by_day.values(), Rate()) == queries.response_rate(shop, start, NOON + timedelta(minutes=1))


@pytest.mark.parametrize(("zone", "day"), [("Asia/Shanghai", "2026-11-19"), ("Asia/Tokyo", "2026-11-20")])
def test_a_message_of_the_night_belongs_to_the_agents_day(zone, day, write, shop, noon):
    write(at=NOON - timedelta(hours=13))  # eleven at night in Shanghai, midnight in Tokyo
    counted = response.days(shop, (NOON - timedelta(days=3)).date(), ZoneInfo(zone), NOON)
    assert [str(each) for each in counted] == [day]


def test_what_was_struck_out_counts_nowhere(write, shop, noon):
    write(at=NOON - timedelta(hours=5))
    Window.objects.update(outcome=Window.Outcome.SUPERSEDED, closed_at=NOON)
    assert response.days(shop, NOON.date(), ZoneInfo("UTC"), NOON) == {}


def test_the_rate_is_held_against_the_shops_own_dated_figure(week, shop, alice, sign_in, noon):
    shops.set_threshold(shop, "response_rate", Decimal(30), valid_from=NOON - timedelta(days=1), source="Our contract", by=alice)
    page = sign_in(alice).get(f"/shops/{shop.pk}/response").content.decode()
    assert "33.3%" in page
    assert "Wanted: 30 %" in page
    assert "Our contract" in page
    assert 'data-tone="ok"' in page
    shops.set_threshold(shop, "response_rate", Decimal(90), valid_from=NOON - timedelta(hours=1), source="A new contract", by=alice)
    assert 'class="rate" data-tone="bad"' in sign_in(alice).get(f"/shops/{shop.pk}/response").content.decode()


def test_an_unconfirmed_figure_is_marked(shopee, alice, sign_in, noon):
    assert "unconfirmed" in sign_in(alice).get(f"/shops/{shopee.pk}/response").content.decode()


def test_a_shop_nobody_wrote_to_says_so(shop, bob, sign_in):
    page = sign_in(bob).get(f"/shops/{shop.pk}/response").content.decode()
    assert "Nobody has written to this shop" in page
    assert "–" in page


def test_the_fullest_day_reaches_the_top_and_no_bar_leaves_the_drawing():
    day = NOON.date()
    drawn = bars([(day, Rate(in_time=3, late=1, missed=2, pending=1)), (day, Rate(in_time=1)), (day, Rate())])
    assert [round(sum(piece.height for piece in bar.pieces)) for bar in drawn] == [HEIGHT, round(HEIGHT / 7), 0]
    assert min(piece.y for bar in drawn for piece in bar.pieces) >= -0.1


def test_a_year_of_messages_costs_no_more_queries(
    week, shop, bob, sign_in, write, django_assert_num_queries, django_assert_max_num_queries, noon
):
    browser = sign_in(bob)
    browser.get(f"/shops/{shop.pk}/response")
    with django_assert_max_num_queries(6) as before:
        browser.get(f"/shops/{shop.pk}/response")
    for number in range(20):
        write(thread=f"n{number}", at=after(-number * 60 * 24))
    with django_assert_num_queries(len(before)):
        browser.get(f"/shops/{shop.pk}/response")
