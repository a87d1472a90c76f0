"""The ledger of answers owed, kept in line with what was said.

A row of the ledger is closed once and otherwise never changed. When something comes to light late (an older message, an
answer that bounced) the row that proves wrong is struck out (`superseded`) and the right one is entered beside it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from bridgedesk.conversations import rules
from bridgedesk.conversations.models import Conversation, Message, Window
from bridgedesk.shops import queries as shops

_COUNTS = (
    Q(direction=Message.Direction.IN)
    | Q(direction=Message.Direction.OUT, state=Message.State.SENT, automatic=False)
    | Q(direction=Message.Direction.NOTE, kind="mark")
)


def reckon(conversation: Conversation, since: datetime) -> None:
    """Bring ledger and the conversation's moments in line after something was said, or unsaid, at `since`. The caller holds its lock."""
    standing = list(_standing(conversation, since))
    start = min([since, *(window.opened_at for window in standing)])
    owed = {window.opened_by: window for window in rules.ledger(_said(conversation, start))}
    kept = [window.opened_by_id for window in standing if _keep(window, owed.get(window.opened_by_id))]
    for key, window in owed.items():
        if key not in kept:
            _enter(conversation, window)
    _show_due(conversation)


def reckon_each(conversations: Sequence[Conversation], marked_at: datetime) -> None:
    """The same for many whose open windows were just marked as needing no answer, in a fixed number of statements.

    Where the platform's clock runs ahead of ours, so that a buyer wrote "after" the mark, each is reckoned by itself.
    """
    keys = [conversation.pk for conversation in conversations]
    ahead = set(_buyers(keys).filter(at__gt=marked_at).values_list("conversation", flat=True))
    marks = {mark.conversation_id: mark for mark in Message.objects.filter(conversation__in=keys, kind="mark", at=marked_at)}
    windows = Window.objects.filter(conversation__in=set(keys) - ahead, outcome=Window.Outcome.OPEN)
    closed = [_marked(window, marks[window.conversation_id]) for window in windows]
    Window.objects.bulk_update(closed, ["closed_at", "closed_by", "outcome", "agent"])
    for conversation in conversations:
        if conversation.pk in ahead:
            reckon(conversation, marked_at)
        else:
            conversation.due_at = conversation.risk_at = None
    Conversation.objects.bulk_update(conversations, ["due_at", "risk_at"])


def heard_each(messages: Sequence[Message]) -> None:
    """Buyers' messages of one shop came in; the caller holds the conversations' locks and writes their moments.

    While an older one is unanswered they change nothing; where nothing was said since, the first of them opens a window.
    Only what comes out of order is reckoned anew.
    """
    first: dict[int, Message] = {}
    for message in sorted(messages, key=lambda m: (m.at, m.pk)):
        first.setdefault(message.conversation_id, message)
    open_since = _open_since([m.conversation_id for m in first.values() if m.conversation.due_at])
    asking = [m for m in first.values() if not (m.conversation_id in open_since and open_since[m.conversation_id] <= m.at)]
    late = set(open_since) | _said_since(asking, messages)
    for message in asking:
        if message.conversation_id in late:
            reckon(message.conversation, message.at)
    _open_each([message for message in asking if message.conversation_id not in late])


def _open_since(conversations: Sequence[int]) -> dict[int, datetime]:
    if not conversations:
        return {}
    rows = Window.objects.filter(conversation__in=conversations, outcome=Window.Outcome.OPEN)
    return dict(rows.values_list("conversation", "opened_at"))


def _said_since(asking: Sequence[Message], among: Sequence[Message]) -> set[int]:
    """In which conversations something else that counts was said since the earliest of these messages."""
    if not asking:
        return set()
    said = Message.objects.filter(_COUNTS, conversation__in=[m.conversation_id for m in asking], at__gte=min(m.at for m in asking))
    return set(said.exclude(pk__in=[m.pk for m in among]).values_list("conversation", flat=True))


def _open_each(messages: Sequence[Message]) -> None:
    if not messages:
        return
    shop, names = messages[0].conversation.shop, ("response_hours", "warn_hours")
    rules_of = shops.thresholds_each(shop, names, [message.at for message in messages])
    windows = [_window(m.conversation, rules.Owed(m.pk, m.at), *each) for m, each in zip(messages, rules_of, strict=True)]
    Window.objects.bulk_create(windows)
    for window in windows:
        window.conversation.due_at, window.conversation.risk_at = window.due_at, window.risk_at


def strike_open(conversation: Conversation) -> datetime | None:
    """Strike out the open window (its thread goes into another conversation); when it was opened, if there was one."""
    window = conversation.windows.filter(outcome=Window.Outcome.OPEN).first()
    if window is None:
        return None
    _strike(window)
    return window.opened_at


def _standing(conversation: Conversation, since: datetime) -> Iterable[Window]:
    rows = conversation.windows.exclude(outcome=Window.Outcome.SUPERSEDED)
    return rows.filter(Q(outcome=Window.Outcome.OPEN) | Q(closed_at__gte=since)).order_by("opened_at")


def _said(conversation: Conversation, start: datetime) -> Iterable[rules.Said]:
    rows = Message.objects.filter(_COUNTS, conversation=conversation, at__gte=start)
    sides: dict[str, rules.Side] = {"in": "buyer", "out": "answer", "note": "mark"}
    return (rules.Said(key, at, sides[direction]) for key, at, direction in rows.values_list("pk", "at", "direction"))


def _keep(window: Window, owed: rules.Owed | None) -> bool:
    """Whether the row stands: as it is, or closed now. Otherwise it is struck out."""
    if owed and (owed.closed_by, owed.closed_at) == (window.closed_by_id, window.closed_at):
        return True
    if owed and window.outcome == Window.Outcome.OPEN:
        _close(window, owed)
        return True
    _strike(window)
    return False


def _close(window: Window, owed: rules.Owed) -> None:
    window.closed_at, window.closed_by_id, window.outcome = owed.closed_at, owed.closed_by, owed.outcome
    window.agent_id = _author(owed)
    window.save(update_fields=["closed_at", "closed_by", "outcome", "agent"])


def _marked(window: Window, mark: Message) -> Window:
    window.closed_at, window.closed_by, window.agent_id, window.outcome = mark.at, mark, mark.author_id, Window.Outcome.NO_ANSWER_NEEDED
    return window


def _buyers(conversations: Iterable[int]) -> QuerySet[Message]:
    return Message.objects.filter(conversation__in=list(conversations), direction=Message.Direction.IN)


def _strike(window: Window) -> None:
    window.outcome = Window.Outcome.SUPERSEDED
    window.save(update_fields=["outcome"])


def _enter(conversation: Conversation, owed: rules.Owed) -> None:
    rule, warn = shops.thresholds(conversation.shop, ("response_hours", "warn_hours"), owed.opened_at)
    _window(conversation, owed, rule, warn).save()


def _window(conversation: Conversation, owed: rules.Owed, rule: shops.Rule, warn: shops.Rule) -> Window:
    return Window(
        conversation=conversation,
        shop=conversation.shop,
        opened_at=owed.opened_at,
        opened_by_id=owed.opened_by,
        due_at=rules.due_at(owed.opened_at, rule.value),
        risk_at=rules.risk_at(owed.opened_at, rule.value, warn.value),
        hours=rule.value,
        source=rule.source,
        sure=rule.sure,
        outcome=owed.outcome,
        closed_at=owed.closed_at,
        closed_by_id=owed.closed_by,
        agent_id=_author(owed),
    )


def _author(owed: rules.Owed) -> int | None:
    if owed.closed_by is None:
        return None
    return Message.objects.values_list("author_id", flat=True).get(pk=owed.closed_by)


def _show_due(conversation: Conversation) -> None:
    open_windows = conversation.windows.filter(outcome=Window.Outcome.OPEN)
    due, risk = open_windows.values_list("due_at", "risk_at").first() or (None, None)
    if (due, risk) != (conversation.due_at, conversation.risk_at):
        conversation.due_at, conversation.risk_at = due, risk
        conversation.save(update_fields=["due_at", "risk_at"])
