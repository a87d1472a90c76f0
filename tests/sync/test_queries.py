"""What the sync page asks."""

from collections.abc import Callable

from pytest_django import DjangoAssertNumQueries

from bridgedesk.channels.base import Raw
from bridgedesk.shops.models import Shop
from bridgedesk.sync import actions, queries
from bridgedesk.sync.models import Delivery
from bridgedesk.team.models import Agent

Say = Callable[..., Delivery]


def test_the_newest_come_first_page_by_page(say: Say, alice: Agent) -> None:
    made = [say(f"m{n}").pk for n in range(5)]
    first = queries.deliveries(alice, size=3)
    rest = queries.deliveries(alice, size=3, before=first[-1].pk)
    assert [row.pk for row in first + rest] == made[::-1]


def test_only_known_states_filter(say: Say, alice: Agent) -> None:
    say("m1", apply=True)
    say("m2", thread="t2")
    assert [row.key for row in queries.deliveries(alice, state="applied")] == ["m1"]
    assert len(queries.deliveries(alice, state="' or 1=1 --")) == 2


def test_charlie_sees_nothing_of_alices_shop(say: Say, charlie: Agent) -> None:
    made = say("m1")
    assert (queries.deliveries(charlie), queries.delivery(charlie, made.pk), list(queries.sources(charlie))) == ([], None, [])


def test_the_number_of_queries_does_not_grow(
    say: Say, make_shop: Callable[..., Shop], admin: Agent, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(6):
        say(f"m{n}", thread=f"t{n}")
        make_shop(f"Shop {n}", "pretend")
    with django_assert_num_queries(1):
        assert {row.shop.name for row in queries.deliveries(admin)} == {"Pretend shop"}
    with django_assert_num_queries(4):
        assert len(queries.sources(admin)) == 7


def test_a_source_shows_what_waits_what_is_stuck_and_what_did_not_verify(pretend_shop: Shop, say: Say, alice: Agent) -> None:
    say("m1")
    odd = actions.accept(pretend_shop, Raw("odd", b"\xffnot json", "push"))
    assert odd
    actions.apply(odd.pk)
    actions.reject(pretend_shop, "wrong signature")
    (source,) = queries.sources(alice)
    assert (source.waiting, source.stuck, source.rejected, source.cursor) == (1, 1, 1, None)


def test_bytes_that_are_no_text_are_shown_by_their_code(pretend_shop: Shop, alice: Agent) -> None:
    odd = actions.accept(pretend_shop, Raw("odd", b"\xff{\x00}", "push"))
    assert odd
    found = queries.delivery(alice, odd.pk)
    assert found
    assert queries.text_of(found) == "\\xff{\x00}"
