"""What the log keeps as codes is told in the reader's words."""

import pytest
from django.utils.translation import override

from bridgedesk.activity import coded, words
from bridgedesk.assist import topics


def test_every_topic_the_first_look_may_find_has_its_word():
    assert set(topics.topics()) == set(coded.TOPICS)


@pytest.mark.parametrize(
    ("verb", "data", "told"),
    [
        ("topic_corrected", {"before": "wismo", "after": "not_received"}, "corrected the topic to Not received"),
        ("mood_corrected", {"before": "rude", "after": ""}, "corrected the mood to none"),
        ("order_status", {"before": "READY_TO_SHIP", "after": "SHIPPED"}, "An order went from “To be shipped” to “On its way”"),
        ("order_status", {"before": "", "after": "A_NEW_WORD"}, "An order is “A_NEW_WORD”"),
    ],
)
def test_a_code_in_a_line_of_the_log_is_told_as_a_word(verb, data, told):
    with override("en"):
        assert words.happened(verb, data) == told


def test_a_state_we_have_no_word_for_stays_the_platforms_own():
    with override("en"):
        assert coded.order_state("Shipped") == "On its way"
        assert coded.order_state("SOMETHING_NEW") == "SOMETHING_NEW"
