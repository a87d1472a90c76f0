"""What a letter states must be on file before it is suggested: conditions that can be read, letters that exist, steps passed over."""

import pytest

from bridgedesk.conversations import templates
from bridgedesk.conversations.models import Template
from bridgedesk.playbooks import loading, statements
from bridgedesk.playbooks.expressions import parse
from bridgedesk.playbooks.rules import options

NAMES = {"en": "x", "zh-Hans": "x", "zh-Hant": "x"}
REFUNDS = {
    "key": "refunds", "name": NAMES, "about": NAMES, "topics": ["refund_status"],
    "begin": [{"when": "refunded", "to": "made"}, {"to": "lead"}],
    "step": [
        {"key": "made", "name": NAMES, "template": "refund-made", "timeout": {"days": 2, "to": "lead"}},
        {"key": "lead", "name": NAMES, "does": "lead", "ends": "handed_over"},
    ],
}  # fmt: skip


def test_every_condition_can_be_read() -> None:
    assert all(parse(condition) for condition in statements._conditions().values())


@pytest.mark.django_db
def test_every_letter_named_is_shipped() -> None:
    templates.load_content()
    assert set(statements._conditions()) <= set(Template.objects.values_list("key", flat=True))


def test_a_letter_that_states_what_is_not_on_file_is_passed_over() -> None:
    process = loading.read(REFUNDS)
    booked = {"has_order": True, "refunded": True, "refund_settled": False}
    assert [(move.to, move.lacks) for move in options(process, "", booked)] == [("lead", ""), ("made", "refund_settled")]
    assert options(process, "", booked | {"refund_settled": True})[0].to == "made"


def test_a_letter_that_states_nothing_needs_nothing() -> None:
    assert statements.needed_for("thanks-answer") == statements.needed_for("") == ""
