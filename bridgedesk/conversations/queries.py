"""Reads of conversations. A fixed number of queries each, and none grows with the archive."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, Count, F, Func, Prefetch, Q, QuerySet, Value

from bridgedesk.conversations import rules
from bridgedesk.conversations.filters import Filters, Place
from bridgedesk.conversations.models import Attachment, Conversation, Message, Presence, Window
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent
from bridgedesk.team.queries import with_names

ROWS = 30
"""Of the list in one page: more than a tall screen shows."""
PAGE = 50
"""Messages of a thread in one page."""
MOST_COUNTED = 1000


@dataclass(frozen=True)
class Page:
    """Some conversations; `next` is where the following page begins, "" at the end."""

    rows: Sequence[Conversation]
    next: str


@dataclass(frozen=True)
class Seen:
    """The shops an agent sees, read once for all that one page asks. `ids` None: every shop."""

    ids: list[int] | None


def seen_by(agent: Agent) -> Seen:
    """The shops this agent sees."""
    return Seen(None if agent.sees_all_shops else list(Shop.objects.visible_to(agent).order_by().values_list("pk", flat=True)))


def inbox(agent: Agent, filters: Filters, *, size: int = ROWS, seen: Seen | None = None) -> Page:
    """What the agent sees under these filters: what expires next, then the newest; closed and snoozed ones newest first."""
    among = _filtered(agent, filters) if filters.shops or filters.platform else seen
    rows = filters.apply(visible(agent, among), agent, clock.now())
    found = _load(_page(rows, filters, size + 1))
    shown = found[:size]
    following = str(Place.of(shown[-1])) if len(found) > size else ""
    return Page(shown, following)


def visible(agent: Agent, seen: Seen | None = None) -> QuerySet[Conversation]:
    """Like `visible_to`, with the shops named one by one, so that the planner can choose its index by how much they hold."""
    rows, ids = Conversation.objects.filter(merged_into=None), (seen or seen_by(agent)).ids
    return rows if ids is None else rows.filter(among("shop", ids))


def _filtered(agent: Agent, filters: Filters) -> Seen:
    """Of the shops the agent sees those the filters name."""
    shops = Shop.objects.visible_to(agent).order_by()
    if filters.shops:
        shops = shops.filter(pk__in=filters.shops)
    if filters.platform:
        shops = shops.filter(platform=filters.platform)
    return Seen(list(shops.values_list("pk", flat=True)))


def among(field: str, ids: list[int]) -> Func:
    """`field = any(ids)`: one parameter however many ids, where "in" has one for each."""
    array = Value(ids, output_field=ArrayField(BigIntegerField()))
    return Func(F(field), array, template="%(expressions)s)", arg_joiner=" = any(", output_field=BooleanField())


_WAITING = {
    "open": "state = 'open'",
    "mine": "state = 'open' and assignee_id = %(me)s",
    "unassigned": "state = 'open' and assignee_id is null",
    "due_soon": "state = 'open' and due_at > %(now)s and due_at <= %(soon)s",
    "at_risk": "state = 'open' and due_at > %(now)s and risk_at <= %(now)s",
    "overdue": "state = 'open' and due_at <= %(now)s",
    "snoozed": "state = 'snoozed'",
    "trouble": "trouble",
    "mentions": """id in (select m.conversation_id from conversations_mention n join conversations_message m on m.id = n.message_id
        where n.agent_id = %(me)s and n.seen_at is null)""",
}
_COUNTED = "(select count(*) from (select 1 from conversations_conversation where merged_into_id is null{shops} and {what} limit {most}) w)"


def counters(agent: Agent, seen: Seen | None = None) -> dict[str, int]:
    """What waits, each counted to `MOST_COUNTED` at most (show "999+" from there), all in one statement."""
    now, shops = clock.now(), (seen or seen_by(agent)).ids
    within = "" if shops is None else " and shop_id = any(%(shops)s)"
    counted = (_COUNTED.format(shops=within, what=what, most=MOST_COUNTED) for what in _WAITING.values())
    with connection.cursor() as cursor:
        cursor.execute("select " + ", ".join(counted), {"me": agent.pk, "now": now, "soon": now + rules.SOON, "shops": shops})
        return dict(zip(_WAITING, cursor.fetchone(), strict=True))


def tags(agent: Agent, seen: Seen | None = None) -> list[str]:
    """Tags in use, from the conversations tagged and touched last."""
    recent = visible(agent, seen).exclude(tags=[]).order_by("-last_at").values_list("tags", flat=True)[:200]
    return sorted({tag for tags in recent for tag in tags})[:60]


def thread(conversation: Conversation, before: int | None = None, *, size: int = PAGE) -> tuple[list[Message], bool]:
    """The last messages, oldest first, with author, template and files; and whether there are older ones.

    `before`: the id of the oldest message already shown.
    """
    rows = _said(conversation)
    if before is not None:
        rows = _older_than(rows, before)
    found = list(rows.order_by("-at", "-pk")[: size + 1])
    return found[:size][::-1], len(found) > size


def thread_after(conversation: Conversation, after: int, *, size: int = PAGE) -> tuple[list[Message], bool]:
    """The messages that follow the message `after`, oldest first; and whether there are newer ones still."""
    found = list(_newer_than(_said(conversation), after).order_by("at", "pk")[: size + 1])
    return found[:size], len(found) > size


def thread_around(conversation: Conversation, at: int, *, size: int = PAGE) -> tuple[list[Message], bool, bool]:
    """Some messages up to `at`, itself, and those that follow; whether there are older ones and newer ones. Empty: no such message."""
    rows = _said(conversation)
    middle = rows.filter(pk=at).first()
    if middle is None:
        return [], False, False
    before = list(_older_than(rows, at).order_by("-at", "-pk")[: size // 2 + 1])
    after, newer = thread_after(conversation, at, size=size // 2)
    return [*before[: size // 2][::-1], middle, *after], len(before) > size // 2, newer


def customer_history(conversation: Conversation, agent: Agent, limit: int = 10, *, seen: Seen | None = None) -> list[Conversation]:
    """The buyer's other conversations that the agent may see, newest first."""
    rows = visible(agent, seen).filter(customer=conversation.customer_id).exclude(pk=conversation.pk)
    return list(rows.order_by("-last_at")[:limit])


def present(conversation: Conversation, agent: Agent) -> list[Presence]:
    """Which colleagues look at it or type in it now."""
    rows = Presence.objects.filter(conversation=conversation, until__gt=clock.now()).exclude(agent=agent)
    return list(with_names(rows, "agent").order_by("-typing", "agent"))


def response_rate(shop: Shop, since: datetime, until: datetime, *, hours: Decimal | None = None, marks_count: bool = False) -> rules.Rate:
    """How the windows opened in the period ended, each under the rule of its day, or all under `hours`."""
    ledger = Window.objects.filter(shop=shop, opened_at__gte=since, opened_at__lt=until).exclude(outcome=Window.Outcome.SUPERSEDED)
    by_rule: dict[Decimal, list[Window]] = {}
    for window in ledger.only("opened_at", "closed_at", "outcome", "hours"):
        by_rule.setdefault(hours or window.hours, []).append(window)
    rates = (rules.response_rate(windows, rule, clock.now(), marks_count=marks_count) for rule, windows in by_rule.items())
    return sum(rates, rules.Rate())


def response_rates(shops: Iterable[Shop], since: datetime, until: datetime) -> dict[int, rules.Rate]:
    """The same for many shops under the rules of each day, counted by the database in one query. Shops without a window are left out."""
    ledger = Window.objects.filter(shop__in=list(shops), opened_at__gte=since, opened_at__lt=until)
    open_, answered = Q(outcome=Window.Outcome.OPEN), Q(outcome=Window.Outcome.ANSWERED)
    ends = {
        "in_time": answered & Q(closed_at__lte=F("due_at")),
        "late": answered & Q(closed_at__gt=F("due_at")),
        "missed": open_ & Q(due_at__lt=clock.now()),
        "pending": open_ & Q(due_at__gte=clock.now()),
        "marked": Q(outcome=Window.Outcome.NO_ANSWER_NEEDED),
    }
    counted = ledger.order_by().values_list("shop").annotate(**{name: Count("pk", filter=end) for name, end in ends.items()})
    return {shop: rules.Rate(*counts) for shop, *counts in counted}


def _page(rows: QuerySet[Conversation], filters: Filters, size: int) -> list[int]:
    """The ids of a page, read from the indexes alone; what hangs on the rows is joined to these few only."""
    place = Place.parse(filters.after)
    if filters.sort != "due":
        return list(_newest(rows, place).values_list("pk", flat=True)[:size])
    found: list[int] = []
    if place is None or place.due_at:
        found = list(_owed(rows, place).values_list("pk", flat=True)[:size])
        place = None
    if len(found) < size:
        found += _newest(rows.filter(due_at=None), place).values_list("pk", flat=True)[: size - len(found)]
    return found


def _load(keys: Sequence[int]) -> list[Conversation]:
    found = Conversation.objects.filter(among("pk", list(keys))).select_related("shop", "customer", "assignee")
    rows = {row.pk: row for row in found}
    return [rows[key] for key in keys if key in rows]


def _owed(rows: QuerySet[Conversation], place: Place | None) -> QuerySet[Conversation]:
    rows = rows.filter(due_at__isnull=False).order_by("due_at", "-last_at", "-pk")
    if place is None:
        return rows
    behind = Q(due_at__gt=place.due_at) | Q(last_at__lt=place.last_at) | Q(last_at=place.last_at, pk__lt=place.pk)
    return rows.filter(behind, due_at__gte=place.due_at)


def _newest(rows: QuerySet[Conversation], place: Place | None) -> QuerySet[Conversation]:
    rows = rows.order_by("-last_at", "-pk")
    if place is None:
        return rows
    return rows.filter(Q(last_at__lt=place.last_at) | Q(pk__lt=place.pk), last_at__lte=place.last_at)


def _said(conversation: Conversation) -> QuerySet[Message]:
    rows: QuerySet[Message] = conversation.messages.exclude(state=Message.State.WITHDRAWN)
    files = Prefetch("attachments", Attachment.objects.order_by("pk"))
    return with_names(rows, "author", "released_by", more=("template__key", "template__names")).prefetch_related(files)


def _newer_than(rows: QuerySet[Message], after: int) -> QuerySet[Message]:
    mark = rows.filter(pk=after).values_list("at", flat=True).first()
    if mark is None:
        return rows.none()
    return rows.filter(Q(at__gt=mark) | Q(pk__gt=after), at__gte=mark)


def _older_than(rows: QuerySet[Message], before: int) -> QuerySet[Message]:
    mark = rows.filter(pk=before).values_list("at", flat=True).first()
    if mark is None:
        return rows.none()
    return rows.filter(Q(at__lt=mark) | Q(pk__lt=before), at__lte=mark)
