"""Translations: kept once made, with what must survive checked. Simplified and Traditional Chinese need no service.

Never called inside a transaction: the service is asked in between two short ones.
"""

import hashlib
from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext_noop as noop

from bridgedesk.assist import engines, placeholders
from bridgedesk.assist.engines import Service, TranslationFailed
from bridgedesk.assist.language import convert_chinese, identify
from bridgedesk.assist.models import Engine, Translation
from bridgedesk.lib import clock, languages, secrets

__all__ = ["NoEngine", "TranslationFailed", "attempt", "kept", "service", "translate"]

LONGEST = 20_000  # characters
SAMPLE = {
    "en": "Hello! Order 250-1234567-8901234 has not arrived yet. Could you check where it is?",
    "es": "¡Hola! El pedido 250-1234567-8901234 todavía no ha llegado. ¿Podrían mirar dónde está?",
}
_BETWEEN_SCRIPTS = {("zh-Hans", "zh-Hant"): "s2twp", ("zh-Hant", "zh-Hans"): "tw2sp"}


class NoEngine(TranslationFailed):
    """No translation service is set up."""

    def __init__(self) -> None:
        super().__init__(noop("No translation service is set up."))


def translate(text: str, target: str, source: str = "", names: Iterable[str] = ()) -> Translation:
    """`text` in `target`, kept for the next reader. NoEngine, or TranslationFailed with the reason in plain words."""
    target = languages.canonical(target)
    source = languages.canonical(source) or identify(text).language
    if not target:
        raise TranslationFailed(noop("This language is not known."))
    if len(text) > LONGEST:
        raise TranslationFailed(noop("The text is too long to translate."))
    if languages.base(source) == languages.base(target):
        return _unsaved(text, source, target, "same", text)
    conversion = _BETWEEN_SCRIPTS.get((languages.base(source), languages.base(target)))
    if conversion:
        return _unsaved(text, source, target, "opencc", convert_chinese(text, conversion))
    return _by_service(text, source, target, tuple(names))


def kept(texts: Iterable[tuple[str, str]], target: str) -> dict[str, str]:
    """Of these (text, its language) those a reader of `target` can be shown in it without asking a service; one query."""
    target, wanted = languages.base(target), {text: languages.base(source) for text, source in texts if source}
    foreign = {_key(text): text for text, source in wanted.items() if source != target}
    same = {text: convert_chinese(text, how) for text, source in wanted.items() if (how := _BETWEEN_SCRIPTS.get((source, target)))}
    rows = Translation.objects.filter(key__in=foreign, target__in=[target, *languages.fallbacks(target, target)]).order_by("pk")
    return {foreign[row.key]: row.text for row in rows} | same


def _by_service(text: str, source: str, target: str, names: tuple[str, ...]) -> Translation:
    used = service()
    if used is None:
        raise NoEngine
    label = f"{used.name} {used.model}".strip()[:24]
    kept = Translation.objects.filter(key=_key(text), source=source, target=target, engine=label).first()
    if kept:
        return kept
    masked = placeholders.mask(text, names)
    translated, lost = placeholders.restore(engines.ask(used, masked.text, target, source), masked)
    made = _unsaved(text, source, target, label, translated, [*lost, *placeholders.invented(translated, text)])
    return _keep(made)


def attempt(reader: str) -> Translation:
    """A made-up sentence in the reader's language, asked anew and not kept: whether the service works and marks survive it."""
    used = service()
    if used is None:
        raise NoEngine
    target = languages.canonical(reader)
    source, text = ("en", SAMPLE["en"]) if languages.base(target) != "en" else ("es", SAMPLE["es"])
    masked = placeholders.mask(text, ())
    translated, lost = placeholders.restore(engines.ask(used, masked.text, target, source), masked)
    return _unsaved(text, source, target, used.name, translated, [*lost, *placeholders.invented(translated, text)])


def _keep(made: Translation) -> Translation:
    """Stored once, whoever was first."""
    row, _ = Translation.objects.get_or_create(
        key=made.key,
        source=made.source,
        target=made.target,
        engine=made.engine,
        defaults={"text": made.text, "flawed": made.flawed, "created_at": made.created_at},
    )
    return row


def _unsaved(text: str, source: str, target: str, engine: str, translated: str, flawed: Iterable[str] = ()) -> Translation:
    return Translation(
        key=_key(text), source=source, target=target, engine=engine, text=translated, flawed=list(flawed), created_at=clock.now()
    )


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def service() -> Service | None:
    """The service set up by an admin; None if there is none or it is switched off."""
    row = Engine.objects.filter(enabled=True).first()
    if row is None:
        return None
    try:
        key = secrets.unseal(row.sealed_key, settings.SECRET_KEY) if row.sealed_key else ""
    except secrets.SecretsUnreadable:
        raise TranslationFailed(noop("The key of the translation service cannot be read; enter it again in the settings.")) from None
    return Service(row.name, row.base_url.rstrip("/"), key, row.model, row.options)
