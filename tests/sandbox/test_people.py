"""Buyers act their stories in every language, and the same way under the same seed."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.sandbox import people, scenery

LANGUAGES = sorted(people.words())
STORIES = sorted(people.stories())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_for_every_turn(language):
    words, chance = people.words()[language], Random(1)
    assert set(words.subjects) == set(STORIES)
    for story in people.stories().values():
        turns = ["opening", *(say for cues in story.states.values() for how in cues.values() for say in how.say)]
        assert all(words.line(story.key, turn, chance, order="A1").strip() for turn in turns)


def test_the_ten_difficult_buyers_are_all_there():
    assert {story.archetype for story in people.stories().values()} == set(range(11))


def test_at_least_twelve_languages_write():
    assert len(LANGUAGES) >= 12
    assert {"en", "es", "pt", "fr", "de", "it", "ru", "pl", "ja", "ko", "th", "vi", "id", "zh-Hant"} <= set(LANGUAGES)


def test_every_shops_languages_have_words():
    assert {language for stage in scenery.STAGES for language in stage.languages} <= set(LANGUAGES)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Could you send us a photo of the damage?", "photo"),
        ("Bitte schicken Sie uns ein Foto.", "photo"),
        ("我們會補寄一個新的給您", "remedy"),
        ("Мы вернём вам деньги.", "remedy"),
        ("申し訳ございませんが、いたしかねます。", "refusal"),
        ("Your parcel is in Leipzig.", "answer"),
    ],
)
def test_buyers_notice_what_an_answer_offers(text, first):
    assert people.stimuli(text)[0] == first


def test_a_damaged_lamp_ends_well_with_a_remedy():
    story = people.stories()["damaged"]
    asked = people.reaction(story, people.START, people.stimuli("Please send a picture"))
    assert asked.photo
    assert people.reaction(story, asked.to, people.stimuli("We refund you in full")).say == ("thanks",)


@given(st.sampled_from(STORIES), st.lists(st.sampled_from(["photo", "remedy", "refusal", "answer", "silence"]), max_size=8))
def test_no_story_runs_into_a_state_it_does_not_know(key, cues):
    story, state = people.stories()[key], people.START
    for cue in cues:
        if how := people.reaction(story, state, (cue, "answer")):
            state = how.to
    assert state == people.END or state in story.states


@given(st.integers())
def test_the_same_seed_draws_the_same_people(seed):
    stage = scenery.STAGES[2]
    assert scenery.draw_buyer(stage, Random(seed)) == scenery.draw_buyer(stage, Random(seed))


@pytest.mark.parametrize("stage", scenery.STAGES, ids=lambda stage: stage.name)
def test_a_buyer_answers_through_the_channel_they_wrote_in(sandbox, stage):
    entered = sandbox.do(lambda s: s.cast.enter("where_is_order", shop=stage.key))
    if stage.kind == "shopee":
        assert sandbox.do(lambda s: [line.content["text"] for talk in s.shopee.talks.values() for line in talk.lines if line.from_buyer])
    elif stage.kind == "aliexpress":
        talks = sandbox.do(lambda s: list(s.aliexpress.talks.values()))
        assert {line.content.get("order_id") for talk in talks for line in talk.lines if line.system} == {entered["order"]}
        assert entered["order"] in sandbox.do(lambda s: s.aliexpress.market.orders)
    else:
        mails = sandbox.do(lambda s: [mail.parsed() for mail in s.mail.boxes[stage.key].inbox.mails])
        assert entered["order"] in mails[0].as_string() + str(mails[0]["Subject"]) + str(mails[0].get_body(("plain",)).get_content())
