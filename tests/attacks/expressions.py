"""Every regular expression of the program, and texts made from its own pieces to keep it busy."""

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import bridgedesk

FROM_THE_START, ANYWHERE = 500, 400
"""Characters: enough that an expression which grows exponentially never ends. What grows with the square of a text is held
against whole texts where they come in (test_hostile_texts)."""
ALWAYS = (
    "a",
    "0",
    " ",
    "\n",
    "<",
    ">",
    "-",
    "_",
    ".",
    "@",
    ":",
    "=",
    "/",
    "(",
    "[",
    "{",
    "'",
    '"',
    "\\",
    "é",
    "的",
    "a ",
    "a.",
    "1-",
    " \n",
    "a@",
)
_FUNCTIONS = {"compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}


def modules() -> Iterator[ModuleType]:
    """Every module of the program but its migrations and command lines."""
    root = Path(bridgedesk.__file__).parent
    for path in sorted(root.rglob("*.py")):
        name = ".".join(("bridgedesk", *path.relative_to(root).with_suffix("").parts)).removesuffix(".__init__")
        if not {"migrations", "management", "__main__"} & set(name.split(".")):
            yield importlib.import_module(name)


def patterns() -> dict[tuple[str, int], str]:
    """Each expression once, with the module that holds it: compiled ones at the top of modules, and those written in calls."""
    found: dict[tuple[str, int], str] = {}
    for module in modules():
        for value in vars(module).values():
            for one in _compiled(value):
                found.setdefault((one.pattern, one.flags), module.__name__)
        for text in _written(module):
            found.setdefault((text, re.UNICODE), module.__name__)
    return found


def _compiled(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _compiled(one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _compiled(one)


def _written(module: ModuleType) -> Iterator[str]:
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            called = node.func
            of_re = isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "re"
            by_name = isinstance(called, ast.Name) and getattr(module, called.id, None) is getattr(re, called.id, object())
            if (of_re and called.attr in _FUNCTIONS) or by_name:  # type: ignore[union-attr]
                yield node.args[0].value


def pieces(pattern: str) -> list[str]:
    """What an expression repeats on: its own letters, alone and in pairs, and a few of every kind."""
    plain = re.sub(r"\\[A-Za-z]|\(\?[^)]{0,9}|[\[\](){}?*+|^$]", " ", pattern)
    words = [word for part in plain.split() if (word := part.replace("\\", ""))][:12]
    letters = list(dict.fromkeys("".join(words)))[:12]
    pairs = [a + b for a, b in pairwise(letters)]
    return list(dict.fromkeys([*ALWAYS, *words, *letters, *pairs]))


def try_all() -> None:
    """Ask every expression about every text; says which it was at when it was ended."""
    everything = patterns()
    for (pattern, flags), where in everything.items():
        sys.stdout.write(f"at {where}: {pattern[:300]!r}\n")
        sys.stdout.flush()
        ask(re.compile(pattern, flags))
    sys.stdout.write(f"fine {len(everything)}")


def ask(expression: re.Pattern[str] | re.Pattern[bytes]) -> None:
    of_bytes = isinstance(expression.pattern, bytes)
    source = expression.pattern.decode("latin-1") if isinstance(expression.pattern, bytes) else expression.pattern
    for piece in pieces(source):
        for asks, length in ((expression.match, FROM_THE_START), (expression.search, ANYWHERE)):
            text = piece * (length // len(piece) + 1) + "\x01!"
            for said in (text, source[:20] + text):
                asks(said.encode() if of_bytes else said)  # type: ignore[operator]


if __name__ == "__main__":
    ask(re.compile(sys.argv[1]))
