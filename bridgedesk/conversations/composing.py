"""What the composer offers: purposes with the gate's word, templates in the buyer's language, the channel's limits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import get_language

from bridgedesk.channels.policy import policy, policy_name
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations import labels, ruling, splitting, templates
from bridgedesk.conversations.gate import Ruling
from bridgedesk.conversations.models import Conversation, Template
from bridgedesk.lib import clock, words
from bridgedesk.orders.models import Order
from bridgedesk.team.models import Agent

SUGGESTED = 6
FOUND = 8
MOSTLY_OWN = 0.5  # of a template changed: the text is the agent's, not the template's


@dataclass(frozen=True)
class Phrase:
    """A template filled in for this buyer; `fallback` when it is not in the buyer's language."""

    pk: int
    name: str
    purpose: str
    text: str
    language: str
    fallback: bool


def offered(c: Conversation, agent: Agent) -> dict[str, Any]:
    """All that the composer shows before a word is typed."""
    return {
        "purposes": purposes(c),
        "limits": ruling.limits_of(c.shop),
        "tool_url": "" if sends(c) else str(c.shop.options.get("tool_url", "")),
        "suggestions": suggested(c, agent),
        "just_answered": None,
    }


def sends(c: Conversation) -> bool:
    """Whether the channel sends by itself; else the agent copies and sends by hand."""
    channel = CHANNELS.get(c.shop.platform)
    return channel is not None and channel.sends


def purposes(c: Conversation) -> list[tuple[str, str, str]]:
    """Key, name and today's verdict of every purpose, what is permitted first."""
    order = ("allowed", "person", "forbidden")
    rules, today = policy(policy_name(c.shop, c.address)), clock.now().date()
    found = [(key, labels.purpose(key), rules.rule(key, today, c.customer.country).verdict) for key in labels.PURPOSES]
    return sorted(found, key=lambda one: order.index(one[2]))


def suggested(c: Conversation, agent: Agent, topics: Sequence[str] = ()) -> list[Phrase]:
    """The templates that fit the conversation's topic; as long as it has none, those it may be about, likeliest first."""
    return phrases(c, agent, templates.suggest(c, SUGGESTED, topics))


def preset(c: Conversation, agent: Agent, key: str, purpose: str, order: str = "") -> Phrase | None:
    """What somebody came here to write: a template by its key (about that `order`), or an empty text under a purpose; None: nothing."""
    template = Template.objects.filter(key=key, current=True).first() if key else None
    about = Order.objects.filter(shop=c.shop_id, external_id=order).select_related("shop").first() if order else None
    filled = [one for one in [_phrase(c, template, agent, lambda: about or templates.order_of(c, agent))] if one] if template else []
    if filled:
        return filled[0]
    return Phrase(0, "", purpose, "", "", fallback=False) if purpose in labels.PURPOSES else None


def phrases(c: Conversation, agent: Agent, chosen: list[Template]) -> list[Phrase]:
    """Those templates filled in for this buyer, in the language to write to them; one that cannot be rendered is left out."""
    look = cache(lambda: templates.order_of(c, agent))
    made = (_phrase(c, template, agent, look) for template in chosen)
    return [phrase for phrase in made if phrase]


def find(c: Conversation, agent: Agent, words: str) -> list[Phrase]:
    """Templates whose name or key holds every word, the suggested ones first."""
    asked = words.casefold().split()
    order = {template.pk: place for place, template in enumerate(templates.suggest(c, FOUND))}
    known = Template.objects.filter(current=True).prefetch_related("texts").order_by("key")
    fitting = [template for template in known if _fits(template, asked)]
    fitting.sort(key=lambda template: order.get(template.pk, FOUND))
    return phrases(c, agent, fitting[:FOUND])


def told(found: Ruling, text: str, c: Conversation) -> dict[str, Any]:
    """The gate's ruling as the composer reads it."""
    limits = ruling.limits_of(c.shop)
    most = limits.text if limits else None
    findings = [
        {
            "code": f.code, "verdict": f.verdict, "reason": str(f.reason), "instead": str(f.instead), "sure": f.sure,
            "source": words.told(f.source), "as_of": f.as_of.isoformat(), "start": f.start, "end": f.end, "detail": f.detail,
        }
        for f in found.findings
    ]  # fmt: skip
    parts = [len(part) for part in splitting.parts(text, most)] if text.strip() else []
    return {"verdict": found.verdict, "findings": findings, "parts": parts, "limit": most}


def written_in(c: Conversation, text: str, template: Template | None, rendered: str) -> str:
    """The language of a template that still makes up most of the text; "" else: then the text itself shows it."""
    if template is None or templates.edited_share(rendered, text) >= MOSTLY_OWN:
        return ""
    try:
        return templates.choose(template, templates.buyer_language(c))[0].language
    except templates.TemplateError:
        return ""


def _fits(template: Template, asked: list[str]) -> bool:
    hay = " ".join([template.key.replace("-", " ").replace("_", " "), template.topic, *map(str, template.names.values())]).casefold()
    return all(word in hay for word in asked)


def _phrase(c: Conversation, template: Template, agent: Agent, look: Callable[[], Order | None]) -> Phrase | None:
    try:
        filled = templates.fill(template, c, agent, look)
    except templates.TemplateError:
        return None
    return Phrase(template.pk, name_of(template), template.purpose, filled.text, filled.language, bool(filled.fallback))


def name_of(template: Template) -> str:
    """Its name in the reader's language."""
    names = {key.lower(): name for key, name in template.names.items()}
    return str(names.get((get_language() or "en").lower()) or names.get("en") or template.key)
