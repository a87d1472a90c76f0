from datetime import timedelta

import pytest
from django.http import QueryDict

from bridgedesk.conversations import actions, search
from bridgedesk.conversations.search import Question
from tests.conftest import NOON
from tests.conversations.conftest import after


def found(agent, words: str, **more: object) -> list[str]:
    return [hit.message.text for hit in search.find(agent, Question(words, **more)).hits]


@pytest.mark.parametrize(
    ("said", "asked"),
    [("我的台灯坏了", "台灯"), ("ランプが壊れた", "壊れ"), ("โคมไฟเสีย", "ไฟ"), ("Мой заказ", "заказ"), ("램프가 고장났어요", "고장")],
)
def test_two_character_words_are_found_in_every_script(said, asked, write, bob):
    write(said)
    assert found(bob, asked) == [said]


def test_a_buyer_is_found_by_name_and_order(write, bob):
    write("Hello", order="250-1234567-8901234")
    assert found(bob, "kowalska") == ["Hello"]
    assert found(bob, "250-1234567-8901234") == ["Hello"]


def test_charlie_finds_nothing_of_a_shop_that_is_not_his(write, charlie, bob, admin):
    write("台灯坏了")
    assert found(charlie, "台灯") == []
    assert found(bob, "台灯") == found(admin, "台灯") == ["台灯坏了"]


def test_naming_a_foreign_shop_in_the_question_opens_no_door(write, charlie, shop):
    write("台灯坏了")
    assert found(charlie, "台灯", shops=(shop.pk,)) == []


def test_the_newest_stand_first_and_the_rest_is_said_to_exist(write, bob):
    for minute in range(5):
        write(f"lamp {minute}", at=after(minute))
    page = search.find(bob, Question("lamp"), size=3)
    assert [hit.message.text for hit in page.hits] == ["lamp 4", "lamp 3", "lamp 2"]
    assert page.more


@pytest.mark.parametrize("few", [5, 0])
def test_an_old_rare_word_is_found_through_the_index(few, write, bob, charlie, monkeypatch):
    """With `few` shops their rows are looked up too, with more the words alone; what may be seen is the same."""
    monkeypatch.setattr(search, "NEWEST", 2)
    monkeypatch.setattr(search, "FEW_SHOPS", few)
    write("chandelier", at=NOON - timedelta(days=1))
    for minute in range(4):
        write(f"lamp {minute}", at=after(minute))
    assert found(bob, "chandelier") == ["chandelier"]
    assert found(bob, "chandelier", since=NOON.date()) == []
    assert found(charlie, "chandelier") == []


def test_notes_are_found_and_can_be_asked_for_alone(conversation, bob, noon):
    actions.note(conversation, "buyer is a lamp dealer", by=bob)
    assert found(bob, "lamp", direction="note") == ["buyer is a lamp dealer"]


def test_days_are_days_of_the_agents_zone(write, bob):
    write("lamp")  # noon in Shanghai
    day = NOON.date()
    assert found(bob, "lamp", since=day, until=day) == ["lamp"]
    assert found(bob, "lamp", until=day - timedelta(days=1)) == []


def test_the_snippet_marks_the_words_and_stays_short(write, bob):
    write("x" * 500 + " lámpara rota " + "y" * 500)
    snippet = search.find(bob, Question("lampara")).hits[0].snippet
    assert [piece for piece, hit in snippet if hit] == ["lámpara"]
    assert sum(len(piece) for piece, _ in snippet) < 250


@pytest.mark.parametrize("odd", ["", "   ", "'", "\\", "':*", "a' | 'b", "!!!", "😀", "\x00", "'); drop table x; --", "%", "_" * 500])
def test_odd_questions_find_nothing_and_break_nothing(odd, write, bob):
    write("Where is my lamp?")
    assert found(bob, odd) in ([], ["Where is my lamp?"])


@pytest.mark.parametrize(
    "query", ["q=x&shop=abc&shop=99999999999999999999", "q=x&direction=__proto__", "q=x&since=yesterday&until=9999-99-99"]
)
def test_what_is_not_known_in_a_question_is_passed_over(query):
    question = Question.parse(QueryDict(query))
    assert question == Question("x")


def test_a_search_asks_the_database_a_fixed_number_of_times(write, bob, django_assert_num_queries):
    for minute in range(20):
        write(f"lamp {minute}", at=after(minute))
    with django_assert_num_queries(4):
        assert len(search.find(bob, Question("lamp")).hits) == 20
