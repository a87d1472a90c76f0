"""How a run stands, for the card over the composer: where, why, what is suggested and what else could be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from bridgedesk.assist.models import Triage
from bridgedesk.channels.policy import policy_name
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.orders.models import Order
from bridgedesk.playbooks import queries
from bridgedesk.playbooks.drafting import Draft, draft
from bridgedesk.playbooks.expressions import in_words, parse
from bridgedesk.playbooks.facts import Facts
from bridgedesk.playbooks.gathering import gather
from bridgedesk.playbooks.labels import DOES_WORDS, OUTCOME_WORDS, STRATEGY_WORDS
from bridgedesk.playbooks.models import Run, Version
from bridgedesk.playbooks.rules import MONEY, Playbook, Step, Suggestion, next_step, options
from bridgedesk.team.models import Agent


@dataclass(frozen=True)
class Move:
    """A button. `lacks` is what must be on file first; then it cannot be pressed."""

    to: str
    name: str
    why: str
    lacks: str
    suggested: bool
    ends: bool


@dataclass(frozen=True)
class Card:
    """A run as the agent sees it. `unsent`: the step was chosen and its message waits in the composer."""

    run: Run
    name: str
    about: str
    where: str
    says: str
    strategy: str
    does: str
    money: str
    unsent: bool
    draft: Draft | None
    moves: Sequence[Move]
    outcome: str


def card(conversation: Conversation, run: Run, agent: Agent) -> Card:
    """The card of a run; a fixed number of queries."""
    playbook = queries.playbook_of(run.version)
    case = gather(conversation, run, playbook.topics)
    step = playbook.step(case.last.to) if case.last else None
    unsent = case.last is not None and step is not None and case.sent_at is None and run.state != Run.State.LEFT
    moves = [] if unsent or run.state != Run.State.OPEN else _moves(playbook, run.step, case.facts)
    return Card(
        run=run,
        name=str(playbook.names),
        about=str(playbook.about),
        where=str(step.names) if step else "",
        says=_says(run, step, case.facts, unsent=unsent, suggested=any(move.suggested for move in moves)),
        strategy=str(STRATEGY_WORDS[step.strategy]) if step and step.strategy != "process" else "",
        does=str(DOES_WORDS[step.does]) if step and step.does in MONEY else "",
        money=_case(conversation, case.order, fault(run, case.facts)) if step is not None and step.does in MONEY else "",
        unsent=unsent,
        draft=draft(step, conversation, case.order, agent) if unsent and step and agent.may_write else None,
        moves=moves,
        outcome=str(OUTCOME_WORDS.get(run.outcome, "")),
    )


def _case(conversation: Conversation, order: Order | None, fault: str) -> str:
    """Where the remedy is chosen: a case is opened for the order, or found."""
    if order is None:
        return ""
    return f"{reverse('case-open')}?{urlencode({'order': order.pk, 'conversation': conversation.pk} | ({'fault': fault} if fault else {}))}"


def fault(run: Run, facts: Facts) -> str:
    """What the way of the case says of the fault beyond its topic: the box alone, where no photo shows more; "" nothing."""
    spoken = [facts, *run.taken.filter(undone_at=None).values_list("facts", flat=True)]
    box = facts.get("fault") in ("damaged", "none") and any(known.get("mentions_box") for known in spoken)
    return "outer_box" if box and not facts.get("has_photo") else ""


def startable(conversation: Conversation) -> list[tuple[Version, str]]:
    """The playbooks an agent may begin here, those of the conversation's topic first."""
    platform = policy_name(conversation.shop, conversation.address)
    read = [(version, queries.playbook_of(version)) for version in queries.published() if version.current]
    fitting = [(version, playbook) for version, playbook in read if playbook.serves(platform)]
    fitting.sort(key=lambda pair: (conversation.topic not in pair[1].topics, str(pair[1].names)))
    return [(version, str(playbook.names)) for version, playbook in fitting]


def likely(conversation: Conversation) -> Version | None:
    """The playbook an unsure first look of the last message points to; None: none of those it thought of has one here."""
    last = Triage.objects.filter(message__conversation=conversation, message__direction=Message.Direction.IN).order_by("-message").first()
    versions = queries.published()
    return queries.for_topic(versions, conversation, last.topics[0]["topic"]) if last and last.topics else None


def _moves(playbook: Playbook, at: str, facts: Facts) -> list[Move]:
    suggested = next_step(playbook, at, facts)
    return [_move(playbook, move, facts, move == suggested) for move in options(playbook, at, facts)]


def _move(playbook: Playbook, move: Suggestion, facts: Facts, suggested: bool) -> Move:
    step = playbook.step(move.to)
    name = str(step.names) if step else str(OUTCOME_WORDS[move.to])
    lacks = _("Not on file: %(fact)s") % {"fact": in_words(parse(move.lacks), facts)} if move.lacks else ""
    return Move(move.to, name, _why(move, facts), lacks, suggested, step is None)


def _why(move: Suggestion, facts: Facts) -> str:
    if move.silence:
        return _("the buyer stayed silent")
    return in_words(parse(move.when), facts) if move.when else _("in every other case")


def _says(run: Run, step: Step | None, facts: Facts, *, unsent: bool, suggested: bool) -> str:
    if unsent:
        return (
            _("The message is in the composer: read it, then send it.") if step and step.template else _("Do it, then write to the buyer.")
        )
    if run.state != Run.State.OPEN or suggested:
        return ""
    if step is None:
        return _("No branch fits: choose.")
    if facts.get("replied"):
        return _("The buyer answered, and no branch fits it: choose.")
    days = step.timeout_days - float(facts.get("silent_days", 0))
    return _("Waits for the buyer. Silence counts in %(days)s days.") % {"days": f"{max(days, 0):.0f}"}
