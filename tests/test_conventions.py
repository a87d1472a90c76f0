"""What CONTRIBUTING.md asks of every file, looked at in every file."""

import ast
import re
import statistics
from pathlib import Path

import pytest

from bridgedesk import cli

ROOT = Path(__file__).parents[1]
CODE = [path for path in (ROOT / "bridgedesk").rglob("*.py") if "migrations" not in path.parts]
PAGES = list((ROOT / "bridgedesk" / "html").rglob("*.html"))
SETTINGS = (ROOT / "bridgedesk" / "settings.py").read_text()


def functions() -> list[int]:
    trees = [ast.parse(path.read_text()) for path in CODE]
    return [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_functions_are_short():
    assert statistics.median(functions()) < 10


def test_files_stay_below_400_lines():
    assert {path.name: lines for path in CODE if (lines := path.read_text().count("\n")) > 400} == {}


def test_no_signals_no_save_overrides():
    odd = re.compile(r"post_save|pre_save|@receiver\b|def save\(self")
    assert [path.name for path in CODE if odd.search(path.read_text())] == []


def test_only_the_clock_asks_for_the_time():
    """`lib/clock.py` is the one place; doctor and the database supervisor compare with the machine's own clock on purpose."""
    asks = re.compile(r"datetime\.now\(|timezone\.now\(|\.utcnow\(|Now\(\)")
    allowed = {"clock.py", "doctor.py"}
    assert [str(path) for path in CODE if path.name not in allowed and "sandbox" not in path.parts and asks.search(path.read_text())] == []


def test_only_one_client_speaks_http():
    """Outgoing requests go through lib/http.py, which checks where they lead; the sandbox speaks to our own hook on loopback."""
    other = re.compile(r"^\s*(?:import|from) (?:requests|urllib\.request|aiohttp|httpx)\b", re.M)
    assert [str(path) for path in CODE if path.name != "http.py" and "sandbox" not in path.parts and other.search(path.read_text())] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_carry_no_inline_script_or_style(page):
    """The content security policy would block them."""
    text = page.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|javascript:|hx-on", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_pages_never_mark_a_buyers_words_as_safe():
    """Only a cleaned mail in its sandboxed frame is markup of somebody else's."""
    assert [page.name for page in PAGES if page.name != "framed.html" and re.search(r"\|\s*safe\b", page.read_text())] == []


@pytest.mark.parametrize("doc", ["docs/deploy.md", "README.md"])
def test_documents_name_only_what_exists(doc):
    text = (ROOT / doc).read_text()
    for variable in set(re.findall(r"\bBRIDGEDESK_[A-Z_0-9]+|\bDATABASE_URL\b", text)):
        assert variable in SETTINGS or variable in (ROOT / "bench" / "truth.py").read_text(), variable
    for verb in set(re.findall(r"bridgedesk ([a-z]+)(?=[ `\n])", text)):
        assert verb in cli.VERBS or verb in {"migrate", "createsuperuser", "sandbox"}, verb
    for command in set(re.findall(r"bin/([a-z]+)", text)):
        assert (ROOT / "bin" / command).exists() or command in {"bridgedesk", "python"}, command
