"""Returns at the platforms: kept once, old news ignored, sorted by the clock that runs."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import RETURN_STATES, ReturnSeen
from bridgedesk.lib.money import Money
from bridgedesk.remedies import actions, rules
from bridgedesk.remedies.models import Case
from bridgedesk.remedies.queries import Filters, cases

DAY = timedelta(days=1)


def asked(number="R1", order="A1", **more):
    return ReturnSeen(number, order, **{"status": "REQUESTED", "state": "asked", "reason": "ITEM_DAMAGED"} | more)


def test_a_return_is_kept_once_with_its_sum_and_its_order(shop, noon):
    case = actions.see(shop, asked(refund=Money(1250, "SGD"), at=noon, answer_by=noon + DAY))
    assert actions.see(shop, asked(refund=Money(1250, "SGD"), at=noon, answer_by=noon + DAY)) == case == Case.objects.get()
    assert (case.order.external_id, case.refund) == ("A1", Money(1250, "SGD"))
    assert (case.next_clock, case.next_by) == ("answer", noon + DAY)
    assert Activity.objects.filter(verb="return_seen").count() == 1


def test_once_agreed_the_buyer_sends_it_and_then_the_shop_checks_it(shop, noon):
    told = {"state": "agreed", "status": "ACCEPTED", "goods_come_back": True, "buyer_ships_by": noon + DAY, "check_by": noon + 5 * DAY}
    case = actions.see(shop, asked(at=noon, **told))
    assert (case.next_clock, case.next_by) == ("buyer_ships", noon + DAY)
    case = actions.see(shop, ReturnSeen("R1", "A1", number="RR1"))
    assert (case.next_clock, case.next_by) == ("check", noon + 5 * DAY)


def test_a_change_of_state_is_logged_and_older_news_changes_nothing(shop, noon):
    actions.see(shop, asked(at=noon))
    actions.see(shop, asked(at=noon + DAY, state="closed", status="CLOSED"))
    case = actions.see(shop, asked(at=noon))
    assert (case.state, case.next_clock, case.next_by) == ("closed", "", None)
    assert Activity.objects.get(verb="return_status").data == {"before": "asked", "after": "closed"}


def test_what_expires_next_stands_first_and_pages_follow_each_other(shop, alice, noon):
    for number, days in enumerate([3, 1, None, 2, None]):
        actions.see(shop, asked(f"R{number}", answer_by=noon + days * DAY if days else None))
    first = cases(alice, Filters(), 2)
    second = cases(alice, Filters(before=first[-1].pk), 2)
    third = cases(alice, Filters(before=second[-1].pk), 2)
    assert [row.external_id for row in first + second + third] == ["R1", "R3", "R0", "R2", "R4"]


def test_ended_cases_have_a_list_of_their_own(shop, alice):
    actions.see(shop, asked("R1", state="withdrawn", status="CANCELLED"))
    actions.see(shop, asked("R2"))
    assert [row.external_id for row in cases(alice, Filters())] == ["R2"]
    assert [row.external_id for row in cases(alice, Filters.parse({"show": "ended"}))] == ["R1"]


def test_who_sees_the_shop_sees_its_cases(shop, alice, bob, charlie, sign_in, noon):
    actions.see(shop, asked(refund=Money(1250, "SGD"), answer_by=noon + DAY))
    pages = [sign_in(who).get("/remedies").content.decode() for who in (alice, bob, charlie)]
    assert ["R1" in page and "Damaged" in page for page in pages] == [True, True, False]
    assert "No returns here" in pages[2]


def test_the_page_costs_the_same_however_many_cases_it_shows(shop, alice, sign_in):
    browser, costs = sign_in(alice), []
    for number in range(12):
        actions.see(shop, asked(f"R{number}", f"A{number}"))
        if number in (1, 11):
            with CaptureQueriesContext(connection) as queries:
                browser.get("/remedies")
            costs.append(len(queries))
    assert costs[0] == costs[1]


@given(st.sampled_from(["", *RETURN_STATES]), st.none() | st.booleans(), st.booleans())
def test_a_case_that_ended_waits_for_nothing_and_an_open_request_for_an_answer(state, come_back, shipped):
    name, at = rules.next_clock(state, goods_come_back=come_back, shipped=shipped)
    assert at is None
    if state in rules.ENDED:
        assert name == ""
    if state == "asked":
        assert name == "answer"
