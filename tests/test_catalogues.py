"""Every text of the program stands in both Chinese scripts, whole, with its placeholders and in the trade's typography."""

import re

import pytest

from tests import catalogues

HAN = r"[\u4e00-\u9fff]"
MISSET = re.compile(rf"{HAN}[,;:?!]|{HAN} [（，。：；？！）]|[（，。：；？！）] {HAN}|您")
TIGHT = re.compile(rf"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}")
MAINLAND_WORDS = re.compile("信息|默认|默認|网络|網絡|賬號|登錄|短信|屏幕|質量|視頻|軟件|服務器|文件|設置|用戶|鏈接|鼠標|搜索|消息|會話")
FOREIGN_QUOTES = {"zh_Hans": re.compile("[「」『』]"), "zh_Hant": re.compile("[“”]")}


@pytest.fixture(scope="module")
def wanted() -> catalogues.Catalog:
    return catalogues.source()


def strings(locale: str) -> list[str]:
    rows = [message.string for message in catalogues.translated(locale) if message.id]
    return [text for row in rows for text in ([row] if isinstance(row, str) else row)]


def bare(text: str) -> str:
    """Without its placeholders."""
    return re.sub(r"%\(\w+\)[sd]|%%s|\{\w+\}", "", text)


@pytest.mark.parametrize("locale", catalogues.LOCALES)
def test_no_text_is_missing_unsure_or_lacks_a_placeholder(locale, wanted):
    assert list(catalogues.problems(locale, wanted)) == []


@pytest.mark.parametrize("locale", catalogues.LOCALES)
def test_chinese_is_set_with_its_own_marks_and_a_space_before_latin(locale):
    assert [
        text for text in strings(locale) if MISSET.search(text) or TIGHT.search(bare(text)) or FOREIGN_QUOTES[locale].search(text)
    ] == []


def test_traditional_chinese_speaks_as_taiwan_does():
    assert [text for text in strings("zh_Hant") if MAINLAND_WORDS.search(text)] == []


def test_a_broken_translation_is_found(wanted, monkeypatch):
    known = catalogues.translated("zh_Hans")
    known.get("Overdue").string = ""
    known.get("%(who)s just answered. Send yours too?").string = "刚刚有人回复过"
    monkeypatch.setattr(catalogues, "translated", lambda _locale: known)
    found = list(catalogues.problems("zh_Hans", wanted))
    assert len(found) == 2
    assert "missing" in found[0] + found[1]
    assert "placeholders differ" in found[0] + found[1]


class Anything(dict[str, int]):
    """A value for every placeholder."""

    def __missing__(self, key: str) -> int:
        return 1


def said_by_templates(wanted: catalogues.Catalog) -> list[tuple[str, str | None]]:
    """Every msgid a template uses, with its context."""
    used = [message for message in wanted if message.id and any(name.endswith(".html") for name, _line in message.locations)]
    return [(text, message.context) for message in used for text in ([message.id] if isinstance(message.id, str) else message.id)]


def breaks(text: str) -> bool:
    """Whether a template cannot show it: Jinja fills every text, also one without a placeholder, so a bare percent sign is none."""
    if re.search(r"%(?!%|\(\w+\)[sd])", text.replace("%%", "")):
        return True
    return not isinstance(text % Anything(), str)


@pytest.mark.parametrize("text", ["100 %", "5 % of it", "%s pieces", "%(num)x", "50%", "%(share)s %"])
def test_a_bare_percent_sign_is_found(text):
    assert breaks(text)


def test_a_page_can_show_every_text_it_uses_in_every_language(wanted):
    used = said_by_templates(wanted)
    assert len(used) > 1000
    assert [text for text, _context in used if breaks(text)] == []
    for locale in catalogues.LOCALES:
        known = catalogues.translated(locale)
        found = [message for text, context in used if (message := known.get(text, context))]
        shown = [text for message in found for text in ([message.string] if isinstance(message.string, str) else message.string)]
        assert [text for text in shown if breaks(text)] == []
