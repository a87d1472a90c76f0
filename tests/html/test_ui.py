"""Every component renders in every language, without a word of inline script or style, and cannot be broken by what buyers are called."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from bridgedesk.lib import clock

SHEET = """{% extends "base.html" %}
{% block title %}Sheet{% endblock %}
{% block content %}
<header class="page-head"><h1>Sheet</h1>{{ ui.button("Save", "primary", "check", key="S") }}
{{ ui.button("More", icon_name="ellipsis", square=true, attrs={"hx-get": "/x?a=1&b=2"}) }}</header>
{{ ui.tabs([("/a", "One", 3), ("/b", "Two", 0)], "/a") }}
{% call ui.card("Card", "package") %}
  {{ ui.field("name", "Name", name, help="As on the parcel", errors=["Too long"], required=true) }}
  {{ ui.field("note", "Note", name, kind="textarea") }}
  {{ ui.field("role", "Role", 2, kind="select", choices=[(1, "one"), (2, "two")]) }}
  {{ ui.field("on", "On duty", true, kind="check") }}
  {{ ui.chip(name, "warn", "tag") }} {{ ui.chip("linked", href="/x") }} {{ ui.count(3) }}
  {{ ui.count(5000, loud=true) }} {{ ui.avatar(name) }} {{ ui.avatar("") }}
  {{ ui.clock(soon, soon, "Shopee, chat response rate", "unconfirmed") }} {{ ui.clock(late) }}
  {{ ui.notice("Mind the gap", "warn") }}
{% endcall %}
{% call ui.table(["Shop", "State"], "Shops") %}<tr><td>{{ name }}</td><td>ok</td></tr>{% endcall %}
{% call ui.empty("Nothing", "Come back later") %}{{ ui.button("Reload") }}{% endcall %}
{{ ui.empty("Nothing") }} {{ ui.failed("Broken", "Sorry", retry="/again") }} {{ ui.loading() }}
{% call ui.menu("more", "More") %}<button class="menu-item">One</button>{% endcall %}
{% endblock %}"""

VOID = {"meta", "link", "input", "br", "img", "hr", "path", "circle", "line", "rect", "polyline", "polygon", "ellipse"}


class Outline(HTMLParser):
    """Tags that open and close in pairs, and every attribute seen."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.fixture
def sheet(alice, noon):
    def render(name="Zoë", language="en"):
        request = RequestFactory().get("/")
        request.user = alice
        request._messages = []
        with translation.override(language):
            template = engines.all()[0].from_string(SHEET)
            late, soon = clock.now() - timedelta(minutes=40), clock.now() + timedelta(hours=2, minutes=5)
            return template.render({"name": name, "soon": soon, "late": late, "messages": []}, request)

    return render


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_every_component_renders_as_well_formed_html_in_every_language(sheet, language):
    page = sheet(language=language)
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    assert f'lang="{ {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}.get(language, language) }"' in page


def test_nothing_on_a_page_needs_inline_script_or_style(sheet):
    page = sheet()
    outline = Outline()
    outline.feed(page)
    assert not {a for a in outline.attributes if a == "style" or a.startswith(("on", "hx-on"))}
    assert not re.search(r"<style|<script(?![^>]*src=)", page)


def test_a_buyer_called_like_a_script_stays_text(sheet):
    page = sheet(name='"><script>alert(1)</script>')
    assert "<script>alert" not in page
    assert 'value="&#34;&gt;&lt;script&gt;' in page


def test_the_clock_badge_says_what_is_left_and_where_an_unconfirmed_rule_comes_from(sheet):
    page = sheet()
    assert "2h 05m" in page
    assert "overdue 40m" in page
    assert "Unconfirmed rule. Source: Shopee, chat response rate" in page


def test_a_button_that_is_only_an_icon_has_a_name(sheet):
    assert 'aria-label="More"' in sheet()


def test_the_inbox_asks_for_a_log_in(client, db):
    assert client.get("/").headers["location"].startswith("/account/login/")


def test_an_unknown_address_is_answered_in_the_house_style(sign_in, alice):
    answer = sign_in(alice).get("/nowhere")
    assert answer.status_code == 404
    assert "css/tokens.css" in answer.content.decode()
