from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from bridgedesk.activity.models import Activity
from bridgedesk.shops import actions, queries
from bridgedesk.shops.models import Shop, Threshold
from tests.conftest import NOON


def test_dora_opens_a_shop_and_gives_it_to_bob(admin, bob):
    shop = actions.create("Lamps", "shopee", by=admin, external_id="77", region="PL", options={"assign": "round_robin"})
    actions.assign(shop, [bob], by=admin)
    assert list(Shop.objects.visible_to(bob)) == [shop]
    assert list(Activity.objects.values_list("verb", flat=True).order_by("pk")) == ["created_shop", "assigned_shop"]


def test_a_shop_is_paused_and_resumed(shop, admin):
    actions.pause(shop, by=admin)
    assert Shop.objects.get().state == "paused"
    actions.resume(shop, by=admin)
    assert Shop.objects.get().state == "connected"


def test_only_known_columns_change(shop, admin):
    actions.change(shop, by=admin, name="Bulbs")
    assert Shop.objects.get().name == "Bulbs"
    for facts in ({"platform": "amazon"}, {"state": "connected"}, {"agents__password": "x"}):
        with pytest.raises(TypeError):
            actions.change(shop, by=admin, **facts)


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_only_admins_make_and_change_shops(shop, who, request):
    agent = request.getfixturevalue(who)
    for act in (
        lambda: actions.create("Mine", "manual", by=agent),
        lambda: actions.change(shop, by=agent, name="Mine"),
        lambda: actions.pause(shop, by=agent),
        lambda: actions.resume(shop, by=agent),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_leads_assign_and_set_figures_in_their_own_shops_only(shop, make_shop, alice, bob, charlie):
    actions.assign(shop, [alice, bob, charlie], by=alice)
    foreign = make_shop("Chairs")
    for agent, place in ((alice, foreign), (bob, shop)):
        with pytest.raises(PermissionDenied):
            actions.assign(place, [agent], by=agent)
        with pytest.raises(PermissionDenied):
            actions.set_threshold(place, "response_hours", Decimal(6), valid_from=NOON, source="ours", by=agent)


def test_a_figure_is_the_policys_until_a_lead_sets_one(make_shop, admin):
    shop = make_shop("Lamps", platform="shopee")
    shipped = queries.threshold(shop, "response_hours", NOON)
    assert (shipped.value, shipped.sure) == (Decimal(12), "third_party")
    actions.set_threshold(shop, "response_hours", Decimal(6), valid_from=NOON, source="House rule", by=admin)
    assert queries.threshold(shop, "response_hours", NOON - timedelta(hours=1)) == shipped
    own = queries.threshold(shop, "response_hours", NOON)
    assert (own.value, own.source, own.sure, own.valid_from) == (Decimal(6), "House rule", "own", NOON)


def test_the_shops_figure_wins_over_the_regions_and_that_over_the_platforms(make_shop):
    shop = make_shop("Lamps", platform="shopee", region="MY")
    other = make_shop("Chairs", platform="shopee", region="PL")

    def set_to(hours: int, hours_ago: int = 1, **where: object) -> None:
        Threshold.objects.create(
            platform="shopee",
            name="response_hours",
            value=hours,
            valid_from=NOON - timedelta(hours=hours_ago),
            source="x",
            sure="own",
            **where,
        )

    set_to(9)
    assert [queries.threshold(s, "response_hours", NOON).value for s in (shop, other)] == [9, 9]
    set_to(8, region="MY", hours_ago=5)
    assert [queries.threshold(s, "response_hours", NOON).value for s in (shop, other)] == [8, 9]
    set_to(7, shop=shop, region="MY", hours_ago=9)
    set_to(6, shop=shop, region="MY", hours_ago=8)
    assert queries.threshold(shop, "response_hours", NOON).value == 6


def test_a_figure_nobody_knows_is_no_figure(shop):
    with pytest.raises(KeyError):
        queries.threshold(shop, "moon_phase", NOON)
