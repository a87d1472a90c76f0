"""The gate on labelled sentences: violations and innocent look-alikes, in every language a lexicon speaks."""

from datetime import date
from pathlib import Path

import pytest

from bridgedesk.channels.policy import policy
from bridgedesk.conversations.gate import examine

CASES = [line.split("\t") for line in Path(__file__).with_name("gate_cases.tsv").read_text(encoding="utf-8").splitlines()]
LOCAL = {
    "es": "ES",
    "pt": "BR",
    "fr": "FR",
    "de": "DE",
    "it": "IT",
    "ru": "RU",
    "pl": "PL",
    "ja": "JP",
    "ko": "KR",
    "th": "TH",
    "vi": "VN",
    "id": "ID",
    "en": "GB",
}


def codes(text: str, language: str) -> set[str]:
    ruling = examine(text, purpose="answer", policy=policy("amazon"), limits=None, on=date(2026, 11, 22), country=LOCAL.get(language, ""))
    for finding in ruling.findings:
        assert 0 <= finding.start < finding.end <= len(text)
    return {finding.code for finding in ruling.findings}


@pytest.mark.parametrize(("label", "language", "text"), CASES, ids=[f"{c[1]}-{n}" for n, c in enumerate(CASES)])
def test_a_labelled_sentence(label: str, language: str, text: str) -> None:
    found = codes(text, language)
    assert found == set() if label == "-" else label in found


def test_the_table_is_large_and_speaks_every_language() -> None:
    assert len(CASES) >= 250
    assert len({case[1] for case in CASES}) >= 20
    assert sum(case[0] == "-" for case in CASES) >= 100
