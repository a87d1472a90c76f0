"""The connect form: what a person typed, held against the channel's fields and split into columns, options and secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from django.utils.translation import gettext as _

from bridgedesk.channels.base import Field
from bridgedesk.lib.storable import plain

COLUMNS = {"external_id": 80, "region": 8, "base_url": 200}
COLORS = ("slate", "red", "orange", "amber", "green", "teal", "blue", "indigo", "violet", "pink")
LONGEST = 2000


@dataclass
class Filled:
    """A form as typed. `errors` by field name; the rest is only good without them."""

    columns: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def read(fields: Sequence[Field], typed: Mapping[str, str], *, stored: frozenset[str] = frozenset()) -> Filled:
    """The channel's own fields. A secret left empty stays as it is where one is `stored`; whatever is not a field is not read."""
    filled = Filled()
    for one in fields:
        value = plain(typed.get(one.name, "")).strip() if not one.secret else plain(typed.get(one.name, ""))
        value = ("1" if value else "") if one.kind == "check" else value
        if problem := _problem(one, value, stored):
            filled.errors[one.name] = problem
        elif one.secret:
            filled.secrets |= {one.name: value} if value else {}
        else:
            (filled.columns if one.name in COLUMNS else filled.options)[one.name] = value
    return filled


def read_general(typed: Mapping[str, str]) -> Filled:
    """What every shop has: name, language of most buyers, time zone, colour."""
    filled = Filled({name: plain(typed.get(name, "")).strip() for name in ("name", "language", "timezone", "color")})
    facts = filled.columns
    if not facts["name"] or len(facts["name"]) > 80:
        filled.errors["name"] = _("Give the shop a name of at most 80 characters.")
    if not _is_language(facts["language"]):
        filled.errors["language"] = _("That is no language code. Examples: en, pt-BR, zh-Hant.")
    if facts["timezone"] not in available_timezones():
        filled.errors["timezone"] = _("There is no such time zone.")
    if facts["color"] not in COLORS:
        facts["color"] = COLORS[0]
    return filled


def _problem(one: Field, value: str, stored: frozenset[str]) -> str:
    if not value:
        missing = one.required and not (one.secret and one.name in stored)
        return _("This is needed.") if missing else ""
    if len(value) > COLUMNS.get(one.name, LONGEST):
        return _("This is too long.")
    if one.kind == "number" and not (value.isascii() and value.isdigit()):
        return _("Digits only.")
    if one.kind == "choice" and value not in dict(one.choices):
        return _("Choose one of the list.")
    if one.kind == "url" and not is_web_address(value):
        return _("This must be a web address, beginning with https://")
    return ""


def is_web_address(value: str) -> bool:
    """Whether it is an http or https address with a host and no password in it."""
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and not any(map(str.isspace, value))
    except ValueError:
        return False


def _is_language(code: str) -> bool:
    try:
        return len(code) <= 16 and bool(Locale.parse(code, sep="-"))
    except (ValueError, UnknownLocaleError):
        return False
