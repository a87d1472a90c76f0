"""What a buyer newly said, apart from the history below it: many languages, many mail programs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.channels.mail_quotes import split

OURS = "> Your parcel left our warehouse yesterday.\n> Anna"
INTROS = {
    "gmail en": "On Tue, Nov 17, 2026 at 9:14 AM Lamp Shop <help@lamps.example> wrote:",
    "gmail en wrapped": "On Tue, Nov 17, 2026 at 9:14 AM Lamp Shop <\nhelp@lamps.example> wrote:",
    "gmail de": "Am Di., 17. Nov. 2026 um 09:14 Uhr schrieb Lamp Shop <help@lamps.example>:",
    "gmail fr": "Le mar. 17 nov. 2026 à 09:14, Lamp Shop <help@lamps.example> a écrit :",
    "gmail es": "El mar, 17 nov 2026 a las 9:14, Lamp Shop (<help@lamps.example>) escribió:",
    "gmail pt": "Em ter., 17 de nov. de 2026 às 09:14, Lamp Shop <help@lamps.example> escreveu:",
    "gmail it": "Il giorno mar 17 nov 2026 alle ore 09:14 Lamp Shop <help@lamps.example> ha scritto:",
    "gmail nl": "Op di 17 nov 2026 om 09:14 schreef Lamp Shop <help@lamps.example>:",
    "gmail pl": "wt., 17 lis 2026 o 09:14 Lamp Shop <help@lamps.example> napisał(a):",
    "gmail cs": "út 17. 11. 2026 v 9:14 odesílatel Lamp Shop <help@lamps.example> napsal:",
    "gmail ru": "вт, 17 нояб. 2026 г. в 09:14, Lamp Shop <help@lamps.example>:",
    "mail.ru": "Вторник, 17 ноября 2026, 9:14 +03:00 от Lamp Shop <help@lamps.example>:",
    "yandex": '17.11.2026, 09:14, "Lamp Shop" <help@lamps.example>:',
    "gmail uk": "вт, 17 лист. 2026 р. о 09:14 Lamp Shop <help@lamps.example> пише:",
    "gmail tr": "Lamp Shop <help@lamps.example>, 17 Kas 2026 Sal, 09:14 tarihinde şunu yazdı:",
    "gmail ja": "2026年11月17日(火) 9:14 Lamp Shop <help@lamps.example>:",
    "ja 2": "2026/11/17 9:14、Lamp Shop <help@lamps.example>のメール:",
    "gmail ko": "2026년 11월 17일 (화) 오전 9:14, Lamp Shop <help@lamps.example>님이 작성:",
    "gmail zh": "Lamp Shop <help@lamps.example> 于2026年11月17日周二 09:14写道：",
    "apple zh": "在 2026年11月17日，09:14，Lamp Shop <help@lamps.example> 写道：",
    "163": '在 2026-11-17 09:14:00，"Lamp Shop" <help@lamps.example> 写道：',
    "gmail zh-hant": "Lamp Shop <help@lamps.example> 於 2026年11月17日 週二 上午9:14寫道：",
    "gmail th": "ในวันที่ อ. 17 พ.ย. 2026 เวลา 09:14 Lamp Shop <help@lamps.example> เขียนว่า:",
    "gmail vi": "Vào Th 3, 17 thg 11, 2026 vào lúc 09:14 Lamp Shop <help@lamps.example> đã viết:",
    "gmail id": "Pada tanggal Sel, 17 Nov 2026 pukul 09.14 Lamp Shop <help@lamps.example> menulis:",
    "gmail ar": "في الثلاثاء، 17 نوفمبر 2026 في 9:14 ص تمت كتابة ما يلي بواسطة Lamp Shop <help@lamps.example>:",
    "gmail he": "\u202bבתאריך יום ג׳, 17 בנוב׳ 2026 ב-9:14 מאת Lamp Shop <help@lamps.example>:",
    "gmail sv": "Den tis 17 nov. 2026 kl 09:14 skrev Lamp Shop <help@lamps.example>:",
    "gmail da": "Den tirs. 17. nov. 2026 kl. 09.14 skrev Lamp Shop <help@lamps.example>:",
    "gmail fi": "ti 17. marrask. 2026 klo 9.14 Lamp Shop (help@lamps.example) kirjoitti:",
    "gmail hu": "Lamp Shop <help@lamps.example> ezt írta (időpont: 2026. nov. 17., K, 9:14):",
    "gmail ro": "În mar., 17 nov. 2026 la 09:14, Lamp Shop <help@lamps.example> a scris:",
    "gmail el": "Στις Τρί 17 Νοε 2026 στις 9:14 π.μ., ο/η Lamp Shop <help@lamps.example> έγραψε:",
    "thunderbird": "On 17/11/2026 09:14, Lamp Shop wrote:",
    "thunderbird de": "Am 17.11.2026 um 09:14 schrieb Lamp Shop:",
    "zoho": "---- On Tue, 17 Nov 2026 09:14:00 +0530 Lamp Shop <help@lamps.example> wrote ----",
}
BLOCKS = {
    "outlook en": "From: Lamp Shop <help@lamps.example>\nSent: Tuesday, 17 November 2026 09:14\nTo: Ana\nSubject: Your order",
    "outlook bold": "*From:* Lamp Shop <help@lamps.example>\n*Sent:* Tuesday\n*To:* Ana\n*Subject:* Your order",
    "outlook de": "Von: Lamp Shop <help@lamps.example>\nGesendet: Dienstag, 17. November 2026 09:14\nAn: Ana\nBetreff: Ihre Bestellung",
    "outlook fr": "De : Lamp Shop <help@lamps.example>\nEnvoyé : mardi 17 novembre 2026\nÀ : Ana\nObjet : Votre commande",
    "outlook es": "De: Lamp Shop\nEnviado el: martes, 17 de noviembre\nPara: Ana\nAsunto: Su pedido",
    "outlook pt": "De: Lamp Shop\nEnviado: terça-feira\nPara: Ana\nAssunto: Seu pedido",
    "outlook it": "Da: Lamp Shop\nInviato: martedì\nA: Ana\nOggetto: ordine",
    "outlook pl": "Od: Lamp Shop\nWysłano: wtorek\nDo: Ana\nTemat: zamówienie",
    "outlook ru": "От: Lamp Shop\nОтправлено: 17 ноября\nКому: Ana\nТема: заказ",
    "outlook nl": "Van: Lamp Shop\nVerzonden: dinsdag\nAan: Ana\nOnderwerp: bestelling",
    "outlook tr": "Kimden: Lamp Shop\nGönderildi: Salı\nKime: Ana\nKonu: sipariş",
    "qq": '------------------ 原始邮件 ------------------\n发件人: "Lamp Shop" <help@lamps.example>;\n'
    '发送时间: 2026年11月17日\n收件人: "Ana";\n主题: 订单',
    "outlook zh": "发件人: Lamp Shop\n发送时间: 2026年11月17日\n收件人: Ana\n主题: 订单",
    "outlook zh-hant": "寄件者: Lamp Shop\n寄件日期: 2026年11月17日\n收件者: Ana\n主旨: 訂單",
    "outlook ja": "差出人: Lamp Shop\n送信日時: 2026年11月17日\n宛先: Ana\n件名: 注文",
    "naver": "-----Original Message-----\nFrom: Lamp Shop\nTo: Ana\nSent: 2026-11-17",
    "outlook ko": "보낸 사람: Lamp Shop\n보낸 날짜: 2026년 11월 17일\n받는 사람: Ana\n제목: 주문",
    "outlook th": "จาก: Lamp Shop\nส่ง: 17 พฤศจิกายน\nถึง: Ana\nเรื่อง: คำสั่งซื้อ",
    "outlook vi": "Từ: Lamp Shop\nĐã gửi: 17 tháng 11\nĐến: Ana\nChủ đề: đơn hàng",
    "outlook id": "Dari: Lamp Shop\nDikirim: Selasa\nKepada: Ana\nSubjek: pesanan",
    "outlook mobile": "________________________________\nFrom: Lamp Shop <help@lamps.example>\nSent: Tuesday\nTo: Ana\nSubject: Your order",
    "forwarded": "---------- Forwarded message ---------\nFrom: Lamp Shop <help@lamps.example>\nDate: Tue\nTo: Ana",
    "original de": "-----Ursprüngliche Nachricht-----\nLamp Shop schrieb etwas",
}
SIGNED = [
    "Sent from my iPhone",
    "Sent from Yahoo Mail on Android",
    "Get Outlook for iOS <https://aka.ms/o0ukef>",
    "Von meinem iPhone gesendet",
    "Gesendet mit der GMX Mail App",
    "Envoyé de mon iPhone",
    "Enviado desde mi Samsung Galaxy",
    "Enviado do meu iPhone",
    "Inviato da iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Sendt fra min iPhone",
    "Skickat från min iPhone",
    "Lähetetty iPhonesta",
    "Wysłane z iPhone'a",
    "Odesláno z iPhonu",
    "Отправлено с iPhone",
    "Отправлено из мобильной Яндекс.Почты",
    "iPhone'umdan gönderildi",
    "iPhone-omról küldve",
    "发自我的iPhone",
    "發自我的 iPhone",
    "從我的 iPhone 傳送",
    "iPhoneから送信",
    "나의 iPhone에서 보냄",
    "ส่งจาก iPhone ของฉัน",
    "Được gửi từ iPhone của tôi",
    "Dikirim dari iPhone saya",
    "נשלח מה-iPhone שלי",
]


@pytest.mark.parametrize("intro", INTROS.values(), ids=INTROS.keys())
def test_the_line_above_a_quotation_is_known_in_every_language(intro: str) -> None:
    assert split(f"Where is it?\n\n{intro}\n\n{OURS}\n").said == "Where is it?"


@pytest.mark.parametrize("intro", INTROS.values(), ids=INTROS.keys())
def test_history_without_quotation_marks_is_folded_too(intro: str) -> None:
    parts = split(f"Where is it?\n\n{intro}\n\nYour parcel left our warehouse yesterday.\nAnna\n")
    assert parts.said == "Where is it?"
    assert "warehouse" in parts.quoted


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_a_header_block_ends_what_the_buyer_says(block: str) -> None:
    assert split(f"Where is it?\n\n{block}\n\nYour parcel left yesterday.\n").said == "Where is it?"


@pytest.mark.parametrize("line", SIGNED)
def test_a_telephones_signature_is_folded(line: str) -> None:
    parts = split(f"Where is it?\n\n{line}\n")
    assert parts.said == "Where is it?"
    assert line in parts.quoted


@pytest.mark.parametrize(
    "text",
    [
        "Sent you an email yesterday, no answer.",
        "Get my money back please",
        "My phone case was not sent with the charger.",
        "来自中国的手机壳坏了",
        "I wrote: where is my parcel?",
        "Order number: 250-1234567-8901234",
        "Name: Ana\nAddress: Rua 5\nPhone: 123",
        "Hello,\n\nplease unsubscribe me",
        "To: whoever reads this\nI want a refund",
        "See <https://lamps.example/2026/11/17>:",
        "I paid on 17.11.2026 at 9:14:\n- one lamp\n- one bulb",
        "5 > 3 and 2 < 4",
    ],
)
def test_a_buyers_own_words_stay(text: str) -> None:
    assert split(f"Hi\n{text}").said == f"Hi\n{text}"


def test_answers_between_the_lines_stay_with_what_they_answer() -> None:
    text = "See below.\n\nOn 17/11/2026 09:14, Anna wrote:\n> Which colour?\nRed, please.\n> Which address?\nThe old one.\n"
    said = split(text).said
    assert "> Which colour?\nRed, please.\n> Which address?\nThe old one." in said
    assert said.startswith("See below.")


def test_an_answer_below_the_quotation_is_what_was_said() -> None:
    assert split("On 17/11/2026 09:14, Anna wrote:\n> Which colour?\n\nRed, please.").said == "Red, please."


def test_a_line_of_greeting_above_does_not_lose_the_answer_below() -> None:
    said = split("Hi Anna,\n\nOn 17/11/2026 09:14, Anna wrote:\n> Which colour?\n\nRed, please.").said
    assert "Hi Anna," in said
    assert "Red, please." in said


def test_a_signature_below_two_dashes_is_folded() -> None:
    parts = split("Where is it?\n\n-- \nAna Souza\nRua das Flores 5\n+55 11 5555 0100")
    assert parts.said == "Where is it?"
    assert "Rua das Flores" in parts.quoted


def test_a_line_of_dashes_between_paragraphs_hides_nothing() -> None:
    text = "Two questions.\n----------\nWhere is my parcel?\n----------\nCan I pay by card?"
    assert "Can I pay by card?" in split(text).said


def test_a_disclaimer_is_folded() -> None:
    said = split("Please call me.\n\nThis e-mail and any attachments are confidential and intended solely for the addressee.").said
    assert said == "Please call me."


def test_a_mail_of_quotation_only_is_shown_whole() -> None:
    assert split("> Only this").said == "> Only this"


def test_a_forward_without_a_word_is_shown_whole() -> None:
    assert "Your parcel" in split(f"{BLOCKS['outlook en']}\n\nYour parcel left yesterday.").said


@pytest.mark.parametrize(
    "text", [">" * 1_000_000, ">\n" * 500_000, "On " * 300_000, "From: a\n" * 100_000, "-" * 1_000_000, " \t" * 500_000]
)
def test_a_mail_made_to_burn_time_is_cut(text: str) -> None:
    assert split(text) is not None


@given(
    st.lists(
        st.sampled_from([*INTROS.values(), *BLOCKS.values(), *SIGNED, "> a", ">> b", "", "Text here.", "-- ", "____", "|x", "From: x"])
    )
)
def test_no_line_is_lost(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    parts = split(text)
    clean = text.replace("\u202b", "")
    assert sorted((parts.said + "\n" + parts.quoted).split()) == sorted(clean.split())


@given(st.text())
def test_any_text_can_be_parted(text: str) -> None:
    split(text)
