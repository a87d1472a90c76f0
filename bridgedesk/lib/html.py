"""The Jinja2 environment: autoescape, gettext, dates and numbers in the reader's locale, static files, icons."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, available_timezones

import jinja2
from babel import Locale, UnknownLocaleError, dates, numbers
from django.template.defaultfilters import filesizeformat
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils import timezone, translation
from lucide.jinja import lucide
from markupsafe import Markup

from bridgedesk.lib import clock
from bridgedesk.lib.money import Money
from bridgedesk.lib.words import told

_CLDR = {"zh-hans": "zh_Hans", "zh-hant": "zh_Hant", "en": "en"}


def cldr() -> str:
    """The reader's locale as CLDR names it."""
    return _CLDR.get(translation.get_language() or "", "en")


def environment(**options: Any) -> jinja2.Environment:
    """Django's hook (TEMPLATES.OPTIONS.environment)."""
    options |= {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True, "undefined": jinja2.StrictUndefined}
    env = jinja2.Environment(**options, extensions=["jinja2.ext.i18n"])  # noqa: S701 (set in options)
    env.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext, npgettext=translation.npgettext
    )
    env.globals |= {
        "_": said,
        "gettext": said,
        "pgettext": said_of,
        "url": _url,
        "static": static,
        "icon": icon,
        "now": clock.now,
        "clock_speed": clock.speed,
        "lang": translation.get_language,
        "left_words": left_words,
        "money": money,
    }
    env.filters |= {"clocktime": clocktime, "weekday": weekday, "shortday": shortday, "language": language, "country": country}
    env.filters |= {"told": told, "filesizeformat": filesizeformat}
    env.filters |= {"moment": moment, "day": day, "ago": ago, "left": left, "number": number, "percent": percent}
    return env


def said(message: str, /, **variables: Any) -> Markup:
    """`_()` of the templates: a page asks for some hundred texts, always the same, so each is looked up and marked as safe once."""
    return said_of("", message, **variables)


def said_of(context: str, message: str, /, **variables: Any) -> Markup:
    """`pgettext()` of the templates. Variables are escaped."""
    language = translation.get_language() or ""
    return _text(context, message, language) % variables if variables else _plain_text(context, message, language)


@lru_cache(maxsize=10_000)
def _text(context: str, message: str, language: str) -> Markup:
    """In the language that is active, which is `language`; placeholders as they stand."""
    found = translation.pgettext(context, message) if context else translation.gettext(message)
    return Markup(found)  # noqa: S704 (texts of ours and their translations)


@lru_cache(maxsize=10_000)
def _plain_text(context: str, message: str, language: str) -> Markup:
    """The same without variables: "%%" is a per cent sign."""
    return _text(context, message, language) % {}


def _url(name: str, *args: Any, **query: Any) -> str:
    asked = {k: v for k, v in query.items() if v not in (None, "")}
    return _path(name, args, get_script_prefix()) + (f"?{urlencode(asked, doseq=True)}" if asked else "")


@lru_cache(maxsize=10_000)
def _path(name: str, args: tuple[Any, ...], prefix: str) -> str:
    """Below `prefix`, which is the present one."""
    return reverse(name, args=args)


def moment(value: datetime | None, zone: str | None = None) -> str:
    """Date and time in the reader's locale and zone (or `zone`, an IANA name)."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(zone) if zone else timezone.get_current_timezone())
    today = local.date() == clock.now().astimezone(local.tzinfo).date()
    return _moment(local.replace(second=0, microsecond=0, tzinfo=None), today, cldr())


@lru_cache(maxsize=5000)
def _moment(local: datetime, today: bool, locale: str) -> str:
    """A list of fifty rows is drawn again and again, with the same moments."""
    return dates.format_time(local, "short", locale=locale) if today else dates.format_datetime(local, "short", locale=locale)


def clocktime(value: datetime, zone: str | None = None) -> str:
    """The time of day in the reader's zone (or `zone`)."""
    return dates.format_time(value.astimezone(ZoneInfo(zone) if zone else timezone.get_current_timezone()), "short", locale=cldr())


def weekday(value: date) -> str:
    """A day as a heading: "Friday, November 20, 2026"."""
    return dates.format_date(value, "full", locale=cldr())


def shortday(value: date) -> str:
    """A day of this year where room is scarce: "Nov 20"."""
    return dates.format_skeleton("MMMd", value, locale=cldr())


def language(code: str) -> str:
    """The name of a language (BCP 47) in the reader's; the code itself when it has no name."""
    return _language(code, cldr())


@cache
def _language(code: str, reader: str) -> str:
    try:
        return Locale.parse(code, sep="-").get_display_name(reader) or code
    except (ValueError, UnknownLocaleError):
        return code


def country(code: str) -> str:
    """The name of a country (ISO 3166 alpha-2) in the reader's language."""
    return _country(code, cldr())


@lru_cache(maxsize=2000)
def _country(code: str, reader: str) -> str:
    return str(Locale.parse(reader).territories.get(code.upper(), code))


def zones(chosen: str = "") -> list[tuple[str, str]]:
    """Time zones to choose from, each with its place in the reader's language; `chosen` is among them whatever it is."""
    known = _places(cldr())
    return known if chosen in dict(known) | {"": ""} else [*known, (chosen, chosen)]


@cache
def _places(locale: str) -> list[tuple[str, str]]:
    names = (zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    places = ((zone, f"{dates.get_timezone_location(zone, locale=locale)} · {zone}") for zone in names)
    return [*sorted(places, key=lambda place: place[1]), ("UTC", "UTC")]


def day(value: datetime | None) -> str:
    """The date in the reader's locale and zone."""
    return "" if value is None else dates.format_date(value.astimezone(timezone.get_current_timezone()), "medium", locale=cldr())


def ago(value: datetime | None) -> str:
    """How long since or until: "3 hours ago", "3小时前"."""
    return "" if value is None else dates.format_timedelta(value - clock.now(), add_direction=True, threshold=1.2, locale=cldr())


def left(value: datetime | None) -> str:
    """What is left until `value`, short: "2h 05m"; once past its largest unit: "overdue 25d"."""
    if value is None:
        return ""
    total = int((value - clock.now()) / timedelta(minutes=1))
    days, hours, minutes = abs(total) // 1440, abs(total) % 1440 // 60, abs(total) % 60
    unit = "day" if days else "hour" if hours else "minutes"
    words = left_words()
    shape = unit if total < 0 else {"day": "days", "hour": "hours"}.get(unit, unit)
    time = words[shape].format(days=days, hours=hours, minutes=f"{minutes:02}" if hours else minutes)
    return words["over"].format(time=time) if total < 0 else time


def left_words() -> dict[str, str]:
    """The shapes of what is left, for `left` and for the browser that counts on (static/js/clock.js)."""
    return _left_words(translation.get_language() or "")


@cache
def _left_words(language: str) -> dict[str, str]:
    """In the language that is active, which is `language`: a list of fifty rows asks fifty times."""
    return {
        "days": translation.pgettext("time left", "{days}d {hours}h"),
        "hours": translation.pgettext("time left", "{hours}h {minutes}m"),
        "day": translation.pgettext("time left", "{days}d"),
        "hour": translation.pgettext("time left", "{hours}h"),
        "minutes": translation.pgettext("time left", "{minutes}m"),
        "over": translation.pgettext("time left", "overdue {time}"),
    }


def number(value: float | int) -> str:
    """Grouped as the reader's locale groups."""
    return numbers.format_decimal(value, locale=cldr())


def money(minor: int | None, currency: str) -> str:
    """A sum in minor units as the reader writes it; an en dash when there is none."""
    if minor is None:
        return "–"
    return Money(minor, currency).shown(cldr()) if currency else number(minor)


def percent(value: float | Fraction | Decimal | None) -> str:
    """A share (0–1) with one decimal; an en dash when there is none."""
    return "–" if value is None else numbers.format_percent(float(value), "0.0%", locale=cldr())


@cache
def icon(name: str, label: str = "") -> Markup:
    """A Lucide icon by name; decorative unless it has a label."""
    spoken = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    attributes: dict[str, Any] = {"class": "icon"} | spoken
    return Markup(lucide(name, size=16, **attributes))  # noqa: S704 (the icon set's own markup)
