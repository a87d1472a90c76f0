"""Playing scripts: each repetition in another order, at other hours, on what the cases before have taught."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction

from bench._buyers import Buyer, settle_in, shop_for
from bench._desk import Desk, Letter, recorded
from bench._letters import false_in, moves_of, offered
from bench._scripts import Script
from bench._verdict import Played, judge
from bridgedesk.conversations import templates
from bridgedesk.conversations.models import Conversation
from bridgedesk.lib import clock
from bridgedesk.playbooks import due, publishing, queries
from bridgedesk.team.models import Agent

BEGINS = datetime(2026, 11, 16, tzinfo=UTC)  # a Monday
APART = timedelta(minutes=7)
TURNS = 10


def repetition(scripts: Sequence[Script], seed: int) -> Iterator[Played]:
    """Every script once, in the order and at the hours that `seed` makes; afterwards nothing of it is left."""
    lots = random.Random(seed)
    with recorded(), transaction.atomic():
        templates.load_content()
        publishing.load_content()
        agent, lead = (Agent.objects.create(username=f"bench-{role}", role=role, shown_name="Lin") for role in ("agent", "lead"))
        for number, script in enumerate(lots.sample(list(scripts), len(scripts))):
            shop_for(script).agents.set([agent, lead])
            at = BEGINS + number * APART + timedelta(hours=lots.randint(0, 23))
            yield play(script, agent, lead, at, number * 10 + seed + 1, lots)
        transaction.set_rollback(True)


def play(script: Script, agent: Agent, lead: Agent, at: datetime, number: int, lots: random.Random) -> Played:
    """One buyer from the first word to the last."""
    buyer = settle_in(script, at - timedelta(minutes=5), number)
    conversation = buyer.writes(script.opens, photo=script.photo, at=at)
    desk, found = Desk(agent, lead, buyer), []
    for _turn in range(TURNS):
        now = buyer.now + timedelta(minutes=lots.randint(3, 90))
        with clock.frozen(now):
            letter = desk.act(conversation)
            found += false_in(letter, buyer) if letter else []
        if not _answers(buyer, letter, now + timedelta(hours=lots.randint(1, 14))):
            if not (later := _silence(conversation)):
                break
            buyer.now = later
    with clock.frozen(buyer.now + timedelta(hours=1)):
        return judge(desk, conversation, found)


def _answers(buyer: Buyer, letter: Letter | None, at: datetime) -> bool:
    """They answer the letter at `at`, unless they have nothing more to say."""
    reply = buyer.answer(moves_of(letter), offered(letter)) if letter else None
    if reply:
        buyer.writes([reply.says], photo=reply.photo, at=at)
    return reply is not None


def _silence(conversation: Conversation) -> datetime | None:
    """Wait for the branch of silence; when that is over. None: nothing waits."""
    run = queries.open_run(conversation)
    if run is None or run.silent_until is None:
        return None
    at = run.silent_until + timedelta(hours=1)
    with clock.frozen(at):
        due.sweep()
    return at
