from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.channels.events import Address
from bridgedesk.orders import postal, rules
from bridgedesk.orders.bought import Article
from bridgedesk.orders.rules import Facts, Figure, Pickup
from tests.conftest import NOON

GOOD = {
    "DE": Address("Anna", "+4915123456789", ("Lange Straße 5",), "", "Berlin", "", "10115", "DE"),
    "US": Address("Bill", "+12125551234", ("12 Main St",), "", "New York", "NY", "10001", "US"),
    "TW": Address("Chen", "0912345678", ("中正路一號",), "中正區", "", "台北市", "100", "TW"),
    "PL": Address("Ewa", "+48512345678", ("ul. Długa 3",), "", "Warszawa", "", "00-950", "PL"),
    "BR": Address("João", "+5511987654321", ("Rua Longa s/n",), "", "São Paulo", "SP", "01310-100", "BR"),
    "GB": Address("Tim", "+447400123456", ("1 High St",), "", "London", "", "EC1Y 8SY", "GB"),
    "AE": Address("Omar", "+971501234567", ("Al Wasl Road",), "", "", "Dubai", "", "AE"),
}


def seen(address, platform="email", state="to_ship", **more):
    return [found.code for found in rules.look(Facts(state=state, platform=platform, now=NOON, address=address, **more))]


def changed(of, /, **changes):
    return Address(**(vars(GOOD[of]) | changes))


@pytest.mark.parametrize("country", sorted(set(GOOD) - {"TW"}))
def test_a_good_address_says_nothing(country):
    assert seen(GOOD[country]) == []


def test_an_address_in_chinese_is_fine_where_the_platform_prints_the_label():
    assert seen(GOOD["TW"], "shopee") == []
    assert seen(GOOD["TW"], "email") == ["script"]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (changed("DE", lines=()), "address_missing"),
        (changed("DE", name=" "), "address_missing"),
        (changed("DE", postcode=""), "address_missing"),
        (changed("DE", city=""), "address_missing"),
        (changed("DE", lines=("Lange Straße",)), "house_number"),
        (changed("DE", lines=("Lange Straße, 10115",)), "house_number"),
        (changed("DE", postcode="1011"), "postcode_format"),
        (changed("GB", postcode="E1 8SYY"), "postcode_format"),
        (changed("US", region="CA"), "postcode_region"),
        (changed("US", region="California"), "postcode_region"),
        (changed("US", region="HI", postcode="96766"), "remote_area"),
        (changed("GB", postcode="BT1 1AA"), "remote_area"),
        (changed("DE", country="XX"), "country_unknown"),
        (changed("DE", lines=("ул. Ленина 5",)), "script"),
        (changed("DE", phone=""), "phone_missing"),
        (changed("DE", phone="+49 151 2345 6789 0123 456"), "phone_impossible"),
        (changed("DE", phone="+1 212 555 1234"), "phone_abroad"),
        (changed("US", phone="+11234567890"), "phone_invalid"),
    ],
)  # fmt: skip
def test_what_is_odd_about_an_address(address, code):
    assert seen(address) == [code]


@pytest.mark.parametrize(
    ("country", "postcode", "region"),
    [("ES", "35001", ""), ("ES", "51 001", ""), ("FR", "20000", ""), ("FR", "97400", ""), ("PT", "9000-001", ""), ("IT", "90100", ""),
     ("GB", "ZE1 0AA", ""), ("GB", "IM1 1AA", ""), ("US", "99501", ""), ("US", "00901", ""), ("US", "09012", ""), ("GR", "84700", ""),
     ("MY", "88000", ""), ("MY", "93000", ""), ("PH", "5300", ""), ("MY", "", "Sabah"), ("TW", "880", ""), ("AU", "0800", "")],
)  # fmt: skip
def test_remote_areas_are_known_by_postcode_or_region(country, postcode, region):
    assert postal.remote(country, postcode, region)


@pytest.mark.parametrize(("country", "postcode"), [("ES", "28001"), ("FR", "75001"), ("FR", "98000"), ("GB", "SW1A 1AA"), ("US", "90210"),
                                                   ("MY", "50754"), ("PT", "1000-001"), ("IT", "00100"), ("TW", "100")])  # fmt: skip
def test_the_rest_of_the_country_is_not_remote(country, postcode):
    assert postal.remote(country, postcode, "") is None


def test_a_post_office_box_stops_a_courier_and_not_the_post():
    box = changed("GB", lines=("PO Box 12",))
    assert seen(box, shipping_method="DHL Express") == ["po_box"]
    assert seen(box, shipping_method="Registered mail") == []


@pytest.mark.parametrize(
    "line", ["P.O. Box 7", "Postfach 12", "Apartado de Correos 5", "Caixa Postal 88", "B.P. 123", "а/я 15", "私書箱 3号", "郵政信箱 9"]
)
def test_boxes_are_known_in_many_languages(line):
    assert postal.postal().po_box.search(rules.fold(line))


def test_a_store_needs_a_mobile_number_and_no_street():
    store = Address("Chen", "02 2345 6789", ("7-ELEVEN 中正門市",), "", "", "", "", "TW", "pickup")
    assert seen(store, "shopee") == ["phone_not_mobile"]


def test_a_masked_address_is_only_said_to_be_masked():
    assert seen(changed("DE", name="A***", lines=("***",), phone="****12", masked=True)) == ["address_masked"]


def test_a_method_that_does_not_go_there_or_takes_too_long():
    assert seen(GOOD["US"], shipping_method="Packeta home") == ["method_elsewhere"]
    assert seen(GOOD["US"], shipping_method="Economy", deliver_by=NOON + timedelta(days=5)) == ["method_slow"]
    assert seen(GOOD["US"], shipping_method="Economy", deliver_by=NOON + timedelta(days=25)) == []


RED = Article(1, "Shirt", {"Color": "Red", "Size": "M"}, 1)


@pytest.mark.parametrize(
    ("said", "code"),
    [("please send the blue one", "color_differs"), ("en azul por favor", "color_differs"), ("我要白色的，谢谢", "color_differs"),
     ("красивый синий, пожалуйста", "color_differs"), ("ขอสีน้ำเงิน", "color_differs"), ("size L please", "size_differs"),
     ("サイズ L", "size_differs"), ("quiero 3 piezas", "quantity_differs"), ("要3件", "quantity_differs"),
     ("x2 please", "quantity_differs")],
)  # fmt: skip
def test_what_the_buyer_wrote_against_what_was_bought(said, code):
    assert seen(GOOD["DE"], articles=[RED], said=[said]) == [code]


AGREEING = [
    "red please",
    "roja, talla M",
    "1 piece",
    "明白了，谢谢",
    "I'm so happy",
    "s'il vous plaît vite",
    "ring at number 12",
    "红色 M 码",
    "",
]


@pytest.mark.parametrize("said", [*AGREEING, "deliver before 10 am"])
def test_words_that_agree_or_say_nothing_of_it(said):
    assert seen(GOOD["DE"], articles=[RED], said=[said]) == []


def test_an_article_without_colours_is_not_asked_about_colours():
    assert seen(GOOD["DE"], articles=[Article(1, "Garden hose", {"Length": "5 m"}, 1)], said=["the blue one"]) == []


def test_many_pieces_are_asked_about():
    figures = {"many_pieces": Figure(Decimal(10), "ours", "own")}
    assert seen(GOOD["DE"], articles=[Article(1, "Shirt", {}, 10)], figures=figures) == ["quantity_high"]
    assert seen(GOOD["DE"], articles=[Article(1, "Shirt", {}, 9)], figures=figures) == []


def test_few_parcels_say_nothing_of_a_buyer():
    figures = {"pickup_rate": Figure(Decimal(85), "", "own"), "pickup_least_orders": Figure(Decimal(3), "", "own")}
    poor = {"cash_on_delivery": True, "figures": figures}
    assert seen(GOOD["DE"], pickups=[Pickup("buyer", 0, 2)], **poor) == []
    assert seen(GOOD["DE"], pickups=[Pickup("buyer", 17, 20)], **poor) == []
    assert seen(GOOD["DE"], pickups=[Pickup("buyer", 16, 20)], **poor) == ["pickup_poor"]


def test_the_heaviest_comes_first():
    found = rules.look(Facts(state="to_ship", platform="email", now=NOON, address=changed("DE", lines=(), phone="", postcode="1")))
    assert [one.weight for one in found] == sorted((one.weight for one in found), key=rules.WEIGHTS.index)


def test_one_place_has_one_key_however_it_is_written():
    assert rules.address_key(GOOD["DE"]) == rules.address_key(changed("DE", lines=("LANGE STRASSE", "5"), name="Other"))
    assert rules.phone_key(changed("DE", phone="0151 2345 6789")) == rules.phone_key(GOOD["DE"]) != ""
    assert rules.phone_key(changed("DE", phone="*****12")) == ""


texts = st.text(max_size=60)
countries = st.sampled_from(["", "DE", "TW", "ZZ", "é", "../x", "US"])


@given(
    address=st.builds(Address, texts, texts, st.tuples(texts, texts), texts, texts, texts, texts, countries),
    said=st.lists(texts, max_size=2),
    options=st.dictionaries(texts, texts, max_size=2),
    method=texts,
)  # fmt: skip
def test_no_text_breaks_the_rules(address, said, options, method):
    seen(address, said=said, articles=[Article(1, method, options, 3)], shipping_method=method, deliver_by=NOON)
