"""The demo's installation: six shops, a team, and some weeks of work, written through the same actions as real work."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from django.db import connection, transaction

from bridgedesk.assist import actions as assist
from bridgedesk.channels.base import Raw
from bridgedesk.channels.events import File, MessageReceived, Person
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations import actions, templates
from bridgedesk.conversations.models import Conversation, Message, Template
from bridgedesk.lib import clock
from bridgedesk.playbooks import actions as playbooks
from bridgedesk.playbooks import publishing
from bridgedesk.sandbox import aliexpress, amazon, archive, history, letters, past_trade, people, processes, scenery, shelves
from bridgedesk.sandbox import shopee_keys as keys
from bridgedesk.sandbox.cast import handle, login
from bridgedesk.sandbox.history import Step, Thread
from bridgedesk.sandbox.letters import Letter
from bridgedesk.sandbox.scenery import Stage
from bridgedesk.sandbox.shopee_chat import Talk
from bridgedesk.shops import actions as shops
from bridgedesk.shops import vault
from bridgedesk.shops.models import Shop
from bridgedesk.shops.queries import Rule, thresholds
from bridgedesk.team.models import Agent

PASSWORD = "bridgedesk-demo"  # noqa: S105 - the demo's, printed on screen
TEAM = (
    ("admin", "周敏", Agent.Role.ADMIN),
    ("lead", "林晓", Agent.Role.LEAD),
    ("chen", "陈晨", Agent.Role.AGENT),
    ("wang", "王蕾", Agent.Role.AGENT),
)
DETAILED = 100  # so many threads, the newest among them, go through the actions; the rest is written in bulk
BAD_ADDRESS = "The address does not exist (550 5.1.1)"


class AlreadySeeded(Exception):
    """There are shops already: the demo's data goes into an empty installation only."""


@dataclass
class Seeding:
    """What the steps share."""

    port: int
    seed: int
    admin: Agent
    writers: list[Agent]
    shops: dict[str, Shop]
    threads: list[Thread]
    chance: Random
    serial: int = 0
    conversations: dict[int, Conversation] = field(default_factory=dict)

    def next_id(self) -> str:
        """An outside id older than any the running sandbox gives."""
        self.serial += 1
        return str(1_700_000_000_000_000_000 + self.serial)


def build(*, port: int = 9000, seed: int = 1) -> list[tuple[str, str, str]]:
    """Fill an empty installation whose sandbox listens on `port`; (role, user name, password) of everybody. AlreadySeeded otherwise."""
    if Shop.objects.exists():
        raise AlreadySeeded
    now = clock.now()
    _hurry()
    with clock.frozen(now - timedelta(days=history.DAYS + 4)), transaction.atomic():
        team = _team()
        found = {stage.key: open_shop(stage, port, team) for stage in scenery.STAGES}
        open_amazon(port, team)
        templates.load_content(by=None)
        publishing.load_content(by=None)
        past_trade.ship([*found.values()], seed)
    seeding = Seeding(port, seed, team[0], team[1:], found, history.threads(seed), Random(seed))  # noqa: S311 - pretend people
    times = {key: _hours(shop, now) for key, shop in found.items()}
    steps = history.plan(now, {key: float(rule.value) for key, (rule, _warn) in times.items()}, seed)
    _write_old(seeding, times, [step for step in steps if step.thread >= DETAILED])
    for step in steps:
        if step.thread < DETAILED:
            with clock.frozen(step.at):
                ACTS[step.act](seeding, step)
    with clock.frozen(now - timedelta(days=2)):
        shelves.fill(found, team[1], team[2])
        processes.fill(team[1], team[2], seeding.chance)
    past_trade.settle(team[1], seed)
    return logins()


def logins() -> list[tuple[str, str, str]]:
    """The demo's people: role, user name, password."""
    return [(role.label, name, PASSWORD) for name, _shown, role in TEAM]


def callbacks() -> dict[int, str]:
    """Where the pushes of each demo Shopee shop go: the address our own installation expects them at."""
    rows = Shop.objects.filter(platform="shopee", external_id__in=[str(shop.shop_id) for shop in scenery.SHOPEE])
    return {int(shop.external_id): vault.account_of(shop).options["callback_url"] for shop in rows}


def _write_old(seeding: Seeding, times: dict[str, tuple[Rule, Rule]], steps: list[Step]) -> None:
    places = {str(shop.shop_id): shop for shop in scenery.SHOPEE}
    kept = archive.Archive(seeding.shops, places, times, seeding.writers, seeding.chance, clock.now())
    with transaction.atomic():
        archive.write(kept, {thread.number: thread for thread in seeding.threads}, steps)


def _hours(shop: Shop, at: datetime) -> tuple[Rule, Rule]:
    rule, warn = thresholds(shop, ("response_hours", "warn_hours"), at)
    return rule, warn


def _team() -> list[Agent]:
    made = [Agent(username=name, shown_name=shown, role=role, on_duty=role != Agent.Role.ADMIN) for name, shown, role in TEAM]
    for agent in made:
        agent.set_password(PASSWORD)
        agent.is_staff = agent.is_superuser = False
        agent.save()
    return made


def open_shop(stage: Stage, port: int, team: list[Agent]) -> Shop:
    """A demo shop that speaks to the sandbox on `port`. The first of `team` makes it, the others look after it."""
    make = {"shopee": _shopee_shop, "aliexpress": _aliexpress_shop}.get(stage.kind, _mail_shop)
    shop = make(stage, port, team[0])
    shops.assign(shop, team[1:], by=team[0])
    return shop


def open_amazon(port: int, team: list[Agent]) -> Shop:
    """The seller account whose buyers write by the relay mailbox: orders, parcels, stock and figures, no messages."""
    shop = shops.create(
        "Lumen DE", "amazon", by=team[0], external_id=amazon.SELLER, region="DE", language="de", timezone="Europe/Berlin", color="amber",
        options={"client_id": amazon.CLIENT_ID, "custom_base_url": f"http://127.0.0.1:{port}"},
    )  # fmt: skip
    vault.store(shop.pk, {"client_secret": (amazon.CLIENT_SECRET, None), "refresh_token": (amazon.REFRESH_TOKEN, None)})
    shops.assign(shop, team[1:], by=team[0])
    return shop


def _aliexpress_shop(stage: Stage, port: int, admin: Agent) -> Shop:
    shop = shops.create(
        stage.name, "aliexpress", by=admin, external_id=str(aliexpress.SELLER), language="es", timezone="Asia/Shanghai",
        color="red", options={"app_key": aliexpress.APP_KEY, "custom_base_url": f"http://127.0.0.1:{port}", "decrypt_addresses": "1"},
    )  # fmt: skip
    given = clock.now() + timedelta(days=history.DAYS + 4)
    tokens = keys.Tokens(int(given.timestamp() * 1000) - 1_000_000).pair(aliexpress.SELLER, given)
    secrets = {"app_secret": (aliexpress.APP_SECRET, None)} | {
        name: (str(tokens[name]), given + life) for name, life in (("access_token", keys.ACCESS_LIFE), ("refresh_token", keys.REFRESH_LIFE))
    }
    vault.store(shop.pk, secrets)
    return shop


def _shopee_shop(stage: Stage, port: int, admin: Agent) -> Shop:
    place = next(shop for shop in scenery.SHOPEE if str(shop.shop_id) == stage.key)
    zone, language, color = ("Asia/Taipei", "zh-Hant", "orange") if place.region == "TW" else ("Asia/Kuala_Lumpur", "ms", "teal")
    shop = shops.create(
        stage.name, "shopee", by=admin, external_id=stage.key, region=place.region, base_url=f"http://127.0.0.1:{port}",
        language=language, timezone=zone, color=color, options={"partner_id": keys.PARTNER_ID, "user_id": str(place.user_id)},
    )  # fmt: skip
    given = clock.now() + timedelta(days=history.DAYS + 4)
    tokens = keys.Tokens(int(given.timestamp() * 1000) - 1_000_000).pair(place.shop_id, given)
    vault.store(
        shop.pk,
        {
            "partner_key": (keys.PARTNER_KEY, None),
            "access_token": (str(tokens["access_token"]), given + keys.ACCESS_LIFE),
            "refresh_token": (str(tokens["refresh_token"]), given + keys.REFRESH_LIFE),
        },
    )
    return shop


def _mail_shop(stage: Stage, port: int, admin: Agent) -> Shop:
    relay = {"relay": "amazon"} if stage.kind == "relay" else {}
    options = {
        "address": stage.key, "from_name": stage.name, "auth_server": "mx.sandbox",
        "imap_host": "127.0.0.1", "imap_port": str(port + 2), "imap_security": "plain",
        "smtp_host": "127.0.0.1", "smtp_port": str(port + 1), "smtp_security": "plain",
    }  # fmt: skip
    shop = shops.create(
        stage.name, "email", by=admin, external_id=stage.key, language="de" if relay else "en",
        timezone="Europe/Berlin" if relay else "UTC", color="amber" if relay else "blue", options=options | relay,
    )  # fmt: skip
    vault.store(shop.pk, {"password": (scenery.MAIL_PASSWORD, None)})
    return shop


def _hear(seeding: Seeding, step: Step) -> None:
    thread = seeding.threads[step.thread]
    shop, words = seeding.shops[thread.place.key], people.words()[thread.buyer.language]
    text = words.line(thread.story.key, step.line, seeding.chance, order=thread.buyer.order)
    photo = File("IMG_0417.png", letters.photo(seeding.chance, 48)) if step.photo else None
    for event in EVENTS[thread.place.kind](seeding, thread, text, photo):
        message = actions.receive(shop, event)
        if message and message.text:
            assist.look(message)
            playbooks.heard([message])
        if message:
            seeding.conversations[step.thread] = message.conversation


def _chat_events(seeding: Seeding, thread: Thread, text: str, photo: File | None) -> Iterator[MessageReceived]:
    buyer, place = thread.buyer, next(shop for shop in scenery.SHOPEE if str(shop.shop_id) == thread.place.key)
    talk = Talk(place, buyer.user_id, handle(buyer)).conversation_id
    who = Person(str(buyer.user_id), name=handle(buyer), country=place.region)
    order = buyer.order if thread.story.order else ""
    yield MessageReceived(talk, seeding.next_id(), who, clock.now(), text, order=order)
    if photo:
        yield MessageReceived(talk, seeding.next_id(), who, clock.now(), "", kind="image", order=order, files=(photo,))


def _im_events(seeding: Seeding, thread: Thread, text: str, photo: File | None) -> Iterator[MessageReceived]:
    buyer = thread.buyer
    who = Person(str(buyer.user_id), name=login(buyer), login=login(buyer), country=buyer.country)
    order = buyer.order if thread.story.order else ""
    yield MessageReceived(who.external_id, seeding.next_id(), who, clock.now(), text, order=order)
    if photo:
        yield MessageReceived(who.external_id, seeding.next_id(), who, clock.now(), "", kind="image", order=order, files=(photo,))


def _mail_events(seeding: Seeding, thread: Thread, text: str, photo: File | None) -> Iterator[MessageReceived]:
    """The mail as its sender's program and the relay make it, read by the channel as if it had been fetched."""
    buyer, begun = thread.buyer, seeding.conversations.get(thread.number)
    subject = people.words()[buyer.language].subjects[thread.story.key].format(order=buyer.order)
    picture = (photo.data or b"") if photo else b""
    letter = Letter(buyer.name, buyer.address, thread.place.key, subject, text, buyer.language, clock.now(), buyer.client, photo=picture)
    message_id = f"<{seeding.next_id()}@{buyer.address.rsplit('@', 1)[-1]}>"
    relayed = thread.place.kind == "relay"
    data = letters.relayed(letter, message_id, buyer.order) if relayed else letters.compose(letter, message_id)
    raw = Raw(message_id, data, "mail", headers={"folder": "inbox", "received": clock.now().isoformat()})
    for event in CHANNELS["email"].parse(vault.account_of(seeding.shops[thread.place.key]), raw):
        if isinstance(event, MessageReceived):
            yield replace(event, thread=begun.external_id) if begun else event


def _answer(seeding: Seeding, step: Step) -> None:
    with transaction.atomic():
        for message in _reply(seeding, step):
            actions.mark_sent(message, external_id=seeding.next_id(), at=clock.now(), by=None)


def _fail(seeding: Seeding, step: Step) -> None:
    with transaction.atomic():
        for message in _reply(seeding, step):
            actions.mark_failed(message, BAD_ADDRESS, by=None)


def _reply(seeding: Seeding, step: Step) -> list[Message]:
    """Answer by a fitting template, edited a little now and then; in plain words where the gate has something against it."""
    conversation = _conversation(seeding, step)
    agent = seeding.writers[step.agent]
    thread = seeding.threads[step.thread]
    plain = people.words()[thread.buyer.language].line(thread.story.key, "agent", seeding.chance)
    template = Template.objects.filter(current=True, topic=thread.story.topic, purpose="answer").order_by("key").first()
    drafts: list[tuple[str, Template | None, str]] = [(plain, None, "")]
    if template and seeding.chance.random() < 0.8:
        rendered = _rendered(template, conversation, agent)
        text = rendered if seeding.chance.random() < 0.6 else f"{rendered}\n\n{plain}"
        drafts.insert(0, (text, template, rendered))
    for text, used, rendered in drafts:
        with suppress(actions.Refused):
            sent = actions.reply(
                conversation, text, by=agent, template=used, rendered=rendered, language=thread.buyer.language,
                released=True, although_answered=True,
            )  # fmt: skip
            _forget_jobs(sent)
            return sent
    return []


def _rendered(template: Template, conversation: Conversation, agent: Agent) -> str:
    chosen, _fallback = templates.choose(template, conversation.language or conversation.shop.language)
    return templates.preview_text(chosen.body, chosen.language, templates.variables_for(conversation, agent, chosen.language))


def _conversation(seeding: Seeding, step: Step) -> Conversation:
    return Conversation.objects.select_related("shop", "customer").get(pk=seeding.conversations[step.thread].pk)


def _note(seeding: Seeding, step: Step) -> None:
    actions.note(_conversation(seeding, step), step.text, by=seeding.writers[step.agent])


def _assign(seeding: Seeding, step: Step) -> None:
    actions.assign(_conversation(seeding, step), seeding.writers[step.agent], by=seeding.writers[0])


def _tag(seeding: Seeding, step: Step) -> None:
    actions.tag(_conversation(seeding, step), step.text, by=seeding.writers[step.agent])


def _close(seeding: Seeding, step: Step) -> None:
    actions.close(_conversation(seeding, step), by=seeding.writers[step.agent])


def _snooze(seeding: Seeding, step: Step) -> None:
    actions.snooze(_conversation(seeding, step), clock.now() + timedelta(days=7), by=seeding.writers[step.agent])


def _hurry() -> None:
    """Thousands of small commits need not each reach the disk: a demo can be made again."""
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")


def _forget_jobs(messages: list[Message]) -> None:
    """The history's answers are sent already: nothing is to wake for them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from procrastinate_jobs where task_name = 'send_message' and (args->>'message')::bigint = any(%s)",
            [[message.pk for message in messages]],
        )


EVENTS: dict[str, Callable[[Seeding, Thread, str, File | None], Iterator[MessageReceived]]] = {
    "shopee": _chat_events,
    "aliexpress": _im_events,
    "mail": _mail_events,
    "relay": _mail_events,
}
ACTS: dict[str, Callable[[Seeding, Step], None]] = {
    "hear": _hear,
    "answer": _answer,
    "fail": _fail,
    "note": _note,
    "assign": _assign,
    "tag": _tag,
    "close": _close,
    "snooze": _snooze,
}
