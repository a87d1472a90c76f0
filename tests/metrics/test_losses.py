from datetime import timedelta
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied

from bridgedesk.metrics import losses
from bridgedesk.orders.models import Order, Parcel, Payment, PlatformAct
from bridgedesk.playbooks.models import Run, Version
from bridgedesk.remedies.models import Booking, Case
from tests.conftest import NOON


def goods(asked):
    return losses.goods(asked.scope, asked.filters)


def rate(asked):
    return losses.return_loss_rate(asked.scope, asked.filters, asked.rates, goods(asked))


def rows(asked):
    found = losses.along(asked.scope, asked.filters, asked.rates, goods(asked))
    return {row.value: (row.loss.all.minor, row.loss.cost.minor, row.loss.cases) for row in found}


@pytest.fixture
def lamp(make_sku):
    return make_sku("LAMP", 2000, category="lamps")


@pytest.fixture
def desk(make_sku):
    return make_sku("DESK", 10_000, category="Large furniture")


def test_losses_of_the_week_are_held_against_the_cost_of_what_left(shop, lamp, ship, lose, asks):
    order = ship(shop, (lamp, 2, 5000))
    ship(shop, (lamp, 1, 5000))
    lose(order, "damaged", refund=1000, commission=-80)
    now, before = rate(asks())
    assert (now.all.minor, now.cost.minor, now.cases) == (920, 6000, 1)
    assert now.rate == Fraction(920, 6000)
    assert before.rate is None


def test_faults_of_quality_are_told_apart(shop, lamp, ship, lose, asks):
    order = ship(shop, (lamp, 10, 5000))
    lose(order, "defective", refund=500)
    lose(order, "changed_mind", freight_back=300)
    now, _before = rate(asks())
    assert (now.rate, now.without) == (Fraction(800, 20_000), Fraction(300, 20_000))
    assert rate(asks(quality="without"))[0].all.minor == 300
    assert rate(asks(quality="only"))[0].all.minor == 500


def test_the_period_before_is_as_long_and_ends_where_this_one_begins(shop, lamp, ship, lose, asks):
    ship(shop, (lamp, 1, 5000))
    old = ship(shop, (lamp, 4, 5000), at=NOON - timedelta(days=9))
    lose(old, "late", coupon=100, at=NOON - timedelta(days=8))
    now, before = rate(asks())
    assert (now.all.minor, now.cost.minor) == (0, 2000)
    assert (before.all.minor, before.cost.minor) == (100, 8000)


def test_what_was_taken_back_before_it_was_done_is_no_loss(shop, lamp, ship, lose, asks):
    case = lose(ship(shop, (lamp, 1, 5000)), "damaged", coupon=200)
    act = PlatformAct.objects.create(shop=shop, kind="RefundBuyer", key="k", data={}, state="withdrawn", created_at=NOON)
    Booking.objects.create(case=case, kind="refund", minor=5000, currency="USD", key="r", act=act, at=NOON - timedelta(days=1))
    assert rate(asks())[0].all.minor == 200
    act.state = "failed"
    act.save()
    assert rate(asks())[0].all.minor == 5200


def test_a_day_begins_where_the_reader_lives(shop, lamp, ship, asks, alice):
    ship(shop, (lamp, 1, 5000), at=NOON.replace(day=13, hour=15, minute=59))
    ship(shop, (lamp, 3, 5000), at=NOON.replace(day=13, hour=16, minute=0))
    assert rate(asks())[0].cost.minor == 6000  # the 14th begins at 16:00 UTC in Shanghai
    alice.timezone = "UTC"
    assert rate(asks(alice))[0].cost.minor == 0


def test_each_shop_country_carrier_and_article_against_its_own_goods(shop, make_shop, alice, lamp, desk, ship, lose, asks):
    other = make_shop("Desk shop")
    other.agents.set([alice])
    lose(ship(shop, (lamp, 2, 5000), country="DE", carrier="DHL"), "damaged", refund=700)
    lose(ship(other, (desk, 1, 30_000), country="US"), "size", freight_back=900)
    assert rows(asks(by="shop")) == {str(shop.pk): (700, 4000, 1), str(other.pk): (900, 10_000, 1)}
    assert rows(asks(by="country")) == {"DE": (700, 4000, 1), "US": (900, 10_000, 1)}
    assert rows(asks(by="carrier")) == {"DHL": (700, 4000, 1), "Post": (900, 10_000, 1)}
    assert rows(asks(by="sku")) == {"LAMP": (700, 4000, 1), "DESK": (900, 10_000, 1)}
    assert rows(asks(by="category")) == {"lamps": (700, 4000, 1), "Large furniture": (900, 10_000, 1)}
    assert rows(asks(by="sku", shop=str(other.pk))) == {"DESK": (900, 10_000, 1)}


def test_an_order_in_several_parcels_counts_once_under_the_carrier_of_its_first(shop, lamp, ship, lose, asks):
    order = ship(shop, (lamp, 2, 5000), carrier="DHL")
    Parcel.objects.create(order=order, carrier="Post")
    Parcel.objects.filter(order=ship(shop, (lamp, 1, 5000))).delete()
    lose(order, "damaged", refund=700)
    assert rows(asks(by="carrier")) == {"DHL": (700, 4000, 1), "": (0, 2000, 0)}
    assert rate(asks(carrier="DHL"))[0].cost.minor == 4000
    assert rate(asks(carrier="Post"))[0].cost.minor == 0


def test_the_parts_of_the_time_add_up_to_the_period_and_the_one_before(shop, lamp, ship, asks):
    for day in range(40):
        ship(shop, (lamp, 1 + day % 3, 5000), at=NOON - timedelta(days=day), carrier=("DHL", "Post")[day % 2])
    for days, step in (("7", "week"), ("30", "week"), ("30", "month")):
        asked = asks(days=days, step=step, by="carrier")
        now, before = rate(asked)
        last, first = int(days) - 1, 2 * int(days) - 1
        assert now.cost.minor == 2000 * sum(1 + day % 3 for day in range(40) if day <= last)
        assert before.cost.minor == 2000 * sum(1 + day % 3 for day in range(40) if last < day <= first)
        assert sum(minor for _value, _currency, minor in goods(asked).by_value) == now.cost.minor
        found = losses.trend(asked.scope, asked.filters, asked.rates, goods(asked))
        assert sum(loss.cost.minor for _day, loss in found) == 2000 * sum(1 + day % 3 for day in range(40))


def test_faults_add_up_to_the_whole(shop, lamp, ship, lose, asks):
    order = ship(shop, (lamp, 5, 5000))
    lose(order, "damaged", refund=300)
    lose(order, "late", coupon=200)
    assert rows(asks(by="fault")) == {"damaged": (300, 10_000, 1), "late": (200, 10_000, 1)}
    assert rate(asks(fault="late"))[0].rate == Fraction(200, 10_000)


def test_a_loss_over_several_articles_is_split_by_what_was_paid_to_the_cent(shop, lamp, desk, ship, lose, asks):
    order = ship(shop, (lamp, 1, 1000), (desk, 1, 2000), (None, 1, 1001))
    lose(order, "missing_item", refund=1000)
    assert rows(asks(by="sku")) == {"LAMP": (249, 2000, 1), "DESK": (500, 10_000, 1), "": (251, 0, 1)}
    assert sum(lost for lost, _cost, _cases in rows(asks(by="sku")).values()) == 1000


def test_only_the_pieces_a_case_is_about_bear_the_loss(shop, lamp, desk, ship, lose, asks):
    order = ship(shop, (lamp, 3, 1000), (desk, 1, 2000))
    case = lose(order, "damaged", refund=600)
    Case.objects.filter(pk=case.pk).update(lines_picked={str(order.lines.get(sku=lamp).pk): 1})
    assert rows(asks(by="sku")) == {"LAMP": (600, 6000, 1), "DESK": (0, 10_000, 0)}


def test_without_prices_the_pieces_decide_and_without_articles_nobody_does(shop, lamp, desk, ship, lose, asks):
    lose(ship(shop, (lamp, 3, None), (desk, 1, 2000)), "damaged", refund=400)
    lose(ship(shop), "not_received", refund=70)
    assert rows(asks(by="sku")) == {"LAMP": (300, 6000, 1), "DESK": (100, 10_000, 1), "": (70, 0, 1)}


def test_an_order_without_a_cost_is_counted_and_shown(shop, lamp, make_sku, ship, asks):
    ship(shop, (lamp, 1, 5000))
    ship(shop, (lamp, 1, 5000), (make_sku("NEW", None), 1, 900))
    ship(shop, (None, 1, 900))
    ship(shop)
    asked = asks()
    assert (goods(asked).sent, goods(asked).unknown) == (4, 3)
    assert rate(asked)[0].cost.minor == 4000
    asked = asks(sku="NEW")
    assert (goods(asked).sent, goods(asked).unknown) == (1, 1)


def test_sums_in_other_currencies_are_converted_or_left_out_loudly(shop, lamp, make_sku, ship, lose, asks):
    lose(ship(shop, (make_sku("CUP", 710, "CNY"), 1, 900)), "damaged", refund=90, currency="EUR")
    ship(shop, (make_sku("OLD", 500, "XAU"), 1, 900))
    now, _before = rate(asks())
    assert (now.all.minor, now.cost.minor) == (100, 100)  # 0.90 EUR and 7.10 CNY are a dollar each, by the shipped round rates
    assert now.cost.left == {"XAU": 500}
    assert now.cost.of == {"CNY"}


def test_a_case_belongs_to_the_playbook_that_ran_when_it_cost_something(shop, lamp, ship, lose, asks, conversation):
    made = [Version.objects.create(key="size", number=n, current=n == 2, data={}, published_at=NOON) for n in (1, 2)]
    for n, version in enumerate(made):
        Run.objects.create(
            conversation=conversation, shop=shop, version=version, state="ended", started_at=NOON - timedelta(days=5 - 4 * n)
        )
    case = lose(ship(shop, (lamp, 1, 5000)), "size", coupon=100)
    Case.objects.filter(pk=case.pk).update(conversation=conversation)
    lose(case.order, "size", case=case, freight_back=700, at=NOON - timedelta(hours=1))
    lose(ship(shop, (lamp, 1, 5000)), "late", coupon=50)
    assert rows(asks(by="version")) == {str(made[1].pk): (700, 4000, 1), str(made[0].pk): (100, 4000, 1), "": (50, 4000, 1)}
    assert rate(asks(version="-"))[0].all.minor == 50


def test_the_trend_goes_week_by_week(shop, lamp, ship, lose, asks):
    for weeks in (0, 1):
        at = NOON - timedelta(weeks=weeks)
        lose(ship(shop, (lamp, 1, 5000), at=at), "late", coupon=100 * (weeks + 1), at=at)
    asked = asks()
    found = losses.trend(asked.scope, asked.filters, asked.rates, goods(asked))
    assert len(found) == 13
    assert [(day.isoformat(), loss.rate) for day, loss in found[-2:]] == [("2026-11-09", Fraction(1, 10)), ("2026-11-16", Fraction(1, 20))]
    asked = asks(step="month")
    months = losses.trend(asked.scope, asked.filters, asked.rates, goods(asked))
    assert [(day.isoformat(), loss.all.minor) for day, loss in months[-2:]] == [("2026-10-01", 0), ("2026-11-01", 300)]


def test_the_cases_behind_a_figure_come_dearest_first(shop, lamp, ship, lose, asks):
    small, big = (lose(ship(shop, (lamp, 1, 5000)), "late", coupon=minor) for minor in (100, 900))
    asked = asks()
    found = losses.cases(asked.scope, asked.filters, asked.rates, 0, 50)
    assert [(case.pk, sum_) for case, sum_ in found] == [(big.pk, 900), (small.pk, 100)]
    assert losses.cases(asked.scope, asked.filters, asked.rates, 1, 1)[0][0] == small


def test_what_nobody_booked_is_named_beside_the_figure(shop, lamp, ship, lose, asks):
    at = NOON - timedelta(days=1)
    told = {"state": "closed", "status_at": at, "refund_minor": 700, "currency": "TWD", "first_seen_at": at}
    Case.objects.create(shop=shop, order=ship(shop, (lamp, 1, 5000)), external_id="R1", **told)
    Payment.objects.create(order=ship(shop, (lamp, 1, 5000)), kind="refund", minor=300, currency="USD", at=at)
    cased = lose(ship(shop, (lamp, 1, 5000)), "late", refund=100)
    Payment.objects.create(order=cased.order, kind="refund", minor=100, currency="USD", at=at)
    asked = asks()
    assert losses.outside(asked.scope, asked.filters) == losses.Outside(1, {"TWD": 700}, 1, {"USD": 300})


def test_figures_are_for_leads_and_of_their_shops(shop, make_shop, bob, charlie, admin, make_agent, lamp, ship, asks):
    ship(shop, (lamp, 1, 5000))
    for nobody in (bob, charlie):
        with pytest.raises(PermissionDenied):
            asks(nobody)
    stranger = make_agent("sam", "lead")
    assert rate(asks(stranger))[0].cost.minor == 0
    assert rate(asks(stranger, shop=str(shop.pk)))[0].cost.minor == 0
    assert rate(asks(admin))[0].cost.minor == 2000


def test_orders_that_left_on_a_day_nobody_told_are_named_beside_the_figure(shop, lamp, ship, asks):
    ship(shop, (lamp, 1, 5000))
    undated = ship(shop, (lamp, 1, 5000))
    Order.objects.filter(pk=undated.pk).update(shipped_at=None, placed_at=NOON - timedelta(days=2), state="delivered")
    asked = asks()
    assert losses.outside(asked.scope, asked.filters) == losses.Outside(0, {}, 0, {}, 1)
