"""Writing a pack: the files as they were sent, copies for the platform's form, the page as HTML and PDF, the same as JSON, all signed."""

import io
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bridgedesk.activity.actions import record
from bridgedesk.evidence import document, gathering, pictures, sealing, words
from bridgedesk.evidence.gathering import Happened
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order
from bridgedesk.remedies import labels
from bridgedesk.team.models import Agent

STYLE = settings.PACKAGE / "static" / "css" / "pack.css"


@dataclass
class Found:
    """What came together while the files were read: names kept, copies (name of the copy -> original), pictures of the document."""

    kept: list[str] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)
    drawn: dict[str, str] = field(default_factory=dict)


def make(order: Order, *, by: Agent) -> io.BytesIO:
    """The pack of the order, in the language of who makes it. It is written down who made one, and whether it holds a PDF."""
    target = io.BytesIO()
    about: dict[str, Any] = {
        "order": order.external_id,
        "shop": order.shop.name,
        "platform": order.shop.platform,
        "made_at": clock.now().isoformat(),
        "by": str(by),
    }
    with tempfile.TemporaryDirectory() as folder:
        sealing.seal(target, _contents(order, about, Path(folder)), about, sealing.private_key(settings.DATA))
    target.seek(0)
    record("made_pack", order, by=by, shop=order.shop_id, order=order.external_id, without_pdf=about["pdf"])
    return target


def tried(order: Order, folder: Path, *, by: Agent) -> document.Set:
    """The document without its pictures: whether this server can set it."""
    about = {"by": str(by), "made_at": clock.now().isoformat()}
    return document.make(_page(order, about, gathering.timeline(order, get_language() or "en"), Found()), folder)


def key_word() -> str:
    """The fingerprint of this installation's key."""
    return sealing.fingerprint(sealing.private_key(settings.DATA).public_key().public_bytes_raw())


def _contents(order: Order, about: dict[str, Any], folder: Path) -> Iterator[tuple[str, bytes]]:
    found, form = Found(), pictures.form(order.shop.platform)
    for name, data in gathering.files(order):
        found.kept.append(name)
        yield name, data
        yield from _copied(name, data, form, found, folder)
    events = gathering.timeline(order, get_language() or "en")
    missing = sorted({name for event in events for name in event.files} - set(found.kept))
    pdf = document.make(_page(order, about, events, found), folder)
    about |= {"copies": found.copies, "left_out": missing, "pdf": pdf.why_not, "form": asdict(form) | {"as_of": form.as_of.isoformat()}}
    if pdf.data:
        yield "evidence.pdf", pdf.data
    page = {
        "order": order, "events": events, "about": about, "kept": set(found.kept), "left_out": missing, "said": words.said,
        "option": labels.option, "lines": list(order.lines.all()), "fingerprint": key_word(), "made": clock.now(), "pdf": pdf,
        "copies": found.copies, "form": form,
    }  # fmt: skip
    yield "index.html", render_to_string("evidence/pack.html", page).encode()
    yield "style.css", STYLE.read_bytes()
    rows = [asdict(event) | {"at": event.at.isoformat()} for event in events]
    yield "timeline.json", json.dumps(rows, ensure_ascii=False, indent=1, default=str).encode()


def _copied(name: str, data: bytes, form: pictures.Form, found: Found, folder: Path) -> Iterator[tuple[str, bytes]]:
    """The picture as the form takes it, and a small one for the document."""
    if len(found.copies) >= pictures.MOST or not pictures.is_one(data):
        return
    if copy := pictures.copy(data, form.longest, form.bytes):
        called = f"for-the-form/{name.replace('/', '-').rpartition('.')[0] or name}.jpg"
        found.copies[called] = name
        yield called, copy
        if small := pictures.copy(copy, *pictures.IN_PDF):
            found.drawn[name] = f"{len(found.drawn)}.jpg"
            (folder / found.drawn[name]).write_bytes(small)


def _page(order: Order, about: dict[str, Any], events: list[Happened], found: Found) -> dict[str, Any]:
    head = {
        "title": _("Evidence for order %(number)s") % {"number": order.external_id},
        "order": order.external_id,
        "day": clock.now().timetuple()[:3],
        "foot": _(
            "Every file stands with its SHA-256 in manifest.json, which is signed. “bridgedesk verify-pack FILE” checks it. Times are UTC."
        ),
    }
    facts = document.facts(order, about["by"], about["made_at"], key_word())
    return document.page(head, facts, events, found.drawn, (get_language() or "en").lower())
