import pytest

from bridgedesk.lib.tracking import carriers
from bridgedesk.orders.carriers import bearer, named, own_page, site_for


@pytest.mark.parametrize(
    ("number", "carrier", "country", "language", "begins"),
    [
        ("1Z999AA10123456784", "", "DE", "de", "https://www.ups.com/track?loc=de_DE"),
        ("RR123456785CN", "", "DE", "de", "https://www.dhl.de/de/"),  # handed over to the buyer's own post
        ("RR123456785CN", "China Post", "FR", "fr", "https://www.laposte.fr/"),
        ("RB123456785GB", "", "GB", "en", "https://www.royalmail.com/"),
        ("RR123456785CN", "China Post", "ES", "es", "https://t.17track.net/es#nums="),  # Correos was not seen to work
        ("LP00123456789012", "Cainiao", "RU", "ru", "https://t.17track.net/ru#nums="),
        ("YT2312345678901234", "YunExpress", "JP", "ja", "https://t.17track.net/ja#nums="),
        ("1Z999AA10123456784", "", "JP", "ja", "https://t.17track.net/ja#nums="),  # UPS has no Japanese page that we know
        ("1Z999AA10123456784", "", "", "", "https://www.ups.com/track?loc=en_US"),
        ("323412345678", "bpost", "BE", "nl", "https://track.bpost.cloud/btr/web/#/search?itemCode=323412345678&lang=nl"),
        ("900123456789", "黑貓", "TW", "zh-Hant", "https://www.t-cat.com.tw/"),
        ("nobody knows 1", "", "BR", "pt-BR", "https://t.17track.net/pt#nums=nobodyknows1"),
        ("nobody knows 1", "", "TH", "th", "https://t.17track.net/en#nums="),
    ],
)  # fmt: skip
def test_a_buyer_is_sent_to_the_page_of_their_own_country_in_their_own_language(number, carrier, country, language, begins):
    site = site_for(number, carrier, country, language)
    assert site.url.startswith(begins)
    assert site.verified


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("1Z999AA10123456784", "Royal Mail"),  # a UPS number with the wrong carrier beside it
        ("RR473124828US", "USPS"),  # mistyped: its check digit is wrong
        ("123456789012", ""),  # twelve digits are many things
        ("AB12", "DHL eCommerce Asia Something"),
    ],
)
def test_a_number_that_only_looks_like_a_carriers_is_followed_where_any_number_can_be(number, carrier):
    assert site_for(number, carrier, "GB", "en").url.startswith("https://t.17track.net/en#nums=")


def test_a_number_cannot_break_out_of_the_address():
    assert "<" not in site_for('"><script>', language="en").url


def test_a_carrier_is_known_however_it_is_written():
    assert named("4px") == named("4PX ") == named("递四方")
    assert named("royal-mail") == named("ROYAL MAIL")
    assert named("Royal Mail of Mars") is None


def test_an_agent_is_shown_the_page_that_nobody_confirmed_with_its_mark():
    page = own_page("RR123456785CN", "China Post", "ES", "es")
    assert page is not None
    assert (page.carrier, page.verified) == ("Correos", False)
    assert own_page("nobody knows 1") is None


def test_no_two_carriers_share_a_name_and_every_address_is_a_secure_one():
    names = [(carrier.code, name) for carrier in carriers().values() for name in {carrier.code, carrier.name, *carrier.names}]
    wrong = [(code, name) for code, name in names if (found := named(name)) is None or found.code != code]
    assert wrong == []
    assert all(url.startswith("https://") for carrier in carriers().values() for url in carrier.urls.values())


def test_a_post_is_the_post_of_one_country_only():
    posts = [carrier.post for carrier in carriers().values() if carrier.post]
    assert len(posts) == len(set(posts)) > 20


def test_the_number_decides_who_carries_where_nobody_said():
    found = bearer("1Z999AA10123456784")
    assert found is not None
    assert found.code == "ups"
    assert bearer("what is this") is None
