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


def heard(message: Message) -> None:
    """A buyer's message came in. While an older one is unanswered it changes nothing."""
    conversation = message.conversation
    if conversation.due_at and conversation.windows.filter(outcome=Window.Outcome.OPEN, opened_at__lte=message.at).exists():
        return
    reckon(conversation, message.at)


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
    shop = conversation.shop
    rule, warn = shops.thresholds(shop, ("response_hours", "warn_hours"), owed.opened_at)
    Window.objects.create(
        conversation=conversation,
        shop=shop,
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
