"""The bench of judgement: its scripts are whole, wrong files are said, and a broken playbook shows."""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bench import _scripts
from bench._buyers import shop_for
from bench._desk import recorded
from bench._letters import LETTERS
from bench._playing import BEGINS, play
from bench._scripts import ARCHETYPES, PLATFORMS, BadScript, Script
from bench._verdict import Played
from bench.judgement import FOLDER, by_script, figures, main, misses, tables
from bridgedesk.conversations import templates
from bridgedesk.conversations.models import Template
from bridgedesk.playbooks import publishing, rules
from bridgedesk.playbooks.models import Version
from bridgedesk.team.models import Agent

WHOLE = """
[order.arrived]
state = "delivered"
total = "20.00"

[[buyer]]
key = "one"
archetype = "plain"
platform = "shopee"
country = "SG"
language = "en"
wants = "Nothing."
order = "arrived"
opens = ["Where is my order?"]
right = { ends = ["solved"] }
"""


@pytest.fixture
def plays(alice: Agent, bob: Agent, db: None) -> Callable[[str], Played]:
    """One shipped script, with the shipped playbooks."""
    templates.load_content()
    publishing.load_content()
    scripts = {script.key: script for script in _scripts.read(FOLDER)}

    def make(key: str) -> Played:
        shop_for(scripts[key]).agents.set([alice, bob])
        with recorded():
            return play(scripts[key], bob, alice, BEGINS + timedelta(hours=9), 1, random.Random(1))

    return make


def test_the_shipped_scripts_cover_what_they_should() -> None:
    scripts = _scripts.read(FOLDER)
    assert {script.platform for script in scripts} == set(PLATFORMS)
    assert {script.archetype for script in scripts} <= set(ARCHETYPES)


def test_every_letter_that_is_named_is_shipped(db: None) -> None:
    templates.load_content()
    assert set(LETTERS) <= set(Template.objects.values_list("key", flat=True))


@pytest.mark.parametrize("key", ["box-only-then-fine-us", "on-time-content-us", "year-us-accepts-help"])
def test_a_script_ends_as_it_should(plays: Callable[[str], Played], key: str) -> None:
    played = plays(key)
    assert (played.wrong, played.forbidden) == ((), ())


def test_a_broken_playbook_turns_a_script_red(plays: Callable[[str], Played]) -> None:
    version = Version.objects.get(key="where-is-my-order", current=True)
    version.data["begin"] = [{"to": "remedy"}]
    version.save()
    played = plays("on-time-content-us")
    assert "no letter “tracking” there" in played.wrong


def test_a_letter_that_states_what_no_scan_shows_is_not_suggested_and_forbidden_if_it_leaves(
    plays: Callable[[str], Played], monkeypatch: pytest.MonkeyPatch
) -> None:
    version = Version.objects.get(key="where-is-my-order", current=True)
    version.data["begin"] = [{"to": "delivered"}]
    version.save()
    monkeypatch.setattr(rules, "needed_for", lambda template: "")
    assert "false_statement (not-received-check)" in plays("on-time-content-us").forbidden


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("plain", "rude"), "a.toml: one: archetype: “rude” is not known"),
        (('platform = "shopee"\n', ""), "a.toml: one: platform is missing"),
        (('order = "arrived"', 'order = "left"'), "a.toml: one: order: “left” is no [order.…] of this file"),
        (('ends = ["solved"]', 'ends = ["well"]'), "a.toml: one: right.ends: “well” is not known"),
        (('opens = ["Where is my order?"]', "opens = []"), "a.toml: one: opens: the buyer has to write something"),
        (('wants = "Nothing."', 'wants = "Nothing."\nmood = "bad"'), "a.toml: one: buyer: “mood” is not known here"),
        (("[[buyer]]", "[[buyer"), "a.toml: not TOML"),
    ],
)
def test_a_wrong_file_is_said_in_words(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    (tmp_path / "a.toml").write_text(WHOLE.replace(*change), "utf-8")
    with pytest.raises(BadScript, match="^" + said.replace("[", r"\[").replace("]", r"\]").replace(".", r"\.")):
        _scripts.read(tmp_path)


def test_a_key_used_twice_is_said(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(WHOLE, "utf-8")
    with pytest.raises(BadScript, match="this key is used twice"):
        _scripts.read(tmp_path)


def test_nothing_measured_is_no_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--folder", str(tmp_path / "none")]) == 3
    assert main(["--folder", str(tmp_path)]) == 3
    assert main(["--only", "there is no such script"]) == 3
    assert "nothing was measured" in capsys.readouterr().out


def test_right_every_time_is_counted_by_script() -> None:
    script = _script()
    well, ill = _played(script), _played(script, "no resend")
    found = by_script([well, ill, _played(_script("two"))])
    assert figures(found, 2) | {"letters": 0, "gaps": 0} == {
        "scripts": 2, "times": 2, "played": 3, "right": 2, "forbidden": 0, "always_right": 1, "letters": 0, "gaps": 0,
    }  # fmt: skip
    assert "| all | 2 | 66.7 % | 50.0 % | 0.0 % |" in list(tables(found, 2))
    assert "no resend" in "".join(misses(found))


def _script(key: str = "one") -> Script:
    right = _scripts.Right(ends=("solved",))
    return Script(key, "a.toml", "plain", "shopee", "SG", "en", "Nothing.", ("Hello",), right)


def _played(script: Script, *wrong: str) -> Played:
    return Played(script, wrong, (), "wrong-item", (), gaps=0, letters=1)
