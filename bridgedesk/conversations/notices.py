"""Notices to buyers: sent by themselves where the platform permits it, else put on the release list, or blocked with the reason.

Whoever wants one calls `queue_notice`, or (from orders, below) queues the job of that name. The row is the truth: the same order,
purpose and key twice is one notice, and what was sent or dismissed never comes back.
"""

from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from bridgedesk.activity.actions import record
from bridgedesk.channels.policy import Rule, policy, policy_name
from bridgedesk.conversations import greeting, replying, templates
from bridgedesk.conversations.access import CannotWrite, allow
from bridgedesk.conversations.gate import Ruling
from bridgedesk.conversations.models import Conversation, Message, Template
from bridgedesk.conversations.notice_models import Notice
from bridgedesk.conversations.ruling import ruling_on
from bridgedesk.conversations.threads import about
from bridgedesk.conversations.upkeep import locked, tell_message
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.storable import fit
from bridgedesk.orders import owing
from bridgedesk.orders.models import Order, Parcel
from bridgedesk.shops.actions import set_switch
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

TEMPLATES = {"shipping_notice": "parcel-shipped", "delivery_notice": "parcel-delivered", "pickup_reminder": "pickup-waiting"}
"""What is said where the caller names no template."""
TOO_LATE = {
    "shipping_notice": ("delivered", "completed", "cancelled"),
    "delivery_notice": ("completed", "cancelled"),
    "pickup_reminder": ("delivered", "completed", "cancelled"),
}
"""States of the order in which a notice that still waits has nothing more to say."""
BATCH = 200
GAP = "⟦"
"""Begins what nobody could fill (liquid.gaps)."""
STALE, GRACE = timedelta(days=3), timedelta(minutes=2)
"""How long what happened is looked at again, and how long the job is left to do it."""
OPTION = "notices"
"""Of a shop: "person" leaves every notice to people."""
State = Notice.State


@transaction.atomic
def queue_notice(shop: Shop, order: Order, purpose: str, *, template: str = "", key: str = "", by: Agent | None = None) -> Notice:
    """Tell the buyer of `order`: at once, after a person's release, or not at all, as the platform's policy says. Once per key."""
    row, new = Notice.objects.get_or_create(
        order=order, purpose=purpose, key=fit(key, 80),
        defaults={"shop": shop, "template": template or TEMPLATES.get(purpose, ""), "by": by, "created_at": clock.now()},
    )  # fmt: skip
    if new:
        _place(row)
    return row


def wanted(order: int, purpose: str, template: str = "", key: str = "") -> None:
    """The same for an order by its number, as a job calls it. Nothing where the order is gone."""
    if found := Order.objects.select_related("shop").filter(pk=order).first():
        queue_notice(found.shop, found, purpose, template=template, key=key)


def rule_of(notice: Notice) -> Rule:
    """What the platform says today about a notice of this purpose to this buyer."""
    address = notice.conversation.address if notice.conversation else ""
    return policy(policy_name(notice.shop, address)).rule(notice.purpose, clock.now().date(), _country(notice))


@transaction.atomic
def release(notice: Notice, *, by: Agent) -> Notice:
    """A person lets it go: the words they saw, to the buyer. Refused by the gate, CannotWrite when settled or with nobody to write to."""
    allow(by, notice.shop_id)
    row = _waiting(notice)
    if row.conversation is None or not row.text:
        raise CannotWrite(_("No conversation with this buyer is here yet. Write to them in the platform's own tool."))
    source = Template.objects.filter(key=row.template, current=True).first()
    messages = replying.reply(
        row.conversation, row.text, by=by, purpose=row.purpose, template=source, rendered=row.text, language=row.language,
        released=True, although_answered=True, take=False,
    )  # fmt: skip
    return _tell(_settled(row, State.SENT, by=by, message=messages[0]), "notice_released", by=by)


@transaction.atomic
def dismiss(notice: Notice, *, by: Agent | None) -> Notice:
    """The buyer need not be told, or was told elsewhere. CannotWrite when it is settled already."""
    allow(by, notice.shop_id)
    return _tell(_settled(_waiting(notice), State.DISMISSED, by=by), "notice_dismissed", by=by)


def set_automatic(shop: Shop, *, on: bool, by: Agent) -> None:
    """Let notices of a shop go by themselves where its platform permits it, or leave every one to a person."""
    set_switch(shop, OPTION, "" if on else "person", by=by, notices_by_themselves=on)


def automatic(shop: Shop) -> bool:
    """Whether the shop lets notices go by themselves."""
    return bool(shop.options.get(OPTION) != "person")


@transaction.atomic
def tidy() -> int:
    """Let go of what waits and has nothing more to say: the order went on, or a person wrote it in the conversation. How many."""
    rows = Notice.objects.filter(_over() | Exists(_written()), state=State.WAITING).select_related("order").order_by("pk")
    found = list(rows.select_for_update(of=("self",), skip_locked=True)[:BATCH])
    for row in found:
        said = Message.objects.filter(pk__in=_written(row).values("pk")).first()
        by = said.author if said else None
        _tell(_settled(row, State.SENT if said else State.DISMISSED, by=by, message=said), "notice_settled", by=by)
    return len(found)


def refill() -> int:
    """Write anew what waits with a gap or with nobody to write to, now that more may be known: the parcel's number came, the buyer wrote.

    What may go by itself goes then. How many changed.
    """
    numbered = Parcel.objects.filter(order=OuterRef("order")).exclude(number="")
    lacking = Q(text="") | (Q(text__contains=GAP) & Exists(numbered))
    rows = Notice.objects.filter(lacking, state=State.WAITING, created_at__gte=clock.now() - STALE)
    return sum(_refilled(pk) for pk in list(rows.order_by("-pk").values_list("pk", flat=True)[:BATCH]))


def make_up() -> int:
    """Queue what parcels gave cause for and no job queued. How many were missing."""
    now = clock.now()
    due = list(owing.owed(now - STALE, now - GRACE))
    known = set(Notice.objects.filter(order__in={order for order, _purpose, _key in due}).values_list("order_id", "purpose", "key"))
    missing = [each for each in dict.fromkeys(due) if (each[0], each[1], fit(each[2], 80)) not in known]
    for order, purpose, key in missing[:BATCH]:
        wanted(order, purpose, key=key)
    return len(missing[:BATCH])


@transaction.atomic
def _refilled(pk: int) -> bool:
    rows = Notice.objects.select_for_update(of=("self",), skip_locked=True).select_related("shop", "order", "conversation")
    row = rows.filter(pk=pk, state=State.WAITING).first()
    if row is None:
        return False
    before = row.text, row.conversation_id
    row.conversation = row.conversation or about(row.order)
    gaps = _fill(row)
    if (row.text, row.conversation_id) == before:
        return False
    row.save()
    if not gaps:
        _go(row)
    announce("notices", shop=row.shop_id)
    return True


def _over() -> Q:
    over = (Q(purpose=purpose, order__state__in=states) for purpose, states in TOO_LATE.items())
    return reduce(or_, over)


def _written(row: Notice | None = None) -> QuerySet[Message]:
    """What a person said to the buyer of that purpose since the notice came up."""
    talk, purpose, since = (
        (row.conversation_id, row.purpose, row.created_at) if row else map(OuterRef, ("conversation", "purpose", "created_at"))
    )
    said = Message.objects.filter(direction="out", conversation=talk, purpose=purpose, created_at__gt=since)
    return said.exclude(state=Message.State.WITHDRAWN)


def _place(row: Notice) -> None:
    """Decide which way it goes."""
    row.conversation = about(row.order)
    rule = rule_of(row)
    if rule.verdict == "forbidden":
        _tell(_settled(row, State.BLOCKED, by=None), "notice_blocked", by=None)
        return
    gaps = _fill(row)
    row.save()
    if not gaps:
        _go(row)
    if row.state == State.WAITING:
        _tell(row, "notice_waits", by=row.by)


def _go(row: Notice) -> None:
    if row.conversation and row.text and rule_of(row).automatic:
        _send(row, row.conversation)


def _fill(row: Notice) -> tuple[str, ...]:
    """Write the words; the variables nobody could fill. Without a template or a conversation there are none."""
    source = Template.objects.filter(key=row.template, current=True).prefetch_related("texts").first()
    if row.conversation is None or source is None:
        return ()
    try:
        filled = templates.fill(source, row.conversation, None, lambda: _spoken_of(row.order))
    except templates.TemplateError:
        return ()
    row.text, row.language = filled.text, filled.language
    return filled.missing


def _spoken_of(order: Order) -> Order:
    return Order.objects.select_related("shop").prefetch_related("parcels__scans").get(pk=order.pk)


def _send(row: Notice, conversation: Conversation) -> None:
    """By itself, where gate, shop and the address's budget of the day let it."""
    conversation = locked(conversation)
    if conversation.shop.state != Shop.State.CONNECTED or not automatic(conversation.shop):
        return
    if _ruling(row, conversation).verdict != "allowed" or not greeting.spend(conversation):
        return
    about_it: dict[str, Any] = {"automatic": True, "purpose": row.purpose, "language": row.language}
    message = replying.queue(conversation, row.text, (), undo=timedelta(0), **about_it)[0]
    tell_message(message, "sent_notice", by=None)
    _tell(_settled(row, State.SENT, by=None, message=message), "notice_sent", by=None)


def _ruling(row: Notice, conversation: Conversation) -> Ruling:
    return ruling_on(conversation, row.text, purpose=row.purpose, language=row.language, automatic=True)


def _waiting(notice: Notice) -> Notice:
    rows = Notice.objects.select_for_update(of=("self",)).select_related("shop", "order", "conversation")
    row = rows.get(pk=notice.pk)
    if row.state != State.WAITING:
        raise CannotWrite(_("This notice was settled already."))
    return row


def _settled(row: Notice, state: State, *, by: Agent | None, message: Message | None = None) -> Notice:
    row.state, row.settled_by, row.settled_at, row.message = state, by, clock.now(), message
    row.save()
    return row


def _tell(row: Notice, verb: str, *, by: Agent | None) -> Notice:
    record(verb, row.order, by=by, actor="" if by else "system", shop=row.shop_id, purpose=row.purpose)
    announce("notices", shop=row.shop_id)
    return row


def _country(notice: Notice) -> str:
    return (notice.conversation.customer.country if notice.conversation else "") or notice.order.country
