"""How long the gate takes, and how right it is on its own labelled sentences: `python -m bench.gate`.

The sentences were written by the hand that wrote the word lists: the figures are those of a seen set.
"""

import os
import time
from datetime import date
from pathlib import Path

CASES = Path(__file__).parent.parent / "tests" / "conversations" / "gate_cases.tsv"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bridgedesk.settings")
    from bridgedesk.channels.policy import policy
    from bridgedesk.conversations.gate import examine

    rules, day = policy("amazon"), date(2026, 11, 22)
    cases = [line.split("\t") for line in CASES.read_text(encoding="utf-8").splitlines()]

    def codes(text: str) -> set[str]:
        ruling = examine(text, purpose="answer", policy=rules, limits=None, on=day, country="ES")
        return {finding.code for finding in ruling.findings}

    found = [(label, codes(text)) for label, _, text in cases]
    bad = [(label, seen) for label, seen in found if label != "-"]
    caught = sum(label in seen for label, seen in bad)
    false = sum(bool(seen) for label, seen in found if label == "-")
    began = time.perf_counter()
    for _, _, text in cases * 5:
        codes(f"{text} ")
    each = (time.perf_counter() - began) / len(cases) / 5 * 1000
    print(f"gate: recall {caught}/{len(bad)}, false alarms {false}/{len(cases) - len(bad)}, {each:.2f} ms a message (budget 2 ms)")


if __name__ == "__main__":
    main()
