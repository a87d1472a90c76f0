"""The words of the packing list in the buyer's language, from content/packing_list.toml; nothing is translated by a machine here."""

import tomllib
from collections.abc import Mapping
from functools import cache

from django.conf import settings

from bridgedesk.lib import languages
from bridgedesk.orders.models import Order

WORDS = ("title", "order", "date", "article", "code", "pieces", "gift", "thanks")


def language(order: Order, chosen: str = "") -> str:
    """The language chosen, else the buyer's, else that of the country it goes to, as far as we have words; English otherwise."""
    spoken = order.customer.language if order.customer else ""
    for tag in (chosen, spoken, next(iter(languages.of_country(order.country)), "")):
        if tag and (found := languages.choose(tag, known())) and (found != "en" or languages.base(tag) == "en"):
            return found
    return "en"


def words(tag: str) -> Mapping[str, str]:
    """The list's words (WORDS) in one of `known`."""
    return _content()[tag]


def known() -> list[str]:
    """Languages there are words in."""
    return list(_content())


@cache
def _content() -> dict[str, dict[str, str]]:
    return tomllib.loads((settings.CONTENT / "packing_list.toml").read_text("utf-8"))
