"""What a letter states about an order, as a condition that must hold before it is suggested. Data: content/statements.toml."""

import tomllib
from functools import cache

from django.conf import settings


def needed_for(template: str) -> str:
    """The condition of that letter in the playbooks' language; "": it states nothing that a record could deny."""
    return _conditions().get(template, "")


@cache
def _conditions() -> dict[str, str]:
    return tomllib.loads((settings.CONTENT / "statements.toml").read_text("utf-8"))
