from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.metrics import edits

keys = st.lists(st.sampled_from("abcde"), max_size=12)
TEMPLATE = "Hello {}, we are sorry that the lamp arrived broken. Unfortunately we need a photo of it. Best regards"
NAMES = ("Anna", "Ben", "Chloé", "Dora", "Emil", "Fay")


@given(keys, keys)
def test_the_changes_lead_from_one_text_to_the_other(rendered, sent):
    built, at = [], 0
    for change in edits.changes(rendered, sent):
        built += rendered[at : change.struck[0]] + sent[slice(*change.added)]
        at = change.struck[1]
    assert built + rendered[at:] == sent


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=60)), max_size=8))
def test_whatever_was_sent_is_read(answers):
    for habit in edits.habits(answers):
        assert edits.LEAST <= habit.count <= habit.of <= len(answers)
        assert habit.struck or habit.added


@given(st.permutations(NAMES), st.integers(edits.LEAST, len(NAMES)))
def test_what_everybody_adds_is_found_whoever_they_write_to(names, many):
    answers = [
        (TEMPLATE.format(name), TEMPLATE.format(name).replace("Best regards", "Have a lovely day! Best regards")) for name in names[:many]
    ]
    (habit,) = edits.habits(answers)
    assert (habit.struck, habit.added, habit.count, habit.of) == ("", "Have a lovely day", many, many)
    assert habit.lead.endswith("photo of it.")


def test_what_everybody_strikes_is_found():
    answers = [(TEMPLATE.format(name), TEMPLATE.format(name).replace("Unfortunately we", "We")) for name in NAMES]
    (habit,) = edits.habits(answers)
    assert (habit.struck, habit.added) == ("Unfortunately", "")


def test_one_phrase_put_for_another_is_shown_as_before_and_after():
    answers = [(TEMPLATE.format(name), TEMPLATE.format(name).replace("we need a photo", "could you send a picture")) for name in NAMES]
    (habit,) = edits.habits(answers)
    assert (habit.struck, habit.added, habit.count) == ("we need a photo", "could you send a picture", 6)
    assert (habit.lead, habit.tail) == ("lamp arrived broken. Unfortunately", "of it. Best regards")


def test_chinese_has_no_spaces_and_is_read_all_the_same():
    text = "您好，很抱歉给您添麻烦了。请提供照片。祝好"
    answers = [(text, text.replace("请提供照片", "麻烦拍两张照片发给我们")) for _ in range(5)]
    assert any("拍两张" in habit.added for habit in edits.habits(answers))


def test_three_times_is_no_habit_and_each_their_own_way_is_none():
    same = [(TEMPLATE.format(name), TEMPLATE.format(name) + " Thank you kindly") for name in NAMES[:3]]
    own = [
        (TEMPLATE.format(name), TEMPLATE.format(name) + f" {word}")
        for name, word in zip(NAMES, ["zeppelin", "quartz", "violet", "mango", "echo", "tulip"], strict=True)
    ]
    assert edits.habits(same) == []
    assert edits.habits(own) == []


def test_an_answer_written_anew_is_no_change_of_its_template():
    answers = [(TEMPLATE.format("Anna"), " ".join(f"word{n}{m}" for m in range(3000))) for n in range(8)]
    assert edits.habits(answers) == []
