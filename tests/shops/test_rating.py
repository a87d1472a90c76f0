"""How a platform rates a shop: a figure a day, its target held from then on, points as they stand."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bridgedesk.channels.events import HealthSeen, PenaltySeen
from bridgedesk.shops import rating
from bridgedesk.shops.models import HealthFigure, Penalty, Threshold
from bridgedesk.shops.queries import figures, threshold
from bridgedesk.shops.rating_views import line

DAY = timedelta(days=1)


@pytest.fixture
def shopee(make_our_shop):
    return make_our_shop("Shopee shop", "shopee", region="TW")


def rate(at, value="86.5", target="75", name="response_rate", comparator=">="):
    return HealthSeen(name, Decimal(value), "percent", at, Decimal(target) if target else None, comparator)


def test_the_last_news_of_a_day_is_that_day_s_figure(shopee, noon):
    for hours, value in ((0, "80"), (2, "82"), (1, "81")):
        rating.see_figure(shopee, rate(noon + timedelta(hours=hours), value))
    assert HealthFigure.objects.get().value == 82


def test_a_target_the_platform_tells_holds_from_then_on(shopee, noon):
    assert threshold(shopee, "response_rate", noon).value == 70
    rating.see_figure(shopee, rate(noon, target="75"))
    told = threshold(shopee, "response_rate", noon)
    assert (told.value, told.source, told.sure) == (75, "platform API", "official")
    assert threshold(shopee, "response_rate", noon - DAY).value == 70, "what held before stays as it was"
    assert next(f.origin for f in figures(shopee, noon) if f.name == "response_rate" and f.in_force) == "reported"


def test_the_same_target_again_is_no_new_rule_and_a_changed_one_is(shopee, noon):
    for day, target in enumerate(["75", "75", "80", "80"]):
        rating.see_figure(shopee, rate(noon + day * DAY, target=target))
    assert list(Threshold.objects.order_by("valid_from").values_list("value", flat=True)) == [75, 80]


def test_a_figure_without_a_target_sets_no_rule(shopee, noon):
    rating.see_figure(shopee, rate(noon, target=""))
    assert not Threshold.objects.exists()


@pytest.mark.parametrize(
    ("comparator", "value", "well"), [(">=", "75", True), (">", "75", False), ("<", "80", False), ("<=", "75", True), ("", "75", None)]
)
def test_whether_a_figure_is_what_the_platform_wants(comparator, value, well, shopee, noon):
    rating.see_figure(shopee, rate(noon, value, comparator=comparator))
    assert rating.meets(HealthFigure.objects.get()) is well


def test_the_trend_is_against_the_first_day_shown(shopee, noon):
    for day, value in ((40, "10"), (20, "60"), (10, "70"), (0, "65")):
        rating.see_figure(shopee, rate(noon - day * DAY, value))
    (trend,) = rating.trends(shopee)
    assert (trend.direction, trend.before, list(trend.values)) == ("up", 60, [60, 70, 65])


def test_points_are_kept_as_they_stand(shopee, noon):
    rating.see_penalty(shopee, PenaltySeen("p1", 2, "23", noon))
    rating.see_penalty(shopee, PenaltySeen("p1", 2, "23", noon))
    rating.see_penalty(shopee, PenaltySeen("p2", 1, "6", noon - 200 * DAY))
    assert rating.points(shopee)[0] == 2
    rating.see_penalty(shopee, PenaltySeen("p1", 0, "23", noon))
    assert rating.points(shopee)[0] == 0
    assert Penalty.objects.count() == 2


def test_who_sees_the_shop_sees_its_health(shopee, alice, bob, charlie, sign_in, noon):
    rating.see_figure(shopee, rate(noon - DAY, "80"))
    rating.see_figure(shopee, rate(noon))
    rating.see_penalty(shopee, PenaltySeen("p1", 2, "23", noon))
    rating.see_penalty(shopee, PenaltySeen("p2", 1, "991", noon))
    answers = [sign_in(who).get(f"/shops/{shopee.pk}/health") for who in (alice, bob, charlie)]
    assert [answer.status_code for answer in answers] == [200, 200, 404]
    page = answers[0].content.decode()
    for words in ("86.5", "up from 80", "Asked a buyer to cancel", "Breach 991", "3 penalty points"):
        assert words in page


def test_a_shop_of_which_nothing_was_told_says_so(shopee, alice, sign_in):
    assert "has told no figures yet" in sign_in(alice).get(f"/shops/{shopee.pk}/health").content.decode()


def test_a_line_spans_the_drawing() -> None:
    assert line([Decimal(1), Decimal(3)]) == "0.0,22.0 96.0,2.0"
    assert line([Decimal(1)]) == ""
    assert line([Decimal(2), Decimal(2)]) == "0.0,22.0 96.0,22.0"
