"""What holds for a shop on a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

from django.db.models import F, Q
from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import policy as policies
from bridgedesk.channels.policy import PolicyError, policy, policy_name
from bridgedesk.shops.models import Shop, Threshold

REPORTED = noop("platform API")
"""The source of figures that the platform's own interface told us."""


@dataclass(frozen=True)
class Rule:
    """A platform's figure on a day, with where it is from, how sure it is and since when it holds (None: always known)."""

    value: Decimal
    source: str
    sure: str
    valid_from: datetime | None = None


def threshold(shop: Shop, name: str, at: datetime) -> Rule:
    """The figure that held at `at`: a lead's own before the policy file's, the shop's before its platform's, later before earlier.

    KeyError: neither a lead nor the policy says anything of that name.
    """
    return thresholds(shop, (name,), at)[0]


def thresholds(shop: Shop, names: Sequence[str], at: datetime) -> list[Rule]:
    """The same for several figures, in that order, with one query."""
    return thresholds_each(shop, names, [at])[0]


def thresholds_each(shop: Shop, names: Sequence[str], moments: Sequence[datetime]) -> list[list[Rule]]:
    """The same for each of several moments, still with one query."""
    rows = Threshold.objects.filter(_of(shop), name__in=names, valid_from__lte=max(moments))
    ranked = list(rows.order_by(F("shop").asc(nulls_last=True), "-region", "-valid_from", "-pk"))
    return [[_in_force(shop, name, at, ranked) for name in names] for at in moments]


def own(shop: Shop, name: str, at: datetime) -> Rule | None:
    """The figure a lead set that held at `at`; None where only the policy file may say one."""
    rows = Threshold.objects.filter(_of(shop), name=name, valid_from__lte=at)
    row = rows.order_by(F("shop").asc(nulls_last=True), "-region", "-valid_from", "-pk").first()
    return Rule(row.value, row.source, row.sure, row.valid_from) if row else None


def _in_force(shop: Shop, name: str, at: datetime, ranked: Sequence[Threshold]) -> Rule:
    for row in ranked:
        if row.name == name and row.valid_from <= at:
            return Rule(row.value, row.source, row.sure, row.valid_from)
    shipped = policy(policy_name(shop)).threshold(name, shop.region, at.date())
    return Rule(shipped.value, shipped.source[:200], shipped.sure, _midnight(shipped.valid_from))


@dataclass(frozen=True)
class Figure:
    """One line of a shop's table of figures. `origin` is "shop", "platform" (both set by a lead), "reported" or "shipped"."""

    name: str
    value: Decimal
    unit: str
    source: str
    sure: str
    valid_from: datetime | None
    origin: str
    in_force: bool = False


def figures(shop: Shop, at: datetime) -> list[Figure]:
    """Every figure known for the shop, by name, the one that holds at `at` marked. One query."""
    shipped = _shipped(shop)
    units = {known.name: known.unit for known in shipped}
    found = [
        Figure(t.name, t.value.normalize(), units.get(t.name, ""), t.source, t.sure, t.valid_from, _origin(t))
        for t in Threshold.objects.filter(_of(shop)).order_by(F("shop").asc(nulls_last=True), "-region", "-valid_from", "-pk")
    ]
    found += [
        Figure(t.name, t.value, t.unit, t.source, t.sure, _midnight(t.valid_from), "shipped")
        for t in sorted(shipped, key=lambda t: (bool(t.region), t.valid_from), reverse=True)
    ]
    holds: dict[str, Figure] = {}
    for figure in found:
        if figure.valid_from is None or figure.valid_from <= at:
            holds.setdefault(figure.name, figure)
    marked = (replace(figure, in_force=holds.get(figure.name) is figure) for figure in found)
    return sorted(marked, key=lambda figure: figure.name)


def _origin(row: Threshold) -> str:
    if row.source == REPORTED:
        return "reported"
    return "shop" if row.shop_id else "platform"


def _shipped(shop: Shop) -> list[policies.Threshold]:
    try:
        known = policy(policy_name(shop)).thresholds
    except PolicyError:
        return []
    return [one for one in known if one.region in ("", shop.region.upper())]


def targets(shops: Iterable[Shop], name: str, at: datetime) -> dict[int, Rule]:
    """The figure of that name for each shop that has one, in a single query."""
    shops = list(shops)
    set_by_leads = list(Threshold.objects.filter(name=name, valid_from__lte=at).order_by("-region", "-valid_from", "-pk"))
    return {shop.pk: rule for shop in shops if (rule := _target(shop, name, at, set_by_leads))}


def _target(shop: Shop, name: str, at: datetime, rows: list[Threshold]) -> Rule | None:
    own = [row for row in rows if row.shop_id == shop.pk]
    general = [row for row in rows if row.shop_id is None and row.platform == policy_name(shop) and row.region in ("", shop.region)]
    for row in own + general:
        return Rule(row.value, row.source, row.sure, row.valid_from)
    try:
        shipped = policy(policy_name(shop)).threshold(name, shop.region, at.date())
    except (KeyError, PolicyError):
        return None
    return Rule(shipped.value, shipped.source[:200], shipped.sure, _midnight(shipped.valid_from))


def _of(shop: Shop) -> Q:
    return Q(shop=shop) | Q(shop=None, platform=policy_name(shop), region__in=["", shop.region])


def _midnight(day: date) -> datetime | None:
    return None if day == date.min else datetime.combine(day, time.min, UTC)
