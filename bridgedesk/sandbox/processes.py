"""The demo's playbooks have a past: some weeks of returns that went through their letters, and a draft that a lead is writing."""

import copy
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction

from bridgedesk.conversations.models import Conversation
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order, Payment
from bridgedesk.playbooks import drafts, queries
from bridgedesk.playbooks.facts import Facts
from bridgedesk.playbooks.models import Run, Taken, Version
from bridgedesk.playbooks.rules import Playbook, next_step
from bridgedesk.team.models import Agent

KEY, TOPIC, MOST = "return-without-reason", "return_request", 80
CURRENCIES = {"TW": ("TWD", 690), "MY": ("MYR", 79), "DE": ("EUR", 39)}
ANSWERS: tuple[tuple[dict[str, Any], int], ...] = (
    ({"replied": True, "accepts": True}, 9),
    ({"replied": True, "insists": True}, 7),
    ({"silent_days": 5.0}, 4),
    ({"replied": True, "insists": True, "rude": True, "angry": True}, 1),
)
"""What buyers do after a letter, and how often."""


@transaction.atomic
def fill(lead: Agent, agent: Agent, chance: Random) -> None:
    """Past returns, and the draft that would spare those who insist a letter."""
    version = Version.objects.get(key=KEY, current=True)
    old = Conversation.objects.filter(topic=TOPIC, runs=None, last_at__lt=clock.now() - timedelta(days=6)).select_related("shop")
    for conversation in old.order_by("-last_at")[:MOST]:
        _returned(conversation, version, agent, chance)
    draft = drafts.begin(KEY, by=lead)
    drafts.save(draft, _kinder(draft.data), revision=draft.revision, by=lead)


def _returned(conversation: Conversation, version: Version, agent: Agent, chance: Random) -> None:
    playbook, at, facts = queries.playbook_of(version), conversation.created_at, _known(conversation, chance)
    run = Run.objects.create(
        conversation=conversation, shop=conversation.shop, version=version, state=Run.State.ENDED, started_at=at, started_by=agent
    )
    made = _taken(run, playbook, facts, at, agent, chance)
    Taken.objects.bulk_create(made)
    step = playbook.step(made[-1].to)
    run.outcome, run.step, run.ended_at = (step.ends if step else made[-1].to), made[-1].before, made[-1].at
    run.save()
    order = Order.objects.filter(shop=conversation.shop, external_id=conversation.order_ref).first()
    if run.outcome == "refunded" and order:
        share = chance.choice((80, 90, 100, 100, 115))  # in percent: the label comes on top, a worn article is worth less
        minor = -round(float(facts["order_value"]) * share)
        Payment.objects.create(order=order, kind="refund", minor=minor, currency=str(facts["currency"]), at=made[-1].at)


def _known(conversation: Conversation, chance: Random) -> dict[str, Any]:
    currency, usual = CURRENCIES.get(conversation.shop.region, ("USD", 45))
    worth = usual * chance.choice((6, 8, 10, 12, 15)) / 10
    return {"has_order": True, "order_value": worth, "currency": currency, "platform": conversation.shop.platform, "fault": "none"}


def _taken(run: Run, playbook: Playbook, known: Facts, at: datetime, agent: Agent, chance: Random) -> list[Taken]:
    """Letter by letter, as suggested, until it ends."""
    made: list[Taken] = []
    here, facts = "", dict(known)
    while move := next_step(playbook, here, facts):
        made.append(
            Taken(run=run, before=here, to=move.to, when=move.when, silence=move.silence, suggested=True, facts=facts, by=agent, at=at)
        )
        step = playbook.step(move.to)
        if step is None or step.ends:
            break
        answer = chance.choices([facts for facts, _often in ANSWERS], [often for _facts, often in ANSWERS])[0]
        here, facts, at = move.to, {**known, **answer}, at + timedelta(days=5 if "silent_days" in answer else 1)
    return made


def _kinder(data: dict[str, Any]) -> dict[str, Any]:
    """Who insists on letter 1 gets label and refund at once; who falls silent is offered letter 2."""
    made = copy.deepcopy(data)
    step = next(step for step in made["step"] if step["key"] == "conditions")
    for branch in step["branch"]:
        branch["to"] = branch["to"].replace("fee-waived", "label-and-refund")
    step["timeout"] = {"days": 5, "to": "fee-waived"}
    return made
