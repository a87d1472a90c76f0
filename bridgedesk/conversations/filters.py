"""What the inbox may be asked. Only what is named here is understood; nothing a browser sends becomes a column name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Literal, cast
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict

from bridgedesk.conversations import rules
from bridgedesk.conversations.models import Conversation
from bridgedesk.team.models import Agent

State = Literal["open", "snoozed", "closed", "all"]
Sort = Literal["due", "newest"]
Who = Literal["", "me", "nobody"]
Due = Literal["", "soon", "risk", "overdue", "owed"]
MOODS = ("accusing", "rude", "shouting")


@dataclass(frozen=True)
class Place:
    """Where in the list a page ended: the sort keys of its last row, so the next page starts exactly behind it."""

    due_at: datetime | None
    last_at: datetime
    pk: int

    @classmethod
    def of(cls, row: Conversation) -> "Place":
        """Of that row."""
        return cls(row.due_at, row.last_at, row.pk)

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        """Read back what `str()` wrote; None for anything else."""
        try:
            due, last, pk = text.split("_")
            return cls(_moment(due) if due else None, _moment(last), int(pk))
        except (ValueError, OverflowError):
            return None

    def __str__(self) -> str:
        return f"{_stamp(self.due_at) if self.due_at else ''}_{_stamp(self.last_at)}_{self.pk}"


@dataclass(frozen=True)
class Filters:
    """A checked question to the inbox. Empty values ask for nothing."""

    state: State = "open"
    sort: Sort = "due"
    assignee: Who | int = ""
    due: Due = ""
    shops: tuple[int, ...] = ()
    customer: int | None = None
    platform: str = ""
    topic: str = ""
    language: str = ""
    mood: str = ""
    tag: str = ""
    trouble: bool = False
    following: bool = False
    mentioned: bool = False
    after: str = ""

    @classmethod
    def parse(cls, query: QueryDict) -> "Filters":
        """Read a query string. Keys and values that are not known are passed over."""
        state = _choice(query.get("state"), ("open", "snoozed", "closed", "all"), "open")
        sort = "due" if state == "open" else "newest"
        return cls(
            state=cast(State, state),
            sort=cast(Sort, _choice(query.get("sort"), ("newest",), sort)),
            assignee=_assignee(query.get("assignee", "")),
            due=cast(Due, _choice(query.get("due"), ("soon", "risk", "overdue", "owed"), "")),
            shops=tuple(sorted({int(value) for value in query.getlist("shop")[:200] if _is_id(value)})),
            customer=_id(query.get("customer", "")),
            platform=_word(query, "platform"),
            topic=_word(query, "topic"),
            language=_word(query, "language"),
            mood=_choice(query.get("mood"), MOODS, ""),
            tag=_word(query, "tag"),
            trouble=query.get("trouble") == "1",
            following=query.get("following") == "1",
            mentioned=query.get("mentioned") == "1",
            after=query.get("after", "") if Place.parse(query.get("after", "")) else "",
        )

    def query_string(self) -> str:
        """The same question as a canonical query string, for links and saved views; without the page."""
        own = replace(self, after="")
        asked = {f.name: getattr(own, f.name) for f in fields(own) if getattr(own, f.name) != f.default}
        if self.sort == ("due" if self.state == "open" else "newest"):
            asked.pop("sort", None)
        named = {("shop" if name == "shops" else name): ("1" if value is True else value) for name, value in asked.items()}
        return urlencode(named, doseq=True)

    def apply(self, rows: QuerySet[Conversation], agent: Agent, now: datetime) -> QuerySet[Conversation]:
        """Narrow the rows down to what is asked; the shops are the caller's to choose (`queries.visible`)."""
        for name, narrow in _NARROW.items():
            if value := getattr(self, name):
                rows = rows.filter(narrow(value, agent, now))
        return rows


_NARROW: Mapping[str, Callable[..., Q]] = {
    "state": lambda value, agent, now: Q() if value == "all" else Q(state=value),
    "assignee": lambda value, agent, now: Q(assignee={"me": agent, "nobody": None}.get(value, value)),
    "due": lambda value, agent, now: _due(value, now),
    "customer": lambda value, agent, now: Q(customer=value),
    "topic": lambda value, agent, now: Q(topic=value),
    "language": lambda value, agent, now: Q(language=value),
    "mood": lambda value, agent, now: Q(mood=value),
    "tag": lambda value, agent, now: Q(tags__contains=[value]),
    "trouble": lambda value, agent, now: Q(trouble=True),
    "following": lambda value, agent, now: Q(pk__in=agent.followed.values("pk")),
    "mentioned": lambda value, agent, now: Q(pk__in=agent.mentions.filter(seen_at=None).values("message__conversation")),
}


def _due(value: Due, now: datetime) -> Q:
    known = {
        "overdue": Q(due_at__lte=now),
        "soon": Q(due_at__gt=now, due_at__lte=now + rules.SOON),
        "risk": Q(due_at__gt=now, risk_at__lte=now),
    }
    return known.get(value, Q(due_at__isnull=False))


def _assignee(text: str) -> Who | int:
    return int(text) if _is_id(text) else cast(Who, _choice(text, ("me", "nobody"), ""))


def _choice(value: str | None, known: Sequence[str], otherwise: str) -> str:
    return value if value is not None and value in known else otherwise


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _id(text: str) -> int | None:
    return int(text) if _is_id(text) else None


def _word(query: QueryDict, name: str) -> str:
    text = query.get(name, "")[:40]
    return text if text.isprintable() else ""


def _stamp(at: datetime) -> str:
    return str(round(at.timestamp() * 1_000_000))


def _moment(stamp: str) -> datetime:
    return datetime.fromtimestamp(int(stamp) // 1_000_000, UTC).replace(microsecond=int(stamp) % 1_000_000)
