"""Moments typed at the ends of time: in another zone they have no year, and a row that holds one could never be read again."""

import pytest


@pytest.mark.parametrize(("moment", "zone"), [("0001-01-01T00:00", "Asia/Shanghai"), ("9999-12-31T23:59", "America/Los_Angeles")])
@pytest.mark.parametrize("form", ["remark", "parcel"])
def test_no_moment_breaks_the_page_of_an_order(form, moment, zone, shop, bob, sign_in):
    bob.timezone = zone
    bob.save()
    order = shop.orders.create(external_id="A1", first_seen_at="2026-11-20T04:00Z", state="to_ship")
    browser = sign_in(bob)
    sent = {"kind": "free", "text": "x", "due": moment, "number": "RR123456785CN", "carrier": "post", "left": moment}
    assert browser.post(f"/orders/{order.pk}/do/{form}", sent).status_code == 302
    assert browser.get(f"/orders/{order.pk}").status_code == 200
