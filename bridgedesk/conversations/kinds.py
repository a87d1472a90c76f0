"""Where a platform has no chat: which kinds of message it lets us write to the buyer of an order now, and writing one, once.

Amazon only. What a kind may say is Amazon's communication guidelines (content/policies), whether it is open now Amazon says itself.
"""

import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from bridgedesk.activity.actions import record
from bridgedesk.channels import amazon_acts, amazon_messaging
from bridgedesk.channels.acts import AskReview, WriteToBuyer
from bridgedesk.channels.amazon_messaging import KINDS, Kind
from bridgedesk.channels.policy import Rule, policy, policy_name
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations.access import CannotWrite, allow
from bridgedesk.conversations.gate import Ruling, examine
from bridgedesk.conversations.replying import Refused
from bridgedesk.conversations.ruling import limits_of
from bridgedesk.conversations.threads import about
from bridgedesk.lib import clock
from bridgedesk.lib.storable import plain
from bridgedesk.orders import acting
from bridgedesk.orders.models import Order, PlatformAct
from bridgedesk.shops.models import Shop
from bridgedesk.shops.vault import account_of
from bridgedesk.team.models import Agent

REVIEW = Kind("review", noop("Ask for a review"))
"""Amazon's own request: it has no text of ours."""
SERVES = {kind: purpose for purpose, kind in reversed(amazon_messaging.BY_PURPOSE.items())}
"""Which purpose of the policy a kind serves; the others answer what the buyer is owed."""
NOT_NOW = noop("Amazon does not offer it for this order now.")
NO_REVIEW = noop("Amazon does not offer it now: a review is asked for once, 5 to 30 days after delivery.")
SOURCE, REVIEW_SOURCE = (
    "Amazon Messaging API v1, getMessagingActionsForOrder",
    "Amazon Solicitations API v1, getSolicitationActionsForOrder",
)


@dataclass(frozen=True)
class Offer:
    """A kind and whether it may be written now. `reason` (msgid) and `source`: why not; `rule`: what the platform says it is for."""

    kind: Kind
    rule: Rule | None
    reason: str = ""
    source: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether it carries a file, which is put in at the platform itself."""
        return self.kind.files[0] > 0


def has(shop: Shop) -> bool:
    """Whether this platform writes in kinds."""
    return shop.platform in CHANNELS and WriteToBuyer in CHANNELS[shop.platform].acts


def offers(order: Order) -> list[Offer]:
    """Every kind with what the platform says of it now; the review last. It is asked over the network: SendError where it cannot say."""
    account = account_of(order.shop)
    open_now = {kind.name for kind in amazon_messaging.kinds(account, order.external_id)}
    asks = amazon_acts.may_ask(account, order.external_id)
    found = [_offer(order, kind, NOT_NOW if kind.name not in open_now else "") for kind in KINDS.values()]
    return [*found, Offer(REVIEW, None, "" if asks else NO_REVIEW, "" if asks else REVIEW_SOURCE)]


def examined(order: Order, kind: Kind, text: str) -> Ruling:
    """The gate's word on it, as written by a person for this buyer."""
    return examine(
        text, purpose=purpose_of(kind), policy=policy(policy_name(order.shop)), limits=limits_of(order.shop), on=clock.now().date(),
        released=True, country=order.country,
    )  # fmt: skip


def purpose_of(kind: Kind) -> str:
    """What the policy calls it."""
    return SERVES.get(kind.name, "answer")


@transaction.atomic
def write(order: Order, kind: Kind, text: str, *, by: Agent) -> PlatformAct:
    """Have the platform tell the buyer, once. SendError where it does not fit its kind, Refused by the gate, CannotWrite if told before."""
    allow(by, order.shop_id)
    text = plain(text).strip()
    amazon_messaging.check(kind, text, 0, None)
    ruling = examined(order, kind, text)
    if ruling.verdict != "allowed":
        raise Refused(ruling)
    act = _once(
        order, WriteToBuyer(order.external_id, kind.name, text), f"{kind.name}:{hashlib.sha256(text.encode()).hexdigest()[:24]}", by
    )
    _note(order, text, by)
    return act


@transaction.atomic
def ask_review(order: Order, *, by: Agent) -> PlatformAct:
    """Have the platform ask for a review, once. CannotWrite the second time."""
    allow(by, order.shop_id)
    act = _once(order, AskReview(order.external_id), "review", by)
    _note(order, _(REVIEW.title), by)
    return act


def _offer(order: Order, kind: Kind, reason: str) -> Offer:
    rule = policy(policy_name(order.shop)).rule(purpose_of(kind), clock.now().date(), order.country)
    if not reason and rule.verdict == "forbidden":
        return Offer(kind, rule, str(rule.reason), rule.source)
    return Offer(kind, rule, reason, SOURCE if reason else "")


def _once(order: Order, act: WriteToBuyer | AskReview, key: str, by: Agent) -> PlatformAct:
    held = Order.objects.select_for_update(of=("self",)).select_related("shop").get(pk=order.pk)
    key = f"{held.external_id}:{key}"
    known = held.acts.filter(kind=type(act).__name__, key=key).exclude(state=PlatformAct.State.WITHDRAWN)
    if known.exists():
        raise CannotWrite(_("This was handed over already: the order shows what became of it."))
    return acting.ask(held.shop, act, order=held, key=key, by=by)


def _note(order: Order, text: str, by: Agent) -> None:
    """A line in the conversation with the buyer, where there is one."""
    if talk := about(order):
        record("kind_written", talk, by=by, shop=talk.shop_id, text=text[:200], order=order.external_id)
