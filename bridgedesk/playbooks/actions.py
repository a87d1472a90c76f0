"""Every write on runs: start, take a branch, step back, leave; and what a buyer's message or silence does to them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from bridgedesk.activity.actions import record
from bridgedesk.assist import triage
from bridgedesk.assist.models import Triage
from bridgedesk.channels.policy import LANGUAGES, Words, policy_name
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations.access import CannotWrite, allow
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.storable import plain
from bridgedesk.orders import actions as orders
from bridgedesk.orders.models import Order
from bridgedesk.playbooks import queries
from bridgedesk.playbooks.expressions import in_words, parse
from bridgedesk.playbooks.gathering import Gathered, gather
from bridgedesk.playbooks.labels import EVENT_WORDS, OUTCOME_WORDS
from bridgedesk.playbooks.models import Run, Taken, Version
from bridgedesk.playbooks.rules import Playbook, Step, Suggestion, next_step, options
from bridgedesk.team.models import Agent

__all__ = ["begin", "heard", "leave", "start", "step_back", "take", "take_up_silence"]

FRESH = timedelta(days=14)
"""A case that ended is not begun again by the same topic before this has passed; an agent may begin it at any time."""
LEAD_TAG = "lead"


@transaction.atomic
def start(conversation: Conversation, version: Version, *, by: Agent, message: Message | None = None) -> Run:
    """Put the conversation into a playbook; an agent chose it. CannotWrite where it does not serve, or while another runs."""
    allow(by, conversation.shop_id)
    Conversation.objects.select_for_update().get(pk=conversation.pk)
    if queries.open_run(conversation):
        raise CannotWrite(_("The conversation is in a playbook already. Leave that one first."))
    if not queries.playbook_of(version).serves(policy_name(conversation.shop, conversation.address)):
        raise CannotWrite(_("This playbook is not for this platform."))
    run = Run.objects.create(**_began(conversation, version, message), started_by=by)
    tell(run, "playbook_started", by=by)
    return run


def begin(conversation: Conversation, version: Version, event: str) -> Run:
    """Put the conversation into a playbook because of what happened. The caller holds it and looked that no other runs."""
    run = Run.objects.create(**_began(conversation, version, None))
    tell(run, "playbook_event", by=None, why=each(lambda: EVENT_WORDS[event]))
    return run


@transaction.atomic
def take(run: Run, to: str, *, by: Agent | None) -> Run:
    """Take a branch: to a step, whose message the agent then sends, or to an ending. CannotWrite says why it is not possible."""
    row, playbook, case = now(run, by)
    move = next((move for move in options(playbook, row.step, case.facts) if move.to == to), None)
    if case.last and not case.sent_at:
        raise CannotWrite(_("The step before has not been sent yet. Send it, or step back."))
    if move is None:
        raise CannotWrite(_("This branch does not begin here any more."))
    if move.lacks:
        said = {"fact": in_words(parse(move.lacks), case.facts)}
        raise CannotWrite(_("Not on file: %(fact)s. Nothing is stated that the record does not hold.") % said)
    suggested = next_step(playbook, row.step, case.facts)
    Taken.objects.create(
        run=row, before=row.step, to=to, when=move.when, silence=move.silence, suggested=suggested is not None and suggested.to == to,
        facts=dict(case.facts), by=by, at=clock.now(),
    )  # fmt: skip
    _move(row, playbook, to)
    tell(row, "playbook_step", by=by, step=named(playbook, to), why=_reason(move, case))
    if step := playbook.step(to):
        _do(step, row, case, by)
    return row


@transaction.atomic
def step_back(run: Run, *, by: Agent) -> Run:
    """Undo the branch taken last, as long as its message has not been sent."""
    row, playbook, case = now(run, by, ended=True)
    if case.last is None or case.sent_at or row.state == Run.State.LEFT:
        raise CannotWrite(_("There is no step that could be taken back."))
    if row.state != Run.State.OPEN and queries.open_run(row.conversation):
        raise CannotWrite(_("The conversation is in a playbook already. Leave that one first."))
    case.last.undone_at = clock.now()
    case.last.save(update_fields=["undone_at"])
    row.step, row.state, row.outcome, row.ended_at, row.silent_until = case.last.before, Run.State.OPEN, "", None, None
    row.save()
    tell(row, "playbook_step_back", by=by, step=named(playbook, case.last.to))
    return row


@transaction.atomic
def leave(run: Run, reason: str, *, by: Agent) -> Run:
    """Take the conversation out of its playbook, and say why: what is left often needs a better branch."""
    row, _playbook, _case = now(run, by)
    reason = plain(reason).strip()[:300]
    if not reason:
        raise CannotWrite(_("Say why: it shows which branch is missing."))
    row.state, row.reason, row.ended_at, row.silent_until = Run.State.LEFT, reason, clock.now(), None
    row.save()
    tell(row, "playbook_left", by=by, reason=reason)
    return row


@transaction.atomic(savepoint=False)
def heard(messages: Sequence[Message]) -> None:
    """Buyers wrote: silence is over where it was waited for, and what is surely about a playbook's topic begins one.

    May run twice for the same messages.
    """
    talks = {message.conversation_id: message.conversation for message in messages}
    last = {message.conversation_id: message for message in messages}
    recent = Run.objects.filter(conversation__in=talks).filter(started_at__gte=clock.now() - 6 * FRESH).order_by("pk")
    runs = {run.conversation_id: run for run in recent.select_related("version")}
    for run in runs.values():
        _resume(run)
    about = _topics([message for pk, message in last.items() if pk not in runs or _over(runs[pk])])
    if about:
        _begin([last[pk] for pk in about], about, runs)


@transaction.atomic
def take_up_silence(run: Run) -> None:
    """The buyer has said nothing for as long as the step allows: an ending is taken at once, a step is put before an agent."""
    row, playbook, case = now(run, None, ended=True)
    if row.state != Run.State.OPEN:
        return
    move = next_step(playbook, row.step, case.facts)
    row.silent_until = None
    row.save(update_fields=["silent_until"])
    if move and move.silence and playbook.step(move.to) is None:
        take(row, move.to, by=None)
        Run.objects.filter(pk=row.pk).update(by_silence=True)
    elif move and move.silence and row.conversation.state != Conversation.State.OPEN:
        conversations.reopen(row.conversation, by=None)


def now(run: Run, by: Agent | None, *, ended: bool = False) -> tuple[Run, Playbook, Gathered]:
    """The run as it stands, locked, with its process and its facts."""
    row = (
        Run.objects.select_for_update(of=("self",)).select_related("version", "conversation__shop", "conversation__customer").get(pk=run.pk)
    )
    allow(by, row.shop_id)
    if row.state != Run.State.OPEN and not ended:
        raise CannotWrite(_("This playbook has ended."))
    playbook = queries.playbook_of(row.version)
    return row, playbook, gather(row.conversation, row, playbook.topics)


def _move(row: Run, playbook: Playbook, to: str) -> None:
    step = playbook.step(to)
    ends = step.ends if step else to
    row.step = to if step else row.step
    row.silent_until = clock.now() + timedelta(days=step.timeout_days) if step and not ends else None
    if ends:
        row.state, row.outcome, row.ended_at = Run.State.ENDED, ends, clock.now()
    row.save()


def _do(step: Step, row: Run, case: Gathered, by: Agent | None) -> None:
    """What a step does by itself beside its message. Money and goods are never moved here: the remedies ask a person."""
    if step.does == "hold" and case.order:
        reason = translation.gettext("Playbook: %(step)s") % {"step": step.names}
        orders.hold(Order.objects.get(pk=case.order.pk), reason, by=by)
    if step.does == "cancel" and case.order and by:
        _cancel(case.order, by)
    if step.does == "lead":
        conversations.tag(row.conversation, LEAD_TAG, by=by)


def _cancel(order: Order, by: Agent) -> None:
    """As the buyer asked: agree to their wish at the platform, else cancel it there. CannotWrite once it has left."""
    try:
        if order.cancel_wish is not None or order.state == "cancelling":
            orders.answer_cancellation(order, agree=True, by=by)
        elif order.state != "cancelled":
            orders.cancel_at_platform(order, "customer_request", by=by)
    except orders.CannotNow as reason:
        raise CannotWrite(_(str(reason))) from reason


def _resume(run: Run) -> None:
    if run.state == Run.State.OPEN and run.silent_until:
        Run.objects.filter(pk=run.pk).update(silent_until=None)
    elif run.state == Run.State.ENDED and run.by_silence and not queries.open_run(run.conversation):
        run.state, run.outcome, run.ended_at, run.by_silence = Run.State.OPEN, "", None, False
        run.taken.filter(undone_at=None, silence=True, before=run.step).update(undone_at=clock.now())
        run.save()
        tell(run, "playbook_resumed", by=None)


def _over(run: Run) -> bool:
    return run.state != Run.State.OPEN


def _topics(messages: Sequence[Message]) -> dict[int, str]:
    """What each surely is about, by conversation: the message itself, not what was talked of before."""
    found = {}
    for seen in Triage.objects.filter(message__in=[message.pk for message in messages]).select_related("message"):
        if about := triage.sure([(each["topic"], each["score"]) for each in seen.topics])[:1]:
            found[seen.message.conversation_id] = about[0]
    return found


def _begin(messages: Sequence[Message], about: dict[int, str], runs: dict[int, Run]) -> None:
    versions = queries.published()
    made = []
    for message in messages:
        version = queries.for_topic(versions, message.conversation, about[message.conversation_id])
        before = runs.get(message.conversation_id)
        just_had = before and version and before.version.key == version.key and (before.ended_at or clock.now()) > clock.now() - FRESH
        if version and not just_had and (before is None or before.message_id != message.pk):
            made.append(Run(**_began(message.conversation, version, message)))
    for run in Run.objects.bulk_create(made, ignore_conflicts=False):
        tell(run, "playbook_suggested", by=None)


def _began(conversation: Conversation, version: Version, message: Message | None) -> dict[str, Any]:
    return {
        "conversation": conversation, "shop_id": conversation.shop_id, "version": version, "message": message, "started_at": clock.now(),
    }  # fmt: skip


def tell(run: Run, verb: str, *, by: Agent | None, **data: Any) -> None:
    names = _words(queries.playbook_of(run.version).names)
    record(verb, run, by=by, shop=run.shop_id, conversation=run.conversation_id, playbook=names, **data)
    announce("conversation", shop=run.shop_id, conversation=run.conversation_id)


def named(playbook: Playbook, to: str) -> dict[str, str]:
    """A step or an ending, in each language of the screen: the log is read in all of them."""
    step = playbook.step(to)
    return _words(step.names) if step else each(lambda: str(OUTCOME_WORDS[to]))


def _reason(move: Suggestion, case: Gathered) -> dict[str, str]:
    if move.silence:
        return each(lambda: _("the buyer stayed silent"))
    return each(lambda: in_words(parse(move.when), case.facts) if move.when else _("in every other case"))


def _words(words: Words) -> dict[str, str]:
    return {language: words.said(language) for language in LANGUAGES}


def each(say: Any) -> dict[str, str]:
    said = {}
    for language in LANGUAGES:
        with translation.override(language.lower()):
            said[language] = str(say())
    return said
