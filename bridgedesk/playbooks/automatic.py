"""Steps that are taken without a person: only those marked so, in shops that switched it on, with words the gate passes unread.

Money and goods never move by themselves. What is held back says why in the timeline, and waits for a person as ever.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.channels.policy import LANGUAGES
from bridgedesk.conversations import greeting, replying
from bridgedesk.conversations.liquid import gaps
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.conversations.ruling import ruling_on
from bridgedesk.conversations.upkeep import locked, tell_message
from bridgedesk.lib import clock
from bridgedesk.playbooks import actions, queries
from bridgedesk.playbooks.drafting import Draft, draft
from bridgedesk.playbooks.models import Run
from bridgedesk.playbooks.rules import Step, next_step
from bridgedesk.shops.actions import set_switch
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

OPTION = "automatic_steps"
"""Of a shop's options: since when, and who switched it on; not there while it is off."""


def is_on(shop: Shop) -> bool:
    """Whether steps may be taken by themselves in this shop."""
    return bool(shop.options.get(OPTION)) and shop.state == Shop.State.CONNECTED


def set_automatic(shop: Shop, *, on: bool, by: Agent) -> None:
    """Let marked steps of playbooks be taken by themselves in this shop from now on, or no more."""
    since = {"since": clock.now().isoformat(), "by": str(by)} if on else {}
    set_switch(shop, OPTION, since, by=by, verb="automatic_steps_on" if on else "automatic_steps_off")


def heard(messages: Sequence[Message]) -> None:
    """Buyers wrote, and their playbooks moved on: what is to go by itself goes. May run twice for the same messages."""
    talks = {message.conversation_id for message in messages if is_on(message.shop)}
    if talks:
        for run in Run.objects.filter(conversation__in=talks, state=Run.State.OPEN).select_related("version").order_by("pk"):
            go(run)


@transaction.atomic
def go(run: Run) -> bool:
    """Take the suggested step if it may go by itself; whether it went. What the gate or a gap holds back is noted with the reason."""
    if not _might(run):
        return False
    row, playbook, case = actions.now(run, None, ended=True)
    move = next_step(playbook, row.step, case.facts)
    step = playbook.step(move.to) if move else None
    if row.state != Run.State.OPEN or step is None or not step.automatic or (case.last and not case.sent_at):
        return False
    talk = locked(row.conversation)
    words = draft(step, talk, case.order, None)
    if why := _held_back(step, words, talk):
        actions.tell(row, "playbook_held", by=None, step=actions.named(playbook, step.key), why=why)
        return False
    actions.take(row, step.key, by=None)
    if words:
        _send(talk, words)
    return True


def _might(run: Run) -> bool:
    """Cheap, and mostly no: the shop has it off, or no step of the process is marked."""
    return is_on(run.conversation.shop) and any(step.automatic for step in queries.playbook_of(run.version).steps)


def _held_back(step: Step, words: Draft | None, talk: Conversation) -> dict[str, str]:
    """Why a person has to look at it, in each language of the screen; {} when nobody has to: then one of the day's automatic letters
    to this address is spent."""
    if not step.template:
        return {}
    if words is None or gaps(words.text):
        return actions.each(lambda: _("something in the letter is not known"))
    ruling = ruling_on(talk, words.text, purpose=words.purpose, language=words.language, automatic=True)
    if ruling.verdict != "allowed":
        return {language: ruling.findings[0].reason.said(language) for language in LANGUAGES}
    if not greeting.spend(talk):
        return actions.each(lambda: _("this address got enough automatic messages today"))
    return {}


def _send(talk: Conversation, words: Draft) -> None:
    about: dict[str, Any] = {"automatic": True, "purpose": words.purpose, "language": words.language, "template_id": words.template}
    message = replying.queue(talk, words.text, (), undo=timedelta(0), **about)[0]
    tell_message(message, "sent_step", by=None)
