import pytest

from bridgedesk.lib import languages


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ZH_tw", "zh-Hant"),
        ("zh", "zh-Hans"),
        ("zh-hant-hk", "zh-Hant"),
        ("pt_br", "pt-BR"),
        ("no", "nb"),
        ("fil", "tl"),
        ("not a tag!", ""),
        ("", ""),
    ],
)
def test_tags_are_kept_in_one_form(given, kept):
    assert languages.canonical(given) == kept


def test_a_language_is_called_as_the_reader_calls_it():
    assert (languages.name("de", "zh-Hans"), languages.name("de", "en"), languages.own_name("de")) == ("德语", "German", "Deutsch")


def test_a_missing_language_falls_back_by_a_visible_rule():
    assert languages.choose("pt-BR", ["en", "pt"]) == "pt"
    assert languages.choose("zh-Hant", ["en", "zh-Hans"]) == "zh-Hans"
    assert languages.choose("uk", ["ru", "en"]) == "en"
    assert languages.choose("fi", ["de"]) == ""


def test_arabic_and_hebrew_run_from_right_to_left():
    assert [languages.direction(tag) for tag in ("ar", "he", "fr", "")] == ["rtl", "rtl", "ltr", "auto"]
