"""The gate's eye for languages: it names another language only where it is sure, and says nothing else."""

import re
import tomllib
from collections.abc import Iterator

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.lib.written import chinese_script, written_in

ANSWERS = {
    "en": "We have sent your lamp today and you will find the number of the parcel in your order.",
    "de": "Wir haben Ihre Lampe heute verschickt, und die Nummer der Sendung finden Sie in Ihrer Bestellung.",
    "fr": "Nous avons envoyé votre lampe ce matin et vous trouverez le numéro du colis dans votre commande.",
    "es": "Hemos enviado su lámpara esta mañana y puede ver el número del paquete en su pedido.",
    "pt": "Enviamos a sua lâmpada hoje de manhã e você pode ver o número do pacote no seu pedido.",
    "it": "Abbiamo spedito la sua lampada questa mattina e il numero del pacco si trova nel suo ordine.",
    "nl": "Wij hebben uw lamp vandaag verzonden en het nummer van het pakket staat in uw bestelling.",
    "sv": "Vi har skickat din lampa i dag och numret på paketet finns i din beställning, så du kan följa det.",
    "da": "Vi har sendt din lampe i dag, og nummeret på pakken står i din ordre, så du kan følge den.",
    "fi": "Lähetimme lampun tänään ja paketin numero on sinun tilauksessa, niin voit seurata sitä kun se on matkalla.",
    "pl": "Dziś wysłaliśmy Pani lampę, a numer paczki jest już widoczny w zamówieniu, więc może Pani ją śledzić.",
    "cs": "Dnes jsme odeslali vaši lampu a číslo zásilky je už u objednávky, takže ji můžete sledovat.",
    "ro": "Am trimis astăzi lampa și numărul coletului este în comanda dumneavoastră, ca să îl puteți urmări.",
    "hu": "Ma feladtuk a lámpát, és a csomag száma már ott van a rendelésnél, hogy követni tudja.",
    "tr": "Lambanızı bugün gönderdik ve kargo numarası siparişinizde görünüyor, bu sayfa ile takip için çok kolay.",
    "vi": "Chúng tôi đã gửi đèn cho bạn hôm nay và mã vận đơn đã có trong đơn hàng, bạn xem giúp nhé.",
    "id": "Kami sudah mengirim lampu kamu hari ini dan nomor resi ada di pesanan, jadi kamu bisa cek dari sana.",
    "tl": "Naipadala na namin ang inyong ilaw ngayon at makikita ninyo ang numero ng parcel sa inyong order.",
    "ru": "Мы отправили вашу лампу сегодня, номер посылки вы найдёте в заказе.",
    "uk": "Ми надіслали вашу лампу сьогодні, номер посилки ви знайдете в замовленні.",
    "ja": "本日ランプを発送いたしました。荷物の番号は注文ページでご確認いただけます。",
    "ko": "오늘 램프를 발송했습니다. 운송장 번호는 주문 내역에서 확인하실 수 있습니다.",
    "th": "เราได้จัดส่งโคมไฟของคุณแล้ววันนี้ เลขพัสดุดูได้ในคำสั่งซื้อ",
    "ar": "لقد أرسلنا المصباح اليوم وستجد رقم الشحنة في طلبك.",
    "he": "שלחנו את המנורה היום, ומספר החבילה מופיע בהזמנה שלך.",
    "el": "Στείλαμε τη λάμπα σας σήμερα και ο αριθμός του δέματος υπάρχει στην παραγγελία σας.",
    "zh-Hans": "您的台灯今天已经发出，包裹单号可以在订单里查看。",
    "zh-Hant": "您的檯燈今天已經寄出，包裹單號可以在訂單裡查看。",
}
KIN = ({"id", "ms"}, {"da", "nb", "sv"}, {"zh-Hans", "zh-Hant"})


def akin(one: str, other: str) -> bool:
    return one == other or any({one, other} <= kin for kin in KIN)


@pytest.mark.parametrize("language", ANSWERS)
def test_an_answer_in_the_readers_language_or_a_close_one_is_never_noticed(language):
    assert {reader: written_in(ANSWERS[language], reader) for reader in ANSWERS if akin(language, reader)} == {
        reader: "" for reader in ANSWERS if akin(language, reader)
    }


@pytest.mark.parametrize("language", ANSWERS)
def test_an_answer_in_a_language_the_reader_does_not_read_is_noticed(language):
    unread = [reader for reader in ANSWERS if not akin(language, reader)]
    assert [reader for reader in unread if not written_in(ANSWERS[language], reader)] == []


SHORT = [
    "OK", "ok, thanks!", "Thank you!", "Hello Maria,", "👍", "Done.", "Gracias", "Merci beaucoup", "Danke", "どうも", "好的", "네",
    "Sí", "Da", "no", "USB-C 65W", "LP00123456789012CN", "https://t.17track.net/en", "DHL Express", "Lamp Pro Max 2", "2–3 days",
    "Size: XL / Color: red", "Brass lamp for the hall with remote", "The North Face Base Camp Duffel", "Made in China", "FAQ",
    "Best regards, Anna", "Yes, in stock",
]  # fmt: skip


@pytest.mark.parametrize("text", SHORT)
def test_a_few_words_or_the_name_of_a_product_are_never_noticed_by_a_reader_of_an_alphabet(text):
    alphabet = [reader for reader in ANSWERS if reader[:2] not in ("ja", "ko", "zh", "th", "ar", "he", "el", "ru", "uk")]
    assert {reader: found for reader in alphabet if (found := written_in(text, reader))} == {}


@pytest.mark.parametrize("reader", ["th", "ru", "ja", "ko", "ar", "zh-Hant"])
def test_nor_are_latin_names_and_numbers_by_a_reader_of_another_script(reader):
    assert [text for text in SHORT if text.isascii() and written_in(text, reader)] == []


def test_a_text_in_two_languages_of_which_one_is_the_readers_is_not_noticed():
    for reader in ("pl", "de", "ja", "th", "ru", "zh-Hant", "vi"):
        assert written_in(f"{ANSWERS['en']}\n\n{ANSWERS[reader]}", reader) == ""


def test_an_answer_that_only_names_english_goods_stays_the_readers():
    assert written_in("Twoja paczka z „Lamp for the hall and the kitchen, with a remote” jest już w drodze.", "pl") == ""
    assert written_in("「Lamp for the hall and the kitchen, with a remote」を本日発送しました", "ja") == ""


def test_for_a_reader_whose_words_are_not_known_only_what_is_plain_is_noticed():
    assert written_in(ANSWERS["cs"], "sk") == ""
    assert written_in(ANSWERS["es"], "ca") == ""
    assert written_in(ANSWERS["en"], "sk") == "en"
    assert written_in(ANSWERS["zh-Hans"], "sk") == "zh"


def test_without_a_known_reader_there_is_nothing_to_notice():
    assert written_in(ANSWERS["en"], "") == ""


def shipped() -> Iterator[tuple[str, str]]:
    for path in sorted((settings.CONTENT / "templates").glob("*.toml")):
        for template in tomllib.loads(path.read_text("utf-8")).get("template", []):
            for language, body in template["text"].items():
                bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", body)
                yield from ((language, part) for part in re.split(r"(?<=[.!?。！？])\s+|\n", bare) if part.strip())


def test_no_sentence_of_our_templates_is_taken_for_another_language_than_its_own():
    sentences = list(shipped())
    assert len(sentences) > 2000
    assert [(language, text) for language, text in sentences if written_in(text, language)] == []


def test_chinese_scripts_are_told_apart_by_characters_of_the_one_alone():
    assert chinese_script(ANSWERS["zh-Hans"]) == "zh-Hans"
    assert chinese_script(ANSWERS["zh-Hant"]) == "zh-Hant"
    assert chinese_script("你好") == chinese_script(ANSWERS["ja"]) == chinese_script("这個") == ""


@given(st.text(max_size=200), st.sampled_from([*ANSWERS, "xx", ""]))
def test_no_text_breaks_it_and_the_readers_own_language_is_never_named(text, reader):
    assert written_in(text, reader) not in (reader or None, reader.split("-")[0] or None)
