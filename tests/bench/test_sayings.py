"""The test of sayings: every language has every kind, and what is misread is named."""

import tomllib

from bench import sayings


def test_every_language_has_every_kind_and_is_read() -> None:
    known = tomllib.loads(sayings.SAYINGS.read_text("utf-8"))
    assert len(known) == 17
    assert all(set(kinds) == set(sayings.KINDS) for kinds in known.values())
    assert list(sayings.misread(known)) == []


def test_what_is_misread_is_named() -> None:
    known = {"en": {kind: ["Yes please."] for kind in sayings.KINDS}}
    assert "  en insists: Yes please." in list(sayings.misread(known))
    assert list(sayings.table(known))[-1].startswith("| all | 1/1 | 0/1 ")
