"""What one cell says: numbers, sums, moments, countries, states, as people and programs write them. Pure; Unreadable says why not."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from unicodedata import normalize
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from django.utils.translation import gettext_noop as noop
from price_parser import Price

from bridgedesk.imports.columns import content, plain
from bridgedesk.lib.moments import moment
from bridgedesk.lib.money import Money
from bridgedesk.lib.pictures import secure
from bridgedesk.lib.spreadsheets import restored
from bridgedesk.lib.storable import plain as storable

MOST_PIECES = 1_000_000
MOST_SUM = Decimal(10) ** 12
_SHORTENED = re.compile(r"\d([.,]\d+)?E\+?\d+", re.I)
_BETWEEN = re.compile(r"\d[^\W\d_]+\d")
"""Letters within a number, as in 1e9: of such a sum a part would be taken for the whole."""
_PLAIN = re.compile(r"\d+(\.\d+)?")
_FORMULA = re.compile(r"=\s*[\w@+(-]")
_AMOUNT = re.compile(r"\d[\d.,'’  \u202f]*")
_NEGATIVE = re.compile(r"\s*[^\d\s]*\s*[-−(]\s*[^\d]*\d|.*\d\s*-$")
_MEASURE = re.compile(r"([\d.,\s]*\d)\s*([^\d\s.,]*)\.?")
_COUNTRY_LOCALES = (
    "en",
    "zh_Hans",
    "zh_Hant",
    "es",
    "fr",
    "de",
    "it",
    "pt",
    "ru",
    "pl",
    "ja",
    "ko",
    "id",
    "ms",
    "th",
    "vi",
    "ar",
    "tr",
    "nl",
)

NO_NUMBER = noop("This is no number.")
NO_COUNT = noop("This is no whole number of pieces.")
NO_MOMENT = noop("This is no date we can read.")
NO_CURRENCY = noop("In which currency? Say it for the whole table.")
NEGATIVE = noop("A sum below zero cannot be taken here.")
SHORTENED = noop("A spreadsheet program has shortened this number. Save the column as text.")
TOO_MUCH = noop("This number is too large.")
NO_COUNTRY = noop("Which country is this? Write its name, or its two letters.")
NO_YES = noop("Write yes or no.")
NO_CURRENCY_CODE = noop("This is no currency: write its three letters, such as USD.")
FORMULA = noop("This is a formula, not a value.")
NO_MAIL = noop("This is no e-mail address.")
NO_PICTURE = noop("This is no address of a picture: write it with https://.")
NO_UNIT = noop("In which unit? Write it behind the number or in the heading.")


class Unreadable(Exception):
    """A cell that cannot be what its column says; the reason is a msgid."""


@dataclass(frozen=True)
class Column:
    """A column as its heading and its cells show it. `decimal` is what parts whole from broken in its numbers."""

    place: int
    unit: str = ""
    day_first: bool = True
    decimal: str = "."


@dataclass(frozen=True)
class Table:
    """What holds for the whole table where a cell does not say otherwise."""

    zone: ZoneInfo
    currency: str = ""
    weight: str = ""
    length: str = ""


def cleaned(text: str) -> str:
    """A cell without what programs wrap around it to keep it text: ="007", '=1, a tabulator."""
    text = storable(text).strip()
    if text.startswith('="') and text.endswith('"') and len(text) > 3:
        text = text[2:-1].replace('""', '"').strip()
    return restored(text)


def words(text: str, column: Column, table: Table) -> str:
    """Free text, as it stands."""
    return text


def code(text: str, column: Column, table: Table) -> str:
    """An id: one a spreadsheet program has rounded is refused, for it names something else now."""
    if _SHORTENED.fullmatch(text):
        raise Unreadable(SHORTENED)
    if _FORMULA.match(text):
        raise Unreadable(FORMULA)
    return text


def half(text: str) -> str:
    """Digits and signs of an East Asian keyboard as everybody else's."""
    return normalize("NFKC", text)


def pieces(text: str, column: Column, table: Table) -> int:
    """A whole number of pieces."""
    text = half(text)
    found = _decimal(text, column)
    if found is None or found != found.to_integral_value() or found < 0:
        raise Unreadable(NO_COUNT)
    if found > MOST_PIECES:
        raise Unreadable(TOO_MUCH)
    return int(found)


def bought(text: str, column: Column, table: Table) -> int:
    """A number of pieces somebody bought: at least one."""
    found = pieces(text, column, table)
    if not found:
        raise Unreadable(NO_COUNT)
    return found


@dataclass(frozen=True)
class Sum:
    """An amount with its currency, "" where neither cell nor heading names one."""

    amount: Decimal
    currency: str

    def money(self, currency: str) -> Money:
        """In that currency unless it has its own. Unreadable where there is none."""
        if not (self.currency or currency):
            raise Unreadable(NO_CURRENCY)
        return Money.of(self.amount, self.currency or currency)


def price(text: str, column: Column, table: Table) -> Sum:
    """A sum of money in local writing."""
    text = half(text)
    if _BETWEEN.search(text):
        raise Unreadable(NO_NUMBER)
    if _NEGATIVE.match(text):
        raise Unreadable(NEGATIVE)
    amount = _decimal(text, column) if _PLAIN.fullmatch(text) else Price.fromstring(text, decimal_separator=column.decimal).amount
    if amount is None or not any(map(str.isdecimal, text)) or _FORMULA.match(text):
        raise Unreadable(NO_NUMBER)
    if amount >= MOST_SUM:
        raise Unreadable(TOO_MUCH)
    return Sum(amount, "" if _PLAIN.fullmatch(text) and not column.unit else _sign(text) or _sign(column.unit))


def at(text: str, column: Column, table: Table) -> datetime:
    """A moment between 2000 and 2100."""
    found = moment(half(text), table.zone, day_first=column.day_first)
    if found is None or not 2000 <= found.year < 2100:
        raise Unreadable(NO_MOMENT)
    return found.astimezone(UTC)


def country(text: str, column: Column, table: Table) -> str:
    """A country's two letters, from its name in many languages or its code."""
    found = _countries().get(plain(text))
    if found is None:
        raise Unreadable(NO_COUNTRY)
    return found


def currency(text: str, column: Column, table: Table) -> str:
    """A currency's three letters."""
    found = _sign(text)
    if not found:
        raise Unreadable(NO_CURRENCY_CODE)
    return found


def mail(text: str, column: Column, table: Table) -> str:
    """An e-mail address."""
    if not re.fullmatch(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+", text) or len(text) > 254:
        raise Unreadable(NO_MAIL)
    return text


def picture(text: str, column: Column, table: Table) -> str:
    """The address of a picture, encrypted."""
    found = secure(text)
    if not found:
        raise Unreadable(NO_PICTURE)
    return found


def yes(text: str, column: Column, table: Table) -> bool:
    """Yes or no."""
    said = plain(text) or text
    if said in map(plain, content()["words"]["yes"]) or text in content()["words"]["yes"]:
        return True
    if said in map(plain, content()["words"]["no"]) or text in content()["words"]["no"]:
        return False
    raise Unreadable(NO_YES)


def grams(text: str, column: Column, table: Table) -> int:
    """A weight in whole grams."""
    return _measure(text, column, "weight", table.weight)


def millimetres(text: str, column: Column, table: Table) -> int:
    """A length in whole millimetres."""
    return _measure(text, column, "length", table.length)


def size(text: str, column: Column, table: Table) -> tuple[int, ...]:
    """Length, width, height, in millimetres: "20 x 15 x 8 cm"."""
    parts = [part for part in re.split(r"\s*[x×*＊X]\s*", text) if part]
    unit = _unit(parts[-1]) if parts else ""
    if len(parts) != 3:
        raise Unreadable(NO_NUMBER)
    return tuple(_measure(part, column, "length", unit or table.length) for part in parts)


def order_state(text: str) -> str:
    """Our word for a state, "" where we know none."""
    return _states("states").get(plain(text), "")


def parcel_state(text: str) -> str:
    """Our word for a parcel's state, "" where we know none."""
    return _states("parcel_states").get(plain(text), "")


def decimal_of(column: Iterable[str]) -> str:
    """What parts whole from broken in a column's numbers: a comma where the cells show it, else a point."""
    votes = [_decimal_sign(match[0]) for text in column if (match := _AMOUNT.search(half(text)))]
    return "," if votes.count(",") > votes.count(".") else "."


def _decimal_sign(number: str) -> str:
    """ "," or "." where one number alone tells; "" for 1,234 and 1234."""
    number = number.strip(" .,")
    last = max(number.rfind(","), number.rfind("."))
    if last < 0:
        return ""
    sign, other = number[last], "," if number[last] == "." else "."
    if number.count(sign) > 1:
        return other if number.count(sign) > 1 and other not in number else ""
    return sign if other in number or len(number) - last != 4 or number.startswith("0") else ""


def _decimal(text: str, column: Column) -> Decimal | None:
    if not _PLAIN.fullmatch(text):
        thousands = "," if column.decimal == "." else "."
        text = re.sub(r"[\s'’]", "", text).replace(thousands, "").replace(column.decimal, ".")
    try:
        return Decimal(text) if _PLAIN.fullmatch(text) and text.isascii() and len(text) < 30 else None
    except InvalidOperation:
        return None


def _measure(text: str, column: Column, what: str, default: str) -> int:
    match = _MEASURE.fullmatch(text := half(text))
    number = _decimal(match[1].strip(), column) if match else None
    if number is None or match is None:
        raise Unreadable(NO_NUMBER)
    scale = content()["units"][what].get((match[2] or column.unit or default).lower())
    if scale is None:
        raise Unreadable(NO_UNIT)
    if number * Decimal(scale) > MOST_PIECES:
        raise Unreadable(TOO_MUCH)
    return round(number * Decimal(scale))


def _unit(text: str) -> str:
    match = _MEASURE.fullmatch(text)
    return match[2] if match else ""


def _sign(text: str) -> str:
    """The currency a text names by code or sign; "" if none, or a sign of many."""
    bare = re.sub(r"[\d.,\s'’]", "", text)
    code = bare.upper()
    return code if code in _currencies() else str(content()["signs"].get(bare, ""))


@cache
def _currencies() -> frozenset[str]:
    return frozenset(code for code in map(str, Locale("en").currencies) if len(code) == 3)


@cache
def _countries() -> dict[str, str]:
    """Names and codes of countries, folded, to their two letters; where two languages disagree, the first of the locales is right."""
    codes = {code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()} - {
        "ZZ",
        "EU",
        "UN",
        "EZ",
        "QO",
        "XA",
        "XB",
    }
    found: dict[str, str] = {}
    for locale in reversed(_COUNTRY_LOCALES):
        found |= {plain(str(name)): str(code) for code, name in Locale.parse(locale).territories.items() if code in codes}
    aliases: dict[str, list[str]] = get_global("territory_aliases")  # type: ignore[assignment]  # a mapping of aliases
    found |= {alias.lower(): meant[0] for alias, meant in aliases.items() if alias.isalpha() and meant[0] in codes}
    found |= {plain(name): code for code, names in content()["countries"].items() for name in names}
    return found | {code.lower(): code for code in codes}


@cache
def _states(which: str) -> dict[str, str]:
    return {plain(word): state for state, written in content()[which].items() for word in [state, *written]}
