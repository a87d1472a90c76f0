"""A pack of evidence: made by the lead from the page of the order, downloaded, checked; one byte changed names its file."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bridgedesk import cli
from bridgedesk.channels.events import File, MessageReceived, Person
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations.models import Conversation
from bridgedesk.evidence import pictures
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order, Parcel, Scan
from tests.evidence.test_pictures import noise

PHOTO = noise(1600, 1200)


@pytest.fixture
def order(transactional_db, shop):
    now = clock.now()
    event = MessageReceived("t1", "m1", Person("anna", name="Anna"), now, "It came broken.", order="A1", files=(File("lamp.jpg", PHOTO),))
    conversations.receive(shop, event)
    told = {"customer": Conversation.objects.get().customer, "first_seen_at": now, "delivered_at": now}
    made, _new = Order.objects.update_or_create(shop=shop, external_id="A1", defaults=told | {"state": "delivered"})
    Scan.objects.create(parcel=Parcel.objects.create(order=made, number="RR1", carrier="Post"), at=now, text="Delivered to neighbour")
    return made


def downloaded(page: Page, target: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Make the pack").click()
    waiting.value.save_as(target)
    return target


def with_a_changed_byte(pack: Path, name: str, target: Path) -> Path:
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(target, "w") as new:
        for each in old.namelist():
            data = bytearray(old.read(each))
            if each == name:
                data[len(data) // 2] ^= 1
            new.writestr(each, bytes(data))
    return target


def test_make_and_verify_an_evidence_pack(screen_of, order, alice, tmp_path, settings, monkeypatch, capsys):
    monkeypatch.setenv("BRIDGEDESK_DATA", str(settings.DATA))
    page = screen_of(alice, f"/orders/{order.pk}")
    page.get_by_role("link", name="Evidence for a dispute").click()
    expect(page.get_by_role("heading", name="What goes in")).to_be_visible()
    expect(page.get_by_text("The PDF can be set")).to_be_visible()
    pack = downloaded(page, tmp_path / "pack.zip")
    assert page.complaints == []

    cli.verify_pack([str(pack)])
    assert "Every file is as it was sealed." in capsys.readouterr().out
    with zipfile.ZipFile(io.BytesIO(pack.read_bytes())) as opened:
        names = opened.namelist()
        photo = next(name for name in names if name.startswith("messages/"))
        copy, original = next(iter(json.loads(opened.read("manifest.json"))["copies"].items()))
        assert (opened.read(photo), original) == (PHOTO, photo)
        assert len(opened.read(copy)) <= pictures.form(order.shop.platform).bytes
        assert opened.read("evidence.pdf").startswith(b"%PDF-")

    with pytest.raises(SystemExit, match=f"{photo}: changed"):
        cli.verify_pack([str(with_a_changed_byte(pack, photo, tmp_path / "changed.zip"))])


def test_the_page_of_the_pack_opens_from_a_folder_and_asks_for_nothing(screen_of, order, alice, tmp_path):
    page = screen_of(alice, f"/orders/{order.pk}/evidence")
    with zipfile.ZipFile(downloaded(page, tmp_path / "pack.zip")) as opened:
        opened.extractall(tmp_path / "pack")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "pack" / "index.html").as_uri())
    expect(page.get_by_text("It came broken.")).to_be_visible()
    expect(page.locator("img")).to_have_count(1)
    assert page.evaluate("document.images[0].complete && document.images[0].naturalWidth") == 1600
    assert [url for url in asked if not url.startswith("file:")] == []


def test_the_page_fits_a_telephone(screen_of, order, alice):
    page = screen_of(alice, f"/orders/{order.pk}/evidence", width=390, height=844)
    expect(page.get_by_role("button", name="Make the pack")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
