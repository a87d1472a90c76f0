"""Where a buyer is, decided from what a platform said of them: no database, no network."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import phonenumbers
from babel.core import get_global

_SEASONS = (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))


def zone_of(country: str, phone: str = "") -> str:
    """The time zone (IANA) of a buyer, "" where it cannot be said: a country of many zones, and a number that names no region.

    Source: CLDR's zones of each territory, and the number plan of libphonenumber.
    """
    return _zone_of_number(phone) or _zone_of_country(country.upper())


@cache
def _zone_of_country(country: str) -> str:
    """Its only zone, or any where all its zones show the same time all year."""
    zones: list[str] = get_global("territory_zones").get(country, [])
    clocks = {tuple(at.astimezone(ZoneInfo(zone)).utcoffset() for at in _SEASONS) for zone in zones}
    return zones[0] if len(clocks) == 1 else ""


def _zone_of_number(phone: str) -> str:
    if not phone.startswith("+"):
        return ""
    from phonenumbers import timezone  # large tables, only where somebody calls

    try:
        zones = timezone.time_zones_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return ""
    return zones[0] if len(zones) == 1 and zones[0] != timezone.UNKNOWN_TIMEZONE else ""
