from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.activity.models import Activity
from bridgedesk.channels.policy import names, policy
from bridgedesk.conversations import liquid, salutations, templates
from bridgedesk.conversations.gate import examine
from bridgedesk.conversations.models import Conversation, Template, TemplateText
from bridgedesk.conversations.templates import Shipped, TemplateError
from bridgedesk.customers.models import Customer
from bridgedesk.lib.money import Money
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

TODAY = date(2026, 11, 22)
SHIPPED = {one.key: one for one in templates.shipped()}


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def talk(shop: Shop, noon: datetime) -> Callable[..., Conversation]:
    def make(name: str = "Maria Santos", country: str = "PT", **more: Any) -> Conversation:
        buyer = Customer.objects.create(name=name, country=country, created_at=noon)
        facts = {
            "external_id": f"t-{name}",
            "address": "1",
            "language": "pt",
            "order_ref": "261120QX7K2M9P",
            "last_at": noon,
            "created_at": noon,
        }
        return Conversation.objects.create(shop=shop, customer=buyer, **(facts | more))

    return make


def test_dates_and_sums_are_written_as_the_reader_writes_them() -> None:
    source = "{{ eta | date }} / {{ refund.amount | money }}"
    values = {"eta": date(2026, 11, 28), "refund.amount": Money(1250, "EUR")}
    assert liquid.render(source, values, "de") == "28. November 2026 / 12,50\xa0€"
    assert liquid.render(source, values, "ja") == "2026年11月28日 / €12.50"
    assert liquid.render(source, values, "pt-BR") == "28 de novembro de 2026 / €\xa012,50"


@pytest.mark.parametrize(("count", "said"), [(1, "1 день"), (3, "3 дня"), (5, "5 дней"), (21, "21 день")])
def test_plurals_follow_the_grammar_of_the_text(count: int, said: str) -> None:
    source = "{{ refund.days | plural: one: '# день', few: '# дня', many: '# дней', other: '# дня' }}"
    assert liquid.render(source, {"refund.days": count}, "ru") == said


def test_what_is_not_known_leaves_a_gap_that_the_gate_refuses() -> None:
    text = liquid.render("Parcel {{ parcel.number }} arrives {{ eta | date }}", {}, "en")
    assert text == "Parcel ⟦parcel.number⟧ arrives ⟦eta⟧"
    assert liquid.gaps(text) == ["parcel.number", "eta"]
    ruling = examine(text, purpose="answer", policy=policy("email"), limits=None, on=TODAY)
    assert ruling.verdict == "forbidden"
    assert [finding.detail for finding in ruling.findings if finding.code == "unfilled"] == ["parcel.number", "eta"]


def test_a_gap_counts_as_no_in_a_condition() -> None:
    assert liquid.render("{% if eta %}soon{% else %}some day{% endif %}", {}, "en") == "some day"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ order.numbr }}", "There is no variable order.numbr."),
        ("{{ settings }}", "There is no variable settings."),
        ("{{ eta | dat }}", "unknown filter 'dat'"),
        ("{% include 'x' %}", "This tag cannot be used here"),
        ("{% render 'x' %}", "This tag cannot be used here"),
        ("{{ eta", "cannot be read"),
        ("{% if eta %}", "cannot be read"),
        ("{% for i in (1..100000) %}a{% endfor %}", "too much text or loops too long"),
        ("{% for i in (1..190) %}{% for j in (1..190) %}{{ hello }}{% endfor %}{% endfor %}", "too much text or loops too long"),
        ("{{ eta | date: 'yy' }}", "There is no date form yy"),
        ("{{ shop.name | money }}", "is not a sum with its currency"),
        ("{{ shop.name | date }}", "is not a date"),
        ("{{ shop.name | number }}", "is not a number"),
        ("{{ refund.days | plural: one: '#' }}", "plural needs other:"),
        ("  ", "The text is empty."),
        ("{{ hello.__class__.__mro__ }}", "There is no variable"),
    ],
)
def test_mistakes_are_found_when_saving_in_plain_words(source: str, said: str) -> None:
    problems = templates.check(source)
    assert len(problems) == 1
    assert said in problems[0]


def test_a_faultless_template_has_no_problems() -> None:
    assert templates.check("{{ hello }} {% if buyer.first_name %}{{ buyer.first_name | upcase }}{% endif %} {{ order.number }}") == []


@given(st.text(alphabet="{}%| ':.abceiodfrhn0\n", max_size=60))
def test_no_source_breaks_the_check(source: str) -> None:
    assert isinstance(templates.check(source), list)


@given(st.text(max_size=40))
def test_what_a_buyer_is_called_is_never_read_as_a_template(name: str) -> None:
    assert liquid.render("[{{ buyer.name }}]", {"buyer.name": "{{ order.number }}" + name}, "en").startswith("[{{ order.number }}")


@pytest.mark.parametrize(
    ("name", "country", "language", "said"),
    [
        ("Maria Santos", "BR", "pt", "Olá, Maria!"),
        ("Maria Santos", "BR", "pt-BR", "Olá, Maria!"),
        ("Maria Santos", "DE", "de", "Guten Tag Maria Santos,"),
        ("佐藤 花子", "JP", "ja", "佐藤 花子様"),
        ("김민수", "KR", "ko", "김민수 고객님, 안녕하세요."),
        ("王小明", "TW", "zh-TW", "王小明 您好！"),
        ("Nguyễn Thị Lan", "VN", "vi", "Chào anh/chị Nguyễn Thị Lan,"),
        ("Siti Rahma", "ID", "id", "Halo Kak Siti,"),
        ("maria_88", "US", "en", "Hello,"),
        ("buyer2291", "JP", "ja", "お客様"),
        ("", "TH", "th", "สวัสดี คุณลูกค้า"),
        ("Santos, Maria", "US", "en", "Hello Maria,"),
        ("Jan Kowalski", "PL", "pl", "Dzień dobry,"),
        ("Ann Smith", "NL", "nl", "Hello Ann,"),
    ],
)
def test_buyers_are_addressed_as_their_language_does(name: str, country: str, language: str, said: str) -> None:
    assert salutations.salutation(name, country, language) == said


def test_a_template_is_filled_with_what_is_known_of_the_buyer(talk: Callable[..., Conversation], bob: Agent) -> None:
    templates.load_content()
    filled = templates.fill(Template.objects.get(key="where-is-my-order", current=True), talk(), bob)
    assert filled.text.startswith("Olá, Maria!\nSeu pacote está com ⟦parcel.carrier⟧")
    assert filled.language == "pt"
    assert filled.fallback == ""
    assert "parcel.number" in filled.missing


def test_a_buyer_known_to_read_french_is_greeted_in_french_before_the_thread_has_a_language(talk: Callable[..., Conversation]) -> None:
    conversation = talk(language="")
    conversation.customer.language = "fr"
    assert templates.variables_for(conversation, None)["hello"] == "Bonjour Maria,"


def test_mail_is_signed_and_a_chat_is_not(talk: Callable[..., Conversation], bob: Agent) -> None:
    conversation = talk()
    assert "signature" not in templates.variables_for(conversation, bob)
    conversation.shop.platform = "email"
    assert templates.variables_for(conversation, bob)["signature"] == "Um abraço,\nBob, Lamp shop"


def bodies(**texts: str) -> Template:
    template = Template.objects.create(key="t", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    for language, body in texts.items():
        TemplateText.objects.create(template=template, language=language.replace("_", "-"), body=body)
    return template


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "body", "fallback"),
    [
        ("pt", "P", ""),
        ("pt-BR", "P", ""),
        ("zh-Hans", "S 软件", ""),
        ("zh-CN", "S 软件", ""),
        ("zh-TW", "S 軟體", "zh-Hans"),
        ("sv", "E", "en"),
        ("", "E", "en"),
    ],
)
def test_a_missing_language_falls_back_by_a_visible_rule(wanted: str, body: str, fallback: str) -> None:
    text, came_from = templates.choose(bodies(en="E", pt="P", zh_Hans="S 软件"), wanted)
    assert (text.body, came_from) == (body, fallback)


@pytest.mark.django_db
def test_loading_twice_changes_nothing() -> None:
    assert templates.load_content() == len(SHIPPED)
    assert templates.load_content() == 0
    assert Template.objects.filter(current=True).count() == len(SHIPPED)


@pytest.mark.django_db
def test_a_whole_shelf_costs_no_more_statements_than_a_template(django_assert_max_num_queries: Callable[..., Any]) -> None:
    with django_assert_max_num_queries(10):
        assert templates.load_content() == len(SHIPPED)
    assert Activity.objects.filter(verb="saved_template").count() == len(SHIPPED)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "one.toml"
    text = (Path(settings.CONTENT) / "templates" / "aftersales.toml").read_text("utf-8")
    path.write_text(text, "utf-8")
    before = templates.shipped(tmp_path)
    assert templates.shipped(tmp_path) == before
    path.write_text(text.replace('topic = "', 'topic = "new-'), "utf-8")
    assert templates.shipped(tmp_path) != before


def test_an_edited_template_is_a_new_version_and_survives_the_next_release(alice: Agent) -> None:
    templates.load_content()
    made = templates.save("thanks-answer", {"en": "Glad it works, {{ buyer.name }}. Order {{ order.number }}."}, by=alice)
    assert (made.version, made.origin, made.by) == (2, "edited", alice)
    assert templates.load_content() == 0
    assert Template.objects.get(key="thanks-answer", current=True) == made
    assert Activity.objects.filter(verb="saved_template", by=alice).count() == 1
    assert "es" in templates.missing_languages(made.texts.values_list("language", flat=True))


def test_a_wrong_template_is_not_saved_and_every_fault_is_said(alice: Agent) -> None:
    with pytest.raises(TemplateError) as caught:
        templates.save(
            "x-new", {"en": "Order {{ order.number }}", "de": "Paket {{ parcel.number }}", "x y": "Order {{ order.number }}"}, by=alice
        )
    assert str(caught.value).splitlines() == [
        "de: order.number is missing, en has it.",
        "de: parcel.number is not in en.",
        "x y is not a language tag.",
    ]
    assert not Template.objects.filter(key="x-new").exists()


def test_suggestions_are_of_the_topic_and_never_what_the_platform_forbids(talk: Callable[..., Conversation]) -> None:
    templates.load_content()
    conversation = talk(topic="return_request")
    assert {template.key for template in templates.suggest(conversation)[:3]} == {"return-letter-1", "return-letter-2", "return-letter-3"}
    conversation.topic = "greeting"
    conversation.shop.platform = "email"
    conversation.shop.options = {"relay": "amazon"}
    assert "greeting-now" not in {template.key for template in templates.suggest(conversation, 50)}


@pytest.mark.parametrize(
    ("rendered", "sent", "share"),
    [("a b c d", "a b c d", 0.0), ("a b c d", "A, b c d!", 0.0), ("a b c d", "x y z w", 1.0), ("a b c d", "a b c e", 0.25), ("", "", 0.0)],
)
def test_how_much_was_edited_is_counted_by_words(rendered: str, sent: str, share: float) -> None:
    assert templates.edited_share(rendered, sent) == share


def test_chinese_is_counted_by_characters() -> None:
    assert 0 < templates.edited_share("您的包裹已到达", "您的包裹已发出") < 0.4


@pytest.mark.django_db
def test_a_preview_shows_samples() -> None:
    templates.load_content()
    assert "261120QX7K2M9P" in templates.preview("not-shipped-yet", "fr").text
    assert "A-1" in templates.preview("not-shipped-yet", "fr", {"order.number": "A-1"}).text


@pytest.mark.parametrize("one", SHIPPED.values(), ids=SHIPPED)
def test_what_we_ship_says_nothing_forbidden_anywhere_it_may_go(one: Shipped) -> None:
    for name in names():
        rules = policy(name)
        if rules.rule(one.purpose, TODAY).verdict == "forbidden":
            continue
        for language, body in one.texts.items():
            text = templates.preview_text(body, language)
            ruling = examine(text, purpose=one.purpose, policy=rules, limits=None, on=TODAY, language=language, buyer_language=language)
            found = [(f.code, text[f.start : f.end], f.detail) for f in ruling.findings if f.verdict == "forbidden"]
            assert not found, (name, language)


@pytest.mark.parametrize("one", SHIPPED.values(), ids=SHIPPED)
def test_every_language_writes_in_its_own_script(one: Shipped) -> None:
    ranges = {
        "ru": ("а", "я"),
        "ja": ("\u3040", "\u30ff"),
        "ko": ("\uac00", "\ud7af"),
        "th": ("\u0e00", "\u0e7f"),
        "zh-Hans": ("\u4e00", "\u9fff"),
    }
    for language, (first, last) in ranges.items():
        plain = liquid.render(one.texts[language], {}, language)
        assert sum(first <= char <= last for char in plain.lower()) > 10, language
    assert one.texts["zh-Hans"] != one.texts["zh-Hant"]
    assert len(set(one.texts.values())) == len(one.texts)


def test_a_template_file_with_a_fault_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('[[template]]\nkey = "only-english"\npurpose = "answer"\nname.en = "A"\n[template.text]\nen = "Hi"\n')
    with pytest.raises(TemplateError, match=r"x\.toml, only-english: the name in zh-Hans is missing"):
        templates.shipped(tmp_path)
