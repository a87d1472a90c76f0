"""The older part of the demo's history, written in bulk: the same rows the actions write, in a few statements.

Windows come from the same pure ledger (`conversations.rules.ledger`), search entries from the same index.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from bridgedesk.assist import actions as assist
from bridgedesk.conversations import rules, search
from bridgedesk.conversations.models import Conversation, Message, Window
from bridgedesk.conversations.upkeep import new_reference
from bridgedesk.customers.models import Customer, Identity
from bridgedesk.orders.models import Order
from bridgedesk.sandbox import people, scenery
from bridgedesk.sandbox.cast import handle, login
from bridgedesk.sandbox.history import Step, Thread
from bridgedesk.sandbox.shopee_chat import ShopeeShop, Talk
from bridgedesk.shops.models import Shop
from bridgedesk.shops.queries import Rule
from bridgedesk.team.models import Agent

SIDES: dict[str, rules.Side] = {"in": "buyer", "out": "answer", "note": "mark"}


@dataclass
class Past:
    """One conversation in the making."""

    thread: Thread
    shop: Shop
    row: Conversation
    messages: list[Message] = field(default_factory=list)


@dataclass(frozen=True)
class Archive:
    """What the rows need of the installation. `rules` is each shop's answer time, `ids` gives outside ids."""

    shops: Mapping[str, Shop]
    places: Mapping[str, ShopeeShop]
    rules: Mapping[str, tuple[Rule, Rule]]  # hours to answer, hours of warning before the end
    writers: list[Agent]
    chance: Random
    now: datetime


def write(archive: Archive, threads: Mapping[int, Thread], steps: Iterable[Step]) -> int:
    """Write the conversations of `threads` with their `steps` (in order of time); how many there are."""
    acts: defaultdict[int, list[Step]] = defaultdict(list)
    for step in steps:
        acts[step.thread].append(step)
    pasts = [_past(archive, threads[number], own) for number, own in acts.items()]
    Conversation.objects.bulk_create([past.row for past in pasts])
    messages = Message.objects.bulk_create([message for past in pasts for message in past.messages])
    Window.objects.bulk_create([window for past in pasts for window in _windows(archive, past)])
    for message in messages:
        search.index(message)
    assist.look_back([message for message in messages if message.direction == Message.Direction.IN])
    return len(pasts)


def _past(archive: Archive, thread: Thread, steps: list[Step]) -> Past:
    shop = archive.shops[thread.place.key]
    past = Past(thread, shop, _conversation(archive, thread, shop, steps[0].at))
    for step in steps:
        _play(archive, past, step)
    last = [message for message in past.messages if message.kind != "mark" and message.direction != "note"][-1]
    past.row.last_at, past.row.last_text, past.row.last_direction = last.at, " ".join(last.text.split())[:200], last.direction
    return past


def _conversation(archive: Archive, thread: Thread, shop: Shop, at: datetime) -> Conversation:
    buyer, chat = thread.buyer, thread.place.kind in scenery.CHATS
    customer = Customer.objects.create(
        name=handle(buyer) if chat else buyer.name, country=buyer.country, language=buyer.language, created_at=at
    )
    outside, kind = (str(buyer.user_id), "user") if chat else (buyer.address.lower(), "email")
    Identity.objects.create(customer=customer, shop=shop, kind=kind, external_id=outside, name=customer.name)
    if thread.place.kind == "aliexpress":
        Identity.objects.create(customer=customer, shop=shop, kind="login", external_id=login(buyer), name=customer.name)
    order = buyer.order if thread.story.order or thread.place.kind == "relay" else ""
    if order:
        Order.objects.get_or_create(shop=shop, external_id=order, defaults={"customer": customer, "first_seen_at": at})
    subject = "" if chat else people.words()[buyer.language].subjects[thread.story.key].format(order=buyer.order)
    return Conversation(
        shop=shop, customer=customer, external_id=_talk(archive, thread), address=outside,
        subject=subject, order_ref=order, language=buyer.language, topic=thread.story.topic, last_at=at, created_at=at,
    )  # fmt: skip


def _talk(archive: Archive, thread: Thread) -> str:
    """The thread's outside id, as the channels name it: later messages of the same buyer join it."""
    buyer = thread.buyer
    if thread.place.kind == "shopee":
        return Talk(archive.places[thread.place.key], buyer.user_id, "").conversation_id
    if thread.place.kind == "aliexpress":
        return str(buyer.user_id)
    if thread.place.kind == "relay":
        return f"amazon-{buyer.order}-{buyer.address.lower()}"
    return f"past-{thread.number}@{buyer.address.rsplit('@', 1)[-1]}"


def _play(archive: Archive, past: Past, step: Step) -> None:
    agent = archive.writers[step.agent]
    if step.act == "assign":
        past.row.assignee = agent
    elif step.act == "tag":
        past.row.tags = [*past.row.tags, step.text]
    elif step.act == "snooze":
        past.row.state, past.row.snoozed_until = Conversation.State.SNOOZED, archive.now + timedelta(days=2)
    elif step.act == "close":
        past.row.state = Conversation.State.CLOSED
        if _owes(past):
            _add(past, step.at, direction="note", kind="mark", author=agent)
    elif step.act == "note":
        _add(past, step.at, direction="note", text=step.text, author=agent)
    else:
        _say(archive, past, step, agent)


def _owes(past: Past) -> bool:
    said = [message.direction for message in past.messages if message.direction != "note"]
    return said[-1] == "in"


def _say(archive: Archive, past: Past, step: Step, agent: Agent) -> None:
    thread, buyer = past.thread, past.thread.buyer
    line = step.line if step.act == "hear" else "agent"
    text = people.words()[buyer.language].line(thread.story.key, line, archive.chance, order=buyer.order)
    outside = f"past-{thread.number}-{len(past.messages)}"
    common = {"text": text, "external_id": outside, "subject": past.row.subject, "language": buyer.language}
    if step.act == "hear":
        _add(past, step.at, direction="in", sender=past.row.customer.name, **common)
    else:
        _add(past, step.at, direction="out", state=Message.State.SENT, author=agent, purpose="answer", attempts=1, **common)
        past.row.assignee = past.row.assignee or agent


def _add(past: Past, at: datetime, **facts: object) -> None:
    past.messages.append(Message(conversation=past.row, shop=past.shop, reference=new_reference(), at=at, created_at=at, **facts))


def _windows(archive: Archive, past: Past) -> Iterable[Window]:
    rule, warn = archive.rules[past.thread.place.key]
    counted = [message for message in past.messages if message.direction != "note" or message.kind == "mark"]
    authors = {message.pk: message.author for message in counted}
    for owed in rules.ledger(rules.Said(message.pk, message.at, SIDES[message.direction]) for message in counted):
        yield Window(
            conversation=past.row, shop=past.shop, opened_at=owed.opened_at, opened_by_id=owed.opened_by,
            due_at=rules.due_at(owed.opened_at, rule.value), risk_at=rules.risk_at(owed.opened_at, rule.value, warn.value),
            hours=rule.value, source=rule.source, sure=rule.sure,
            outcome=owed.outcome, closed_at=owed.closed_at, closed_by_id=owed.closed_by,
            agent=authors.get(owed.closed_by) if owed.closed_by else None,
        )  # fmt: skip
        if owed.outcome == "open":
            past.row.due_at = rules.due_at(owed.opened_at, rule.value)
            past.row.risk_at = rules.risk_at(owed.opened_at, rule.value, warn.value)
            past.row.save(update_fields=["due_at", "risk_at"])
