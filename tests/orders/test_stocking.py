"""The truth of the shelf told to the shops: one act a shop, what it does not take shown by article."""

import pytest
from django.core.exceptions import ValidationError

from bridgedesk.channels.acts import Performed, PushStock
from bridgedesk.lib import clock
from bridgedesk.orders import performing, stocking
from bridgedesk.orders.models import Line, Order, PlatformAct
from bridgedesk.products import actions
from bridgedesk.products.models import Listing


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def lamps(able, pretend_shop, alice):
    """Two lamps on sale in the pretend shop, counted: 4 and 6."""
    product = actions.create("Lamp", by=alice)
    made = []
    for place, (code, shelf_has) in enumerate((("L-1", 4), ("L-2", 6))):
        sku = actions.add_sku(product, code, by=alice)
        row = Listing.objects.create(shop=pretend_shop, item="1", model=str(place), code=code, sku=sku, listed=50, seen_at=clock.now())
        actions.count(sku, shelf_has, by=alice)
        made.append(row)
    return made


def fresh(rows):
    return list(Listing.objects.filter(pk__in=[row.pk for row in rows]).select_related("shop", "sku").order_by("pk"))


def promise(row, pieces, **more):
    order = Order.objects.create(shop=row.shop, external_id=f"P{pieces}", state="to_ship", first_seen_at=clock.now(), **more)
    Line.objects.create(order=order, external_id="1", quantity=pieces, sku=row.sku)


def test_a_shop_is_told_what_is_there_less_what_is_promised(lamps, bob):
    promise(lamps[0], 1)
    promise(lamps[1], 9)
    (act,) = stocking.push(fresh(lamps), by=bob, key="a")
    assert [(level["sku"], level["quantity"]) for level in act.data["levels"]] == [("L-1", 3), ("L-2", 0)]
    assert stocking.push(fresh(lamps), by=bob, key="a") == [act]
    performing.perform(act.pk)
    assert [row.listed for row in fresh(lamps)] == [3, 0]


def test_what_a_shop_does_not_take_is_named_and_can_be_tried_again(lamps, able, bob, sign_in):
    able.on_act = lambda act: Performed(failures=((("1", "1"), "model is under promotion"),))
    sign_in(bob).post("/stock/push", {"listing": [row.pk for row in lamps], "nonce": "n1"})
    performing.perform(PlatformAct.objects.get().pk)
    assert [row.listed for row in fresh(lamps)] == [4, 50]
    page = text(sign_in(bob).get("/stock/pushes"))
    assert "model is under promotion" in page
    assert "1 not taken" in page
    able.on_act = lambda act: Performed()
    sign_in(bob).post(f"/stock/pushes/{PlatformAct.objects.get().pk}/retry")
    performing.perform(PlatformAct.objects.get().pk)
    assert [row.listed for row in fresh(lamps)] == [4, 6]


def test_each_shop_has_its_own_act_and_one_without_interface_is_done_by_hand(lamps, able, bob, make_shop):
    other = make_shop("By hand")
    other.agents.add(bob)
    second = Listing.objects.create(shop=other, item="9", sku=lamps[0].sku, listed=1, seen_at=clock.now())
    acts = stocking.push(fresh([*lamps, second]), by=bob, key="k")
    assert sorted((act.shop.name, act.state) for act in acts) == sorted([(other.name, "by_hand"), (lamps[0].shop.name, "queued")])


def test_nothing_counted_nothing_told(lamps, bob, sign_in):
    with pytest.raises(ValidationError):
        stocking.push([], by=bob, key="k")
    page = text(sign_in(bob).post("/stock/push", {"listing": ["0", "x"]}, follow=True))
    assert "Choose listings whose article was counted" in page


def test_charlie_tells_nothing_to_a_shop_that_is_not_his(lamps, charlie, bob, sign_in):
    sign_in(charlie).post("/stock/push", {"listing": [row.pk for row in lamps], "nonce": "n"})
    assert not PlatformAct.objects.exists()
    (act,) = stocking.push(fresh(lamps), by=bob, key="k")
    assert sign_in(charlie).post(f"/stock/pushes/{act.pk}/withdraw").status_code == 404
    assert "L-1" not in text(sign_in(charlie).get("/stock/pushes"))
    sign_in(bob).post(f"/stock/pushes/{act.pk}/withdraw")
    assert PlatformAct.objects.get().state == "withdrawn"
    assert "too late" in text(sign_in(bob).post(f"/stock/pushes/{act.pk}/withdraw", follow=True))
    assert sign_in(bob).post(f"/stock/pushes/{act.pk}/no-such").status_code == 404


def test_an_act_of_another_kind_is_none_of_stock(lamps, bob, order, sign_in):
    act = PlatformAct.objects.create(shop=order.shop, kind="WriteNote", key="x", data={"order": "1", "text": "x"}, state="failed",
                                     created_at=clock.now())  # fmt: skip
    assert sign_in(bob).post(f"/stock/pushes/{act.pk}/withdraw").status_code == 404
    assert PushStock.__name__ not in PlatformAct.objects.values_list("kind", flat=True)
