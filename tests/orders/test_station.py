"""The packing station: what goes in is scanned, what must not go in is caught, and nothing leaves that was called off."""

import threading
import time
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import OrderSeen, ParcelSeen
from bridgedesk.lib import clock
from bridgedesk.lib.money import Money
from bridgedesk.orders import actions, evidence, holding, remarks, station
from bridgedesk.orders.holding import Blocked
from bridgedesk.orders.models import Evidence, Finding, Order
from bridgedesk.orders.packing_models import PackScan
from bridgedesk.orders.station import CannotClose
from bridgedesk.products.models import Product, Sku
from bridgedesk.shops import actions as shops
from bridgedesk.team.models import Agent

PNG = b"\x89PNG\r\n\x1a\n" + b"a photo of the parcel"


@pytest.fixture
def pack(order, bob):
    """Bob scans these codes one after the other; the verdicts."""

    def make(*scanned: str) -> list[str]:
        return [station.scan(order, code, key=f"{place}-{code}", by=bob).verdict for place, code in enumerate(scanned)]

    return make


@pytest.fixture
def make_sku(db) -> Callable[..., Sku]:
    def make(code: str, **more: object) -> Sku:
        product = Product.objects.create(name=f"Product {code}", created_at=clock.now())
        return Sku.objects.create(product=product, code=code, created_at=clock.now(), **more)

    return make


def test_what_was_bought_is_scanned_in_and_the_parcel_closed(order, pack, bob, noon):
    assert pack("LAMP-R", "LAMP-R", "BULB") == ["right"] * 3
    box = station.close(order, by=bob)
    lamp, bulb = order.lines.all()
    assert box.packed == {str(lamp.pk): 2, str(bulb.pk): 1}
    assert (box.packed_by, box.packed_at) == (bob, noon)
    assert Activity.objects.filter(verb="parcel_packed", subject_id=order.pk).get().data["pieces"] == 3


def test_a_wrong_article_is_caught_and_counts_for_nothing(order, pack, make_sku):
    make_sku("LAMP-B", name="Desk lamp, blue")
    assert pack("LAMP-R", "LAMP-B", "nonsense") == ["right", "wrong", "wrong"]
    assert station.contents(station.open_parcel(order)) == {str(order.lines.first().pk): 1}
    assert Activity.objects.filter(verb="packing_caught").count() == 2


def test_one_too_many_is_caught(order, pack):
    assert pack("BULB", "BULB") == ["right", "too_many"]


def test_the_barcode_of_an_article_is_as_good_as_its_code(order, make_sku, bob):
    order.lines.filter(code="BULB").update(sku=make_sku("BULB", barcode="4006381333931"))
    assert station.scan(order, "4006381333931", key="a", by=bob).verdict == "right"


def test_the_parcels_own_label_and_another_orders_are_told_apart(order, make_order, pack):
    make_order("ON-2")
    actions.see_parcel(order.shop, ParcelSeen("ON-1", number="LX123456785CN"))
    assert pack("ON-1", "LX123456785CN", "ON-2") == ["label", "label", "other_order"]


def test_the_number_of_an_order_bob_may_not_see_is_only_a_wrong_code(order, make_order, make_shop, pack):
    make_order("SECRET-1", shop=make_shop("Kite shop", "pretend"))
    assert pack("SECRET-1") == ["wrong"]


def test_a_scan_sent_twice_counts_once(order, bob):
    first = station.scan(order, "LAMP-R", key="same", by=bob)
    assert station.scan(order, "LAMP-R", key="same", by=bob) == first
    station.scan(order, "LAMP-R", key="2", by=bob)
    station.scan(order, "BULB", key="3", by=bob)
    station.close(order, by=bob)
    assert station.scan(order, "LAMP-R", key="same", by=bob) == first
    assert PackScan.objects.count() == 3


def test_a_piece_is_taken_out_and_put_in_by_hand(order, pack, bob):
    pack("BULB")
    bulb = str(order.lines.get(code="BULB").pk)
    assert station.take_out(order, bulb, key="o", by=bob).verdict == "taken_out"
    assert station.take_out(order, bulb, key="o2", by=bob).verdict == "unknown"
    assert station.put_in(order, bulb, key="i", by=bob).verdict == "by_hand"
    assert station.put_in(order, bulb, key="i2", by=bob).verdict == "too_many"


def test_what_is_missing_keeps_the_parcel_open(order, pack, bob):
    with pytest.raises(CannotClose, match="Nothing"):
        station.close(order, by=bob)
    pack("LAMP-R")
    with pytest.raises(CannotClose, match="missing"):
        station.close(order, by=bob)


def test_the_rest_goes_into_a_second_parcel(order, pack, bob):
    pack("LAMP-R")
    first = station.close(order, by=bob, partly=True)
    assert station.scan(order, "LAMP-R", key="a", by=bob).verdict == "right"
    assert station.scan(order, "LAMP-R", key="b", by=bob).verdict == "too_many"
    station.scan(order, "BULB", key="c", by=bob)
    second = station.close(order, by=bob)
    assert (sum(first.packed.values()), sum(second.packed.values())) == (1, 2)
    assert station.wants_of(order, None) == []


def test_a_parcel_closed_by_mistake_is_opened_again_with_what_was_in_it(order, pack, bob):
    pack("LAMP-R", "LAMP-R", "BULB")
    box = station.close(order, by=bob)
    assert station.reopen(order, by=bob) == box
    assert sum(station.contents(station.open_parcel(order)).values()) == 3
    station.close(order, by=bob)
    order.parcels.update(shipped_at=clock.now())
    assert station.reopen(order, by=bob) is None


def test_a_gift_is_asked_for_and_a_swap_changes_the_article(order, pack, make_sku, alice, bob):
    make_sku("CUP", name="Cup"), make_sku("LED", name="LED bulb")
    gift = remarks.remark(order, "gift", "Add a cup", by=alice, data={"code": "CUP"})
    swap = remarks.remark(order, "swap", "LED instead", by=alice, data={"line": "l2", "code": "LED"})
    with pytest.raises(Blocked):
        pack("LAMP-R")
    for remark in (gift, swap):
        remarks.acknowledge(remark, by=bob)
    assert pack("LAMP-R", "LAMP-R", "BULB", "LED") == ["right", "right", "wrong", "right"]
    with pytest.raises(CannotClose):
        station.close(order, by=bob)
    assert station.scan(order, "CUP", key="cup", by=bob).verdict == "gift"
    assert station.close(order, by=bob).packed[f"gift:{gift.pk}"] == 1


@pytest.mark.parametrize("state", ["unpaid", "cancelling", "cancelled", "shipped"])
def test_an_order_in_such_a_state_is_not_packed(order, state, pack):
    Order.objects.update(state=state)
    with pytest.raises(Blocked):
        pack("LAMP-R")
    assert PackScan.objects.count() == 0


def test_an_order_held_with_a_stop_or_packed_by_the_platform_is_not_packed_and_says_why(order, alice, pack):
    holding.hold(order, "Wait for the call", by=alice)
    Finding.objects.create(order=order, code="address_missing", weight="stop", created_at=clock.now())
    Order.objects.update(fulfilled_by="platform")
    order.refresh_from_db()
    assert station.reasons(order) == [station.THEIRS, "Wait for the call", holding.STOPPED]
    with pytest.raises(Blocked):
        pack("LAMP-R")


def test_the_platforms_warehouse_packs_its_own(order, pack):
    Order.objects.update(fulfilled_by="platform")
    with pytest.raises(Blocked):
        pack("LAMP-R")


def test_fragile_articles_need_a_photo_before_the_parcel_is_closed(order, pack, make_sku, bob):
    order.lines.filter(code="BULB").update(sku=make_sku("BULB", fragile=True))
    pack("LAMP-R", "LAMP-R", "BULB")
    with pytest.raises(CannotClose, match="photo"):
        station.close(order, by=bob)
    kept = evidence.keep(order, PNG, by=bob)
    assert (kept.kind, kept.by) == ("image/png", bob)
    assert evidence.read(kept) == PNG
    assert station.close(order, by=bob) == Evidence.objects.get().parcel


def test_from_which_value_on_is_a_figure_with_a_date(order, alice):
    assert evidence.reasons(order) == []
    shops.set_threshold(order.shop, "photo_from", Decimal(28), valid_from=clock.now(), source="House", by=alice)
    assert evidence.reasons(order) == ["valuable"]
    Order.objects.update(total_minor=2799)
    order.refresh_from_db()
    assert evidence.reasons(order) == []


def test_the_shipped_figure_counts_in_the_currency_of_the_order(order):
    actions.see(order.shop, OrderSeen("ON-1", total=Money(1_000_000, "USD")))
    order.refresh_from_db()
    assert evidence.reasons(order) == ["valuable"]


def test_the_same_photo_is_kept_once_under_its_digest(order, bob):
    first, again = evidence.keep(order, PNG, by=bob), evidence.keep(order, PNG, by=bob)
    assert first == again
    assert default_storage.exists(f"evidence/{first.sha256[:2]}/{first.sha256}")


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)>", b"%PDF-1.7", b"", b"words"])
def test_only_photos_and_films_are_evidence(order, bob, data):
    with pytest.raises(evidence.NoEvidence):
        evidence.keep(order, data, by=bob)
    assert Evidence.objects.count() == 0


def test_a_photo_too_large_is_refused(order, bob, settings):
    settings.MAX_ATTACHMENT_BYTES = 10
    with pytest.raises(evidence.NoEvidence, match="larger"):
        evidence.keep(order, PNG, by=bob)


def _waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where not granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_cancellation_that_arrives_while_packing_wins(order, pack, bob):
    pack("LAMP-R", "LAMP-R", "BULB")
    said: list[str] = []

    def closing() -> None:
        try:
            station.close(order, by=bob)
        except Blocked as error:
            said.extend(error.reasons)
        finally:
            connections.close_all()

    packer = threading.Thread(target=closing)
    with transaction.atomic():
        actions.see(order.shop, OrderSeen("ON-1", status="IN_CANCEL", state="cancelling"))
        packer.start()
        while not _waiting_for_a_lock():
            assert packer.is_alive()
            time.sleep(0.01)
    packer.join()
    assert said
    assert not order.parcels.filter(packed_at__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_two_packers_who_scan_at_once_pack_no_piece_too_many(order, make_agent, bob):
    packers = [make_agent(f"packer{n}", Agent.Role.ADMIN) for n in range(4)]
    verdicts: list[str] = []

    def scanning(packer: Agent) -> None:
        try:
            verdicts.append(station.scan(order, "LAMP-R", key=packer.username, by=packer).verdict)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=scanning, args=[packer]) for packer in packers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(verdicts) == ["right", "right", "too_many", "too_many"]
    assert order.parcels.count() == 1
