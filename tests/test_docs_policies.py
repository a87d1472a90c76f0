"""The examples in the docs are loaded as they stand."""

import re
import tomllib
from datetime import date
from pathlib import Path

from bridgedesk.channels.policy import load
from bridgedesk.conversations import templates

DOCS = Path(__file__).parent.parent / "docs"


def example(page: str) -> str:
    found = re.search(r"```toml\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.S)
    assert found
    return found[1]


def test_the_policy_in_the_docs_loads(tmp_path: Path) -> None:
    file = tmp_path / "example.toml"
    file.write_text(example("policies.md"), encoding="utf-8")
    market = load(file)
    assert market.rule("marketing", date(2026, 11, 22)).verdict == "forbidden"
    assert market.threshold("response_hours", "MX", date(2027, 1, 1)).value == 12
    assert market.threshold("response_hours", "MX", date(2026, 12, 31)).value == 24


def test_the_template_in_the_docs_has_no_faults() -> None:
    (entry,) = tomllib.loads(example("adding-a-template.md"))["template"]
    assert templates.problems(entry["text"]) == []
