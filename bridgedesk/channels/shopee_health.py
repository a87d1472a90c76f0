"""How Shopee measures a shop (v2.account_health.*) [O]: figures with their targets, late orders, penalty points. Pure."""

from datetime import datetime
from decimal import Decimal

from bridgedesk.channels.base import Unparsable
from bridgedesk.channels.events import Event, HealthSeen, OrderSeen, PenaltySeen
from bridgedesk.channels.shopee_orders import order_of
from bridgedesk.channels.shopee_values import Json, count, decimal, id_of, moment, part, rows, told

UNITS = {"1": ("count", Decimal(1)), "2": ("percent", Decimal(1)), "3": ("hours", Decimal(1) / 3600), "4": ("days", Decimal(1)),
         "5": ("hours", Decimal(1))}  # fmt: skip
NAMES = {"non_fulfillment_rate": "non_fulfilment_rate"}
"""Where our policies write a figure's name in another way."""
COMPARATORS = ("<", "<=", ">", ">=")
EXACT = Decimal("0.0001")


def figures(data: Json) -> list[Event]:
    """The figures of get_shop_performance, as of `at`; a figure not yet counted has no value but may have a target."""
    at = _at(data)
    return [_figure(row, at) for row in rows(data, "metric_list") if told(row.get("metric_name"))]


def _at(data: Json) -> datetime:
    if at := moment(data.get("at")):
        return at
    raise Unparsable("figures without their time")


def _figure(row: Json, at: datetime) -> HealthSeen:
    name, target = told(row.get("metric_name")), part(row, "target")
    unit, factor = UNITS.get(str(row.get("unit")), ("count", Decimal(1)))
    comparator = told(target.get("comparator"))
    return HealthSeen(
        NAMES.get(name, name),
        _scaled(row.get("current_period"), factor),
        unit,
        at,
        target=_scaled(target.get("value"), factor),
        comparator=comparator if comparator in COMPARATORS else "",
        title=name.replace("_", " "),
    )


def _scaled(value: object, factor: Decimal) -> Decimal | None:
    number = decimal(value)
    return None if number is None or abs(number) >= 10**8 else (number * factor).quantize(EXACT).normalize()


def late_orders(data: Json) -> list[Event]:
    """How many orders are late, and when each should have left."""
    total = count(data.get("total_count"))
    listed = rows(data, "late_order_list")
    overall = HealthSeen("late_orders", Decimal(len(listed) if total is None else total), "count", _at(data), title="late orders")
    late = [OrderSeen(number, ship_by=moment(row.get("shipping_deadline"))) for row in listed if (number := order_of(row))]
    return [overall, *late]


def penalty(data: Json) -> PenaltySeen:
    """Points as they stand now: what was taken back is not among `latest_point_num`."""
    number, at = id_of(data.get("reference_id")), moment(data.get("issue_time"))
    points = count(data.get("latest_point_num"))
    if not number or at is None or points is None:
        raise Unparsable("penalty points without their reference, number or time")
    return PenaltySeen(number, points, told(data.get("violation_type")), at)
