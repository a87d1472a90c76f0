"""The search page over HTTP, and the way from a hit into the conversation."""

import re
from datetime import timedelta

import pytest

from bridgedesk.conversations import actions
from bridgedesk.lib import clock
from tests.conftest import NOON
from tests.conversations.conftest import after


@pytest.fixture
def bobs(sign_in, bob):
    return sign_in(bob)


def test_without_a_log_in_there_is_only_the_door(client, db):
    assert client.get("/search").headers["Location"].startswith("/account/login/")


def test_before_a_word_is_typed_the_page_says_what_can_be_found(bobs):
    page = bobs.get("/search").content.decode()
    assert "Find anything that was said" in page
    assert "autofocus" in page


def test_a_hit_is_marked_in_its_sentence_and_leads_to_its_message(write, bobs):
    message = write("Hello! Where is my <b>lamp</b>?")
    page = bobs.get("/search?q=lamp").content.decode()
    assert "&lt;b&gt;<mark>lamp</mark>&lt;/b&gt;" in page
    assert f'href="/conversations/{message.conversation_id}?at={message.pk}#m-{message.pk}"' in page


def test_hits_of_one_conversation_stand_together_and_the_newest_conversation_first(write, bobs):
    first = write("lamp one", thread="t1").conversation
    other = write("lamp two", thread="t2", at=after(1)).conversation
    write("lamp three", thread="t1", at=after(2))
    page = bobs.get("/search?q=lamp").content.decode()
    assert re.findall(r"/conversations/(\d+)\?at=", page) == [str(first.pk), str(first.pk), str(other.pk)]
    assert "3 messages" in page
    assert "2 conversations" in page


def test_charlie_finds_nothing_and_is_not_offered_the_shop(write, shop, sign_in, charlie, admin):
    write("a chandelier")
    page = sign_in(charlie).get(f"/search?q=chandelier&shop={shop.pk}").content.decode()
    assert "No message holds" in page
    assert shop.name not in page
    assert "<mark>chandelier</mark>" in sign_in(admin).get("/search?q=chandelier").content.decode()


def test_what_is_not_found_leads_to_a_search_without_filters(write, bobs, shop, noon):
    write("a chandelier", at=NOON - timedelta(days=60))
    page = bobs.get(f"/search?q=chandelier&shop={shop.pk}&days=30").content.decode()
    assert "No message holds" in page
    wider = re.search(r'href="(/search\?q=chandelier)"', page)
    assert wider
    assert "<mark>" in bobs.get(wider[1]).content.decode()


@pytest.mark.parametrize(
    ("query", "hits"), [("direction=in", 1), ("direction=note", 1), ("direction=out", 0), ("days=7", 2), ("days=bad", 2)]
)
def test_filters_narrow_what_is_found(query, hits, conversation, bob, bobs, noon):
    actions.note(conversation, "the lamp again", by=bob)
    assert bobs.get(f"/search?q=lamp&{query}").content.decode().count("<mark>") == hits


def test_a_day_begins_at_midnight_of_the_agents_zone(write, bobs):
    write("chandelier", at=NOON)
    with clock.frozen(NOON + timedelta(days=7, hours=11)):  # a quarter to midnight in Shanghai, seven days later
        assert "<mark>" in bobs.get("/search?q=chandelier&days=7").content.decode()
    with clock.frozen(NOON + timedelta(days=7, hours=13)):
        assert "<mark>" not in bobs.get("/search?q=chandelier&days=7").content.decode()


def test_older_hits_are_said_to_exist(write, bobs):
    for minute in range(31):
        write(f"lamp {minute}", at=after(minute))
    assert "Older messages hold these words too" in bobs.get("/search?q=lamp").content.decode()


def test_while_typing_only_what_was_found_is_fetched(write, bobs):
    write("a lamp")
    part = bobs.get("/search?q=lamp", headers={"HX-Request": "true"}).content.decode()
    assert "<mark>lamp</mark>" in part
    assert "<html" not in part


@pytest.mark.parametrize("query", ["q=%00", "q=%27%3A*%20%26", "q=lamp&shop=x&days=٣&since=never", "q=" + "a" * 5000, "q=%F0%9F%92%A1"])
def test_odd_questions_are_answered(query, bobs, conversation):
    assert bobs.get(f"/search?{query}").status_code == 200


def test_many_hits_cost_no_more_queries_than_one(write, bobs, django_assert_num_queries, django_assert_max_num_queries):
    write("lamp")
    bobs.get("/search?q=lamp")
    with django_assert_max_num_queries(7) as before:
        bobs.get("/search?q=lamp")
    for number in range(25):
        write(f"lamp {number}", thread=f"t{number}")
    with django_assert_num_queries(len(before)):
        bobs.get("/search?q=lamp")


@pytest.fixture
def long_talk(write):
    """Anna has written a hundred and sixty lines."""
    return [write(f"line {number}.", at=after(number)) for number in range(160)]


def lines(answer) -> list[int]:
    return [int(n) for n in re.findall(r"line (\d+)\.</div>", answer.content.decode())]


def test_a_hit_far_back_opens_the_conversation_around_it(long_talk, bobs):
    message = long_talk[40]
    answer = bobs.get(f"/conversations/{message.conversation_id}?at={message.pk}")
    assert lines(answer) == list(range(15, 66))
    assert "Older messages" in answer.content.decode()
    assert "To the newest" in answer.content.decode()


def test_from_old_messages_the_way_leads_on_to_the_newest_without_a_gap(long_talk, bobs):
    pk, seen = long_talk[0].conversation_id, []
    answer = bobs.get(f"/conversations/{pk}/thread?at={long_talk[0].pk}")
    while True:
        seen += lines(answer)
        onward = re.search(r"thread\?after=\d+", answer.content.decode())
        if not onward:
            break
        answer = bobs.get(f"/conversations/{pk}/{onward[0]}")
    assert seen == list(range(160))


def test_a_hit_among_the_last_messages_opens_the_conversation_as_always(long_talk, bobs):
    message = long_talk[140]
    answer = bobs.get(f"/conversations/{message.conversation_id}?at={message.pk}")
    assert lines(answer) == list(range(110, 160))
    assert "To the newest" not in answer.content.decode()


def test_a_message_of_another_conversation_opens_no_door(long_talk, write, bobs):
    other = write("elsewhere", thread="t9")
    answer = bobs.get(f"/conversations/{long_talk[0].conversation_id}?at={other.pk}")
    assert lines(answer)[-1] == 159
    assert "elsewhere" not in answer.content.decode().split('id="thread"')[1].split("<form")[0]
