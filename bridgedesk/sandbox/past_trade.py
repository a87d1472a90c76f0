"""The demo's half year of trade, so that its figures live: what was shipped, what went wrong, what it cost, how letters about it went."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.db import transaction

from bridgedesk.conversations import search, templates
from bridgedesk.conversations.models import Conversation, Message, Template
from bridgedesk.lib import clock
from bridgedesk.metrics import actions as figures
from bridgedesk.orders.models import Line, Order, Parcel
from bridgedesk.playbooks import loading, publishing, queries
from bridgedesk.playbooks.models import Run, Taken, Version
from bridgedesk.playbooks.rules import Branch, Playbook, Step
from bridgedesk.products.models import Sku
from bridgedesk.remedies.models import Booking, Case
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

ORDERS, DAYS, LETTERS = 520, 182, 150
DAY = timedelta(days=1)
CHANGED = timedelta(days=17)
"""How long ago a playbook was published anew."""
MARKETS: Mapping[str, tuple[str, Decimal, tuple[str, ...], tuple[str, ...]]] = {
    "TW": ("TWD", Decimal(32), ("TW",), ("7-ELEVEN", "全家")), "MY": ("MYR", Decimal("4.3"), ("MY",), ("J&T Express", "Shopee Xpress")),
    "": ("USD", Decimal(1), ("US", "DE", "FR", "PL", "ES"), ("YunExpress", "DHL", "Cainiao")),
}  # fmt: skip
"""By region: currency and its units for a dollar, countries, carriers."""
FAULTS = {"damaged": 5, "not_received": 3, "late": 3, "changed_mind": 3, "defective": 2, "wrong_item": 2, "missing_item": 2,
          "not_as_described": 2, "size": 1}  # fmt: skip
TOPICS = {"damaged": "damaged", "wrong_item": "wrong_item", "missing_item": "missing_item", "not_received": "not_received",
          "return_request": "changed_mind", "refund_request": "changed_mind", "wismo": "late"}  # fmt: skip
HEARD = ("accepts", "insists", "angry", "threatens_claim", "threatens_court", "has_photo", "replied")
ALWAYS = {
    "en": "A photo of the label helps us a lot.", "zh-Hant": "順手拍一下物流面單會更快。", "ms": "Gambar label sangat membantu kami.",
    "de": "Ein Foto des Etiketts hilft uns sehr.", "fr": "Une photo de l'étiquette nous aide beaucoup.",
    "es": "Una foto de la etiqueta nos ayuda mucho.", "pl": "Zdjęcie etykiety bardzo nam pomoże.",
}  # fmt: skip
"""What the demo's agents add to a template again and again."""


@dataclass(frozen=True)
class Trade:
    """What is drawn from."""

    shops: Sequence[Shop]
    skus: Sequence[Sku]
    chance: Random
    now: datetime


def ship(shops: Sequence[Shop], seed: int) -> None:
    """The orders of the past, before any other is known: lists show the newest first. Their articles are linked by `settle`."""
    chance, now = Random(seed), clock.now()  # noqa: S311 - pretend trade
    orders = [_order(number, chance.choice(shops), chance, now) for number in range(ORDERS)]
    Order.objects.bulk_create(orders)
    Parcel.objects.bulk_create(
        Parcel(
            order=order, number=f"PT{order.pk:09}", carrier=chance.choice(_market(order.shop)[3]), status="delivered",
            shipped_at=order.shipped_at, delivered_at=order.delivered_at, status_at=order.delivered_at,
        )
        for order in orders
    )  # fmt: skip


@transaction.atomic
def settle(lead: Agent, seed: int) -> None:
    """What the orders held, what went wrong with one in twelve, and how letters about it went."""
    trade = Trade(list(Shop.objects.order_by("pk")), list(Sku.objects.order_by("code")), Random(seed), clock.now())  # noqa: S311
    orders = list(Order.objects.filter(external_id__startswith="PT-").select_related("shop").order_by("pk"))
    Line.objects.bulk_create(line for order in orders for line in _lines(order, trade))
    for order in orders:
        if trade.chance.random() < (0.07 if order.shipped_at and trade.now - order.shipped_at < CHANGED else 0.11):
            _case(order, trade.chance.choices(list(FAULTS), list(FAULTS.values()))[0], trade)
    _publish(lead, trade.now)
    _write_letters(trade)
    figures.set_band("吊灯", Decimal("8"), Decimal("4"), valid_from=(trade.now - 90 * DAY).date(), source="店内标准", by=lead)
    figures.set_rate("CNY", Decimal("7.12"), valid_from=(trade.now - 20 * DAY).date(), source="银行中间价", by=lead)


def _market(shop: Shop) -> tuple[str, Decimal, tuple[str, ...], tuple[str, ...]]:
    return MARKETS.get(shop.region, MARKETS[""])


def _order(number: int, shop: Shop, chance: Random, now: datetime) -> Order:
    left = now - chance.uniform(3, DAYS) * DAY
    currency, _rate, countries, _carriers = _market(shop)
    return Order(
        shop=shop, external_id=f"PT-{number:05}", state="completed", first_seen_at=left - DAY, placed_at=left - DAY, paid_at=left - DAY,
        shipped_at=left, delivered_at=left + chance.uniform(5, 16) * DAY, currency=currency, country=chance.choice(countries),
        checked_at=now,
    )  # fmt: skip


def _lines(order: Order, trade: Trade) -> Iterator[Line]:
    rate = _market(order.shop)[1]
    for number, sku in enumerate(trade.chance.sample(trade.skus, trade.chance.choice((1, 1, 1, 2))), 1):
        price = round(Decimal(sku.cost_minor or 1000) / 7 * rate * Decimal("2.6"))
        known = None if trade.chance.random() < 0.02 else sku
        yield Line(order=order, external_id=str(number), sku=known, code=sku.code, title=sku.product.name, quantity=1, price_minor=price)


def _case(order: Order, fault: str, trade: Trade, conversation: Conversation | None = None) -> None:
    paid = sum((line.price_minor or 0) * line.quantity for line in order.lines.all())
    at = min((order.delivered_at or trade.now) + trade.chance.uniform(1, 6) * DAY, trade.now - timedelta(hours=2))
    parcel = order.parcels.first()
    case = Case.objects.create(
        shop=order.shop, order=order, fault=fault, state="closed", currency=order.currency, first_seen_at=at - DAY, opened_at=at - DAY,
        closed_at=at, carrier=parcel.carrier if parcel else "", conversation=conversation,
    )  # fmt: skip
    parts = {"refund": round(paid * trade.chance.choice((0.05, 0.1, 0.1, 0.3)))}
    parts["commission"] = -parts["refund"] * 8 // 100
    if fault == "changed_mind":
        parts |= {"freight_back": paid // 10, "salvage": -paid // 8}
    Booking.objects.bulk_create(
        Booking(case=case, kind=kind, minor=minor, currency=order.currency, key=kind, at=at) for kind, minor in parts.items() if minor
    )


def _publish(lead: Agent, now: datetime) -> None:
    """What was damaged waits a day longer for a photo than it did."""
    data = next(entry for entry in loading.shipped() if entry["key"] == "damaged")
    waits = next(step for step in data["step"] if "timeout" in step)
    longer = dict(waits, timeout={**waits["timeout"], "days": waits["timeout"]["days"] + 1})
    with clock.frozen(now - CHANGED):
        publishing.publish(
            {**data, "step": [longer if step is waits else step for step in data["step"]]}, note="等待时间延长 1 天", by=lead
        )


def _write_letters(trade: Trade) -> None:
    """Conversations of the past about trouble: a playbook went through them, and answers began as templates."""
    talks = Conversation.objects.filter(topic__in=TOPICS, state="closed", runs=None, merged_into=None).exclude(order_ref="")
    versions = list(Version.objects.order_by("key", "number"))
    for talk in talks.select_related("shop", "customer").order_by("pk")[:LETTERS]:
        if version := _version(versions, talk):
            _walk(talk, version, trade)
        if trade.chance.random() < 0.4:
            _went_wrong(talk, trade)
        for message in talk.messages.filter(direction="out", state="sent", template=None, automatic=False):
            _began_as_template(message, talk, trade)


def _version(versions: Sequence[Version], talk: Conversation) -> Version | None:
    about = [version for version in versions if talk.topic in version.topics and version.published_at <= talk.created_at]
    return about[-1] if about else None


def _walk(talk: Conversation, version: Version, trade: Trade) -> None:
    playbook, at = queries.playbook_of(version), talk.created_at
    run = Run.objects.create(conversation=talk, shop=talk.shop, version=version, state="ended", started_at=at, ended_at=talk.last_at)
    way = list(_way(playbook, trade.chance))
    Taken.objects.bulk_create(
        Taken(run=run, before=before, to=to, when=when, silence=silence, suggested=True, facts=facts, at=at + number * timedelta(hours=5))
        for number, (before, to, when, silence, facts) in enumerate(way, 1)
    )
    Run.objects.filter(pk=run.pk).update(step=way[-1][1] if playbook.step(way[-1][1]) else way[-1][0], outcome=_ended(playbook, way[-1][1]))


def _ended(playbook: Playbook, to: str) -> str:
    step = playbook.step(to)
    return step.ends if step else to


def _way(playbook: Playbook, chance: Random) -> Iterator[tuple[str, str, str, bool, Mapping[str, bool]]]:
    """From the beginning to an ending: before, to, condition, silence, what was known."""
    before, branch, silence = "", playbook.begin[-1], False
    for _number in range(6):
        known = {name: True for name in HEARD if name in branch.when and f"not {name}" not in branch.when}
        yield before, branch.to, branch.when, silence, {} if silence else known
        step = playbook.step(branch.to)
        if step is None or step.ends:
            return
        before, (branch, silence) = step.key, _next(step, chance)


def _next(step: Step, chance: Random) -> tuple[Branch, bool]:
    if not step.branches or chance.random() < 0.3:
        return Branch(step.timeout_to), True
    return chance.choice(step.branches), False


def _went_wrong(talk: Conversation, trade: Trade) -> None:
    """The order the buyer wrote about, where nothing was told of it: it had left, and the case cost something."""
    order = Order.objects.filter(shop=talk.shop, external_id=talk.order_ref, state="", lines=None).select_related("shop").first()
    if order is None:
        return
    left = talk.created_at - trade.chance.uniform(8, 15) * DAY
    order.state, order.placed_at, order.shipped_at, order.delivered_at = "completed", left - DAY, left, talk.created_at - DAY
    order.currency, order.country, order.checked_at = _market(order.shop)[0], talk.customer.country, trade.now
    order.save()
    Line.objects.bulk_create(_lines(order, trade))
    _case(order, TOPICS[talk.topic], trade, talk)


def _began_as_template(message: Message, talk: Conversation, trade: Trade) -> None:
    template = Template.objects.filter(current=True, topic=talk.topic, purpose="answer").order_by("key").first()
    if template is None or trade.chance.random() < 0.25:
        return
    chosen, _fallback = templates.choose(template, talk.language or talk.shop.language)
    known = templates.variables_for(talk, message.author, chosen.language)
    rendered = templates.preview_text(chosen.body, chosen.language, known)
    more = ALWAYS.get(chosen.language, "") if trade.chance.random() < 0.5 else ""
    message.text, message.template, message.language = f"{rendered}\n\n{more}".strip(), template, chosen.language
    message.edited_share = templates.edited_share(rendered, message.text)
    message.meta = message.meta | ({"rendered": rendered} if more else {})
    message.save(update_fields=["text", "template", "language", "edited_share", "meta"])
    search.index(message)
