from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.conversations import actions, due, queries
from bridgedesk.conversations.filters import Filters, Place
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import clock
from bridgedesk.shops.models import Threshold
from tests.conversations.conftest import after

pytestmark = pytest.mark.usefixtures("at_noon")


def asked(query: str = "") -> Filters:
    return Filters.parse(QueryDict(query))


def names(page: queries.Page) -> list[str]:
    return [row.external_id for row in page.rows]


@pytest.fixture
def threads(write, alice):
    """Four of a day: a (asked first), b (asked later), c and d (nothing owed; d newer)."""
    made = {name: write(thread=name, at=after(minute)).conversation for name, minute in (("c", -50), ("d", -40), ("a", -30), ("b", -20))}
    for name in "cd":
        actions.no_answer_needed(made[name], by=alice)
    return made


def test_what_expires_next_comes_first_then_the_newest(threads, bob):
    assert names(queries.inbox(bob, asked())) == ["a", "b", "d", "c"]


def test_pages_follow_each_other_without_gap_or_repeat(threads, bob):
    for query, order in (("", "abdc"), ("sort=newest", "badc"), ("state=all", "badc")):
        got, following = "", ""
        for _ in range(4):
            page = queries.inbox(bob, asked(f"{query}&after={following}"), size=1)
            got, following = got + names(page)[0], page.next
        assert (got, following) == (order, "")


def test_a_page_stays_right_when_rows_share_their_moment(write, bob):
    for n in range(7):
        write(thread=f"t{n}", at=after(0))
    first = queries.inbox(bob, asked(), size=3)
    second = queries.inbox(bob, asked(f"after={first.next}"), size=3)
    third = queries.inbox(bob, asked(f"after={second.next}"), size=3)
    assert sorted(names(first) + names(second) + names(third)) == [f"t{n}" for n in range(7)]
    assert third.next == ""


def test_charlie_sees_nothing_and_an_admin_everything(threads, charlie, admin):
    assert names(queries.inbox(charlie, asked("state=all"))) == []
    assert len(names(queries.inbox(admin, asked("state=all")))) == 4
    assert set(queries.counters(charlie).values()) == {0}


def test_filters_narrow_down(threads, bob, alice, shop):
    actions.assign(threads["a"], bob, by=alice)
    actions.tag(threads["b"], "vip", by=alice)
    actions.close(threads["c"], by=alice)
    actions.follow(threads["d"], by=bob)
    actions.note(threads["b"], "@bob look", by=alice)
    Conversation.objects.filter(external_id="b").update(topic="parcel", language="pl", mood="rude", trouble=True)
    expected = {
        "assignee=me": ["a"],
        f"assignee={bob.pk}": ["a"],
        "assignee=nobody": ["b", "d"],
        "tag=vip": ["b"],
        "state=closed": ["c"],
        "following=1": ["d"],
        "mentioned=1": ["b"],
        "topic=parcel&language=pl&mood=rude": ["b"],
        "trouble=1": ["b"],
        "due=owed": ["a", "b"],
        "due=overdue": [],
        f"shop={shop.pk}": ["a", "b", "d"],
        "shop=999999": [],
        f"customer={threads['a'].customer_id}&state=all": ["b", "a", "d", "c"],
        "platform=manual&due=owed": ["a", "b"],
    }
    assert {query: names(queries.inbox(bob, asked(query))) for query in expected} == expected


def test_soon_and_overdue(threads, bob):
    with clock.frozen(after(-25) + timedelta(hours=24)):
        assert names(queries.inbox(bob, asked("due=overdue"))) == ["a"]
        assert names(queries.inbox(bob, asked("due=soon"))) == ["b"]
        counted = queries.counters(bob)
    assert (counted["overdue"], counted["due_soon"], counted["open"], counted["unassigned"], counted["mine"]) == (1, 1, 4, 4, 0)


def test_at_risk_by_the_shops_own_hours_of_warning_and_due_in_three_hours_are_counted_apart(write, shop, bob):
    Threshold.objects.create(
        shop=shop, platform=shop.platform, name="warn_hours", value=6, valid_from=after(-1), source="Bob sleeps", sure="own"
    )
    early = write(thread="early", at=after(-30)).conversation
    late = write(thread="late", at=after(0)).conversation
    assert early.due_at - early.risk_at == timedelta(hours=4)
    assert late.due_at - late.risk_at == timedelta(hours=6)
    with clock.frozen(late.risk_at):
        assert names(queries.inbox(bob, asked("due=risk"))) == ["late"]
        assert (queries.counters(bob)["at_risk"], queries.counters(bob)["due_soon"]) == (1, 0)
    with clock.frozen(early.due_at):
        assert names(queries.inbox(bob, asked("due=risk"))) == ["late"]
        assert (queries.counters(bob)["at_risk"], queries.counters(bob)["due_soon"], queries.counters(bob)["overdue"]) == (1, 1, 1)
    actions.bulk(bob, [late.pk], "no_answer_needed")
    with clock.frozen(early.due_at):
        assert names(queries.inbox(bob, asked("due=risk"))) == []


def test_a_snoozed_conversation_wakes_when_its_answer_comes_at_risk(write, bob):
    conversation = write(at=after(0)).conversation
    assert actions.snooze(conversation, after(30 * 24 * 60), by=bob) == conversation.risk_at


def test_counters_stop_counting(write, bob, monkeypatch):
    monkeypatch.setattr(queries, "MOST_COUNTED", 2)
    for n in range(4):
        write(thread=f"t{n}")
    assert queries.counters(bob)["open"] == 2


@pytest.mark.parametrize(
    "hostile",
    [
        "shop__credentials__sealed__startswith=a",
        "sort=shop__credentials__sealed",
        "state=open'--",
        "assignee=-1",
        "assignee=¹",
        "assignee=99999999999999999999999",
        "shop=1;drop",
        "customer=null",
        "after=x",
        "after=1_99999999999999999999999999_1",
        "after=__",
        "topic=%00",
        "tag=" + "x" * 5000,
        "state=all&state=closed'",
        "mood=__class__",
    ],
)
def test_what_is_not_known_is_passed_over(hostile, threads, bob):
    filters = asked(hostile)
    queries.inbox(bob, filters)
    assert Filters.parse(QueryDict(filters.query_string())) == asked(filters.query_string())


@given(st.dictionaries(st.sampled_from([*Filters.__dataclass_fields__, "shop", "password"]), st.text(max_size=30), max_size=8))
def test_any_query_gives_a_question_that_survives_a_round_trip(said):
    query = QueryDict(mutable=True)
    query.update(said)
    once = Filters.parse(query)
    again = Filters.parse(QueryDict(once.query_string()))
    assert again.query_string() == once.query_string()


def test_a_place_reads_back_what_it_wrote(conversation):
    place = Place.of(conversation)
    assert Place.parse(str(place)) == place


def test_the_number_of_queries_does_not_grow_with_the_rows(write, bob, alice, django_assert_num_queries):
    def count(call):
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as seen:
            call()
        return len(seen)

    def screen():
        page = queries.inbox(bob, asked())
        [(str(row.shop), str(row.customer), str(row.assignee)) for row in page.rows]
        queries.counters(bob)

    conversation = write(thread="t0").conversation
    one = count(screen)
    for n in range(1, 12):
        actions.assign(write(thread=f"t{n}").conversation, alice, by=alice)
    assert count(screen) == one

    def talk():
        messages, _ = queries.thread(conversation)
        [(str(m.author), str(m.template), list(m.attachments.all())) for m in messages]

    few = count(talk)
    for n in range(8):
        actions.reply(conversation, f"part {n}", by=alice)
    assert count(talk) == few == 2


def test_a_thread_is_read_backwards_page_by_page(write, bob):
    for n in range(7):
        conversation = write(f"m{n}", at=after(n // 2)).conversation
    (withdrawn,) = actions.reply(conversation, "Oops", by=bob)
    actions.withdraw(withdrawn, by=bob)
    last, older = queries.thread(conversation, size=3)
    middle, more = queries.thread(conversation, last[0].pk, size=3)
    first, none = queries.thread(conversation, middle[0].pk, size=3)
    assert [m.text for m in first + middle + last] == [f"m{n}" for n in range(7)]
    assert (older, more, none) == (True, True, False)
    assert queries.thread(conversation, 10**12) == ([], False)


def test_what_the_buyer_wrote_before_as_far_as_one_may_see(write, make_shop, bob, charlie):
    now, before = write(thread="t2").conversation, write(thread="t1", at=after(-900)).conversation
    assert queries.customer_history(now, bob) == [before]
    assert queries.customer_history(now, charlie) == []


def test_the_snoozed_wake_at_their_time(write, bob):
    conversation = write().conversation
    actions.snooze(conversation, after(60), by=bob)
    assert (names(queries.inbox(bob, asked())), names(queries.inbox(bob, asked("state=snoozed")))) == ([], ["t1"])
    with clock.frozen(after(59)):
        assert due.wake_snoozed() == 0
    with clock.frozen(after(60)):
        assert due.wake_snoozed() == 1
    assert names(queries.inbox(bob, asked())) == ["t1"]


def test_merged_away_conversations_are_in_no_list(write, bob):
    first, second = write(thread="t1").conversation, write(thread="t2").conversation
    actions.merge(first, second, by=bob)
    assert names(queries.inbox(bob, asked("state=all"))) == ["t1"]


def test_presence_and_budgets_are_forgotten(conversation, bob):
    actions.be_present(conversation, by=bob)
    with clock.frozen(after(5)):
        due.tidy()
    assert conversation.presences.count() == 0
    assert Message.objects.count() == 1


LISTS = (
    "",
    "sort=newest",
    "state=closed",
    "state=all",
    "assignee=me",
    "assignee=nobody",
    "due=overdue",
    "topic=parcel",
    "state=all&topic=parcel",
    "state=all&language=pl",
    "state=all&mood=rude",
    "state=all&trouble=1",
    "trouble=1",
    "state=closed&assignee=me",
)


@pytest.mark.parametrize("query", LISTS)
def test_no_list_reads_or_sorts_the_archive(threads, admin, query):
    """With reading and sorting whole tables forbidden to the planner, an index that gives the order must be left."""

    def ask():
        queries.inbox(admin, asked(query))
        queries.inbox(admin, asked(f"{query}&after={Place.of(threads['a'])}"))

    assert len(plans_of(ask)) >= 2


def test_the_tags_known_are_found_without_reading_the_archive(threads, admin):
    assert len(plans_of(lambda: queries.tags(admin))) == 1


def plans_of(ask):
    """The plans of what was asked of conversations, none of which reads or sorts a whole table."""
    from django.test.utils import CaptureQueriesContext

    with connection.cursor() as cursor:
        for way in ("seqscan", "sort", "incremental_sort", "bitmapscan"):
            cursor.execute(f"set local enable_{way} = off")
        with CaptureQueriesContext(connection) as seen:
            ask()
        lists = [q["sql"] for q in seen if "ORDER BY" in q["sql"] and 'FROM "conversations_conversation"' in q["sql"]]
        plans = []
        for statement in lists:
            cursor.execute(f"explain {statement}")
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    assert not any("Seq Scan" in plan or "Sort" in plan for plan in plans), plans
    return plans
