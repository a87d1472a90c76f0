"""What figures rest on, on a day: rates of exchange, bands, which faults are of quality. A lead's own first, then what ships."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count

from bridgedesk.channels.policy import SURE, PolicyError
from bridgedesk.metrics.models import Band, Rate
from bridgedesk.metrics.rules import Held
from bridgedesk.products.models import Sku
from bridgedesk.remedies.rulebook import FAULTS, book

FIRST = "CNY"
"""What figures are shown in before any article has a cost."""
ROUND = "Round figures of our own, for comparing sums only"


@dataclass(frozen=True)
class Exchange:
    """Units of a currency for one US dollar, with where they are from; `valid_from` None: shipped."""

    currency: str
    per_dollar: Fraction
    source: str
    sure: str
    valid_from: date | None


@dataclass(frozen=True)
class Shipped:
    """What content/figures.toml says."""

    quality: tuple[str, ...]
    quality_source: str
    bands: tuple[Held, ...]


@cache
def shipped() -> Shipped:
    """The shipped file, checked. PolicyError: it cannot be used."""
    return load(Path(settings.CONTENT) / "figures.toml")


def load(path: Path) -> Shipped:
    """Read and check a file; PolicyError names what is wrong."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        quality = data["quality"]
        return Shipped(_known(quality["faults"], FAULTS), str(quality["source"]), tuple(_band(entry) for entry in data["band"]))
    except (KeyError, TypeError, AttributeError, ArithmeticError, ValueError) as error:
        raise PolicyError(f"{path.name}: {type(error).__name__} {error}") from error


def _band(entry: Mapping[str, Any]) -> Held:
    names = tuple(str(entry["category"][language]) for language in ("en", "zh-Hans", "zh-Hant"))
    (sure,) = _known([entry["sure"]], SURE)
    return Held(names, _percent(entry["most"]), _percent(entry["reach"]), str(entry["source"]), sure, None)


def _percent(value: str | Decimal) -> Fraction:
    if not 0 <= (found := Fraction(value)) <= 100:
        raise ValueError(f"{value} is no per cent")
    return found / 100


def _known(values: Iterable[str], known: Sequence[str]) -> tuple[str, ...]:
    if strange := [value for value in values if value not in known]:
        raise ValueError(f"“{strange[0]}” is not one of {', '.join(known)}")
    return tuple(values)


def rates(on: date) -> dict[str, Exchange]:
    """The rates that hold on that day, by currency."""
    found = {name: Exchange(name, rate, ROUND, "own", None) for name, rate in book().rates.items()}
    for row in Rate.objects.filter(valid_from__lte=on).order_by("valid_from", "pk"):
        found[row.currency] = Exchange(row.currency, Fraction(row.per_dollar), row.source, "own", row.valid_from)
    return dict(sorted(found.items()))


def bands(on: date) -> list[Held]:
    """The bands that hold on that day: for each category the lead's newest, then the shipped ones."""
    own: dict[str, Held] = {}
    for row in Band.objects.filter(valid_from__lte=on).order_by("-valid_from", "-pk"):
        names = (row.category,) if row.category else ()
        reach = None if row.reach is None else _percent(row.reach)
        own.setdefault(row.category.casefold(), Held(names, _percent(row.most), reach, row.source, "own", row.valid_from))
    return [*(own[name] for name in sorted(own)), *shipped().bands]


def quality() -> list[str]:
    """Faults that lie in the article itself."""
    return list(shipped().quality)


def home() -> str:
    """The currency most articles are bought in."""
    costs = Sku.objects.exclude(cost_currency="").order_by().values_list("cost_currency").annotate(many=Count("pk"))
    return min(((-many, name) for name, many in costs), default=(0, FIRST))[1]
