"""Words of playbooks on the screen."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

Word = str | Promise

OUTCOME_WORDS: Mapping[str, Word] = {
    "solved": pgettext_lazy("outcome", "Solved"),
    "accepted": pgettext_lazy("outcome", "The buyer accepted"),
    "gave_up": pgettext_lazy("outcome", "The buyer let it rest"),
    "refunded": pgettext_lazy("outcome", "Refunded"),
    "resent": pgettext_lazy("outcome", "Sent again"),
    "escalated": pgettext_lazy("outcome", "Went to the platform"),
    "handed_over": pgettext_lazy("outcome", "Handed to a person"),
    "no_answer": pgettext_lazy("outcome", "No answer"),
}
STRATEGY_WORDS: Mapping[str, Word] = {
    "reframe": pgettext_lazy("strategy", "1 · Answer what the question is for"),
    "locate_cause": pgettext_lazy("strategy", "2 · Name the cause, with evidence"),
    "explain": pgettext_lazy("strategy", "3 · Explain why it does no harm"),
    "strengths": pgettext_lazy("strategy", "4 · Turn to what the article does well"),
    "process": pgettext_lazy("strategy", "5 · Process"),
    "tailored_reason": pgettext_lazy("strategy", "6 · The reason that convinces this buyer"),
}
DOES_WORDS: Mapping[str, Word] = {
    "reply": pgettext_lazy("does", "Only a message"),
    "remedy": pgettext_lazy("does", "Choose the remedy"),
    "refund": pgettext_lazy("does", "Refund"),
    "resend": pgettext_lazy("does", "Send again"),
    "label": pgettext_lazy("does", "Return label"),
    "hold": pgettext_lazy("does", "Hold the order"),
    "cancel": pgettext_lazy("does", "Cancel the order"),
    "lead": pgettext_lazy("does", "Call a lead"),
    "nothing": pgettext_lazy("does", "Nothing"),
}
EVENT_WORDS: Mapping[str, Word] = {
    "by_hand": pgettext_lazy("event", "An agent begins it"),
    "review_low": pgettext_lazy("event", "A review of three stars or fewer that says or shows why"),
    "review_without_text": pgettext_lazy("event", "A review of three stars or fewer without a word"),
    "review_good": pgettext_lazy("event", "A review of four or five stars"),
    "out_of_stock": pgettext_lazy("event", "An article of an order cannot be had"),
}
"""What starts a playbook besides a buyer's message (playbooks.events); `by_hand`: only an agent does."""
WHY_WORDS: Mapping[str, Word] = {
    "answer": pgettext_lazy("unknown", "another letter: what the buyer would have answered is not on file"),
    "person": pgettext_lazy("unknown", "no branch fits: somebody would have to choose"),
    "time": pgettext_lazy("unknown", "too early to know whether the buyer stays silent"),
}
