"""The message catalogues: every text on screen stands in zh-Hans and zh-Hant, with the same placeholders.

`python -m tests.catalogues` tells what is missing; `--update` writes new msgids into the .po files.
English is the source: its own words are the msgids.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import allauth
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
LOCALES = {"zh_Hans": "zh_Hans", "zh_Hant": "zh_Hant"}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "noop": None,
    "gettext_noop": None,
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")


def source() -> Catalog:
    """Every text the program can show, with where it stands."""
    with open(ROOT / "babel.cfg") as file:
        methods, options = parse_mapping_cfg(file)
    catalog = Catalog(project="Bridgedesk", charset="utf-8", fuzzy=False)
    for name, line, text, comments, context in extract_from_dir(ROOT, methods, options, KEYWORDS, comment_tags=["Translators:"]):
        catalog.add(text, None, [(name, line)], auto_comments=comments, context=context)
    for path in [
        *sorted((ROOT / "content" / "policies").glob("*.toml")),
        ROOT / "content" / "remedies.toml",
        ROOT / "content" / "figures.toml",
    ]:
        for text in _sources(tomllib.loads(path.read_text("utf-8"))):
            catalog.add(text, None, [(str(path.relative_to(ROOT)), 0)])
    for path in sorted((ROOT / "bridgedesk").glob("*/*.py")):
        for text in _definitions(path.read_text("utf-8")):
            catalog.add(text, None, [(str(path.relative_to(ROOT)), 0)])
    for message in _said_by_allauth():
        catalog.add(message.id, None, [("allauth", 0)], context=message.context)
    return catalog


def _said_by_allauth() -> Iterator[Message]:
    """Texts of the log-in's library that address the reader as 您: our catalogue comes first and says 你, as everywhere."""
    folder = Path(allauth.__file__).parent / "locale"
    for locale in LOCALES.values():
        with (folder / locale / "LC_MESSAGES" / "django.po").open("rb") as file:
            yield from (message for message in read_po(file, locale=locale) if "您" in str(message.string) and _is_shown(message))


def _is_shown(message: Message) -> bool:
    places = [name for name, _line in message.locations]
    return any(name.startswith(("account/", "mfa/", "templates/account/")) and "/email/" not in name for name in places)


def _definitions(source: str) -> Iterator[str]:
    """The docstrings of functions marked `@figure`: their definitions stand on screen (lib/figures.py)."""
    for node in ast.walk(ast.parse(source)) if "@figure" in source else ():
        if isinstance(node, ast.FunctionDef) and any(isinstance(mark, ast.Name) and mark.id == "figure" for mark in node.decorator_list):
            yield " ".join((ast.get_docstring(node) or "").split())


def _sources(data: object) -> Iterator[str]:
    """What the rules rest on: their `source` is kept with each answer owed and told in the reader's language (lib/words.py)."""
    if isinstance(data, dict):
        if isinstance(source := data.get("source"), str):
            yield source
        data = list(data.values())
    if isinstance(data, list):
        for part in data:
            yield from _sources(part)


def path_of(locale: str) -> Path:
    """The .po file of a locale."""
    return ROOT / "bridgedesk" / "locale" / locale / "LC_MESSAGES" / "django.po"


def translated(locale: str) -> Catalog:
    """What stands in a locale's file."""
    with path_of(locale).open("rb") as file:
        return read_po(file, locale=LOCALES[locale])


def problems(locale: str, wanted: Catalog) -> Iterator[str]:
    """Missing, fuzzy, or with other placeholders than the source."""
    known = translated(locale)
    for message in wanted:
        if not message.id:
            continue
        found = known.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
        place = ", ".join(f"{name}:{line}" for name, line in message.locations[:2])
        if found is None or not _whole(found):
            yield f"{locale}: missing: {message.id!r} ({place})"
        elif found.fuzzy:
            yield f"{locale}: fuzzy: {message.id!r}"
        elif _placeholders(message.id) != _placeholders(found.string):
            yield f"{locale}: placeholders differ: {message.id!r} -> {found.string!r}"


def _whole(message: Message) -> bool:
    return bool(message.string) and (isinstance(message.string, str) or all(message.string))


def _placeholders(text: str | tuple[str, ...] | list[str]) -> set[str]:
    whole = text if isinstance(text, str) else " ".join(text)
    return {match.group(0) for match in _PLACEHOLDER.finditer(whole.replace("%%", ""))}


def update() -> None:
    """Write new msgids into every file, keep what is translated, drop what no longer stands in the source."""
    wanted = source()
    for locale in LOCALES:
        path = path_of(locale)
        path.parent.mkdir(parents=True, exist_ok=True)
        known = translated(locale) if path.exists() else Catalog(locale=LOCALES[locale])
        known.update(wanted, no_fuzzy_matching=True)
        known.obsolete.clear()
        known.fuzzy, known.header_comment, known.project, known.version = False, f"# Bridgedesk: {locale}", "Bridgedesk", ""
        known.msgid_bugs_address, known.last_translator, known.language_team = "", "Bridgedesk", locale
        known.creation_date = known.revision_date = datetime(2026, 11, 22, tzinfo=UTC)  # a changing date would conflict on every merge
        with path.open("wb") as file:
            write_po(file, known, width=120, omit_header=False, sort_by_file=True, include_lineno=False)


def main() -> int:
    """The command."""
    if "--update" in sys.argv:
        update()
    found = [problem for locale in LOCALES for problem in problems(locale, source())]
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
