"""How buyers are addressed and letters close, in each language: content/salutations.toml."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings


def by_script(language: str) -> str:
    """Chinese by script: what is written in Taiwan, Hong Kong and Macau is zh-hant."""
    lower = language.lower()
    if not lower.startswith(("zh", "yue")):
        return lower
    return "zh-hant" if re.search(r"hant|tw|hk|mo|yue", lower) else "zh-hans"


@cache
def _salutations() -> dict[str, dict[str, Any]]:
    return tomllib.loads((Path(settings.CONTENT) / "salutations.toml").read_text(encoding="utf-8"))


def _manner(language: str) -> dict[str, Any]:
    manners = {name.lower(): manner for name, manner in _salutations().items()}
    wanted = by_script(language)
    return manners.get(wanted) or manners.get(wanted.split("-")[0]) or manners["en"]


def salutation(name: str, country: str, language: str) -> str:
    """How a text in that language addresses the buyer."""
    manner = _manner(language)
    called = _called(name, country, full=bool(manner.get("full")))
    form: str = manner["named"] if called else manner["plain"]
    return form.replace("{name}", called)


def closing(agent: str, shop: str, language: str) -> str:
    """How a mail in that language ends."""
    end: str = _manner(language)["close"]
    return end.replace("{agent}", agent).replace("{shop}", shop)


def _called(name: str, country: str, *, full: bool) -> str:
    name = " ".join(name.split())
    if not _is_a_name(name):
        return ""
    return name if full else first_name(name, country) or name


def first_name(name: str, country: str = "") -> str:
    """The given name, "" where it cannot be told: log-in names, and orders of names that put the family first."""
    parts = name.split()
    if not parts or not _is_a_name(name) or country.upper() in _salutations()["names"]["family_first"]:
        return ""
    if re.search(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", name):
        return ""
    return parts[1] if parts[0].endswith(",") and len(parts) > 1 else parts[0]


def _is_a_name(name: str) -> bool:
    """A person's name, not a log-in name such as maria_88, buyer.2291 or mrs87xq."""
    if not name or re.search(r"[\d_@*<>{}|\\/⟦⟧%]|\w\.\w{2,}|^\w$", name):
        return False
    return " " in name.strip() or not name.isascii() or name[0].isupper()
