"""Products in words: kinds of facts, why stock moved, how requests to buy more stand."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from bridgedesk.products.models import Fact, Movement, Restock

Word = str | Promise

KINDS: Mapping[str, tuple[Word, str, str]] = {
    Fact.Kind.FACT: (pgettext_lazy("product", "Fact"), "info", "info"),
    Fact.Kind.CAUTION: (pgettext_lazy("product", "Caution"), "triangle-alert", "warn"),
    Fact.Kind.COMPATIBILITY: (pgettext_lazy("product", "Goes with"), "plug", "note"),
    Fact.Kind.ANSWER: (pgettext_lazy("product", "Answered before"), "message-circle-question-mark", "violet"),
}
"""Name, icon and colour."""
MOVEMENTS: Mapping[str, Word] = {
    Movement.Kind.COUNT: pgettext_lazy("stock", "counted"),
    Movement.Kind.IN: pgettext_lazy("stock", "came in"),
    Movement.Kind.OUT: pgettext_lazy("stock", "went out"),
    Movement.Kind.BACK: pgettext_lazy("stock", "back on the shelf"),
    Movement.Kind.WRITTEN_OFF: pgettext_lazy("stock", "written off"),
}
RESTOCKS: Mapping[str, tuple[Word, str]] = {
    Restock.State.ASKED: (pgettext_lazy("restock", "asked for"), "warn"),
    Restock.State.ORDERED: (pgettext_lazy("restock", "ordered"), "info"),
    Restock.State.ARRIVED: (pgettext_lazy("restock", "arrived"), "ok"),
    Restock.State.IMPOSSIBLE: (pgettext_lazy("restock", "out of stock"), "bad"),
    Restock.State.WITHDRAWN: (pgettext_lazy("restock", "taken back"), ""),
}
