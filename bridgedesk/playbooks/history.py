"""Past cases as a simulation takes them: a fixed number of queries for a batch, however long the cases are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision
from django.db.models import Count, Prefetch, Q, QuerySet

from bridgedesk.conversations.models import Message
from bridgedesk.lib import clock
from bridgedesk.orders.models import Payment
from bridgedesk.playbooks import queries
from bridgedesk.playbooks.facts import Facts
from bridgedesk.playbooks.models import Run, Taken, Version
from bridgedesk.playbooks.replaying import LEFT, Past, Turn
from bridgedesk.remedies.figures import converted
from bridgedesk.remedies.models import Booking
from bridgedesk.remedies.rulebook import book
from bridgedesk.shops.models import Shop

DAY = 86_400


def runs(key: str, topics: Sequence[str], shops: Sequence[Shop], since: date, until: date) -> QuerySet[Run]:
    """The cases of the period: of the playbook itself; while it has none there, of those that share a topic with it."""
    begin = datetime.combine(since, time.min, ZoneInfo("UTC"))
    end = datetime.combine(until, time.min, ZoneInfo("UTC")) + timedelta(days=1)
    rows = Run.objects.filter(shop__in=shops, started_at__gte=begin, started_at__lt=end)
    own = rows.filter(version__key=key)
    if Version.objects.filter(key=key).exists():
        return own
    sharing = Q(pk__in=[])
    for topic in topics:
        sharing |= Q(topics__contains=[topic])
    return rows.filter(version__in=Version.objects.filter(sharing))


def currency_of(shops: Sequence[Shop]) -> str:
    """What most orders of the shops are paid in."""
    rows = Payment.objects.filter(order__shop__in=shops).exclude(currency="").order_by()
    found = rows.values_list("currency").annotate(times=Count("pk")).order_by("-times").first()
    return found[0] if found else "USD"


def pasts(batch: Sequence[Run]) -> list[Past]:
    """What the replay needs of each."""
    wrote, now = _wrote(batch), clock.now()
    return [_past(run, wrote[run.conversation_id], now) for run in batch]


def whole(rows: QuerySet[Run]) -> QuerySet[Run]:
    """With what `pasts` and `costs` read."""
    taken = Prefetch("taken", Taken.objects.filter(undone_at=None))
    return rows.select_related("version", "conversation").prefetch_related(taken)


def _past(run: Run, wrote: Sequence[datetime], now: datetime) -> Past:
    playbook = queries.playbook_of(run.version)
    turns = tuple(_turn(one, wrote, now) for one in run.taken.all())
    return Past(playbook, turns, LEFT if run.state == Run.State.LEFT else run.outcome)


def _turn(taken: Taken, wrote: Sequence[datetime], now: datetime) -> Turn:
    first = next((at for at in wrote if at > taken.at), None)
    answered = None if first is None else (first - taken.at).total_seconds() / DAY
    return Turn(taken.before, taken.to, taken.facts, taken.silence, answered, (now - taken.at).total_seconds() / DAY)


def _wrote(batch: Sequence[Run]) -> Mapping[int, list[datetime]]:
    """When the buyers wrote, by conversation."""
    since = min((run.started_at for run in batch), default=clock.now())
    rows = Message.objects.filter(conversation__in={run.conversation_id for run in batch}, direction="in", at__gte=since).order_by("at")
    found: dict[int, list[datetime]] = defaultdict(list)
    for conversation, at in rows.values_list("conversation_id", "at"):
        found[conversation].append(at)
    return found


def costs(batch: Sequence[Run], currency: str) -> Mapping[int, int]:
    """What each really cost in minor units of `currency`: what its case of the remedies booked, else the refunds of its order."""
    conversations = {run.conversation_id for run in batch}
    booked = Booking.objects.filter(case__conversation__in=conversations).values_list("case__conversation", "minor", "currency", "at")
    refunds = Payment.objects.filter(order__shop__in={run.shop_id for run in batch}, kind="refund")
    named = {(run.shop_id, run.conversation.order_ref) for run in batch if run.conversation.order_ref}
    refunds = refunds.filter(order__external_id__in={number for _shop, number in named})
    by_talk, by_order = defaultdict(list), defaultdict(list)
    for talk, minor, unit, at in booked:
        by_talk[talk].append((at, converted(minor, unit, currency, book())))
    for shop, number, minor, unit, at in refunds.values_list("order__shop", "order__external_id", "minor", "currency", "at"):
        by_order[shop, number].append((at, converted(abs(minor), unit, currency, book())))
    return {run.pk: _since(run, by_talk.get(run.conversation_id) or by_order[run.shop_id, run.conversation.order_ref]) for run in batch}


def _since(run: Run, sums: Sequence[tuple[datetime | None, int]]) -> int:
    return sum(minor for at, minor in sums if at is None or at >= run.started_at)


def value(facts: Facts, currency: str) -> int | None:
    """What the order was worth, in minor units of `currency`."""
    worth, unit = facts.get("order_value"), str(facts.get("currency") or "")
    if not isinstance(worth, int | float) or not unit:
        return None
    return converted(round(worth * 10 ** get_currency_precision(unit)), unit, currency, book())
