import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.lib import text

SCRIPTS = [
    "Where is my lamp",
    "我的台灯在哪里",
    "ランプはどこですか",
    "โคมไฟของฉันอยู่ที่ไหน",
    "내 램프는 어디에 있나요",
    "Где моя лампа",
    "¿Dónde está mi lámpara?",
    "đèn của tôi ở đâu",
]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("我的台灯坏了", "台灯"),
        ("我的台灯坏了", "灯"),
        ("我的台灯坏了", "了"),
        ("โคมไฟเสีย", "ไฟ"),
        ("ランプが壊れた", "壊れ"),
        ("Crème brûlée lamp", "creme"),
        ("ＡＢＣ１２３", "abc123"),
        ("Order 250-1234567-8901234", "250-1234567-8901234"),
        ("Order 250-1234567-8901234", "1234567"),
        ("write to anna.k@example.com", "anna.k@example.com"),
        ("write to anna.k@example.com", "example"),
        ("the parcels are late", "parc"),
    ],
)
def test_what_was_said_is_found_by_what_is_asked(said: str, asked: str):
    stored = text.tokens(said)
    assert all(any(have == want or (beginning and have.startswith(want)) for have in stored) for want, beginning in text.asked(asked))
    assert text.holds(said, asked)


def test_pairs_that_only_happen_to_meet_are_not_a_hit():
    assert not text.holds("灯泡与台面", "台灯")


@given(st.sampled_from(SCRIPTS), st.data())
def test_every_part_of_a_text_finds_it(said: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(said) - 1))
    end = data.draw(st.integers(start + 1, len(said)))
    part = said[start:end]
    if text.phrases(part):
        assert text.holds(said, part)


@given(st.text(max_size=200), st.text(max_size=10))
def test_marked_places_lie_in_the_text_and_never_overlap(said: str, asked: str):
    at = 0
    for start, end in text.spans(said, asked):
        assert at <= start < end <= len(said)
        at = end


def test_marks_stand_where_the_unfolded_words_stand():
    said = "STRASSE straße Strasse"
    assert [said[start:end] for start, end in text.spans(said, "straße")] == ["STRASSE", "straße", "Strasse"]
