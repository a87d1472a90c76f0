"""Every regular expression there is against texts made to hold it up, in a process that is ended when it does not come back."""

import re
import subprocess
import sys

from tests.attacks import expressions
from tests.attacks.budget import in_a_process


def test_no_expression_can_be_held_up():
    told = in_a_process("tests.attacks.budget", "expressions", seconds=240)
    last = told.strip().splitlines()[-1]
    assert last.startswith("fine"), told[-2000:]
    assert int(last.split()[1]) > 100


def test_an_expression_that_can_be_held_up_is_found():
    slow = [sys.executable, "-m", "tests.attacks.expressions", r"^(a+)+$"]
    try:
        subprocess.run(slow, timeout=5, check=True, capture_output=True)
    except subprocess.TimeoutExpired:
        return
    raise AssertionError("an exponential expression came back")


def test_expressions_written_in_calls_are_found_too():
    found = expressions.patterns()
    assert ("\\n{3,}", re.UNICODE) in found  # in a function of conversations.liquid
    assert any("passw(?:or)?d" in str(pattern) for pattern, _flags in found)
