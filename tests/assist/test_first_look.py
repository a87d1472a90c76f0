import pytest

from bridgedesk.activity.models import Activity
from bridgedesk.assist import actions
from bridgedesk.assist.models import Example, Triage


def test_the_first_look_names_language_topic_and_order(writes, conversation):
    message = writes("Hola, ¿dónde está mi pedido 250-1234567-7654321?")
    seen = actions.look(message)
    assert (seen.language, seen.topics[0]["topic"]) == ("es", "wismo")
    assert [(e["kind"], e["value"]) for e in seen.entities] == [("order", "250-1234567-7654321")]
    conversation.refresh_from_db()
    assert (conversation.language, conversation.topic, conversation.mood) == ("es", "wismo", "")


def test_looking_twice_keeps_one_row(writes):
    message = writes("Where is my order?")
    actions.look(message)
    actions.look(message)
    assert Triage.objects.count() == 1


def test_a_thumbs_up_does_not_change_the_language_of_the_thread(writes, conversation):
    actions.look(writes("¿Dónde está mi pedido?"))
    assert actions.look(writes("ok 👍")).language == ""
    conversation.refresh_from_db()
    assert conversation.language == "es"


def test_a_rude_buyer_is_shown_with_the_words_as_evidence(writes, conversation):
    text = "You stupid idiots, WHERE IS MY MONEY NOW"
    seen = actions.look(writes(text))
    words = {text[start:end] for start, end, kind in seen.evidence if kind == "rude"}
    assert "idiots" in " ".join(words)
    conversation.refresh_from_db()
    assert conversation.mood == "rude"


def test_a_corrected_topic_stands_and_is_learnt_at_once(writes, conversation, alice):
    first = writes("my flux capacitor hums in the moonlight")
    actions.look(first)
    actions.correct_topic(first, "tech_question", by=alice)
    again = actions.look(writes("the flux capacitor hums in the moonlight again"))
    assert again.topics[0]["topic"] == "tech_question"
    assert again.topics[0]["example"] == "my flux capacitor hums in the moonlight"


def test_a_second_correction_unteaches_the_first(writes, alice):
    message = writes("my flux capacitor hums in the moonlight")
    actions.look(message)
    actions.correct_topic(message, "tech_question", by=alice)
    actions.correct_topic(message, "defective", by=alice)
    assert list(Example.objects.values_list("topic", flat=True)) == ["defective"]
    assert actions.look(writes("my flux capacitor hums in the moonlight")).topics[0]["topic"] == "defective"


def test_what_a_person_named_is_not_overwritten_by_the_next_look(writes, conversation, alice):
    message = writes("Where is my order?")
    actions.look(message)
    actions.correct_topic(message, "complaint", by=alice)
    actions.correct_language(message, "pt_br", by=alice)
    actions.look(writes("Where is my order please?"))
    conversation.refresh_from_db()
    assert (conversation.topic, conversation.language) == ("complaint", "pt-BR")


def test_a_correction_is_in_the_log_with_who_made_it(writes, alice):
    message = writes("Where is my order?")
    actions.look(message)
    actions.correct_mood(message, "rude", by=alice)
    line = Activity.objects.get(verb="mood_corrected")
    assert (line.by, line.data) == (alice, {"before": "", "after": "rude"})


def test_an_unknown_topic_is_refused(writes, alice):
    with pytest.raises(actions.UnknownValue):
        actions.correct_topic(writes("hello"), "no such topic", by=alice)
    assert not Activity.objects.exists()
