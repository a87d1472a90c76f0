"""What the pages of imports say."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bridgedesk.imports.kinds import KINDS
from bridgedesk.imports.models import Table
from bridgedesk.lib.html import cldr, moment
from bridgedesk.lib.money import Money
from bridgedesk.lib.words import told

STATES: Mapping[str, str | Promise] = {
    Table.State.OPEN: pgettext_lazy("import", "to be described"),
    Table.State.RUNNING: pgettext_lazy("import", "running"),
    Table.State.STOPPED: pgettext_lazy("import", "stopped"),
    Table.State.DONE: pgettext_lazy("import", "done"),
}
TONES = {Table.State.OPEN: "warn", Table.State.RUNNING: "info", Table.State.DONE: "ok"}
DELIMITERS: Mapping[str, str | Promise] = {
    ",": gettext_lazy("commas"), ";": gettext_lazy("semicolons"), "\t": gettext_lazy("tabulators"), "|": gettext_lazy("bars"),
}  # fmt: skip


def shown(value: object) -> str:
    """What a cell was understood as."""
    if isinstance(value, Money):
        return value.shown(cldr())
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, tuple):
        return " × ".join(map(str, value)) + " mm"
    return str(value)


def why(kind: str, field: str, reason: str) -> str:
    """What is wrong with a cell, with the name of its column."""
    label = KINDS[kind].fields[field].label if field in KINDS[kind].fields else ""
    return _("%(column)s: %(reason)s") % {"column": label, "reason": told(reason)} if label else told(reason)


def read_as(reading: Mapping[str, str]) -> str:
    """How a text file was read; "" for a workbook."""
    if not reading:
        return ""
    cut = DELIMITERS.get(reading["delimiter"], reading["delimiter"])
    return _("Read as %(charset)s, cells parted by %(delimiter)s.") % {"charset": reading["charset"].upper(), "delimiter": cut}
