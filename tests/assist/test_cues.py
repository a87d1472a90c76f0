"""The point of a message is named by one sentence, however much stands around it."""

import pytest

from bridgedesk.assist import cues, triage

STORY = "We moved house in spring and painted every wall ourselves. My sister came over with cake and the dog slept under the table. " * 4


@pytest.mark.parametrize(
    ("topic", "sentence"),
    [
        ("defective", "But the lamp does not turn on at all."),
        ("damaged", "Leider kam der Schirm zerbrochen an."),
        ("wrong_item", "Pedí la blanca pero llegó la negra."),
        ("missing_item", "Il manque deux vis dans le carton."),
        ("wismo", "Где сейчас моя посылка?"),
        ("return_request", "Vorrei fare il reso."),
        ("cancel_order", "注文をキャンセルしたいです。"),
        ("not_received", "배송완료라고 뜨는데 물건을 못 받았어요."),
        ("warranty", "ใช้มาปีกว่าแล้ว ยังมีประกันไหม"),
        ("damaged", "hàng bị vỡ khi nhận"),
        ("wrong_item", "barangnya salah kirim kak"),
        ("defective", "Lamba çalışmıyor."),
        ("wismo", "أين طلبي؟"),
    ],
)
def test_one_sentence_of_a_long_story_is_enough(topic: str, sentence: str) -> None:
    assert triage.look(STORY + sentence).topic == topic


def test_the_point_named_last_comes_first() -> None:
    assert next(iter(cues.named("The box was dented. Worse: the lamp does not work."))) == "defective"


@pytest.mark.parametrize("text", ["My card did not work", "It works now, it did not turn on before", "The tracking information is missing"])
def test_what_speaks_against_a_cue_takes_it_away(text: str) -> None:
    assert not {"defective", "missing_item"} & set(cues.named(text))
