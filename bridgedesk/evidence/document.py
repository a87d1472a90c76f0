"""The page of a pack as a PDF/A document, set by a process of its own (pack.typ, pdf_child.py).

PDF/A allows no letter without a shape: where no font of this machine has one, there is no document, and the reason is said.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from bridgedesk.evidence import pdf_child, words
from bridgedesk.evidence.gathering import Happened
from bridgedesk.lib import confined
from bridgedesk.lib.html import money
from bridgedesk.remedies import labels

PATIENCE = 120.0
"""Seconds a document may take."""
NO_FONT = noop(
    "There is no PDF in it: this server has no font for some of the letters. Install Noto fonts, Chinese ones too, and make it again."
)
BROKEN = noop("There is no PDF in it: it could not be set. The page index.html says the same.")
_LATIN = ("Noto Sans", "DejaVu Sans", "Liberation Sans")
_HAN = {"zh-hans": "SC", "zh-hant": "TC", "ja": "JP", "ko": "KR"}
_KANA, _HANGUL = re.compile(r"[\u3040-\u30ff]"), re.compile(r"[\uac00-\ud7af]")
_LONG = re.compile(r"([!-~]{30})(?=[!-~])")
_UNSEEN = {"\ufe0f", "\ufe0e", "\u200d", "\u20e3"}


@dataclass(frozen=True)
class Set:
    """The document, or why there is none (a msgid)."""

    data: bytes = b""
    why_not: str = ""


def page(head: Mapping[str, Any], facts: Sequence[tuple[str, str]], events: Iterable[Happened], pictures: Mapping[str, str],
         language: str) -> dict[str, Any]:  # fmt: skip
    """What pack.typ sets. `pictures`: name in the pack -> file in the folder."""
    fonts = _fonts("", language)
    told = [_event(event, pictures, language) for event in events]
    lang, region = {"zh-hans": ("zh", "CN"), "zh-hant": ("zh", "TW")}.get(language, ("en", None))
    return {**head, "facts": [(name, _breakable(value)) for name, value in facts], "events": told, "fonts": fonts, "lang": lang,
            "region": region}  # fmt: skip


def make(data: Mapping[str, Any], folder: Path, *, system_fonts: bool = True) -> Set:
    """Set the page with the pictures of the folder. Signs no font has are written as their names before it is given up."""
    try:
        return Set(_run(data, folder, system_fonts))
    except confined.Ended as first:
        if first.code != pdf_child.NO_FONT:
            return Set(why_not=BROKEN)
    try:
        return Set(_run(_each_text(data), folder, system_fonts))
    except confined.Ended as error:
        return Set(why_not=NO_FONT if error.code == pdf_child.NO_FONT else BROKEN)


def more(data: Mapping[str, Any]) -> str:
    """What stands beside the name of an event: what was offered, money, parcel, place, reference."""
    found = (
        str(labels.option(str(data["option"]))) if data.get("option") else "",
        money(data["minor"], str(data.get("currency"))) if data.get("minor") else "",
        f"{data.get('carrier', '')} {data['parcel']}".strip() if data.get("parcel") else "",
        str(data.get("place") or ""),
        str(data.get("reference") or ""),
    )
    return " · ".join(each for each in found if each)


def spelled(text: str) -> str:
    """The text with emojis, private signs and the like written as their names, which every font has the letters for."""
    return "".join(_spelled(sign) for sign in text if sign not in _UNSEEN)


def _spelled(sign: str) -> str:
    kind = unicodedata.category(sign)
    if sign in "\n\t" or kind not in ("So", "Sk", "Co", "Cn", "Cc", "Cs", "Cf") or sign < "\u00a0":
        return sign
    return f"[{unicodedata.name(sign, '').lower() or f'U+{ord(sign):04X}'}]"


def _run(data: Mapping[str, Any], folder: Path, system_fonts: bool) -> bytes:
    own = settings.DATA / "fonts"
    alone = () if system_fonts else ("alone",)
    told = json.dumps(data).encode()
    return confined.run(pdf_child.__file__, told, str(folder), str(own) if own.is_dir() else "", *alone, patience=PATIENCE)


def _event(event: Happened, pictures: Mapping[str, str], language: str) -> dict[str, Any]:
    beside = " · ".join(each for each in (event.who, more(event.data)) if each)
    return {
        "at": f"{event.at:%Y-%m-%d %H:%M} UTC", "said": words.said(event.kind, event.data), "more": _breakable(beside),
        "buyer": event.kind == "buyer", "texts": [_text(text, language) for text in (event.text, event.translation) if text],
        "pictures": [{"file": f"/{pictures[name]}", "name": name} for name in event.files if name in pictures],
        "files": [_breakable(name) for name in event.files if name not in pictures],
    }  # fmt: skip


def _text(text: str, language: str) -> dict[str, Any]:
    first = next((unicodedata.bidirectional(sign) for sign in text if unicodedata.bidirectional(sign) in ("L", "R", "AL")), "L")
    return {"text": _breakable(text), "fonts": _fonts(text, language), "rtl": first != "L"}


def _fonts(text: str, language: str) -> list[str]:
    """Which shapes Chinese characters take: those of the language the text is in."""
    tag = "ja" if _KANA.search(text) else "ko" if _HANGUL.search(text) else language
    return [*_LATIN, f"Noto Sans CJK {_HAN.get(tag, 'SC')}"]


def _breakable(text: str) -> str:
    """Long numbers and addresses may be broken anywhere; nothing runs over the edge of the paper."""
    return _LONG.sub("\\1\u200b", "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs")))


def _each_text(value: Any) -> Any:
    if isinstance(value, str):
        return spelled(value)
    if isinstance(value, Mapping):
        return {key: value[key] if key in ("fonts", "file", "lang", "region") else _each_text(value[key]) for key in value}
    return [_each_text(each) for each in value] if isinstance(value, list | tuple) else value


def facts(order: Any, by: str, made: str, fingerprint: str) -> list[tuple[str, str]]:
    """The head of the page: what was ordered from whom, when the pack was made and with which key."""
    rows = [(_("Shop"), order.shop.name), (_("Buyer"), order.customer.name if order.customer else "–")]
    if order.total:
        rows.append((_("Total"), money(order.total_minor, order.currency)))
    for line in order.lines.all():
        rows.append((_("Article"), " · ".join([f"{line.quantity} × {line.title or line.code}", *map(str, line.options.values())])))
    return [*rows, (_("Made"), f"{made} · {by}"), (_("Key of the signature"), fingerprint)]
