"""Yes and no in the buyers' languages."""

import pytest

from bridgedesk.playbooks.answers import heard, speaks_of

YES = [
    ("en", "Ok, fine with me."), ("en", "No problem, go ahead"), ("es", "Vale, me parece bien"),
    ("pt", "Tudo bem, pode mandar"),
    ("fr", "D'accord, ça me va"), ("de", "Ja, einverstanden"), ("it", "Va bene, accetto"),
    ("ru", "Хорошо, согласна"),
    ("pl", "Nie ma problemu, zgoda"), ("ja", "それで大丈夫です"), ("ko", "네, 알겠습니다"), ("th", "ตกลงค่ะ"),
    ("vi", "Vâng, tôi đồng ý"),
    ("id", "Oke setuju"), ("zh-Hans", "好的，可以"), ("zh-Hant", "好的，沒問題"), ("ms", "Boleh, tak apa"),
    ("tl", "Sige po, ok lang"),
]  # fmt: skip
NO = [
    ("en", "No, I want my money back"), ("en", "That's not ok"),
    ("en", "ok but I still want to return it"), ("es", "No estoy de acuerdo"),
    ("pt", "Não aceito"), ("fr", "Je ne suis pas d'accord"),
    ("de", "Das akzeptiere ich nicht, Geld zurück"), ("it", "Non va bene"),
    ("ru", "Не согласен, верните деньги"), ("pl", "Nie zgadzam się"), ("ja", "納得できません。返金してください"),
    ("ko", "동의하지 않습니다"),
    ("th", "ไม่ยอมรับ ขอเงินคืน"), ("vi", "Tôi không đồng ý"), ("id", "Saya tidak setuju"),
    ("zh-Hans", "不行，我要退款"),
    ("zh-Hant", "不接受，我要退貨"), ("ms", "Saya tak setuju"), ("tl", "Hindi ako payag"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), YES)
def test_a_buyer_accepts(language, text):
    assert (heard([text], language).accepts, heard([text], language).refuses) == (True, False)


@pytest.mark.parametrize(("language", "text"), NO)
def test_a_buyer_refuses(language, text):
    assert (heard([text], language).accepts, heard([text], language).refuses) == (False, True)


@pytest.mark.parametrize("text", ["Where is it?", "Monday", "I live in Kansas", "¿Cuándo llega?"])
def test_a_question_is_neither(text):
    answer = heard([text], "en")
    assert not answer.accepts
    assert not answer.refuses


def test_a_language_without_a_list_is_read_as_english():
    assert heard(["ok, deal"], "fi").accepts


def test_speaking_of_the_box():
    assert speaks_of("box", "La caja llegó rota")
    assert speaks_of("box", "外箱破了")
    assert not speaks_of("box", "The lamp is broken")


@pytest.mark.parametrize(
    ("language", "text", "offered", "said"),
    [
        ("en", "Please send another one.", {"resend"}, (True, False)),
        ("en", "Please send another one.", {"partial"}, (False, True)),
        ("en", "Please send another one.", set(), (False, False)),
        ("de", "Bitte Geld zurück", {"refund_keep"}, (True, False)),
        ("de", "Bitte Geld zurück", {"partial"}, (False, True)),
        ("fr", "Je le garde", {"partial"}, (True, False)),
        ("fr", "Je le garde", {"resend"}, (False, False)),
    ],
)
def test_what_is_asked_for_is_a_yes_only_where_it_was_offered(language, text, offered, said):
    answer = heard([text], language, offered)
    assert (answer.accepts, answer.refuses) == said


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "thx!!"), ("es", "vale grasias"), ("th", "ค่ะ"), ("ko", "넵"), ("en", "👍"), ("pl", "Dzięki"), ("tr", "Tamam."), ("ar", "تمام")],
)
def test_one_word_of_courtesy_is_a_yes(language: str, text: str) -> None:
    assert heard([text], language).accepts


@pytest.mark.parametrize(
    ("language", "text"), [("en", "Where is it? thanks"), ("th", "ของข้างในแตกหมดค่ะ"), ("es", "Sigo esperando mi paquete, gracias")]
)
def test_a_courtesy_beside_something_else_is_none(language: str, text: str) -> None:
    assert not heard([text], language).accepts


@pytest.mark.parametrize("text", ["Could I keep it and get some of my money back instead?", "I'd take a partial refund"])
def test_who_wants_part_of_the_money_says_no_to_anything_else(text: str) -> None:
    said = heard([text], "en", {"resend", "refund_keep"})
    assert (said.accepts, said.refuses, said.part) == (False, True, True)
    assert heard([text], "en", {"partial"}).part is False


def test_letters_with_strokes_are_read_as_those_without() -> None:
    assert heard(["To za mało."], "pl").refuses
