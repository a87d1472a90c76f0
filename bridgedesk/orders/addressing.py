"""What is wrong with an address, decided from its fields alone."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bridgedesk.channels.events import Address
from bridgedesk.lib.text import fold
from bridgedesk.orders import postal

FIELDS = {"street_address": "lines", "city": "city", "city_area": "district", "country_area": "region", "postal_code": "postcode"}
STOPS_WITHOUT = {"lines", "name"}
_DIGITS = re.compile(r"\d")
_KANJI_NUMBER = re.compile("[一二三四五六七八九十百零〇][一二三四五六七八九十百零〇]*(?:號|号|丁目|番)")


@dataclass(frozen=True)
class Found:
    """Something to look at. `weight` "stop", "warn" or "hint"; `key` tells it from others of the same code; `data` fills its words.

    data["fields"] names the parts of the address it is about, data["lines"] the lines of the order, data["evidence"] what was read.
    """

    code: str
    weight: str = "warn"
    key: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def look(address: Address, platform: str, method: str) -> Iterator[Found]:
    """Everything odd about where a parcel goes. A masked address only says that it is; a pickup point has no street to check."""
    if address.masked:
        yield Found("address_masked", "hint", data={"fields": ["lines"]})
        return
    if not address.country or not any((address.name, address.lines, address.city, address.postcode)):
        yield Found("address_missing", "stop", "all", {"fields": ["country", "lines"], "missing": ["country" if address.city else "all"]})
        return
    if address.kind != "pickup":
        yield from _street(address, method)
        yield from _remote(address)
    yield from _script(address, platform, method)


def _street(address: Address, method: str) -> Iterator[Found]:
    known = postal.country_rules(address.country)
    if known is None:
        yield Found("country_unknown", "stop", address.country, {"fields": ["country"], "evidence": address.country})
        return
    yield from _missing(address, known.required_fields)
    yield from _postcode(address)
    yield from _number(address)
    yield from _box(address, method)


def _missing(address: Address, required: set[str]) -> Iterator[Found]:
    """Fields the country's post asks for. A city or region may stand in the lines, where a platform gives one text."""
    told = len(address.lines) > 2 or any("," in line or "，" in line for line in address.lines)
    wanted = [FIELDS[name] for name in ("street_address", "city", "country_area", "postal_code") if name in required]
    around = {"region"} if address.city else {"city"} if address.region and address.district else set()
    lenient = {"city", "region"} if told else around
    missing = [name for name in wanted if name not in lenient and not _said(address, name)]
    missing += [] if address.name.strip() else ["name"]
    if missing:
        weight = "stop" if STOPS_WITHOUT & set(missing) else "warn"
        yield Found("address_missing", weight, ",".join(missing), {"fields": missing, "missing": missing})


def _said(address: Address, name: str) -> bool:
    value = getattr(address, name)
    return bool("".join(value).strip() if isinstance(value, tuple) else value.strip())


def _postcode(address: Address) -> Iterator[Found]:
    code = address.postcode.strip().upper()
    known = postal.country_rules(address.country)
    if not code or known is None or not known.postal_code_matchers:
        return
    example = known.postal_code_examples[0] if known.postal_code_examples else ""
    forms = _forms(code, example)
    if not any(known.postal_code_matchers[0].fullmatch(form) for form in forms):
        yield Found("postcode_format", "warn", code, {"fields": ["postcode"], "evidence": address.postcode, "example": example})
        return
    yield from _fit(address, forms)


def _forms(code: str, example: str) -> set[str]:
    """The postcode as written, and with the separator its country writes: 00950 is 00-950."""
    bare = re.sub(r"[\s-]", "", code)
    mark = re.search(r"[\s-]", example)
    place = mark.start() if mark else 0
    if mark and len(bare) != len(example) - 1:
        place = len(bare) - (len(example) - mark.end())
    return {code, bare, *([bare[:place] + example[mark.start()] + bare[place:]] if mark else ())}


def _fit(address: Address, forms: set[str]) -> Iterator[Found]:
    """Whether postcode and region, or city, belong together, as far as the country's rules tell."""
    region = postal.area(address.country, address.region)
    if not region:
        return
    known = postal.country_rules(address.country, region, address.city.strip())
    for matcher in known.postal_code_matchers[1:] if known else ():
        if not any(matcher.match(form) for form in forms):
            data = {"fields": ["postcode", "region"], "evidence": f"{address.postcode} · {address.region}", "region": address.region}
            yield Found("postcode_region", "warn", f"{address.postcode} {region}"[:80], data)
            return


def _number(address: Address) -> Iterator[Found]:
    """A street without a house number, where houses have one."""
    text = fold(" ".join((*address.lines, address.district)))
    bare = text.replace(fold(address.postcode), "") if address.postcode else text
    if address.country not in postal.postal().numbered or not text.strip():
        return
    if not (_DIGITS.search(bare) or _KANJI_NUMBER.search(bare) or postal.postal().numberless.search(text)):
        data = {"fields": ["lines"], "evidence": ", ".join(address.lines)[:200]}
        yield Found("house_number", "warn", _short(text), data)


def _box(address: Address, method: str) -> Iterator[Found]:
    text = fold(" ".join(address.lines))
    if hit := postal.postal().po_box.search(text):
        courier = postal.is_courier(method)
        if courier or not method:
            data = {"fields": ["lines"], "evidence": hit[0].strip(), "method": method}
            yield Found("po_box", "stop" if courier else "hint", _short(text), data)


def _remote(address: Address) -> Iterator[Found]:
    if found := postal.remote(address.country, address.postcode, address.region):
        name = found.name
        words = {"en": name.en, "zh-hans": name.zh_hans, "zh-hant": name.zh_hant}
        data = {"fields": ["postcode", "region"], "evidence": address.postcode or address.region, "area": words}
        yield Found("remote_area", "warn", name.en[:80], data | {"source": found.source, "sure": found.sure})


def _script(address: Address, platform: str, method: str) -> Iterator[Found]:
    label = postal.labels(platform, method)
    if label is None or not label.scripts:
        return
    parts = {"name": address.name, "lines": " ".join(address.lines), "city": address.city, "region": address.region}
    odd = {name: script for name, text in parts.items() if (script := _other_script(text, label.scripts))}
    if odd:
        script = next(iter(odd.values()))
        data = {"fields": list(odd), "evidence": parts[next(iter(odd))][:120], "script": script, "method": method}
        yield Found("script", "warn", script, data | {"source": label.source, "sure": label.sure})


def _other_script(text: str, known: frozenset[str]) -> str:
    """The script most of the letters a label cannot show are written in; "" for none."""
    if text.isascii():
        return ""
    counted = Counter(script for sign in text if not sign.isascii() and sign.isalpha() and (script := script_of(sign)) not in known)
    return counted.most_common(1)[0][0] if counted else ""


@lru_cache(maxsize=20_000)
def script_of(sign: str) -> str:
    """The first word of a letter's Unicode name: LATIN, CYRILLIC, CJK, THAI …"""
    return unicodedata.name(sign, "UNKNOWN").split(" ")[0].split("-")[0]


def _short(text: str) -> str:
    return " ".join(text.split())[:80]
