"""Scripted buyers as data: read, checked, and what is wrong said in plain words. The format: bench/buyers/README.md."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ARCHETYPES = (
    "used_over_a_year", "remote_area", "no_patience", "wrong_item", "bought_too_little", "essay", "outer_box", "complicated", "swears",
    "grand_essay", "plain",
)  # fmt: skip
"""The ten of the handbook, and the plain question, which is most of a day."""
PLATFORMS = ("shopee", "amazon", "aliexpress", "email")
OFFERS = ("explain", "guide", "coupon", "partial", "return_buyer", "return_label", "resend_part", "resend", "refund_keep", "choice")
SAYINGS = (
    "asks_order", "asks_proof", "asks_more", "tracking", "not_shipped", "delivered_check", "stands_still", "cause", "customs", "pickup",
    "calms", "fact", "steps", "cancelled", "too_late", "address", "changed", "area", "refund_status", "stock", "price", "box", "warranty",
    "not_ordered", "stays_here", "review", "thanks", "invoice", "payment", "sums_up", "case", "other",
)  # fmt: skip
MOVES = OFFERS + SAYINGS
"""What a letter of ours can be: an offer, or one of the other things letters say."""
ACTS = ("refund", "part", "resend", "resend_part", "label", "return", "coupon", "cancel", "exchange")
"""What can have been set going with money and goods when a case is over."""
FORBIDDEN = (
    "false_statement", "promised_other", "review_tied", "asked_to_cancel", "link", "contact", "wrong_language", "two_answers", "over_cap",
    "over_paid", "fee",
)  # fmt: skip
"""What is never to happen, whoever writes; a script adds acts and moves of its own."""
ENDS = ("solved", "accepted", "gave_up", "refunded", "resent", "escalated", "handed_over", "no_answer", "left", "open", "none")
MEANS = ("yes", "no", "")


class BadScript(ValueError):
    """A file or script that cannot be used; the message names it and says what is wrong."""


@dataclass(frozen=True)
class Reply:
    """What the buyer writes next when our last letter was one of `to` ("*": any). `below`: only while less than that share of what was paid
    is offered, in per cent. `means`: whether it says yes or no to us. `picks`: which of several things offered they take."""

    to: tuple[str, ...]
    says: str
    means: str = ""
    picks: str = ""
    below: int | None = None
    photo: bool = False
    times: int = 1


@dataclass(frozen=True)
class Right:
    """The right end. `acts`: each is set going ("a|b": either, "a?": if need be), and no other.

    `sent`: letters in this order, others between them; `most` of what was paid, in per cent, is given back.
    """

    ends: tuple[str, ...]
    acts: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()
    playbook: tuple[str, ...] = ()
    most: int = 100
    letters: int = 6
    hold: bool | None = None
    lead: bool | None = None


@dataclass(frozen=True)
class Script:
    """One buyer: where and what they bought, what they write, and what a good lead wants to come of it."""

    key: str
    file: str
    archetype: str
    platform: str
    country: str
    language: str
    wants: str
    opens: tuple[str, ...]
    right: Right
    replies: tuple[Reply, ...] = ()
    never: tuple[str, ...] = ()
    order: Mapping[str, Any] | None = None
    review: Mapping[str, Any] | None = None
    photo: bool = False
    name: str = ""
    names_order: bool = True
    held_out: bool = field(default=False, compare=False)


_ORDER = {
    "state", "total", "currency", "placed", "shipped", "delivered", "ship_by", "items", "parcel", "refunded", "settled", "case",
    "cash_on_delivery", "promised",
}  # fmt: skip
_ITEM = {"title", "quantity", "price", "cost", "stock", "facts"}
_PARCEL = {"number", "carrier", "status", "scans"}
_BUYER = {
    "key", "archetype", "platform", "country", "language", "wants", "opens", "right", "reply", "never", "order", "review", "photo", "name",
    "names_order",
}  # fmt: skip


def read(folder: Path) -> list[Script]:
    """Every script of a folder, in the order of its files. BadScript lists all that is wrong at once."""
    if not folder.is_dir():
        raise BadScript(f"{folder}: there is no such folder")
    found: list[Script] = []
    wrong: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            found += list(_file(path, wrong))
        except tomllib.TOMLDecodeError as error:
            wrong.append(f"{path.name}: not TOML: {error}")
    wrong += _twice(found)
    if not found and not wrong:
        wrong.append(f"{folder}: no script in it")
    if wrong:
        raise BadScript("\n".join(wrong))
    return found


def _twice(found: Sequence[Script]) -> list[str]:
    keys = [script.key for script in found]
    return [f"{script.file}: {script.key}: this key is used twice" for n, script in enumerate(found) if script.key in keys[:n]]


def _file(path: Path, wrong: list[str]) -> Iterator[Script]:
    data = tomllib.loads(path.read_text("utf-8"))
    for entry in data.get("buyer", ()):
        where = f"{path.name}: {entry.get('key') or 'a buyer without key'}"
        try:
            yield _script(path, entry, data.get("order", {}))
        except (BadScript, KeyError, TypeError, ValueError) as error:
            said = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
            wrong.append(f"{where}: {said}")
    if not data.get("buyer"):
        wrong.append(f"{path.name}: it has no [[buyer]]")


def _script(path: Path, entry: dict[str, Any], orders: Mapping[str, Any]) -> Script:
    _known(entry, _BUYER, "buyer")
    _one_of(entry["archetype"], ARCHETYPES, "archetype")
    _one_of(entry["platform"], PLATFORMS, "platform")
    opens = _texts(entry["opens"])
    if not opens or not all(opens):
        raise BadScript("opens: the buyer has to write something")
    return Script(
        key=entry["key"], file=path.name, archetype=entry["archetype"], platform=entry["platform"], country=entry["country"],
        language=entry["language"], wants=entry["wants"], opens=opens, right=_right(entry["right"]),
        replies=tuple(_reply(one) for one in entry.get("reply", ())), never=_all_of(entry.get("never", ()), MOVES + ACTS, "never"),
        order=_order(entry.get("order"), orders), review=entry.get("review"), photo=bool(entry.get("photo", False)),
        name=entry.get("name", ""), names_order=bool(entry.get("names_order", True)), held_out=path.name.startswith("held_"),
    )  # fmt: skip


def _right(data: dict[str, Any]) -> Right:
    known = set(Right.__dataclass_fields__)
    _known(data, known, "right")
    acts, sent = _texts(data.get("acts", ())), _texts(data.get("sent", ()))
    _all_of([one for act in acts for one in act.rstrip("?").split("|")], ACTS, "right.acts")
    _all_of([one for move in sent for one in move.split("|")], MOVES, "right.sent")
    ends = _all_of(_texts(data["ends"]), ENDS, "right.ends")
    if not ends:
        raise BadScript("right.ends: name at least one end")
    rest = {name: data[name] for name in ("most", "letters", "hold", "lead") if name in data}
    return Right(ends=ends, acts=acts, sent=sent, playbook=_texts(data.get("playbook", ())), **rest)


def _reply(data: dict[str, Any]) -> Reply:
    _known(data, set(Reply.__dataclass_fields__), "reply")
    to = _texts(data["to"])
    _all_of([one for one in to if one != "*"], MOVES, "reply.to")
    _one_of(data.get("means", ""), MEANS, "reply.means")
    if not to or not data["says"].strip():
        raise BadScript("reply: says nothing, or to nothing")
    return Reply(**(data | {"to": to}))


def _order(given: Any, orders: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if given is None:
        return None
    named = {"like": given} if isinstance(given, str) else dict(given)
    like = named.pop("like", "")
    if like and like not in orders:
        raise BadScript(f"order: “{like}” is no [order.…] of this file")
    order = dict(orders.get(like, {})) | named
    _known(order, _ORDER, "order")
    for item in order.get("items", ()):
        _known(item, _ITEM, "order.items")
    _known(order.get("parcel", {}), _PARCEL, "order.parcel")
    if "state" not in order or "total" not in order:
        raise BadScript("order: state and total are needed")
    return order


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _known(data: Mapping[str, Any], names: set[str], where: str) -> None:
    if strange := sorted(set(data) - names):
        raise BadScript(f"{where}: “{strange[0]}” is not known here; known are {', '.join(sorted(names))}")


def _one_of(value: str, names: Sequence[str], where: str) -> None:
    if value not in names:
        raise BadScript(f"{where}: “{value}” is not known; known are {', '.join(name or '“”' for name in names)}")


def _all_of(values: Sequence[str], names: Sequence[str], where: str) -> tuple[str, ...]:
    for value in values:
        _one_of(value, names, where)
    return tuple(values)
