"""What was seen, in words of the screen."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bridgedesk.assist import topics
from bridgedesk.assist.models import Triage
from bridgedesk.conversations.models import Message
from bridgedesk.lib import languages, tracking


@dataclass(frozen=True)
class Chip:
    """One chip. `value` is what a click would keep; `why` stands in its title."""

    value: str
    text: str
    why: str
    tone: str = ""


@dataclass(frozen=True)
class Shown:
    """The chips of a message."""

    language: Chip | None
    topics: list[Chip]
    mood: Chip | None
    things: list[Chip]
    corrected: frozenset[str]


def triage_of(message: Message) -> Triage | None:
    """What was seen in it; None if nobody looked yet."""
    return Triage.objects.filter(message=message).first()


def shown(row: Triage, reader: str) -> Shown:
    """The row in the reader's language."""
    return Shown(
        language=_language(row, reader),
        topics=_topics(row, reader),
        mood=_mood(row),
        things=[chip for entity in row.entities if (chip := _thing(entity))],
        corrected=frozenset(row.corrected),
    )


def _language(row: Triage, reader: str) -> Chip | None:
    if not row.language:
        return None
    sure = "" if row.language_sure >= 0.6 else "warn"
    text = languages.name(row.language, reader) + ("" if not sure else " ?")
    return Chip(row.language, text, _because(row.language_because), sure)


def _because(reason: list[str]) -> str:
    code, *words = reason or [""]
    names = {
        "script": _("writing system"),
        "characters": _("characters"),
        "words": _("words"),
        "letter patterns": _("letter patterns"),
        "person": _("named by a colleague"),
    }
    return f"{names.get(code, code)}: {', '.join(words)}" if words else names.get(code, code)


def _topics(row: Triage, reader: str) -> list[Chip]:
    named = row.corrected.get("topic")
    known = topics.topics()
    if named in known:
        return [Chip(named, known[named].title(reader), _("named by a colleague"), "ok")]
    return [
        Chip(
            each["topic"],
            known[each["topic"]].title(reader),
            _("like: %(example)s") % {"example": each["example"]},
            "" if place else "info",
        )
        for place, each in enumerate(row.topics)
        if each["topic"] in known
    ]


def _mood(row: Triage) -> Chip | None:
    mood = row.corrected.get("mood", _seen_mood(row))
    if not mood:
        return None
    words = [row.message.text[start:end] for start, end, _kind in row.evidence]
    return Chip(mood, moods()[mood], ", ".join(words)[:200], "bad" if mood == "rude" else "warn")


def _seen_mood(row: Triage) -> str:
    if row.rude == "strong":
        return "rude"
    return "shouting" if row.shouting else "accusing" if row.rude else ""


def moods() -> dict[str, str]:
    """Every mood in words."""
    return {"": _("calm"), "accusing": _("accusing"), "rude": _("rude"), "shouting": _("shouting")}


def _thing(entity: dict[str, Any]) -> Chip | None:
    if entity["kind"] == "order":
        return Chip(entity["value"], entity["value"], _("Order number"))
    if entity["kind"] == "money":
        return Chip(entity["value"], f"{entity['value']} {entity.get('currency', '')}".strip(), _("Sum of money"))
    if entity["kind"] == "date":
        return Chip(entity["value"], entity["value"], _("Date"))
    if entity["kind"] != "tracking":
        return None
    carrier = tracking.carriers().get(entity.get("carrier", ""))
    name = carrier.name if carrier else ""
    if entity.get("valid") is False:
        return Chip(
            entity["value"], entity["value"], _("Tracking number of %(carrier)s, but its check digit is wrong") % {"carrier": name}, "warn"
        )
    return Chip(entity["value"], entity["value"], _("Tracking number of %(carrier)s") % {"carrier": name})


def services() -> list[tuple[str, str]]:
    """The translation services to choose from."""
    return [("deepl", "DeepL"), ("libretranslate", "LibreTranslate"), ("openai", _("Language model (OpenAI-compatible)"))]
