"""Response rates in the list of shops."""

from datetime import timedelta

import pytest

from bridgedesk.channels.events import MessageReceived, Person
from bridgedesk.conversations import actions, queries
from bridgedesk.conversations.models import Window


@pytest.fixture
def windows(shop, noon):
    """Five buyers wrote: one was answered in time, one late, one is overdue, one not due yet, one needs no answer."""
    ends = [("answered", 20, 15), ("answered", 40, 20), ("open", 30, None), ("open", 1, None), ("no_answer_needed", 20, 19)]
    for number, (outcome, opened, closed) in enumerate(ends):
        at = noon - timedelta(hours=opened)
        event = MessageReceived(f"t{number}", f"m{number}", Person(f"b{number}"), at, text="hello")
        message = actions.receive(shop, event)
        closed_at = noon - timedelta(hours=closed) if closed else None
        Window.objects.filter(conversation=message.conversation).update(
            outcome=outcome, due_at=at + timedelta(hours=12), hours=12, closed_at=closed_at
        )
    return shop


def test_the_rate_counted_by_the_database_is_the_rate_of_the_rules(windows, noon):
    since = noon - timedelta(days=30)
    (found,) = queries.response_rates([windows], since, noon).values()
    assert found == queries.response_rate(windows, since, noon)
    assert (found.in_time, found.late, found.missed, found.pending, found.marked) == (1, 1, 1, 1, 1)


def test_the_list_gets_its_rates(windows, bob, sign_in):
    page = sign_in(bob).get("/shops/rates").content.decode()
    assert f'id="rate-{windows.pk}"' in page
    assert "33.3%" in page


def test_rates_of_shops_one_does_not_see_are_not_told(windows, charlie, sign_in):
    assert "rate-" not in sign_in(charlie).get("/shops/rates").content.decode()


def test_the_rates_are_asked_for_once_however_many_shops(windows, make_shop, admin, sign_in, django_assert_num_queries):
    browser = sign_in(admin)
    for number in range(5):
        make_shop(f"Shop {number}")
    with django_assert_num_queries(5):
        browser.get("/shops/rates")
