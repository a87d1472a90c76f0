from itertools import pairwise

import pytest
from django.conf import settings as django_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from bridgedesk.assist.rudeness import grade, lexicon_of, rude_words
from bridgedesk.assist.shouting import has_case, shouted
from bridgedesk.assist.triage import manner


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("what the FUUUCK is this", "en"),
        ("f.u.c.k you", "en"),
        ("you b!tch", "en"),
        ("sh*tty seller", "en"),
        ("esto es una m1erda", "es"),
        ("MERDE alors", "fr"),
        ("so ein Scheiss Laden", "de"),
        ("вот cуки", "ru"),
        ("傻 逼 卖家".replace(" ", ""), "zh-Hans"),
        ("垃圾賣家", "zh-Hant"),
        ("ร้านเหี้ยมาก", "th"),
    ],
)
def test_a_disguised_insult_is_found(text, language):
    assert grade(rude_words(text, language)) == "strong"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Assorted glass bass classic, shipped to Scunthorpe", "en"),
        ("Das Seil ist zu dick", "de"),
        ("ürün çok sık dokulu mu", "tr"),
        ("lớn hơn một chút được không", "vi"),
        ("操作起来很简单", "zh-Hans"),
        ("사기 전에 문의드려요", "ko"),
        ("다시발송 부탁드려요, 오기만 기다려요", "ko"),
        ("请你马上发货", "zh-Hans"),
        ("送给他妈妈的礼物", "zh-Hans"),
        ("Kargoyu şubeye götürdüm", "tr"),
        ("χαμένο πακέτο", "el"),
        ("comment connecter la lampe", "fr"),
        ("barang cacat, minta tukar", "id"),
        ("rated 5***", "en"),
        ("price is 20$ * 3", "en"),
        ("*important* please read", "en"),
    ],
)
def test_innocent_words_raise_no_alarm(text, language):
    assert rude_words(text, language) == []


def test_an_accusation_is_the_lesser_grade():
    assert grade(rude_words("you are thieves", "en")) == "accusation"


def test_the_evidence_is_where_the_word_stands():
    text = "Straße! You f**king idiots"
    assert [text[each.start : each.end] for each in rude_words(text, "en")] == ["f**king", "idiots"]


def test_a_shouted_sentence_is_marked_alone():
    text = "Hello. WHERE IS MY PARCEL NOW? Thanks"
    assert [text[each.start : each.end] for each in shouted(text)] == ["WHERE IS MY PARCEL NOW?"]


@pytest.mark.parametrize(
    "text", ["DHL EXPRESS USB", "THANK YOU VERY MUCH", "12 HIGH STREET NORTH LONDON", "TRACKING LP00123456789012CN", "I REALLY want it"]
)
def test_codes_addresses_and_thanks_are_not_shouting(text):
    assert shouted(text) == []


def test_a_script_without_capitals_cannot_shout():
    assert has_case("我要退款") is False
    assert manner("我要退款").shouting is None


@settings(deadline=None)
@given(st.text(max_size=300), st.sampled_from(["en", "tr", "de", "zh-Hans", "ru", "ko", ""]))
def test_marks_lie_inside_the_text_and_never_overlap(text, language):
    found = rude_words(text, language)
    assert all(0 <= each.start < each.end <= len(text) for each in found)
    assert all(first.end <= second.start for first, second in pairwise(found))
    assert all(0 <= each.start < each.end <= len(text) for each in shouted(text))


def test_every_lexicon_can_be_read():
    names = [path.stem for path in (django_settings.CONTENT / "lexicon").glob("*.toml")]
    assert len(names) >= 31
    assert all(lexicon_of(name).strong for name in names)
