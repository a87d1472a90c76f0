"""At the packing table: scanned with a scanner that types, a wrong article caught, a cancellation that comes meanwhile heard."""

import os

import pytest
from playwright.sync_api import expect

from bridgedesk.channels.events import Address, LineSeen, OrderSeen
from bridgedesk.lib import clock
from bridgedesk.lib.money import Money
from bridgedesk.orders import actions, remarks
from bridgedesk.orders.models import Evidence
from bridgedesk.orders.packing_models import PackScan
from bridgedesk.products.models import Product, Sku
from bridgedesk.team.models import Agent
from tests.browser.contrast import too_faint
from tests.browser.walking import says, scan

ADDRESS = Address(name="سارة العتيبي", phone="+966 50 123 4567", lines=("King Fahd Road",), city="Riyadh", postcode="12271", country="SA")
LINES = (
    LineSeen("l1", 2, "Desk lamp", "item-1", "m-red", "LAMP-R", (("Colour", "red"),), Money(1250, "USD")),
    LineSeen("l2", 1, "Bulb", "item-2", "m-warm", "BULB", (), Money(300, "USD")),
)


@pytest.fixture
def order(transactional_db, shop):
    product = Product.objects.create(name="Desk lamp", created_at=clock.now())
    for code, barcode, name in [("LAMP-R", "4006381333931", "Desk lamp, red"), ("LAMP-B", "4006381333948", "Desk lamp, blue"),
                                ("STICKER", "", "Sticker")]:  # fmt: skip
        Sku.objects.create(product=product, code=code, barcode=barcode, name=name, fragile=code == "LAMP-R", created_at=clock.now())
    told = OrderSeen("ON-1", status="READY_TO_SHIP", state="to_ship", placed_at=clock.now(), paid_at=clock.now(), at=clock.now(),
                     total=Money(2800, "USD"), lines=LINES, address=ADDRESS)  # fmt: skip
    made = actions.see(shop, told)
    made.lines.filter(code="LAMP-R").update(sku=Sku.objects.get(code="LAMP-R"))
    return made


def test_bob_packs_an_order_and_everything_wrong_is_caught(screen_of, order, alice, bob):
    remarks.remark(order, "gift", "A sticker for a regular", by=alice, data={"code": "STICKER"}, addressee="service")
    remarks.remark(order, "free", "Wrap it twice", by=alice)
    page = screen_of(bob, "/packing")
    scan(page, "ON-2")
    expect(page.get_by_text("No order or parcel has this number")).to_be_visible()
    scan(page, "ON-1")
    says(page, "stop", "A remark for the packers is not acknowledged")
    expect(page.locator("#code")).to_have_count(0)
    page.get_by_role("button", name="Read and understood").last.click()
    says(page, "", "Scan the first article")
    scan(page, "LAMP-B")
    says(page, "wrong", "Put it back")
    expect(page.locator(".verdict")).to_contain_text("Desk lamp, blue")
    scan(page, "4006381333931")
    says(page, "right", "1 of 2")
    scan(page, "LAMP-R")
    says(page, "right", "2 of 2")
    scan(page, "LAMP-R")
    says(page, "too_many", "enough of it is in")
    scan(page, "STICKER")
    says(page, "gift")
    expect(page.locator(".close-bar")).to_contain_text("1 piece is missing")
    expect(page.get_by_role("button", name="Close the parcel", exact=True)).to_be_disabled()
    scan(page, "BULB")
    says(page, "complete", "All in")
    expect(page.get_by_text("Something in it breaks easily.")).to_be_visible()
    picture = page.screenshot(clip={"x": 0, "y": 0, "width": 40, "height": 40})
    page.locator("input[type=file]").set_input_files([{"name": "p.png", "mimeType": "image/png", "buffer": picture}])
    expect(page.locator(".photos img")).to_have_count(1)
    page.get_by_role("button", name="Close the parcel", exact=True).click()
    says(page, "closed", "Packed")
    scan(page, "LX123456784CN")
    says(page, "not_label", "check digit of this number is wrong")
    expect(page.get_by_role("button", name="It is right as it is")).to_be_visible()
    scan(page, "LX123456785CN")
    says(page, "gone", "check digit right")
    box = order.parcels.get()
    assert (box.packed_by, box.number, bool(box.shipped_at)) == (bob, "LX123456785CN", True)
    assert Evidence.objects.get().by == bob
    assert [said for said in page.complaints if "409" not in said] == []


def test_a_cancellation_that_comes_while_bob_packs_stops_him_at_once(screen_of, order, bob):
    page = screen_of(bob, f"/packing/{order.pk}")
    scan(page, "LAMP-R")
    says(page, "right")
    actions.see(order.shop, OrderSeen("ON-1", status="IN_CANCEL", state="cancelling", cancel_wish="Changed my mind", at=clock.now()))
    says(page, "stop", "The buyer wishes to cancel")
    expect(page.locator("#code")).to_have_count(0)
    expect(page.locator(".close-bar")).to_have_count(0)
    assert not order.parcels.filter(packed_at__isnull=False).exists()


def test_a_scan_made_while_the_connection_is_gone_is_sent_when_it_is_back(screen_of, order, bob):
    page = screen_of(bob, f"/packing/{order.pk}")
    scan(page, "LAMP-R")
    says(page, "right")
    page.context.set_offline(True)
    scan(page, "LAMP-R")
    scan(page, "BULB")
    expect(page.locator("#waiting")).to_contain_text("2")
    page.context.set_offline(False)
    says(page, "complete")
    expect(page.locator("#waiting")).to_be_hidden()
    assert PackScan.objects.count() == 3


def test_a_scanner_that_types_while_a_button_has_the_focus_presses_no_button(screen_of, order, bob):
    page = screen_of(bob, f"/packing/{order.pk}")
    page.get_by_role("button", name="Put one in by hand").first.focus()
    page.keyboard.type("BULB")
    page.keyboard.press("Enter")
    says(page, "right", "Bulb")
    assert PackScan.objects.get().code == "BULB"


def test_the_list_is_printed_in_the_buyers_language(screen_of, order, bob):
    page = screen_of(bob, f"/packing/{order.pk}/list")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("main h1")).to_have_text("قائمة محتويات الطرد")
    page.emulate_media(media="print")
    expect(page.locator(".tools")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_label("Language").select_option("th")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("html")).to_have_attribute("lang", "th")
    assert page.complaints == []


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_the_station_fits_every_screen_in_both_themes(screen_of, order, alice, bob, language):
    remarks.remark(order, "free", "Wrap it twice", by=alice, addressee="service")
    faint: list[str] = []
    paths = {"queue": "/packing", "station": f"/packing/{order.pk}", "none": "/packing?number=nope"}
    for theme in ("light", "dark"):
        Agent.objects.filter(pk=bob.pk).update(language=language, theme=theme)
        for width in (1440, 390):
            page = screen_of(bob, paths["station"], width=width, height=900, color_scheme=theme)
            scan(page, "LAMP-B") if width == 1440 else scan(page, "BULB")
            expect(page.locator('.verdict:not([data-verdict=""], .busy)')).to_be_visible()
            for name, path in paths.items():
                page.goto(path)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
                faint.extend(too_faint(page))
                if folder := os.environ.get("BRIDGEDESK_SHOTS"):
                    page.screenshot(path=f"{folder}/packing-{name}-{language}-{theme}-{width}.png", full_page=True)
            assert page.complaints == []
    assert faint == []
