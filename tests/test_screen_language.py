"""Pages as a Chinese reader sees them: no English left but names, keys, addresses and what buyers wrote."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from bridgedesk.conversations import templates
from bridgedesk.customers.models import Customer
from bridgedesk.team.models import Agent
from tests.browser.world import fill

WORD = re.compile(r"(?<![\w@/.:#&-])[A-Za-z][a-z]{2,}(?![\w@/.:-])")
ATTRIBUTES = {"title", "placeholder", "alt", "aria-label", "aria-description", "hx-confirm", "data-words", "data-left", "data-night"}
FOREIGN = {"code", "kbd", "script", "style", "pre", "svg", "textarea"}
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
NAMES = {
    "Bridgedesk", "Shopee", "Amazon", "AliExpress", "Lumi", "Home", "Alice", "Bob", "Dora", "alice", "bob", "dora",
    "Ctrl", "Enter", "Shift", "Esc", "App", "Cookie", "Token", "Key", "Partner", "Auth", "Account", "Merchant", "Seller",
    "In-house", "System", "Code", "Authentication-Results", "DeepL", "LibreTranslate", "OpenAI", "Twilio", "opencc", "English",
    "resend", "Excel", "Webhook", "Directive", "CAN-SPAM", "SPAM",
}  # fmt: skip
# Routes with a number or a word in them, by their first part: whose number it is.
SKIPPED = {"live", "files", "in", "api", "logout", "confirm-email", "email"}


class Screen(HTMLParser):
    """The words shown: text and spoken attributes outside of what people wrote (`dir="auto"`, `lang`) and code."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, bool]] = [("", False)]
        self.shown: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        foreign = (
            tag in FOREIGN or given.get("dir") == "auto" or (tag != "html" and "lang" in given) or "mono" in (given.get("class") or "")
        )
        hidden = self.stack[-1][1] or foreign
        if not hidden:
            self.shown += [value for name, value in attrs if name in ATTRIBUTES and value]
        if tag not in VOID:
            self.stack.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        while len(self.stack) > 1 and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self.stack[-1][1] and data.strip():
            self.shown.append(data.strip())


def english(page: str, names: set[str]) -> list[str]:
    """What of a page still speaks English."""
    screen = Screen()
    screen.feed(page)
    return [text for text in dict.fromkeys(screen.shown) if set(WORD.findall(_bare(text))) - names]


def _bare(text: str) -> str:
    return re.sub(r"^.* · [A-Z]\w+/[\w/+-]+$|\{\w+\}|\"\w+\":|https?://\S+|\S+@\S+|[A-Z]+_[A-Z_]+|bridgedesk \w+", " ", text)


def routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, str(pattern.name)
        elif not route.startswith("api/"):
            yield from routes(pattern, route)


@pytest.fixture
def numbers(alice, bob) -> dict[str, object]:
    """A full morning, and what stands for the variable part of an address."""
    templates.load_content()
    talks = fill(alice, bob)
    talk = talks["陳柏翰"]
    return {
        "conversations": talk.pk,
        "messages": talk.messages.first().pk,
        "shops": talk.shop_id,
        "customers": talk.customer_id,
        "assist": talk.messages.first().pk,
        "templates": templates.Template.objects.filter(current=True).first().key,
        "rules": "shopee",
        "policies": "shopee",
        "help": "first-day",
    }


def addresses(numbers: dict[str, object]) -> Iterator[str]:
    for route, _name in routes(get_resolver()):
        parts = [part for part in route.split("/") if part]
        variables = re.findall(r"<[^>]+>", route)
        if "^" in route or len(variables) > 1 or SKIPPED & set(parts) or (variables and parts[0] not in numbers):
            continue
        yield "/" + (route.replace(variables[0], str(numbers[parts[0]])) if variables else route)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_no_english_is_left_on_a_chinese_screen(sign_in, admin, numbers, language):
    Agent.objects.filter(pk=admin.pk).update(language=language)
    session = sign_in(admin)
    people = [str(one) for one in [*Agent.objects.all(), *Customer.objects.all()]]
    names = NAMES | {part for one in people for part in one.split()}
    left, seen = {}, 0
    for address in addresses(numbers):
        answer = session.get(address, HTTP_ACCEPT_LANGUAGE=language)
        if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
            seen += 1
            if found := english(answer.content.decode(), names):
                left[address] = found
    assert left == {}
    assert seen > 20


@pytest.mark.parametrize("path", ["/account/login/", "/account/password/reset/", "/welcome/nothing", "/nowhere"])
@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_the_door_speaks_chinese(client, db, language, path):
    page = client.get(path, HTTP_ACCEPT_LANGUAGE=language).content.decode()
    assert english(page, NAMES) == []


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "密码不正确"), ("zh-hant", "密碼不正確")], ids=["zh-hans", "zh-hant"])
def test_a_wrong_password_is_told_in_chinese(client, alice, language, words):
    page = client.post("/account/login/", {"login": "alice", "password": "wrong wrong wrong"}, HTTP_ACCEPT_LANGUAGE=language)
    assert english(page.content.decode(), NAMES) == []
    assert words in page.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_the_log_ins_library_says_you_as_we_do(client, sign_in, alice, language):
    Agent.objects.filter(pk=alice.pk).update(language=language)
    wrong = {"oldpassword": "not mine", "password1": "x", "password2": "y"}
    pages = [
        client.post("/account/login/", {"login": "alice", "password": "no"}, HTTP_ACCEPT_LANGUAGE=language),
        client.get("/account/password/reset/done/", HTTP_ACCEPT_LANGUAGE=language),
        client.get("/account/password/reset/key/done/", HTTP_ACCEPT_LANGUAGE=language),
        sign_in(alice).post("/account/password/change/", wrong, HTTP_ACCEPT_LANGUAGE=language),
    ]
    assert [page.request["PATH_INFO"] for page in pages if "您" in page.content.decode()] == []
    assert {page.status_code for page in pages} == {200}
