"""Topics that single words prove: threats, platform claims, cancellations. Data in content/keywords.toml."""

import re
import tomllib
import unicodedata
from functools import cache

from django.conf import settings

from bridgedesk.assist.language import convert_chinese
from bridgedesk.assist.topics import Suggestion

PROVEN = 0.95
STROKES = str.maketrans("đłøı", "dloi")
"""Letters whose stroke or missing dot is no accent to Unicode, as those write them who have not got them."""


def proven(text: str) -> list[Suggestion]:
    """Every topic its words prove, in the order of the file; the words found stand as the example."""
    bare = plain(text)
    found = []
    for topic, pattern in _rules():
        if hit := pattern.search(bare):
            found.append(Suggestion(topic, PROVEN, hit[0].strip()))
    return found


def plain(text: str) -> str:
    """As patterns are compared: lower case, without accents and apostrophes, Chinese in Simplified characters."""
    lower = text.lower()
    if re.search(r"[\u4e00-\u9fff]", lower) and not re.search(r"[\u3040-\u30ff]", lower):
        lower = convert_chinese(lower, "t2s")
    if re.search(r"[\u0900-\u0fff\u3040-\u30ff\uac00-\ud7af]", lower):
        return lower
    bare = unicodedata.normalize("NFC", "".join(sign for sign in unicodedata.normalize("NFD", lower) if not unicodedata.combining(sign)))
    return re.sub(r"[’']", " ", bare).translate(STROKES).strip(" ¿¡!?.,")


@cache
def _rules() -> tuple[tuple[str, re.Pattern[str]], ...]:
    data = tomllib.loads((settings.CONTENT / "keywords.toml").read_text("utf-8"))
    return tuple((rule["topic"], re.compile("|".join(f"(?:{each})" for each in rule["patterns"]))) for rule in data["rule"])
