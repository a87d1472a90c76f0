"""The words of the templates: looked up once for each language, and safe whatever is filled in."""

import pytest
from django.utils import translation

from bridgedesk.lib import html


def page(source, **given):
    return html.environment().from_string(source).render(**given)


def test_each_reader_has_the_text_in_their_language_however_often_it_was_asked_for():
    for _ in range(2):
        told = {}
        for language in ("en", "zh-hans", "zh-hant"):
            with translation.override(language):
                told[language] = page('{{ _("Closed") }}')
        assert told == {"en": "Closed", "zh-hans": "已关闭", "zh-hant": "已關閉"}


def test_a_buyers_name_in_a_text_is_escaped():
    with translation.override("en"):
        assert page('{{ _("Select %(buyer)s", buyer=name) }}', name="<b>Zoe</b>") == "Select &lt;b&gt;Zoe&lt;/b&gt;"


def test_a_per_cent_sign_is_written_once():
    with translation.override("en"):
        assert page('{{ _("100%%") }}') == "100%"


def test_the_same_word_has_another_text_in_another_place():
    with translation.override("zh-hans"):
        assert page('{{ pgettext("view", "Open") }}') != page('{{ pgettext("nowhere", "Open") }}')


@pytest.mark.parametrize(("call", "address"), [
    ('url("conversation", 7)', "/conversations/7"),
    ('url("conversation", 7, after=3, before="")', "/conversations/7?after=3"),
    ('url("inbox")', "/"),
])  # fmt: skip
def test_addresses_are_those_of_the_resolver(call, address):
    assert page("{{ " + call + " }}") == address
