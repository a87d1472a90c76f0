"""Acts as they lie in a row: JSON in, the same act out."""

from dataclasses import asdict, fields
from typing import Any, get_args

from bridgedesk.channels import acts
from bridgedesk.channels.acts import Act
from bridgedesk.lib.storable import deep

KINDS: dict[str, type[Act]] = {kind.__name__: kind for kind in get_args(Act)}


def stored(act: Act) -> dict[str, Any]:
    """The fields of an act as JSON."""
    found: dict[str, Any] = deep(asdict(act))
    return found


def restored(kind: str, data: dict[str, Any]) -> Act:
    """The act a row holds. ValueError or TypeError when the row was written by another version that knew other acts."""
    if kind not in KINDS:
        raise ValueError(f"unknown act {kind!r}")
    known = {field.name for field in fields(KINDS[kind])}
    values = {name: _tuples(value) for name, value in data.items() if name in known}
    if "levels" in values:
        values["levels"] = tuple(acts.Level(**level) for level in data["levels"])
    return KINDS[kind](**values)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value
