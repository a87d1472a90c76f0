"""Search over everything said, in any script: the newest rows first, then the index, and every hit proved on the text itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.http import QueryDict

from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import text
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

PAGE = 30
NEWEST = 5000  # rows looked through before the index is asked: a common word is found there at once
DEEPEST = 2000  # candidates proved at most; who finds more narrows the question
FEW_SHOPS = 5  # up to here their rows are looked up too; more hold so much that the words alone find faster
_AROUND = 60  # characters of a snippet on either side of its first hit
_LONGEST_INDEXED = 100_000
_INDEX = """
insert into conversations_searchentry (message_id, conversation_id, shop_id, at, words)
values {rows}
on conflict (message_id) do update set conversation_id = excluded.conversation_id, at = excluded.at, words = excluded.words
"""
_NEWEST = """
select message_id from (select * from conversations_searchentry s where true{narrow} order by at desc limit {newest}) n
where words @@ %s::tsquery order by at desc limit {deepest}
"""
_INDEXED = """
with hits as materialized (select s.message_id, s.shop_id, s.at from conversations_searchentry s where s.words @@ %s::tsquery{few})
select s.message_id from hits s where true{narrow} order by s.at desc limit {deepest}
"""


@dataclass(frozen=True)
class Question:
    """A checked search. Dates are days in the agent's zone, both included."""

    words: str
    shops: tuple[int, ...] = ()
    direction: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def parse(cls, query: QueryDict) -> "Question":
        """Read a query string; what is not known is passed over."""
        direction = query.get("direction", "")
        return cls(
            words=query.get("q", "").strip()[:200],
            shops=tuple(int(value) for value in query.getlist("shop")[:200] if value.isascii() and value.isdigit() and len(value) < 12),
            direction=direction if direction in Message.Direction.values else "",
            since=_day(query.get("since", "")),
            until=_day(query.get("until", "")),
        )


@dataclass(frozen=True)
class Hit:
    """A message that holds every word asked for; `snippet` alternates plain text and hits."""

    message: Message
    snippet: Sequence[tuple[str, bool]]


@dataclass(frozen=True)
class Found:
    """The newest hits; `more` when older ones were left out."""

    hits: Sequence[Hit]
    more: bool


def index(message: Message) -> None:
    """Make a message findable, in the transaction that writes it; again after a change."""
    index_each([message])


def index_each(messages: Sequence[Message]) -> None:
    """The same for several, in one statement."""
    rows = ", ".join(["(%s, %s, %s, %s, array_to_tsvector(%s::text[]))"] * len(messages))
    values = [value for m in messages for value in (m.pk, m.conversation_id, m.shop_id, m.at, _words(m))]
    with connection.cursor() as cursor:
        cursor.execute(_INDEX.format(rows=rows), values)


def _words(message: Message) -> list[str]:
    return sorted(text.tokens(_said(message)[:_LONGEST_INDEXED]))


def find(agent: Agent, question: Question, *, size: int = PAGE) -> Found:
    """The newest messages the agent may see that hold every word; at most `size`."""
    tsquery = _tsquery(question.words)
    if not tsquery:
        return Found([], more=False)
    shops = _shops(agent, question)
    hits: list[Hit] = []
    for message in _candidates(tsquery, shops, question, agent, size):
        if not text.holds(_said(message), question.words):
            continue
        if len(hits) == size:
            return Found(hits, more=True)
        hits.append(Hit(message, snippet(message, question.words)))
    return Found(hits, more=False)


def snippet(message: Message, words: str) -> list[tuple[str, bool]]:
    """The part of a message around its first hit, cut into plain text and hits."""
    whole = message.text if text.spans(message.text, words) else _said(message)
    marked = text.spans(whole, words)
    start = max(0, marked[0][0] - _AROUND) if marked else 0
    end = min(len(whole), (marked[0][1] if marked else 0) + 2 * _AROUND)
    pieces, at = [("…", False)] if start else [], start
    for left, right in marked:
        if right > end:
            break
        pieces += [(whole[at:left], False), (whole[left:right], True)]
        at = right
    pieces += [(whole[at:end], False), *([("…", False)] if end < len(whole) else [])]
    return [piece for piece in pieces if piece[0]]


def _said(message: Message) -> str:
    """Everything a person might look for: the words, the subject, who wrote, which order."""
    thread = message.conversation
    about = (
        (message.subject, message.sender, thread.customer.name, thread.address, thread.order_ref)
        if message.direction == "in"
        else (message.subject,)
    )
    return "\n".join(part for part in (message.text, *about, message.quoted) if part)


def _tsquery(words: str) -> str:
    terms = []
    for token, beginning in text.asked(words)[:24]:
        quoted = token.replace("\\", "\\\\").replace("'", "''")
        terms.append(f"'{quoted}'{':*' if beginning else ''}")
    return " & ".join(terms)


def _shops(agent: Agent, question: Question) -> list[int] | None:
    """Which shops to look in; None: all."""
    if agent.sees_all_shops and not question.shops:
        return None
    visible = Shop.objects.visible_to(agent).order_by()
    return list((visible.filter(pk__in=question.shops) if question.shops else visible).values_list("pk", flat=True))


def _candidates(tsquery: str, shops: list[int] | None, question: Question, agent: Agent, size: int) -> Iterator[Message]:
    """Newest first; the index is only asked when the newest rows held too few."""
    narrow, values = _narrow(shops, question, agent)
    seen: set[int] = set()
    yield from _fetch(_NEWEST.format(narrow=narrow, newest=NEWEST, deepest=DEEPEST), [*values, tsquery], question, seen)
    if len(seen) <= size:
        inside = 0 < len(shops or ()) <= FEW_SHOPS
        statement = _INDEXED.format(few=narrow if inside else "", narrow="" if inside else narrow, deepest=DEEPEST)
        yield from _fetch(statement, [tsquery, *values], question, seen)


def _narrow(shops: list[int] | None, question: Question, agent: Agent) -> tuple[str, list[Any]]:
    clauses: list[str] = []
    values: list[Any] = []
    if shops is not None:
        clauses.append("s.shop_id = any(%s)")
        values.append(shops)
    zone = ZoneInfo(agent.timezone)
    if question.since:
        clauses.append("s.at >= %s")
        values.append(datetime.combine(question.since, time(), zone))
    if question.until:
        clauses.append("s.at < %s")
        values.append(datetime.combine(question.until + timedelta(days=1), time(), zone))
    return "".join(f" and {clause}" for clause in clauses), values


def _fetch(statement: str, values: list[Any], question: Question, seen: set[int]) -> Iterator[Message]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        ids = [row[0] for row in cursor.fetchall() if row[0] not in seen]
    for start in range(0, len(ids), 2 * PAGE):
        batch = ids[start : start + 2 * PAGE]
        rows = Message.objects.select_related("conversation__customer", "shop", "author").defer("html").in_bulk(batch)
        for key in batch:
            seen.add(key)
            message = rows.get(key)
            if message and (not question.direction or message.direction == question.direction):
                yield message


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def jump(agent: Agent, words: str, limit: int = 8) -> list[Conversation]:
    """For the command palette: conversations by order number or address exactly, else by what was said."""
    exact = Conversation.objects.visible_to(agent).filter(merged_into=None).select_related("shop", "customer")
    named = list(exact.filter(order_ref=words)[:limit]) or list(exact.filter(address=words.lower())[:limit])
    if named:
        return named
    found = find(agent, Question(words), size=3 * limit)
    return list({hit.message.conversation_id: hit.message.conversation for hit in found.hits}.values())[:limit]
