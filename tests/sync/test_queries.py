"""What the sync page asks."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
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
    odd = actions.accept(pretend_shop, Raw("odd", b"\xffnot json", "push"))
    assert odd
    actions.apply(odd.pk)
    say("m1")
    actions.reject(pretend_shop, "wrong signature")
    (source,) = queries.sources(alice)
    assert (source.waiting, source.stuck, source.rejected, source.feeds) == (1, 1, 1, [("messages", None)])


@given(st.binary(max_size=300))
def test_any_bytes_can_be_shown(body: bytes) -> None:
    shown = queries.shown(body)
    assert shown.text.isprintable() or shown.is_text or "\n" in shown.text
    if shown.is_text:
        assert not set(shown.text) & set(map(chr, range(32))) - set("\t\r\n")


def test_what_is_no_text_shows_as_numbers() -> None:
    shown = queries.shown(b"\xff{\x00}" + b"A" * 20)
    assert not shown.is_text
    assert shown.text.splitlines()[0] == "000000  ff 7b 00 7d 41 41 41 41 41 41 41 41 41 41 41 41  .{.}AAAAAAAAAAAA"


def test_text_cut_inside_a_character_is_still_text() -> None:
    shown = queries.shown("店".encode() * 40_000)
    assert (shown.is_text, shown.cut) == (True, True)


def test_a_secret_in_the_bytes_is_masked() -> None:
    assert "hunter2" not in queries.shown(b'{"access_token": "hunter2"}').text
