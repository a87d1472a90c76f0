"""Mail: NAME.eml and NAME.expected.json (subject, from_email, from_name, attachments, perhaps body_html).

A case passes when all it names agree and reading took less than two seconds. Attachments agree by number, and by name
where the expected name is plain ASCII; a replacement character in an expectation stands for anything.
"""

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.truth import Score
from bridgedesk.channels.mail_html import to_text
from bridgedesk.channels.mail_parsing import Mail, parse


def measure(folder: Path) -> Score:
    score = Score()
    slowest = 0.0
    for expected in sorted(folder.glob("*.expected.json")):
        source = expected.with_name(expected.name.replace(".expected.json", ".eml")).read_bytes()
        begun = perf_counter()
        mail = parse(source)
        seconds = perf_counter() - begun
        slowest = max(slowest, seconds)
        wrong = differences(mail, json.loads(expected.read_text("utf-8"))) + (["slow"] if seconds > 2 else [])
        score.count(not wrong, f"{expected.name.removesuffix('.expected.json')}: {'; '.join(wrong)}")
    score.figures = {"slowest_ms": round(slowest * 1000, 1)}
    return score


def differences(mail: Mail, expected: dict[str, Any]) -> list[str]:
    """What disagrees, in words."""
    names = [file.name for file in mail.files]
    wanted = [name for name in expected.get("attachments", []) if name and re.fullmatch(r"[\w. -]+", name, re.ASCII)]
    wrong = [
        f"{field} {found!r} not {expected[field]!r}"
        for field, found in (("subject", mail.subject), ("from_email", mail.sender.email), ("from_name", mail.sender.name))
        if field in expected and not _agrees(found, expected[field])
    ]
    if "attachments" in expected and len(names) != len(expected["attachments"]):
        wrong.append(f"{len(names)} attachments {names} not {expected['attachments']}")
    wrong += [f"no attachment {name!r} in {names}" for name in wanted if name not in names]
    if expected.get("body_html") and to_text(mail.html).split() != to_text(str(expected["body_html"])).split():
        wrong.append("body_html")
    return wrong


def _agrees(found: str, expected: str | None) -> bool:
    plain, pattern = (" ".join(text.split()).casefold() for text in (found, expected or ""))
    return plain == pattern or ("\ufffd" in pattern and fnmatchcase(plain, re.sub("\ufffd+", "*", pattern.replace("[", "[[]"))))
