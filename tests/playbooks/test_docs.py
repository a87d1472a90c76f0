"""docs/adding-a-playbook.md tells the truth: its playbook is sound, its conditions can be read, its list of facts is whole."""

import re
import tomllib
from datetime import date

from django.conf import settings

from bridgedesk.playbooks import loading
from bridgedesk.playbooks.checking import problems
from bridgedesk.playbooks.expressions import parse
from bridgedesk.playbooks.facts import FACTS
from bridgedesk.playbooks.labels import EVENT_WORDS
from bridgedesk.playbooks.rules import DOES, OUTCOMES, STRATEGIES

PAGE = (settings.ROOT / "docs" / "adding-a-playbook.md").read_text("utf-8")


def test_the_playbook_of_the_page_is_sound():
    data = tomllib.loads(re.findall(r"```toml\n(.*?)```", PAGE, re.S)[0])
    assert problems(loading.read(data), loading.shelf_of_files(), date(2026, 11, 20)) == []


def test_the_conditions_of_the_page_can_be_read():
    for line in re.findall(r"```text\n(.*?)```", PAGE, re.S)[-1].splitlines():
        parse(line)


def test_every_fact_strategy_act_and_ending_is_on_the_page():
    assert set(re.findall(r"^\| `(\w+)` \| (?:yes or no|number|word) \|", PAGE, re.M)) == set(FACTS)
    assert all(f"`{word}`" in PAGE for word in (*STRATEGIES, *DOES, *OUTCOMES))


def test_every_event_is_on_the_page():
    assert set(EVENT_WORDS) == set(re.findall(r"^\| `(\w+)` \|", PAGE.split("## Events")[1].split("## ")[0], re.M))
