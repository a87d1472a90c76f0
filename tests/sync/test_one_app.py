"""All shops of one app share one callback and one list of lost pushes: each delivery finds its shop."""

from bridgedesk.channels.base import Raw
from bridgedesk.sync import actions


def push(shop=""):
    return Raw("k1", b"{}", "push", shop=shop)


def test_a_push_about_another_shop_of_the_app_goes_to_that_shop(make_shop):
    here, there = (make_shop(name, "shopee", external_id=number, options={"partner_id": "7"}) for name, number in (("A", "1"), ("B", "2")))
    assert actions.accept(here, push("2")).shop == there
    assert actions.accept(here, push("2")) is None
    assert actions.accept(here, push("1")).shop == here


def test_a_shop_of_another_app_or_platform_is_not_reached(make_shop):
    here = make_shop("A", "shopee", external_id="1", options={"partner_id": "7"})
    make_shop("B", "shopee", external_id="2", options={"partner_id": "8"})
    make_shop("C", "sms", external_id="2", options={"partner_id": "7"})
    assert actions.accept(here, push("2")).shop == here
    assert actions.accept(here, Raw("k2", b"{}", "push", shop="unknown")).shop == here
