"""Asking for a review: once an order, in the platform's own time, by its own request where it has one, else by a letter through the gate.

Nothing is asked of a buyer with an open case, or of one who has judged already. Why buyers may not be asked is said with its source.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop as noop

from bridgedesk.activity.actions import record
from bridgedesk.channels.acts import AskReview
from bridgedesk.channels.events import RETURN_STATES
from bridgedesk.channels.policy import Rule, policy, policy_name
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations import notices
from bridgedesk.conversations.notice_models import Notice
from bridgedesk.lib import clock
from bridgedesk.orders import access, acting
from bridgedesk.orders.models import Order, PlatformAct
from bridgedesk.reviews.models import Review
from bridgedesk.shops.models import Shop
from bridgedesk.shops.queries import Rule as Figure
from bridgedesk.shops.queries import targets
from bridgedesk.team.models import Agent

PURPOSE, TEMPLATE = "review_request", "review-request"
FROM, UNTIL = "review_ask_from_days", "review_ask_until_days"
ARRIVED = ("delivered", "completed")
UNSETTLED = ("", *(state for state in RETURN_STATES if state not in ("closed", "withdrawn")))
"""States of a case in which a review is not asked for."""


class CannotAsk(Exception):
    """Why this buyer is not asked now: a msgid, or the platform's reason."""


@dataclass(frozen=True)
class Way:
    """How buyers of a shop are asked. `own`: by the platform's request; else a letter under `rule`. Days are counted from delivery."""

    shop: Shop
    own: bool
    rule: Rule
    since: Figure
    until: Figure

    @property
    def open(self) -> bool:
        """Whether they may be asked at all."""
        return self.own or self.rule.verdict != "forbidden"

    def window(self, now: datetime) -> tuple[datetime, datetime]:
        """Deliveries after the first and up to the second moment may be asked about now."""
        return now - timedelta(days=float(self.until.value)), now - timedelta(days=float(self.since.value))

    def last_moment(self, order: Order) -> datetime | None:
        """When the time to ask ends."""
        return order.delivered_at + timedelta(days=float(self.until.value)) if order.delivered_at else None


def ways(shops: Iterable[Shop]) -> list[Way]:
    """For each shop; two queries however many there are."""
    shops, now = list(shops), clock.now()
    since, until = (targets(shops, name, now) for name in (FROM, UNTIL))
    return [_way(shop, since[shop.pk], until[shop.pk]) for shop in shops if shop.pk in since and shop.pk in until]


def may_be_asked(found: Sequence[Way], now: datetime) -> QuerySet[Order]:
    """Orders of these shops whose buyers may be asked now and were not; those whose time ends first come first."""
    opened = [way for way in found if way.open]
    if not opened:
        return Order.objects.none()
    windows: dict[tuple[datetime, datetime], list[int]] = {}
    for way in opened:
        windows.setdefault(way.window(now), []).append(way.shop.pk)
    inside = (Q(shop__in=shops, delivered_at__gt=first, delivered_at__lte=last) for (first, last), shops in windows.items())
    return _unasked().filter(reduce(or_, inside), state__in=ARRIVED).order_by("delivered_at", "pk")


@transaction.atomic
def ask(order: Order, *, by: Agent) -> PlatformAct | Notice:
    """Ask this buyer now; a person's click is the release.

    CannotAsk with the reason, Refused by the gate, CannotWrite where nobody can be written to.
    """
    access.allow(by, order.shop_id)
    row = Order.objects.select_for_update(of=("self",)).select_related("shop").get(pk=order.pk)
    way = next(iter(ways([row.shop])), None)
    if way is None or not way.open:
        raise CannotAsk(str(way.rule.reason) if way else noop("Nobody knows when this platform lets buyers be asked."))
    if not may_be_asked([way], clock.now()).filter(pk=row.pk).exists():
        raise CannotAsk(noop("It is too early or too late, the buyer was asked or has judged already, or a case is open."))
    record("review_asked", row, by=by, shop=row.shop_id)
    if way.own:
        return acting.ask(row.shop, AskReview(row.external_id), order=row, key=f"review:{row.pk}", by=by)
    notice = notices.queue_notice(row.shop, row, PURPOSE, template=TEMPLATE, by=by)
    return notices.release(notice, by=by) if notice.state == Notice.State.WAITING else notice


def _way(shop: Shop, since: Figure, until: Figure) -> Way:
    own = shop.platform in CHANNELS and AskReview in CHANNELS[shop.platform].acts
    return Way(shop, own, policy(policy_name(shop)).rule(PURPOSE, clock.now().date()), since, until)


def _unasked() -> QuerySet[Order]:
    here = OuterRef("pk")
    acts = PlatformAct.objects.filter(order=here, kind="AskReview").exclude(state=PlatformAct.State.WITHDRAWN)
    letters = Notice.objects.filter(order=here, purpose=PURPOSE).exclude(state=Notice.State.WAITING)
    judged = Review.objects.filter(order=here)
    open_case = Order.objects.filter(pk=here, cases__state__in=UNSETTLED)
    rows = Order.objects.exclude(Exists(acts)).exclude(Exists(letters)).exclude(Exists(judged)).exclude(Exists(open_case))
    return rows.select_related("shop", "customer")
