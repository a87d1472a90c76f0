"""Reply templates: from the files and the screen into rows, from rows into a text for one buyer.

A shipped template lies in content/templates; `load_content` makes rows of it and never overwrites what a team edited.
Every save is a new version; the old ones stay, for the answers that were sent from them.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import opencc
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, prefetch_related_objects
from django.utils.translation import gettext as _

from bridgedesk.activity.actions import Log, record
from bridgedesk.channels.policy import LANGUAGES as INTERFACE
from bridgedesk.channels.policy import PURPOSES, policy, policy_name
from bridgedesk.conversations import goods_facts, liquid
from bridgedesk.conversations.liquid import TemplateError, check, gaps, render
from bridgedesk.conversations.models import Conversation, Template, TemplateText
from bridgedesk.conversations.salutations import by_script, closing, first_name, salutation
from bridgedesk.lib import clock
from bridgedesk.orders import places
from bridgedesk.orders.facts import three_facts
from bridgedesk.orders.models import Order
from bridgedesk.team.models import Agent

__all__ = ["LANGUAGES", "Filled", "TemplateError", "check", "choose", "edited_share", "fill", "gaps", "load_content", "missing_languages",
           "preview", "problems", "render", "save", "suggest", "variables_for"]  # fmt: skip

LANGUAGES = ("en", "es", "pt", "fr", "de", "it", "ru", "pl", "ja", "ko", "th", "vi", "id", "zh-Hans", "zh-Hant")
_MAIL = ("email", "amazon")


@dataclass(frozen=True)
class Filled:
    """A template made into a text. `fallback` names the language it was taken from when the buyer's is missing, else "".
    `missing` are the variables the agent has to fill in: they stand in the text as ⟦order.number⟧."""

    text: str
    language: str
    fallback: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Shipped:
    """One template as the files, or a lead, have it."""

    key: str
    topic: str
    purpose: str
    names: dict[str, str]
    texts: dict[str, str]


def fill(
    template: Template,
    conversation: Conversation,
    agent: Agent | None,
    look: Callable[[], Order | None] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Filled:
    """The template in the buyer's language with the buyer's data. `look` finds the order it is about, where several templates share it;
    `more` is what else is known, by variable name."""
    chosen, fallback = choose(template, buyer_language(conversation))
    values = variables_for(conversation, agent, chosen.language) | dict(more or {})
    if speaks_of_parcels(chosen.body) and (order := look() if look else order_of(conversation, agent)):
        values |= {"order.number": order.external_id} | three_facts(order, chosen.language, links_allowed(conversation))
    values |= goods_facts.fitting(chosen.body, look or (lambda: order_of(conversation, agent)))
    text = render(chosen.body, values, chosen.language)
    return Filled(text, chosen.language, fallback, tuple(dict.fromkeys(gaps(text))))


def buyer_language(conversation: Conversation) -> str:
    """The language to write in: the thread's, else the buyer's, else that of most of the shop's buyers."""
    return conversation.language or conversation.customer.language or conversation.shop.language


def speaks_of_parcels(source: str) -> bool:
    """Whether a template names anything of a parcel."""
    return any(name == "eta" or name.startswith("parcel.") for name in liquid.used(source))


def order_of(conversation: Conversation, agent: Agent | None = None) -> Order | None:
    """The order it is about: the one it names, else the only one of the buyer's in the shop that is on its way.

    For an `agent` only one of a shop they see: Amazon's mail and Amazon's orders lie in two shops.
    """
    if conversation.order_ref:
        return places.named(conversation.shop, conversation.order_ref, conversation.address, agent)
    orders = Order.objects.filter(shop=conversation.shop_id).select_related("shop").prefetch_related("parcels__scans")
    sent = list(orders.filter(customer=conversation.customer_id, state__in=("part_shipped", "shipped", "delivered"))[:2])
    return sent[0] if len(sent) == 1 else None


def links_allowed(conversation: Conversation) -> bool:
    """Whether the address of a tracking page may stand in a message here without anybody's release."""
    rules = policy(policy_name(conversation.shop, conversation.address))
    check = rules.check("links", clock.now(), conversation.customer.country)
    return check is None or (check.tracking or check.verdict_for("answer")) == "allowed"


def choose(template: Template, language: str) -> tuple[TemplateText, str]:
    """The text for a buyer of that language (BCP 47), and "" or the language it had to be taken from.

    The rule, shown on screen: exactly that language; else without its region; between the two Chinese scripts by conversion; else English.
    """
    texts = {text.language.lower(): text for text in template.texts.all()}
    wanted = by_script(language)
    for candidate in (wanted, wanted.split("-")[0]):
        if candidate in texts:
            return texts[candidate], ""
    if (other := {"zh-hant": "zh-hans", "zh-hans": "zh-hant"}.get(wanted)) and other in texts:
        return _converted(texts[other], wanted), texts[other].language
    if "en" in texts:
        return texts["en"], "en"
    first = min(texts.values(), key=lambda text: text.language, default=None)
    if first is None:
        raise TemplateError("This template has no text yet.")
    return first, first.language


@cache
def _converter(scheme: str) -> opencc.OpenCC:
    return opencc.OpenCC(scheme)


def _converted(text: TemplateText, wanted: str) -> TemplateText:
    language = "zh-Hant" if wanted == "zh-hant" else "zh-Hans"
    body = _converter("s2twp" if language == "zh-Hant" else "tw2sp").convert(text.body)
    return TemplateText(template=text.template, language=language, body=body)


def variables_for(conversation: Conversation, agent: Agent | None, language: str = "") -> dict[str, Any]:
    """What is known for this buyer, by variable name; what is not known is left out. `language` is that of the text."""
    shop, buyer = conversation.shop, conversation.customer
    language = language or buyer_language(conversation)
    values: dict[str, Any] = {
        "language": language,
        "country": buyer.country,
        "buyer.name": buyer.name,
        "buyer.first_name": first_name(buyer.name, buyer.country),
        "shop.name": shop.name,
        "agent.name": str(agent) if agent else shop.name,
        "today": clock.now().astimezone(ZoneInfo(shop.timezone)).date(),
        "order.number": conversation.order_ref,
    }
    values["hello"] = salutation(buyer.name, buyer.country, language)
    if policy_name(shop, conversation.address) in _MAIL:
        values["signature"] = closing(str(values["agent.name"]), shop.name, language)
    return {name: value for name, value in values.items() if value not in ("", None)}


def missing_languages(texts: Iterable[str]) -> list[str]:
    """Of the languages we serve, those without a text."""
    have = set(texts)
    return [language for language in LANGUAGES if language not in have]


def problems(texts: Mapping[str, str]) -> list[str]:
    """What keeps a set of texts (language -> source) from being saved, each with its language before it."""
    if not texts:
        return [_("There is no text.")]
    return [f"{language}: {fault}" for language, found in faults(texts).items() for fault in found]


def faults(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """The same by language: errors; where there are none, variables that differ between the languages."""
    found = {language: wrong for language, body in texts.items() if (wrong := check(body))}
    if found or not texts:
        return found
    base = "en" if "en" in texts else next(iter(texts))
    wanted = liquid.used(texts[base]) - set(liquid.OPTIONAL)
    return {language: wrong for language, body in texts.items() if (wrong := _differences(body, base, wanted))}


def _differences(body: str, base: str, wanted: set[str]) -> list[str]:
    has = liquid.used(body) - set(liquid.OPTIONAL)
    lacks = [_("%(name)s is missing, %(language)s has it.") % {"name": name, "language": base} for name in sorted(wanted - has)]
    return lacks + [_("%(name)s is not in %(language)s.") % {"name": name, "language": base} for name in sorted(has - wanted)]


def preview(key: str, language: str, samples: Mapping[str, Any] | None = None) -> Filled:
    """How the current version reads in that language, with the samples of the variables or these."""
    template = Template.objects.get(key=key, current=True)
    chosen, fallback = choose(template, language)
    return Filled(preview_text(chosen.body, chosen.language, samples), chosen.language, fallback, ())


def preview_text(source: str, language: str, samples: Mapping[str, Any] | None = None) -> str:
    """How a source would read, saved or not."""
    values = liquid.samples() | {"hello": salutation("Maria Santos", "", language), "signature": ""} | dict(samples or {})
    return render(source, values, language)


def save(
    key: str,
    texts: Mapping[str, str],
    *,
    by: Agent,
    topic: str | None = None,
    purpose: str | None = None,
    names: Mapping[str, str] | None = None,
) -> Template:
    """Make the next version of a template, or the first of a new one. TemplateError lists everything that is wrong. For leads."""
    _leads(by)
    said = {language: body.strip() for language, body in texts.items() if body.strip()}
    wrong = problems(said) + _strange_languages(said)
    if purpose is not None and purpose not in PURPOSES:
        wrong.append(f"There is no purpose {purpose}.")
    if wrong:
        raise TemplateError("\n".join(wrong))
    with transaction.atomic():
        old = Template.objects.select_for_update().filter(key=key, current=True).first()
        topic = topic if topic is not None else old.topic if old else ""
        named = dict(names or (old.names if old else {})) or {"en": key}
        made = Shipped(key, topic, purpose or (old.purpose if old else "answer"), named, said)
        return _store([made], origin="edited", by=by)[0]


@transaction.atomic
def retire(template: Template, *, by: Agent) -> None:
    """Offer it no more. Its versions stay, and saving one of them brings it back."""
    _leads(by)
    if Template.objects.filter(pk=template.pk, current=True).update(current=False):
        record("retired_template", template, by=by, key=template.key, version=template.version)


def _leads(by: Agent) -> None:
    if not by.leads:
        raise PermissionDenied("Only leads change templates.")


def _strange_languages(texts: Iterable[str]) -> list[str]:
    return [f"{language} is not a language tag." for language in texts if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", language)]


def _store(each: Sequence[Shipped], *, origin: str, by: Agent | None) -> list[Template]:
    """The next version of each. The caller holds a transaction."""
    versions = dict(Template.objects.filter(key__in=[one.key for one in each]).values_list("key").annotate(Max("version")))
    Template.objects.filter(key__in=[one.key for one in each], current=True).update(current=False)
    about = {"origin": origin, "by": by, "created_at": clock.now()}
    made = Template.objects.bulk_create(
        Template(key=one.key, version=versions.get(one.key, 0) + 1, topic=one.topic, purpose=one.purpose, names=one.names, **about)
        for one in each
    )
    pairs, log = list(zip(made, each, strict=True)), Log(by=by)
    TemplateText.objects.bulk_create(
        TemplateText(template=row, language=name, body=body) for row, one in pairs for name, body in one.texts.items()
    )
    for row, one in pairs:
        log.record("saved_template", row, key=row.key, version=row.version, languages=sorted(one.texts))
    log.write()
    return made


def shipped(folder: Path | None = None) -> list[Shipped]:
    """Every template of content/templates, checked; TemplateError names the first file with a wrong one, and what is wrong."""
    folder = folder or Path(settings.CONTENT) / "templates"
    found = [one for path in sorted(folder.glob("*.toml")) for one in _read(path.name, path.read_text("utf-8"))]
    keys = [one.key for one in found]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise TemplateError(f"Two templates are called {', '.join(sorted(twice))}.")
    return found


@lru_cache(maxsize=100)
def _read(name: str, text: str) -> Sequence[Shipped]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(f"{name} cannot be read: {error}") from error
    found = [
        Shipped(
            entry.get("key", ""), entry.get("topic", ""), entry.get("purpose", ""), entry.get("name", {}), _stripped(entry.get("text", {}))
        )
        for entry in data.get("template", ())
    ]
    if wrong := [f"{name}, {one.key or 'a template without key'}: {problem}" for one in found for problem in _wrong(one)]:
        raise TemplateError("\n".join(wrong))
    return found


def _stripped(texts: Mapping[str, str]) -> dict[str, str]:
    return {language: body.strip() for language, body in texts.items()}


def _wrong(one: Shipped) -> list[str]:
    wrong = [] if re.fullmatch(r"[a-z0-9-]{3,60}", one.key) else ["the key must be small letters, digits and hyphens."]
    wrong += [] if one.purpose in PURPOSES else [f"there is no purpose “{one.purpose}”."]
    wrong += [f"the name in {language} is missing." for language in INTERFACE if not one.names.get(language)]
    wrong += [f"the text in {language} is missing." for language in missing_languages(one.texts)]
    return wrong + problems(one.texts)


def load_content(by: Agent | None = None) -> int:
    """Bring the shipped templates into the tables; the number of new versions. What a team edited or retired stays as it is."""
    each = shipped()
    with transaction.atomic():
        rows = Template.objects.select_for_update().filter(key__in=[one.key for one in each]).order_by("key", "version")
        newest = {row.key: row for row in rows}
        prefetch_related_objects(list(newest.values()), "texts")
        wanted = [one for one in each if _wanted(newest.get(one.key), one)]
        _store(wanted, origin="shipped", by=by)
    return len(wanted)


def _wanted(row: Template | None, one: Shipped) -> bool:
    if row is None or row.origin == "edited" or not row.current:
        return row is None
    texts = {text.language: text.body for text in row.texts.all()}
    return (row.topic, row.purpose, row.names, texts) != (one.topic, one.purpose, one.names, one.texts)


def suggest(conversation: Conversation, limit: int = 6, topics: Sequence[str] = ()) -> list[Template]:
    """Templates that fit: those of the conversation's topic first, then the ever useful; none whose purpose the platform forbids.

    A conversation without a topic takes `topics`, likeliest first.
    """
    about = [conversation.topic] if conversation.topic else list(topics)
    rules = policy(policy_name(conversation.shop, conversation.address))
    today, country = clock.now(), conversation.customer.country
    open_purposes = [purpose for purpose in PURPOSES if rules.rule(purpose, today, country).verdict != "forbidden"]
    fitting = Template.objects.filter(current=True, purpose__in=open_purposes).filter(topic__in=[*about, ""])
    order = {"allowed": 0, "person": 1}
    ranked = sorted(fitting, key=lambda t: (order[rules.rule(t.purpose, today, country).verdict], t.pk))
    by_topic = [[template for template in ranked if template.topic == topic] for topic in dict.fromkeys(about)]
    in_turn = [template for row in zip_longest(*by_topic) for template in row if template]
    chosen = [*in_turn, *(template for template in ranked if not template.topic)][:limit]
    prefetch_related_objects(chosen, "texts")
    return chosen


def edited_share(rendered: str, sent: str) -> float:
    """How much of a rendered template was changed before it was sent: 0 nothing … 1 nothing is left of it. By words."""
    before, after = _words(rendered), _words(sent)
    if not before and not after:
        return 0.0
    return round(1 - SequenceMatcher(None, before, after, autojunk=False).ratio(), 4)


def _words(text: str) -> list[str]:
    found = re.findall(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+", text.casefold())
    return found[:2000]
