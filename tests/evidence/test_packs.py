"""A pack holds what belongs to the order, nothing of anybody else, and shows every change made to it since."""

import hashlib
import io
import json
import struct
import zipfile
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from bridgedesk import cli
from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import File, MessageReceived, Person
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations.models import Conversation
from bridgedesk.customers.models import Customer
from bridgedesk.evidence import document, gathering, pdf_child, sealing
from bridgedesk.lib import confined
from bridgedesk.orders.models import Order, Parcel, Payment, Remark, Scan
from bridgedesk.remedies import actions as remedies
from tests.remedies.test_case_pages import PICTURE

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.fixture
def order(shop, bob, noon):
    photo = File(name="../../broken lamp?.png", data=PICTURE)
    conversations.receive(
        shop, MessageReceived("t1", "m1", Person("anna", name="Anna"), noon, "壊れています<b>", order="A1", files=(photo,))
    )
    c = Conversation.objects.get()
    conversations.note(c, "she always complains", by=bob)
    made, _new = Order.objects.update_or_create(
        shop=shop, external_id="A1", defaults={"customer": c.customer, "first_seen_at": noon, "placed_at": noon - timedelta(days=9)}
    )
    parcel = Parcel.objects.create(order=made, number="RR1", carrier="Post")
    Scan.objects.create(parcel=parcel, at=noon - timedelta(days=2), text="Delivered to neighbour", place="Osaka")
    Remark.objects.create(order=made, kind="free", text="pack it well", created_at=noon - timedelta(days=8), author=bob)
    Payment.objects.create(order=made, kind="refund", minor=500, currency="EUR", at=noon + timedelta(days=1))
    conversations.receive(shop, MessageReceived("t2", "m2", Person("ben", name="Ben"), noon, "Ben's secret", order="B7"))
    conversations.receive(shop, MessageReceived("t3", "m3", Person("zoe", name="Zoe"), noon, "Zoe names A1 too", order="A1"))
    return made


def opened(answer) -> zipfile.ZipFile:
    whole = b"".join(answer.streaming_content)
    return zipfile.ZipFile(io.BytesIO(whole))


def test_everything_about_the_order_in_the_order_of_time(order, bob, sign_in):
    pack = opened(sign_in(bob).post(f"/orders/{order.pk}/evidence.zip"))
    page = pack.read("index.html").decode()
    for text in ("A1", "pack it well", "Delivered to neighbour", "壊れています", "€5.00", "Anna"):
        assert text in page
    kinds = [row["kind"] for row in json.loads(pack.read("timeline.json"))]
    assert kinds == ["placed", "remark", "scan", "buyer", "refund"]
    assert Activity.objects.get(verb="made_pack").by == bob


def test_nothing_of_other_buyers_or_orders_and_no_note_among_ourselves(order, bob, sign_in):
    whole = b"".join(
        opened(sign_in(bob).post(f"/orders/{order.pk}/evidence.zip")).read(name) for name in ("index.html", "timeline.json")
    ).decode()
    assert not [text for text in ("Ben", "B7", "Zoe", "complains") if text in whole]


def test_without_a_known_buyer_only_what_names_the_order(order, shop):
    Order.objects.filter(pk=order.pk).update(customer=None)
    assert [row.text for row in gathering.messages(Order.objects.get(pk=order.pk)).order_by("pk")] == [
        "壊れています<b>",
        "Zoe names A1 too",
    ]


def test_the_page_fetches_nothing_and_runs_nothing(order, bob, sign_in):
    pack = opened(sign_in(bob).post(f"/orders/{order.pk}/evidence.zip"))
    page = pack.read("index.html").decode()
    assert "<script" not in page
    assert "http" not in page.lower().replace("http-equiv", "")
    assert "<b>" not in page
    assert all(not name.startswith(("/", "..")) and ".." not in name and "?" not in name for name in pack.namelist())
    picture = next(name for name in pack.namelist() if name.startswith("messages/"))
    assert f'src="{picture}"' in page
    assert pack.read(picture) == PICTURE


def test_what_was_offered_stands_in_it(order, bob, sign_in, noon):
    Order.objects.filter(pk=order.pk).update(total_minor=5000, currency="USD", country="US")
    case = remedies.open_case(Order.objects.get(pk=order.pk), "damaged", by=bob)
    remedies.answered(remedies.choose(case, "partial_20", by=bob), "refused", by=bob)
    page = opened(sign_in(bob).post(f"/orders/{order.pk}/evidence.zip")).read("index.html").decode()
    assert "Refund 20 %, the buyer keeps it" in page
    assert "The buyer refused" in page


def test_only_who_sees_the_order_makes_its_pack(order, alice, bob, charlie, sign_in):
    for who in (alice, bob):
        assert "index.html" in opened(sign_in(who).post(f"/orders/{order.pk}/evidence.zip")).namelist()
    assert sign_in(charlie).post(f"/orders/{order.pk}/evidence.zip").status_code == 404
    assert sign_in(bob).get(f"/orders/{order.pk}/evidence.zip").status_code == 405


def test_it_is_offered_on_the_page_of_the_order(order, bob, sign_in):
    assert f"/orders/{order.pk}/evidence" in sign_in(bob).get(f"/orders/{order.pk}").content.decode()


def test_the_page_says_what_goes_in_and_which_packs_were_made(order, alice, bob, charlie, sign_in):
    before = sign_in(bob).get(f"/orders/{order.pk}/evidence").content.decode()
    for text in ("Remark on the order", "The buyer wrote", "pixels", "None yet.", f"/orders/{order.pk}/evidence.zip"):
        assert text in before
    opened(sign_in(bob).post(f"/orders/{order.pk}/evidence.zip"))
    after = sign_in(alice).get(f"/orders/{order.pk}/evidence").content.decode()
    assert "None yet." not in after
    assert str(bob) in after
    for address in ("evidence", "evidence/document"):
        assert sign_in(charlie).get(f"/orders/{order.pk}/{address}").status_code == 404
        assert sign_in(bob).get(f"/orders/{2**64}/{address}").status_code == 404


def test_the_page_of_an_order_nothing_is_known_of(shop, noon, bob, sign_in):
    bare = Order.objects.create(shop=shop, external_id="B1", first_seen_at=noon)
    assert "Nothing is on file yet." in sign_in(bob).get(f"/orders/{bare.pk}/evidence").content.decode()


def test_it_is_told_before_whether_the_document_can_be_set(order, bob, sign_in, monkeypatch):
    address = f"/orders/{order.pk}/evidence/document"
    monkeypatch.setattr(document, "_run", lambda *_given: b"%PDF")
    assert "The PDF can be set" in sign_in(bob).get(address).content.decode()
    monkeypatch.setattr(document, "_run", no_font)
    assert "no font for some of the letters" in sign_in(bob).get(address).content.decode()


def no_font(*_given: object) -> bytes:
    raise confined.Ended(pdf_child.NO_FONT)


def test_a_pack_without_a_document_says_so_everywhere(order, bob, sign_in, monkeypatch):
    monkeypatch.setattr(document, "_run", no_font)
    pack = opened(sign_in(bob).post(f"/orders/{order.pk}/evidence.zip"))
    assert "evidence.pdf" not in pack.namelist()
    assert json.loads(pack.read("manifest.json"))["pdf"] == document.NO_FONT
    assert "no font for some of the letters" in pack.read("index.html").decode()
    assert "no font for some of the letters" in sign_in(bob).get(f"/orders/{order.pk}/evidence").content.decode()


def test_a_pack_holds_the_document_and_copies_beside_the_originals(order, bob, sign_in):
    pack = opened(sign_in(bob).post(f"/orders/{order.pk}/evidence.zip"))
    told = json.loads(pack.read("manifest.json"))
    assert ("evidence.pdf" in pack.namelist()) is not bool(told["pdf"])
    [(copy, original)] = told["copies"].items()
    assert pack.read(original) == PICTURE
    assert pack.read(copy).startswith(b"\xff\xd8\xff")
    assert told["files"][original] == hashlib.sha256(PICTURE).hexdigest()
    assert told["form"]["sure"] in ("own", "unconfirmed")
    assert copy in pack.read("index.html").decode()


def test_a_file_that_is_gone_is_named_as_left_out(order, bob, sign_in, monkeypatch):
    def gone(row: object) -> bytes:
        raise FileNotFoundError

    monkeypatch.setattr(gathering, "open_bytes", gone)
    assert "Left out" in opened(sign_in(bob).post(f"/orders/{order.pk}/evidence.zip")).read("index.html").decode()


def sealed(files: dict[str, bytes]) -> io.BytesIO:
    target = io.BytesIO()
    sealing.seal(target, list(files.items()), {"order": "A1"}, KEY)
    return target


def changed(pack: io.BytesIO, change: dict[str, bytes | None]) -> io.BytesIO:
    """The pack with some files replaced, added or (None) taken out."""
    target = io.BytesIO()
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(target, "w") as new:
        kept = {name: old.read(name) for name in old.namelist()} | change
        for name, data in kept.items():
            if data is not None:
                new.writestr(name, data)
    return target


def test_a_pack_as_it_was_sealed_is_whole():
    own = KEY.public_key().public_bytes_raw()
    found = sealing.check(sealed({"a": b"1", "b": b"2"}), own)
    assert (found.faults, found.own, found.files, found.about) == ((), True, 2, {"order": "A1"})
    assert sealing.check(sealed({}), bytes(32)).own is False


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"a": b"other"}, "a: changed"),
        ({"a": None}, "a: missing"),
        ({"c": b"new"}, "c: not in the manifest"),
    ],
)
def test_every_change_is_told(change, told):
    assert sealing.check(changed(sealed({"a": b"1", "b": b"2"}), change)).faults == (told,)


def test_a_manifest_written_anew_does_not_fit_its_signature():
    pack = sealed({"a": b"1"})
    manifest = zipfile.ZipFile(pack).read("manifest.json").replace(b"A1", b"B2")
    assert "the signature does not fit" in sealing.check(changed(pack, {"manifest.json": manifest})).faults[0]


@pytest.mark.parametrize("name", ["../a", "/a", "a/../../b", "a\\b", "C:a", "a\x1b[2J", "a\nb", "a//b", "x" * 300, "a/" * 9 + "b"])
def test_names_that_lead_out_of_the_pack_or_fool_the_reader_are_told_and_shown_harmless(name):
    faults = sealing.check(sealed({name: b"1"})).faults
    assert any("no name for a file of a pack" in fault for fault in faults)
    assert all(fault.isprintable() and len(fault) < 400 for fault in faults)


def test_a_link_is_no_file_of_a_pack():
    target = sealed({"a": b"1"})
    with zipfile.ZipFile(target, "a") as pack:
        link = zipfile.ZipInfo("b")
        link.external_attr = 0o120777 << 16
        pack.writestr(link, "/etc/passwd")
    assert "b: no plain file" in sealing.check(target).faults


def test_a_pack_that_unpacks_to_far_more_than_it_weighs_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(sealing, "MOST_BYTES", 3 << 20)
    bomb = sealed({f"{n}.txt": bytes(2 << 20) for n in range(4)})
    assert bomb.getbuffer().nbytes < 20_000
    assert sealing.check(bomb).faults == ("it unpacks to more than any pack holds; the rest was not read",)


@pytest.mark.parametrize("bound", ["MOST_FILES", "MOST_DIRECTORY", "MOST_MANIFEST", "MOST_SIGNATURE"])
def test_a_pack_beyond_a_bound_is_refused_before_it_is_read(bound, monkeypatch):
    pack = sealed({f"{n}": b"1" for n in range(4)})
    assert not sealing.check(pack).faults
    monkeypatch.setattr(sealing, bound, 5)
    with pytest.raises(ValueError, match="no pack"):
        sealing.check(pack)


def test_a_list_of_files_that_hides_in_a_second_record_is_counted_too():
    end = struct.pack("<4sQHHLLQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 9_000_000, 9_000_000, 9_000_000 * 50, 0)
    whole = sealed({"a": b"1"}).getvalue()
    cut = whole.rindex(b"PK\5\6")
    with pytest.raises(ValueError, match="no pack"):
        sealing.check(io.BytesIO(whole[:cut] + end + struct.pack("<4sLQL", b"PK\6\7", 0, cut, 1) + whole[cut:]))


@pytest.mark.parametrize("told", [b"[" * 200_000, b'{"files": 1, "key": ""}', b'{"files": {"a": {}}, "key": ""}', b"null", b"\xff"])
def test_a_manifest_of_nonsense_is_no_pack(told):
    with pytest.raises(ValueError, match="no pack"):
        sealing.check(changed(sealed({"a": b"1"}), {"manifest.json": told}))


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_anything_else_is_no_pack(data):
    with pytest.raises(ValueError, match="no pack"):
        sealing.check(io.BytesIO(data))


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_byte_can_be_changed_unseen(place, by):
    whole = bytearray(sealed({"a": b"hello" * 20}).getvalue())
    before = sealing.check(io.BytesIO(bytes(whole)))
    whole[place % len(whole)] ^= by
    try:
        found = sealing.check(io.BytesIO(bytes(whole)))
    except ValueError:
        return
    assert found.faults or (found.about, found.files, found.fingerprint) == (before.about, before.files, before.fingerprint)


def test_the_command_says_whether_it_is_whole(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("BRIDGEDESK_DATA", str(tmp_path))
    key = sealing.private_key(tmp_path)
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    with good.open("wb") as file:
        sealing.seal(file, [("a", b"1")], {"order": "A1"}, key)
    bad.write_bytes(changed(io.BytesIO(good.read_bytes()), {"a": b"2"}).getvalue())
    cli.verify_pack([str(good)])
    assert "Every file is as it was sealed." in capsys.readouterr().out
    with pytest.raises(SystemExit, match="a: changed"):
        cli.verify_pack([str(bad)])


def test_a_customer_of_the_same_name_is_somebody_else(order, shop, noon):
    other = Customer.objects.create(name="Anna", created_at=noon)
    twin = Order.objects.create(shop=shop, customer=other, external_id="A2", first_seen_at=noon)
    assert not gathering.messages(twin).exists()
