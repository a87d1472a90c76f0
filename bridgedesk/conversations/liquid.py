"""The language of reply templates: a small, strict Liquid with filters that write as a reader of the text's language does.

Only declared variables, listed filters and tags; loops and output are limited; nothing is read from disk. A variable that
is declared but not known for this buyer leaves a visible gap, ⟦order.number⟧, which the gate does not let pass.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError, dates, numbers
from django.conf import settings
from django.utils.translation import gettext as _
from liquid import BoundTemplate, Environment, StrictUndefined
from liquid.builtin.tags.for_tag import ForTag
from liquid.exceptions import LiquidError, LiquidSyntaxError

from bridgedesk.channels.policy import Words
from bridgedesk.lib.money import Money

TAGS = ("content", "output", "illegal", "if", "unless", "case", "for", "break", "continue", "assign", "capture", "comment", "#")
FILTERS = ("append", "capitalize", "default", "downcase", "first", "join", "last", "minus", "plus", "prepend", "replace", "round", "size",
           "strip", "times", "truncate", "upcase")  # fmt: skip
OPTIONAL = ("buyer.name", "buyer.first_name", "signature")  # an empty one is no gap
LONGEST = 10_000
MOST_TURNS, MOST_TEXT, MOST_BITS = 200, 20_000, 200
"""What a template may ask of us: turns of its loops, characters of a value, size of a whole number."""


class TemplateError(Exception):
    """A template that cannot be used, in words its author understands."""


class Gap(str):
    """A declared variable nobody could fill. False in an `if`; filters leave it as it is."""

    __slots__ = ()

    def __liquid__(self) -> None:
        """What conditions see."""


@dataclass(frozen=True)
class Variable:
    """Something a template may name."""

    name: str
    sample: Any
    kind: str
    known: bool
    about: Words


GAP = re.compile(r"⟦([^⟧\n]*)⟧")
"""A variable nobody could fill, as it stands in a rendered text."""


@cache
def variables() -> dict[str, Variable]:
    """Every variable there is, by name, from content/variables.toml."""
    entries = tomllib.loads((Path(settings.CONTENT) / "variables.toml").read_text(encoding="utf-8"))["variable"]
    return {entry["name"]: _variable(entry) for entry in entries}


def _variable(entry: dict[str, Any]) -> Variable:
    about = entry["about"]
    kind = entry.get("kind", "text")
    sample = entry["sample"] if kind != "date" else date.fromisoformat(entry["sample"])
    return Variable(entry["name"], sample, kind, entry.get("known", True), Words(about["en"], about["zh-Hans"], about["zh-Hant"]))


def samples() -> dict[str, Any]:
    """A sample for every variable."""
    return {name: variable.sample for name, variable in variables().items()}


def render(source: str, values: Mapping[str, Any], language: str = "") -> str:
    """The text with `values` (dotted name -> value) filled in, dates and sums as readers of `language` write them.

    `language` is that of the text ("" takes values["language"]); values["country"] refines it. TemplateError if the template is wrong.
    """
    locale = locale_of(language or str(values.get("language") or "en"), str(values.get("country") or ""))
    try:
        text = _parsed(source).render(**_context(values), locale=locale)
    except LiquidError as error:
        raise TemplateError(plain(error)) from error
    once = re.sub(r"(?<=[^\W\d])\.\.(?!\.)", ".", text)  # a date may end with a full stop of its own
    return re.sub(r"\n{3,}", "\n\n", once).strip()


def gaps(text: str) -> list[str]:
    """The variables a rendered text still misses."""
    return GAP.findall(text)


def used(source: str) -> set[str]:
    """The variables a template names; TemplateError if it cannot be read."""
    try:
        return set(_used(source))
    except LiquidError as error:
        raise TemplateError(plain(error)) from error


@lru_cache(maxsize=1000)
def _used(source: str) -> frozenset[str]:
    found = _parsed(source).analyze()
    return frozenset(".".join(str(s) for s in variable.segments) for uses in found.globals.values() for variable in uses)


def check(source: str) -> list[str]:
    """What is wrong with a template, each in a sentence; nothing: it may be saved."""
    if len(source) > LONGEST:
        return [_("The text is longer than %(most)s characters.") % {"most": LONGEST}]
    try:
        unknown = sorted(used(source) - set(variables()))
        if unknown:
            return [_("There is no variable %(name)s.") % {"name": name} for name in unknown]
        if not render(source, samples(), "en"):
            return [_("The text is empty.")]
    except TemplateError as error:
        return [str(error)]
    return []


def plain(error: LiquidError) -> str:
    """Liquid's word, in ours."""
    said = str(error).partition("\n")[0]
    line = _(" (line %(number)s)") % {"number": error.token.source[: error.token.start_index].count("\n") + 1} if error.token else ""
    kind = type(error).__name__
    if kind == "NoSuchFilterFunc":
        return _("There is no filter %(name)s%(line)s.") % {"name": said.rpartition(" ")[2], "line": line}
    if kind in ("LoopIterationLimitError", "OutputStreamLimitError", "LocalNamespaceLimitError"):
        return _("The template makes too much text or loops too long%(line)s.") % {"line": line}
    if kind == "UndefinedError":
        return _("There is no variable %(name)s%(line)s.") % {"name": said.partition(" ")[0].strip("'"), "line": line}
    if "unexpected tag" in said or "illegal" in kind.lower():
        return _("This tag cannot be used here: %(tag)s%(line)s.") % {"tag": said, "line": line}
    return _("The template cannot be read: %(reason)s%(line)s.") % {"reason": said, "line": line}


@lru_cache(maxsize=1000)
def locale_of(language: str, country: str = "") -> Locale:
    """The CLDR locale of a reader of `language` (BCP 47) in `country`; English where there is none."""
    base, script = language.split("-")[0].lower(), {"zh-hans": "Hans", "zh-hant": "Hant"}.get(language.lower())
    for parts in ([base, script, country.upper()], [base, script, None], [base, None, country.upper()], [base, None, None]):
        try:
            return Locale.parse("_".join(p for p in parts if p))
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse("en")


class _Strict(Environment):
    loop_iteration_limit = MOST_TURNS
    output_stream_limit = MOST_TEXT
    local_namespace_limit = MOST_TEXT
    context_depth_limit = 8


class _Forwards(ForTag):
    """`for` without `reversed`, which writes a whole range out before any limit is asked."""

    def parse(self, stream: Any) -> Any:
        node = super().parse(stream)
        if node.expression.reversed:  # type: ignore[attr-defined]
            raise LiquidSyntaxError("unexpected tag 'reversed'", token=node.token)
        return node


def _bounded(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, refusing what is too large before and after: limits of the library are asked only when text is written."""

    @wraps(filter_)
    def call(value: Any, *more: Any, **named: Any) -> Any:
        try:
            for given in (value, *more, *named.values()):
                _small(given)
            return _small(filter_(value, *more, **named))
        except (ArithmeticError, ValueError) as error:
            raise TemplateError(_("%(value)s is not a number.") % {"value": str(value)[:60]}) from error

    return call


def _small(value: Any) -> Any:
    if (isinstance(value, str) and len(value) > MOST_TEXT) or (isinstance(value, range) and len(value) > MOST_TURNS):
        raise TemplateError(_("The template makes too much text or loops too long%(line)s.") % {"line": ""})
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise OverflowError
    return value


def _replace(value: object, old: object, new: object = "") -> str:
    """Every `old` by `new`, counted before it is written."""
    text, sought, put = str(value), str(old), str(new)
    if text.count(sought) * len(put) > MOST_TEXT:
        raise TemplateError(_("The template makes too much text or loops too long%(line)s.") % {"line": ""})
    return text.replace(sought, put)


@lru_cache(maxsize=300)
def _parsed(source: str) -> BoundTemplate:
    """A template is rendered for one buyer after another, and named to every agent who opens a conversation."""
    return _environment().from_string(source)


@cache
def _environment() -> Environment:
    env = _Strict(undefined=StrictUndefined, strict_filters=True)
    env.add_tag(_Forwards)
    env.tags = {name: tag for name, tag in env.tags.items() if name in TAGS}
    ours: dict[str, Callable[..., Any]] = {"date": _date, "money": _money, "number": _number, "plural": _plural, "replace": _replace}
    allowed: dict[str, Callable[..., Any]] = {name: env.filters[name] for name in FILTERS} | ours
    env.filters = {name: _bounded(filter_) for name, filter_ in allowed.items()}
    return env


def _context(values: Mapping[str, Any]) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for name in variables():
        value = values.get(name)
        missing = value is None or value == ""
        _put(context, name, (None if name in OPTIONAL else Gap(f"⟦{name}⟧")) if missing else value)
    return context


def _put(context: dict[str, Any], name: str, value: Any) -> None:
    first, _dot, rest = name.partition(".")
    if rest:
        context.setdefault(first, {})[rest] = value
    else:
        context[first] = value


def _locale(context: Any) -> Locale:
    locale: Locale = context.resolve("locale")
    return locale


def _date(value: Any, form: str = "long", *, context: Any) -> Any:
    """A date as the reader writes it; forms: short, medium, long, full."""
    if form not in ("short", "medium", "long", "full"):
        raise TemplateError(_("There is no date form %(form)s: use short, medium, long or full.") % {"form": form})
    if isinstance(value, str):
        if isinstance(value, Gap):
            return value
        try:
            value = date.fromisoformat(value)
        except ValueError as error:
            raise TemplateError(_("%(value)s is not a date.") % {"value": value}) from error
    if not isinstance(value, date | datetime):
        raise TemplateError(_("%(value)s is not a date.") % {"value": value})
    return dates.format_date(value, form, locale=_locale(context))


def _money(value: Any, *, context: Any) -> Any:
    """A sum as the reader writes it: from Money or from a text such as 12.50 USD."""
    if isinstance(value, Gap):
        return value
    if not isinstance(value, Money):
        amount, _space, currency = str(value).strip().rpartition(" ")
        if not re.fullmatch(r"[A-Z]{3}", currency):
            raise TemplateError(_("%(value)s is not a sum with its currency, as in 12.50 USD.") % {"value": value})
        try:
            value = Money.of(_decimal(amount), currency)
        except (InvalidOperation, ValueError) as error:
            raise TemplateError(_("%(value)s is not a sum with its currency, as in 12.50 USD.") % {"value": value}) from error
    return value.shown(str(_locale(context)))


def _decimal(value: object) -> Decimal:
    """A number as people write them; InvalidOperation for what has more digits than any sum on earth, or none."""
    number = Decimal(str(value))
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise InvalidOperation
    return number


def _number(value: Any, *, context: Any) -> Any:
    """A number as the reader groups it."""
    if isinstance(value, Gap):
        return value
    try:
        return numbers.format_decimal(_decimal(value), locale=_locale(context))
    except InvalidOperation as error:
        raise TemplateError(_("%(value)s is not a number.") % {"value": value}) from error


def _plural(value: Any, *, context: Any, other: str = "", **forms: str) -> Any:
    """`one:`, `few:` … as the grammar of the text's language wants it; # stands for the number, `other:` must be there."""
    if not other:
        raise TemplateError(_("plural needs other:, as in plural: one: '# piece', other: '# pieces'."))
    if unknown := set(forms) - {"zero", "one", "two", "few", "many"}:
        raise TemplateError(_("plural knows no %(forms)s: use zero, one, two, few, many, other.") % {"forms": ", ".join(sorted(unknown))})
    if isinstance(value, Gap):
        return other.replace("#", value)
    shown = _number(value, context=context)
    form = _locale(context).plural_form(abs(_decimal(value)))
    return forms.get(form, other).replace("#", shown)


for _filter in (_date, _money, _number, _plural):
    setattr(_filter, "with_context", True)  # noqa: B010 (python-liquid's way to ask for the context)
