"""Conditions of branches: a small language over the facts, read by our own parser and never by Python's.

    insists and (angry or threatens_claim)
    days_since_delivery <= 14 and not shipped
    platform in (shopee, aliexpress)
    days_since_scan is unknown

Three-valued: what is unknown makes a comparison neither true nor false, and only true takes a branch.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bridgedesk.playbooks.facts import FACTS, Facts, Kind, Value

LONGEST, DEEPEST = 400, 20
_TOKEN = re.compile(r"\s*(?:(<=|>=|!=|[=<>(),])|([A-Za-z_][\w-]*)|(\d+(?:\.\d+)?))")
_RESERVED = ("and", "or", "not", "in", "is", "known", "unknown")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


class ExpressionError(ValueError):
    """A condition that cannot be read, in words its author understands."""


@dataclass(frozen=True)
class Is:
    """A yes/no fact."""

    fact: str

    def __str__(self) -> str:
        return self.fact


@dataclass(frozen=True)
class Compare:
    """A number or a choice against a value."""

    fact: str
    sign: str
    value: Value

    def __str__(self) -> str:
        return f"{self.fact} {self.sign} {_shown(self.value)}"


@dataclass(frozen=True)
class OneOf:
    """A choice among several words."""

    fact: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.fact} in ({', '.join(self.values)})"


@dataclass(frozen=True)
class Known:
    """Whether anything of a fact is on file."""

    fact: str
    known: bool

    def __str__(self) -> str:
        return f"{self.fact} is {'known' if self.known else 'unknown'}"


@dataclass(frozen=True)
class Not:
    """The opposite."""

    inner: "Condition"

    def __str__(self) -> str:
        return f"not ({self.inner})" if isinstance(self.inner, All | Any_) else f"not {self.inner}"


@dataclass(frozen=True)
class All:
    """Every part."""

    parts: tuple["Condition", ...]

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, All | Any_) else str(part) for part in self.parts)


@dataclass(frozen=True)
class Any_:  # noqa: N801 (Any is typing's)
    """At least one part."""

    parts: tuple["Condition", ...]

    def __str__(self) -> str:
        return " or ".join(f"({part})" if isinstance(part, Any_) else str(part) for part in self.parts)


Condition = Is | Compare | OneOf | Known | Not | All | Any_


@lru_cache(maxsize=2000)
def parse(text: str) -> Condition:
    """The condition; ExpressionError says what is wrong with it."""
    if len(text) > LONGEST:
        raise ExpressionError(_("The condition is longer than %(most)s characters.") % {"most": LONGEST})
    reader = _Reader(list(_tokens(text)))
    found = reader.any_of(0)
    if reader.next:
        raise ExpressionError(_("“%(word)s” is not expected here. Join conditions with and, or.") % {"word": reader.next})
    return found


def holds(condition: Condition, facts: Facts) -> bool | None:
    """Whether it is so; None where the facts do not say."""
    match condition:
        case Is(fact):
            return bool(facts.get(fact, False))
        case Compare(fact, sign, value):
            return None if facts.get(fact) is None else _compared(facts[fact], sign, value)
        case OneOf(fact, values):
            return None if facts.get(fact) is None else facts[fact] in values
        case Known(fact, known):
            return (facts.get(fact) is not None) is known
        case Not(inner):
            said = holds(inner, facts)
            return None if said is None else not said
        case All(parts):
            return _together([holds(part, facts) for part in parts], losing=False)
        case Any_(parts):
            return _together([holds(part, facts) for part in parts], losing=True)


def implies(condition: Condition | None, fact: str) -> bool:
    """Whether the condition can only be true where that yes/no fact is."""
    match condition:
        case Is(name):
            return name == fact
        case All(parts):
            return any(implies(part, fact) for part in parts)
        case Any_(parts):
            return all(implies(part, fact) for part in parts)
        case _:
            return False


def facts_of(condition: Condition) -> list[str]:
    """The facts it asks for, in their order."""
    match condition:
        case Not(inner):
            return facts_of(inner)
        case All(parts) | Any_(parts):
            return list(dict.fromkeys(name for part in parts for name in facts_of(part)))
        case _:
            return [condition.fact]


def in_words(condition: Condition, facts: Facts | None = None) -> str:
    """The condition in the reader's language; with `facts`, what a compared fact is in this case."""
    match condition:
        case Is(fact):
            return _about(fact)
        case Compare(fact, sign, value):
            return f"{_about(fact)}{_value_of(fact, facts)} {_SIGNS.get(sign, sign)} {_shown(value)}"
        case OneOf(fact, values):
            return f"{_about(fact)}{_value_of(fact, facts)}: {' / '.join(values)}"
        case Known(fact, known):
            return (_("%(fact)s known") if known else _("%(fact)s unknown")) % {"fact": _about(fact)}
        case Not(inner):
            return _("not: %(condition)s") % {"condition": in_words(inner, facts)}
        case All(parts):
            return " · ".join(in_words(part, facts) for part in parts)
        case Any_(parts):
            return pgettext("condition", " or ").join(in_words(part, facts) for part in parts)


_SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠"}


def _about(fact: str) -> str:
    return str(FACTS[fact].about)


def _value_of(fact: str, facts: Facts | None) -> str:
    value = facts.get(fact) if facts else None
    return "" if value is None else f" {_shown(value)}"


def _shown(value: Value) -> str:
    return f"{value:g}" if isinstance(value, int | float) else value


def _compared(known: Value, sign: str, value: Value) -> bool:
    if sign in ("=", "!="):
        return (known == value) is (sign == "=")
    return _COMPARE[sign](float(known), float(value))


def _together(parts: list[bool | None], *, losing: bool) -> bool | None:
    if losing in parts:
        return losing
    return None if None in parts else not losing


def _tokens(text: str) -> Iterator[str]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise ExpressionError(_("“%(sign)s” cannot stand in a condition.") % {"sign": text[at:].strip()[:1]})
        yield found[found.lastindex or 0]
        at = found.end()


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens[::-1]

    @property
    def next(self) -> str:
        return self.tokens[-1] if self.tokens else ""

    def take(self) -> str:
        if not self.tokens:
            raise ExpressionError(_("The condition stops too early."))
        return self.tokens.pop()

    def took(self, word: str) -> bool:
        if self.next != word:
            return False
        self.tokens.pop()
        return True

    def expect(self, word: str) -> None:
        if not self.took(word):
            raise ExpressionError(_("“%(word)s” is missing.") % {"word": word})

    def any_of(self, depth: int) -> Condition:
        parts = [self.all_of(depth)]
        while self.took("or"):
            parts.append(self.all_of(depth))
        return parts[0] if len(parts) == 1 else Any_(tuple(parts))

    def all_of(self, depth: int) -> Condition:
        parts = [self.one(depth)]
        while self.took("and"):
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def one(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise ExpressionError(_("The condition is nested too deeply."))
        if self.took("not"):
            return Not(self.one(depth + 1))
        if self.took("("):
            inside = self.any_of(depth + 1)
            self.expect(")")
            return inside
        return self.test()

    def test(self) -> Condition:
        fact = _fact(self.take())
        if self.took("is"):
            return self.known(fact)
        if self.took("in"):
            return OneOf(fact, self.several(fact))
        if self.next in ("=", "!=", "<", "<=", ">", ">="):
            sign = self.take()
            return Compare(fact, sign, _value(fact, sign, self.take()))
        if FACTS[fact].kind != "yes_no":
            raise ExpressionError(_("Compare %(fact)s with something, as in %(example)s.") % {"fact": fact, "example": example(fact)})
        return Is(fact)

    def known(self, fact: str) -> Condition:
        word = self.take()
        if word not in ("known", "unknown"):
            raise ExpressionError(_("After is comes known or unknown."))
        if FACTS[fact].kind == "yes_no":
            raise ExpressionError(_("%(fact)s is always known: it is yes or no.") % {"fact": fact})
        return Known(fact, word == "known")

    def several(self, fact: str) -> tuple[str, ...]:
        if FACTS[fact].kind != "choice":
            raise ExpressionError(_("“in” goes with a fact that is one of several words, not with %(fact)s.") % {"fact": fact})
        self.expect("(")
        values = [str(_value(fact, "=", self.take()))]
        while self.took(","):
            values.append(str(_value(fact, "=", self.take())))
        self.expect(")")
        return tuple(values)


def _fact(word: str) -> str:
    if word in FACTS:
        return word
    if word in _RESERVED or not re.match(r"[A-Za-z_]", word):
        raise ExpressionError(_("A fact is expected where “%(word)s” stands.") % {"word": word})
    near = get_close_matches(word, FACTS, n=1)
    hint = _(" Did you mean %(fact)s?") % {"fact": near[0]} if near else ""
    raise ExpressionError(_("There is no fact “%(word)s”.") % {"word": word} + hint)


def _value(fact: str, sign: str, word: str) -> Value:
    kind: Kind = FACTS[fact].kind
    if kind == "yes_no":
        raise ExpressionError(_("%(fact)s is yes or no: write it alone, or with not.") % {"fact": fact})
    if kind == "number":
        if not re.fullmatch(r"\d+(\.\d+)?", word):
            raise ExpressionError(_("%(fact)s is compared with a number, not with “%(word)s”.") % {"fact": fact, "word": word})
        return float(word)
    return _word(fact, sign, word)


def _word(fact: str, sign: str, word: str) -> str:
    values = FACTS[fact].values
    if sign not in ("=", "!="):
        raise ExpressionError(_("%(fact)s is a word: compare it with = or !=.") % {"fact": fact})
    if (values and word not in values) or not re.match(r"[A-Za-z_]", word):
        raise ExpressionError(_("%(fact)s is never “%(word)s”. It is one of: %(values)s.") % {
            "fact": fact, "word": word, "values": ", ".join(values) or example(fact).rpartition(" ")[2]})  # fmt: skip
    return word


def example(fact: str) -> str:
    """How a branch asks for it."""
    if FACTS[fact].kind == "yes_no":
        return fact
    if FACTS[fact].kind == "number":
        return f"{fact} >= 3"
    examples = {"country": "DE", "currency": "EUR"}
    return f"{fact} = {FACTS[fact].values[0] if FACTS[fact].values else examples.get(fact, 'word')}"
