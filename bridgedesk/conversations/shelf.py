"""The shelf of reply templates: what stands on it, how it is used, where it may go, and its versions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Avg, Count, QuerySet

from bridgedesk.channels.policy import PURPOSES, Rule, policy, policy_name
from bridgedesk.channels.policy import names as policies
from bridgedesk.conversations import labels, templates
from bridgedesk.conversations.composing import name_of
from bridgedesk.conversations.gate import Ruling, examine
from bridgedesk.conversations.models import Message, Template
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

PERIOD = timedelta(days=30)
SHOWN = ("incomplete", "unused", "edited", "retired")
OPTIONAL_LANGUAGES = tuple(language for language in labels.LANGUAGES if language not in templates.LANGUAGES)


@dataclass(frozen=True)
class Use:
    """How often a template was sent, and how much of it agents changed on average (0 nothing … 1 all)."""

    times: int = 0
    edited: float | None = None


@dataclass(frozen=True)
class Line:
    """A template on the shelf."""

    template: Template
    name: str
    missing: tuple[str, ...]
    languages: int
    use: Use
    where: Sequence[tuple[str, Rule]]


@dataclass(frozen=True)
class Asked:
    """What the shelf is narrowed to."""

    words: str = ""
    topic: str = ""
    purpose: str = ""
    show: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> "Asked":
        """Read a query string; what is not known is passed over."""
        topic, purpose, show = query.get("topic", ""), query.get("purpose", ""), query.get("show", "")
        return cls(
            query.get("q", "").strip()[:80],
            topic if topic in labels.TOPICS else "",
            purpose if purpose in PURPOSES else "",
            show if show in SHOWN else "",
        )


def lines(agent: Agent, asked: Asked) -> list[Line]:
    """The templates that fit, by topic and name. A fixed number of queries."""
    rows = _retired() if asked.show == "retired" else Template.objects.filter(current=True)
    uses, platforms = used(clock.now() - PERIOD), platforms_of(agent)
    made = [_line(row, uses, platforms) for row in rows.prefetch_related("texts").select_related("by") if _fits(row, asked)]
    kept = [line for line in made if _shown(line, asked.show)]
    return sorted(kept, key=lambda line: (labels.topic(line.template.topic) if line.template.topic else "", line.name))


def used(since: datetime) -> dict[str, Use]:
    """By key: what was sent from any version since then; an answer in several parts counts once."""
    sent = Message.objects.filter(template__isnull=False, at__gte=since, part=0).exclude(state=Message.State.WITHDRAWN)
    counted = sent.values("template__key").annotate(times=Count("pk"), edited=Avg("edited_share"))
    return {row["template__key"]: Use(row["times"], row["edited"]) for row in counted}


def used_lately(key: str) -> Use:
    """How the template was used in the last 30 days."""
    return used(clock.now() - PERIOD).get(key, Use())


def platforms_of(agent: Agent) -> list[str]:
    """The policies that bind the agent's shops; all there are while there is no shop."""
    return sorted({policy_name(shop) for shop in Shop.objects.visible_to(agent).only("platform", "options")}) or list(policies())


def where(purpose: str, platforms: Iterable[str]) -> list[tuple[str, Rule]]:
    """Each platform's word of today on the purpose, for a buyer of no known country."""
    return [(platform, policy(platform).rule(purpose, clock.now().date())) for platform in platforms]


def versions(key: str) -> list[Template]:
    """Every version, newest first, with its author and texts."""
    return list(Template.objects.filter(key=key).select_related("by").prefetch_related("texts").order_by("-version"))


def changes(rows: Sequence[Template]) -> dict[int, list[str]]:
    """By version: the languages whose text it changed against the one before it."""
    texts = [{text.language: text.body for text in row.texts.all()} for row in rows]
    before: list[dict[str, str]] = [*texts, {}][1:]
    return {
        row.version: [language for language in sorted({*now, *then}) if now.get(language) != then.get(language)]
        for row, now, then in zip(rows, texts, before, strict=True)
    }


@dataclass(frozen=True)
class Looked:
    """What is to be said of texts being written: how one language reads, what is wrong in any, what each platform's gate says."""

    language: str
    preview: str
    faults: Mapping[str, list[str]]
    rulings: Sequence[tuple[str, Ruling]] = field(default=())


def look(
    texts: Mapping[str, str], language: str, purpose: str, platforms: Iterable[str], own: Mapping[str, object] | None = None
) -> Looked:
    """Hold texts against the checks of saving, and the one in `language`, filled with samples (`own` before ours), against the gates."""
    said = {tongue: body.strip() for tongue, body in texts.items() if body.strip()}
    faults = templates.faults(said)
    body = said.get(language, "")
    if not body or templates.check(body):
        return Looked(language, "", faults)
    preview = templates.preview_text(body, language, own)
    today = clock.now().date()
    rulings = [
        (platform, examine(preview, purpose=purpose, policy=policy(platform), limits=None, on=today, language=language))
        for platform in platforms
    ]
    return Looked(language, preview, faults, rulings)


def _line(row: Template, uses: Mapping[str, Use], platforms: Iterable[str]) -> Line:
    texts = {text.language: text.body for text in row.texts.all()}
    missing = tuple(templates.missing_languages(texts))
    return Line(row, name_of(row), missing, len(texts), uses.get(row.key, Use()), where(row.purpose, platforms))


def _fits(row: Template, asked: Asked) -> bool:
    if (asked.topic and row.topic != asked.topic) or (asked.purpose and row.purpose != asked.purpose):
        return False
    hay = " ".join([row.key, *map(str, row.names.values()), *(text.body for text in row.texts.all())]).casefold()
    return all(word in hay for word in asked.words.casefold().split())


def _shown(line: Line, show: str) -> bool:
    return {"incomplete": bool(line.missing), "unused": line.use.times == 0, "edited": line.template.origin == "edited"}.get(show, True)


def _retired() -> QuerySet[Template]:
    newest = Template.objects.exclude(key__in=Template.objects.filter(current=True).values("key"))
    return newest.order_by("key", "-version").distinct("key")
