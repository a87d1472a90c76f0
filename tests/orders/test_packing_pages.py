"""The packing station's pages: who may, what they show, what they never lose."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bridgedesk.channels.events import OrderSeen
from bridgedesk.lib import clock
from bridgedesk.orders import actions, evidence, holding, remarks
from bridgedesk.orders.models import Evidence, Order, Remark
from bridgedesk.orders.packing_models import PackScan
from bridgedesk.team.models import Agent
from tests.orders.test_station import PNG

QUIET = {"headers": {"X-Station": "1"}}


def scan(client, order, code, key="k", **more):
    return client.post(f"/packing/{order.pk}/scan", {"code": code, "key": key} | more, **QUIET)


def test_the_most_urgent_order_stands_first(order, make_order, bob, sign_in):
    make_order("ON-2", ship_by=clock.now())
    page = sign_in(bob).get("/packing").content.decode()
    assert page.index("ON-2") < page.index("ON-1")


def test_a_number_opens_its_order_and_an_unknown_one_is_said_loudly(order, bob, sign_in):
    client = sign_in(bob)
    assert client.get("/packing", {"number": "ON-1"}).headers["Location"] == f"/packing/{order.pk}"
    assert "No order or parcel has this number" in client.get("/packing", {"number": "nope"}).content.decode()


def test_two_shops_with_one_number_are_both_shown_and_a_bare_number_is_no_order(order, make_shop, bob, sign_in):
    mailbox = make_shop("Mailbox", "email")
    mailbox.agents.add(bob)
    bare = actions.see(mailbox, OrderSeen("ON-1"))
    assert sign_in(bob).get("/packing?number=ON-1").url == f"/packing/{order.pk}"
    bare.lines.create(external_id="l1", title="Lamp", quantity=1)
    page = sign_in(bob).get("/packing?number=ON-1").content.decode()
    assert "Several orders have this number" in page
    assert "Mailbox" in page


def test_right_and_wrong_are_words_and_a_tone(order, bob, sign_in):
    client = sign_in(bob)
    right, wrong = scan(client, order, "LAMP-R", "1").content.decode(), scan(client, order, "X", "2").content.decode()
    assert 'data-tone="ok" data-verdict="right"' in right
    assert 'data-tone="bad" data-verdict="wrong"' in wrong
    assert "Wrong article" in wrong
    assert 'data-verdict="wrong"' in client.get(f"/packing/{order.pk}").content.decode()


def test_a_held_order_says_stop_and_why(order, alice, bob, sign_in):
    holding.hold(order, "The buyer calls back", by=alice)
    answer = scan(sign_in(bob), order, "LAMP-R")
    assert answer.status_code == 409
    assert "Stop: do not pack" in answer.content.decode()
    assert "The buyer calls back" in answer.content.decode()
    assert PackScan.objects.count() == 0


def test_a_cancelled_order_cannot_be_closed(order, bob, sign_in):
    client = sign_in(bob)
    for place, code in enumerate(["LAMP-R", "LAMP-R", "BULB"]):
        scan(client, order, code, str(place))
    actions.see(order.shop, OrderSeen("ON-1", status="CANCELLED", state="cancelled"))
    assert client.post(f"/packing/{order.pk}/close", **QUIET).status_code == 409
    assert not order.parcels.filter(packed_at__isnull=False).exists()


def test_a_remark_is_read_before_packing(order, alice, bob, sign_in):
    said, client = remarks.remark(order, "free", "Wrap it as a present", by=alice), sign_in(bob)
    assert scan(client, order, "LAMP-R").status_code == 409
    client.post(f"/packing/{order.pk}/acknowledge", {"remark": said.pk}, **QUIET)
    assert Remark.objects.get().acknowledged_by == bob
    assert scan(client, order, "LAMP-R", "2").status_code == 200


def test_without_script_a_scan_leads_back_to_the_page(order, bob, sign_in):
    answer = sign_in(bob).post(f"/packing/{order.pk}/scan", {"code": "BULB", "key": "k"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/packing/{order.pk}")


def test_a_photo_is_shown_and_nothing_of_it_can_run(order, bob, sign_in):
    client = sign_in(bob)
    client.post(f"/packing/{order.pk}/photos", {"file": SimpleUploadedFile("a.png", PNG)}, **QUIET)
    photo = Evidence.objects.get()
    answer = client.get(f"/packing/{order.pk}/photos/{photo.sha256}")
    assert (answer.content, answer.headers["Content-Type"]) == (PNG, "image/png")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    refused = client.post(f"/packing/{order.pk}/photos", {"file": SimpleUploadedFile("a.png", b"<script>")})
    assert (refused.status_code, Evidence.objects.count()) == (422, 1)


PATHS = ("", "/list", "/scan", "/close", "/reopen", "/acknowledge", "/photos")


@pytest.mark.parametrize("path", PATHS)
def test_charlie_finds_nothing_of_it(order, charlie, sign_in, path):
    ask = sign_in(charlie).get if path in ("", "/list") else sign_in(charlie).post
    assert ask(f"/packing/{order.pk}{path}").status_code == 404


def test_charlie_sees_no_photo_and_no_order(order, bob, charlie, sign_in):
    kept, client = evidence.keep(order, PNG, by=bob), sign_in(charlie)
    assert client.get(f"/packing/{order.pk}/photos/{kept.sha256}").status_code == 404
    assert "ON-1" not in client.get("/packing").content.decode()
    assert "location" not in client.get("/packing", {"number": "ON-1"}).headers


def test_an_observer_looks_but_packs_nothing(order, make_agent, sign_in):
    olga = make_agent("olga", Agent.Role.OBSERVER)
    order.shop.agents.add(olga)
    client = sign_in(olga)
    assert client.get(f"/packing/{order.pk}").status_code == 200
    assert scan(client, order, "LAMP-R").status_code == 403


@pytest.mark.parametrize(
    ("language", "words", "direction"),
    [
        ("zh-Hans", "装箱单", "ltr"),
        ("ru", "Упаковочный", "ltr"),
        ("th", "รายการสินค้า", "ltr"),
        ("ar", "قائمة", "rtl"),
        ("xx", "Packing list", "ltr"),
    ],
)
def test_the_list_speaks_the_buyers_language(order, bob, sign_in, language, words, direction):
    page = sign_in(bob).get(f"/packing/{order.pk}/list", {"language": language}).content.decode()
    assert words in page
    assert f'dir="{direction}"' in page
    assert "Desk lamp" in page
    assert "12.50" not in page


def test_the_queue_costs_the_same_for_one_order_and_for_thirty(order, make_order, bob, sign_in, django_assert_num_queries):
    client = sign_in(bob)
    client.get("/packing")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get("/packing")
    for number in range(30):
        make_order(f"MORE-{number}")
    with django_assert_num_queries(len(few)):
        client.get("/packing")


def test_an_order_without_lines_says_so(order, bob, sign_in):
    bare = Order.objects.create(shop=order.shop, external_id="BARE", state="to_ship", first_seen_at=clock.now())
    assert "Nothing is known of what is in this order" in sign_in(bob).get(f"/packing/{bare.pk}").content.decode()


def test_the_orders_page_shows_what_was_photographed(order, bob, sign_in):
    kept, client = evidence.keep(order, PNG, by=bob), sign_in(bob)
    page = client.get(f"/orders/{order.pk}").content.decode()
    assert f"/packing/{order.pk}/photos/{kept.sha256}" in page
    assert f'href="/packing/{order.pk}"' in page
