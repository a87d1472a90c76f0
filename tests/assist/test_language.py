import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridgedesk.assist.language import identify


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Pouvez-vous me dire quand mon colis arrive ?", "fr"),
        ("belum nyampe kak, gimana dong", "id"),
        ("barang tak sampai lagi, macam mana ni", "ms"),
        ("wala pa rin po yung order ko", "tl"),
        ("Коли прийде моя посилка? Ще чекаю", "uk"),
        ("Когда же вы отправите мой заказ", "ru"),
        ("這個還有貨嗎", "zh-Hant"),
        ("这个还有货吗", "zh-Hans"),
        ("いつ届くのでしょうか", "ja"),
        ("배송이 너무 늦어요", "ko"),
        ("สินค้ายังไม่ถึงเลย", "th"),
        ("متى يصل الطرد", "ar"),
        ("מתי החבילה תגיע", "he"),
    ],
)
def test_a_message_gives_its_language_away(text, language):
    assert identify(text).language == language


@pytest.mark.parametrize("text", ["", "ok", "👍", "???", "LP00123456789012CN", "8176543210987654", "https://shop.example/item/1", "12-3"])
def test_what_holds_no_words_is_undetermined(text):
    assert identify(text).language == ""


def test_words_of_the_buyers_own_language_win_over_shopping_english():
    assert identify("hola mi order no ha llegado, refund please").language == "es"


def test_the_expected_language_decides_where_the_text_does_not():
    text = "Hvor er pakken"
    assert identify(text, {"nb": 4.0}).language == "nb"
    assert identify(text, {"da": 4.0}).language == "da"


def test_characters_common_to_both_scripts_follow_the_thread():
    assert identify("你好", chinese="zh-Hant").language == "zh-Hant"
    assert identify("你好").language == "zh-Hans"


def test_the_reason_names_the_words():
    guess = identify("kak barangnya belum sampai")
    assert guess.because == "words"
    assert "kak" in guess.words


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_text_breaks_it(text):
    guess = identify(text)
    assert 0 <= guess.probability <= 1.0001
