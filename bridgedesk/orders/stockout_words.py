"""What cannot be had, in words: how far an order is, and what the buyer prefers."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from bridgedesk.orders.stockout_models import ShortLine

Word = str | Promise

STATES: Mapping[str, tuple[Word, str]] = {
    ShortLine.State.TO_ASK: (pgettext_lazy("stockout", "to ask"), "warn"),
    ShortLine.State.ASKED: (pgettext_lazy("stockout", "buyer asked"), "info"),
    ShortLine.State.ANSWERED: (pgettext_lazy("stockout", "with purchasing"), "violet"),
    ShortLine.State.DONE: (pgettext_lazy("stockout", "settled"), "ok"),
}
CHOICES: Mapping[str, Word] = {
    ShortLine.Answer.SWAP: pgettext_lazy("stockout", "Takes the other article"),
    ShortLine.Answer.WAIT: pgettext_lazy("stockout", "Waits for it"),
    ShortLine.Answer.CANCEL: pgettext_lazy("stockout", "Wants the money back"),
    ShortLine.Answer.OTHER: pgettext_lazy("stockout", "Something else"),
}
ANSWERS: Mapping[str, Word] = {
    **CHOICES,
    ShortLine.Answer.GONE: pgettext_lazy("stockout", "The order ended without it"),
    "": pgettext_lazy("stockout", "Not answered"),
}
