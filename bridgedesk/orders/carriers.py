"""Where a buyer can follow a parcel: the carrier of their own country in their own language, else 17TRACK in that language.

Only addresses that were seen to work are given to buyers. A number that could be somebody else's, or that does not fit the
carrier it is said to be with, is never sent to a carrier's page: 17TRACK finds out by itself.
"""

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from bridgedesk.lib import languages, text
from bridgedesk.lib.tracking import Carrier, carriers, recognise, wrong_check

EVERYWHERE = "17track"


@dataclass(frozen=True)
class Site:
    """A page that follows one number. `carrier` is the name on it; `verified`: the address was seen to work."""

    url: str
    carrier: str
    verified: bool


def site_for(number: str, carrier: str = "", country: str = "", language: str = "") -> Site:
    """The page for a buyer in `country` (ISO 3166) who reads `language` (BCP 47); both "" where unknown."""
    chosen = _at_home(bearer(number, carrier), number, country)
    key = _key(chosen, country, language) if chosen else None
    if chosen is None or key is None:
        chosen = carriers()[EVERYWHERE]
        key = languages.choose(language or "en", [tag for tag in chosen.urls if tag])
        key = key if key in chosen.urls else ""
    return _site(chosen, key, number)


def own_page(number: str, carrier: str = "", country: str = "", language: str = "") -> Site | None:
    """The carrier's own page for an agent to try, seen to work or not; None where none is known."""
    chosen = _at_home(bearer(number, carrier), number, country)
    if chosen is None or not chosen.urls:
        return None
    key = next((key for key in _keys(chosen, country, language) if key in chosen.urls), next(iter(chosen.urls)))
    return _site(chosen, key, number)


def bearer(number: str, carrier: str = "") -> Carrier | None:
    """Who carries it: the carrier named, unless the number speaks against it; else the only one whose form it has. None: unclear."""
    if wrong_check(number):
        return None
    said = named(carrier)
    fitting = [match.carrier for match in recognise(number) if not match.weak]
    if said is None:
        own = [each for each in fitting if each.code != "s10"] or fitting
        return own[0] if len({each.code for each in own}) == 1 else None
    contradicts = fitting and said not in fitting and not (said.post and any(each.code == "s10" for each in fitting))
    return None if contradicts else said


def named(name: str) -> Carrier | None:
    """The carrier of that code or of exactly that name, however it is written; None for a name nobody knows."""
    return _names().get(_plain(name)) if name else None


@cache
def _names() -> dict[str, Carrier]:
    return {_plain(name): carrier for carrier in carriers().values() for name in (carrier.code, carrier.name, *carrier.names)}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", text.fold(name))


def _at_home(carrier: Carrier | None, number: str, country: str) -> Carrier | None:
    """Post travels under one number: the post of the buyer's country follows what another country's post took."""
    if carrier is None or not (carrier.post or carrier.code == "s10"):
        return carrier
    if not any(match.carrier.code == "s10" for match in recognise(number)):
        return carrier
    return next((each for each in carriers().values() if each.post and each.post == country.upper()), carrier)


def _key(carrier: Carrier, country: str, language: str) -> str | None:
    """The key of the address that serves this buyer; None where the carrier has none that was seen to work and that they can read."""
    home = carrier.country or carrier.post
    for key in _keys(carrier, country, language):
        if key in carrier.urls and carrier.verified(key):
            readable = key or not language or languages.base(carrier.language) == languages.base(language)
            return key if readable or (home and home == country.upper()) else None
    return None


def _keys(carrier: Carrier, country: str, language: str) -> list[str]:
    """Keys of addresses, the nearest first: country and language, country, language, the general one."""
    spoken = [languages.canonical(language), languages.base(language)] if language else []
    at_home = [*(f"{tag}-{country.upper()}" for tag in spoken), country.upper()] if country else []
    return list(dict.fromkeys([*at_home, *(tag for tag in spoken if tag), ""]))


def _site(carrier: Carrier, key: str, number: str) -> Site:
    url = carrier.urls[key].replace("{number}", quote(re.sub(r"\s+", "", number), safe=""))
    return Site(url, carrier.name, carrier.verified(key))
