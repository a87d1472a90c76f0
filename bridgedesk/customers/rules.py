"""Where a buyer is, decided from what a platform said of them: no database, no network."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from babel.core import get_global

# Where most people of a country of several clocks live: the clock assumed, and marked as such, when nothing tells more.
_MOST_LIVE = {
    "AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto", "CD": "Africa/Kinshasa", "CL": "America/Santiago",
    "CN": "Asia/Shanghai", "EC": "America/Guayaquil", "ES": "Europe/Madrid", "FR": "Europe/Paris", "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty", "MN": "Asia/Ulaanbaatar", "MX": "America/Mexico_City", "NZ": "Pacific/Auckland", "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow", "UA": "Europe/Kyiv", "US": "America/New_York",
}  # fmt: skip
_SEASONS = (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))


class WrongFacts(Exception):
    """What was typed of a buyer cannot be; `fields` tells by field why, in the reader's words."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(fields.values()))
        self.fields = fields


def zone_of(country: str, phone: str = "") -> str:
    """The time zone (IANA) of a buyer, "" where it cannot be said: a country of many zones, and a number that names no region.

    Source: CLDR's zones of each territory, and the number plan of libphonenumber.
    """
    return _zone_of_number(phone, country.upper()) or _zone_of_country(country.upper())


@dataclass(frozen=True)
class Wall:
    """The clock on a buyer's wall as far as it is known: `zone` is known (`sure`) or assumed, and then it may be any of `zones`.

    `because`: "known"; "number" or "country", which fit several clocks; "shop": nothing tells, so the shop's own is assumed.
    """

    zone: str
    because: Literal["known", "number", "country", "shop"]
    zones: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether the zone is known."""
        return self.because == "known"

    def times(self, at: datetime) -> list[datetime]:
        """What it may show at that moment, the earliest first; one time where it is known."""
        return sorted((at.astimezone(ZoneInfo(zone)) for zone in {self.zone, *self.zones}), key=lambda time: time.replace(tzinfo=None))

    def night(self, at: datetime) -> bool:
        """Whether one does not telephone then, by any of the clocks it may be."""
        return any(is_night(time) for time in self.times(at))


def is_night(local: datetime) -> bool:
    """Whether one does not telephone at that local time: before 9 and from 20 o'clock."""
    return not 9 <= local.hour < 20


def wall(timezone: str, country: str, phone: str, shop_zone: str) -> Wall:
    """The clock of a buyer: the zone that is known, else what number and country leave open, else the shop's."""
    if known := timezone or zone_of(country, phone):
        return Wall(known, "known")
    country = country.upper()
    for because, zones in (("number", _apart(_zones_of_number(phone, country))), ("country", _apart(_zones_of_country(country)))):
        if zones:
            assumed = [zone for zone in (_MOST_LIVE.get(country, ""), shop_zone) if _shows_one_of(zone, zones)]
            return Wall((*assumed, *zones)[0], because, zones)  # type: ignore[arg-type]
    return Wall(shop_zone or "UTC", "shop")


def is_zone(name: str) -> bool:
    """Whether there is such a time zone (IANA)."""
    return name in available_timezones()


def telephone(typed: str, country: str) -> str:
    """A telephone number in its international form (+49301234567), "" where it cannot be one; `country` for numbers without a prefix."""
    try:
        number = phonenumbers.parse(typed, country.upper() or None)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else ""


def zones_of(country: str) -> tuple[str, ...]:
    """The zones of a country whose clocks differ, those of most people first."""
    zones = _apart(_zones_of_country(country.upper()))
    most = _MOST_LIVE.get(country.upper(), "")
    return tuple(sorted(zones, key=lambda zone: (not _shows_one_of(most, (zone,)), zone)))


def _zone_of_country(country: str) -> str:
    """Its only zone, or any where all its zones show the same time all year."""
    zones = _apart(_zones_of_country(country))
    return zones[0] if len(zones) == 1 else ""


def _zone_of_number(phone: str, country: str) -> str:
    zones = _zones_of_number(phone, country)
    return zones[0] if len(zones) == 1 else ""


def _zones_of_country(country: str) -> tuple[str, ...]:
    return tuple(get_global("territory_zones").get(country, ()))


@cache
def _apart(zones: tuple[str, ...]) -> tuple[str, ...]:
    """One zone for each clock among them: two show the same when they agree in winter and in summer."""
    clocks: dict[object, str] = {}
    for zone in zones:
        shown = _shows(zone)
        clocks[shown] = min(clocks.get(shown, zone), zone, key=lambda name: (name not in _MOST_LIVE.values(), zones.index(name)))
    return tuple(clocks.values())


def _shows(zone: str) -> object:
    return tuple(at.astimezone(ZoneInfo(zone)).utcoffset() for at in _SEASONS)


def _shows_one_of(zone: str, zones: tuple[str, ...]) -> bool:
    return bool(zone) and _shows(zone) in {_shows(one) for one in zones}


def _zones_of_number(phone: str, country: str) -> tuple[str, ...]:
    if not phone.startswith("+") and not (phone and country):
        return ()
    from phonenumbers import timezone  # large tables, only where somebody calls

    try:
        zones = timezone.time_zones_for_number(phonenumbers.parse(phone, country or None))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(zone for zone in zones if zone != timezone.UNKNOWN_TIMEZONE)
