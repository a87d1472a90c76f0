"""Every form of every page, as its own page offers it: filled with moments at the ends of time, endless numbers and broken letters,
and sent. None breaks an answer, and none leaves a row behind that breaks the page it came from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.cache import caches
from django.db import transaction
from django.urls import resolve
from django.urls.exceptions import Resolver404

from bridgedesk.team.models import Agent
from tests.attacks.test_every_address import Visitor, addresses, asked, things, who, world

__all__ = ["who", "world"]
ENDS: dict[str, dict[str, str]] = {
    "beginning": {"datetime-local": "0001-01-01T00:00", "date": "0001-01-01", "number": "-1", "text": "0001-01-01T00:00"},
    "end": {"datetime-local": "9999-12-31T23:59", "date": "9999-12-31", "number": "9" * 400, "text": "x" * 50_000},
    "letters": {"datetime-local": "\0", "date": "2026-02-30", "number": "1e999999999", "text": "\0\r\nX: y \u2028 {{ 7*7 }} =1+1"},
}
ZONES = {"beginning": "Asia/Shanghai", "end": "America/Los_Angeles", "letters": "UTC"}
KEPT = {"hidden", "radio", "checkbox", "select", "button", "submit"}
LEAVES = {"account_logout", "account_change_password"}


@dataclass
class Form:
    """One form: where it goes, and its fields with their kinds and the values it came with."""

    action: str
    page: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def make(self) -> tuple[str, tuple[str, ...]]:
        """Forms of one make are tried once."""
        path = self.action.partition("?")[0]
        try:
            name = resolve(path)
        except Resolver404:
            return path, ()
        verb = str(name.kwargs.get("name", name.kwargs.get("state", "")))
        return f"{name.url_name} {verb}", tuple(sorted({field for field, _kind, _value in self.fields}))

    def filled(self, given: dict[str, str]) -> dict[str, list[str]]:
        sent: dict[str, list[str]] = {}
        for name, kind, value in self.fields:
            sent.setdefault(name, []).append(given.get(kind, given["text"]) if kind not in ("kept", "file") else value)
        return sent


class Reader(HTMLParser):
    """The forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self.open: Form | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        said = dict(attrs)
        if tag == "form" and (said.get("method", "").lower() == "post" or "hx-post" in said):
            self.open = Form(said.get("hx-post") or said.get("action") or self.page, self.page)
            self.forms.append(self.open)
        elif self.open and tag == "option":
            self._option(self.open.fields, said)
        elif self.open and said.get("name"):
            kind = said.get("type", "text") if tag == "input" else tag
            self.open.fields.append((said["name"], "kept" if kind in KEPT else kind, said.get("value") or ""))

    def _option(self, fields: list[tuple[str, str, str]], said: dict[str, str]) -> None:
        """A select says its chosen option, else its first that says anything."""
        if fields and said.get("value") and ("selected" in said or not fields[-1][2]):
            fields[-1] = (fields[-1][0], "kept", said["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None


def forms(visitor: Visitor) -> Iterator[Form]:
    """Each make of form once, from every page the visitor may open."""
    known = set()
    for address in addresses():
        if address.is_api or address.name == "live":
            continue
        path = address.filled(things(address, visitor.world))
        for query in ({}, asked(visitor.world)):
            answer = visitor.client.get(path, query)
            if answer.streaming or answer.status_code != 200:
                continue
            reader = Reader(path)
            reader.feed(answer.content.decode(errors="replace"))
            for form in reader.forms:
                if form.make not in known and form.action.startswith("/"):
                    known.add(form.make)
                    yield form


@pytest.mark.parametrize("end", ENDS)
def test_no_form_filled_with_what_nobody_means_breaks_its_page(end, world, who):
    Agent.objects.filter(pk=world.alice.pk).update(timezone=ZONES[end])
    visitor, wrong, tried = Visitor(Agent.objects.get(pk=world.alice.pk), world), [], 0
    for form in list(forms(visitor)):
        if form.make[0].split()[0] in LEAVES:
            continue
        tried += 1
        caches["process"].clear()
        with transaction.atomic():
            answer = visitor.client.post(form.action, form.filled(ENDS[end]))
            if answer.status_code >= 500:
                wrong.append(f"{form.make}: {answer.status_code}")
            else:
                after = visitor.client.get(form.page)
                wrong += [f"{form.make} leaves {form.page} broken"] if after.status_code >= 500 else []
            transaction.set_rollback(True)
    assert tried > 40
    assert "\n".join(wrong) == ""
