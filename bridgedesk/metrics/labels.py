"""Words of the figures."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bridgedesk.lib import html
from bridgedesk.metrics.filters import Filters
from bridgedesk.playbooks import queries
from bridgedesk.playbooks.models import Version
from bridgedesk.remedies.labels import FAULTS
from bridgedesk.shops.models import Shop

AXES = {
    "shop": gettext_lazy("Shop"),
    "category": gettext_lazy("Category"),
    "sku": gettext_lazy("Article"),
    "country": gettext_lazy("Country"),
    "carrier": gettext_lazy("Carrier"),
    "fault": gettext_lazy("Fault"),
    "version": pgettext_lazy("axis", "Playbook"),
}
UNKNOWN = {
    "category": gettext_lazy("No category"),
    "sku": gettext_lazy("Unknown article"),
    "country": gettext_lazy("Unknown country"),
    "carrier": gettext_lazy("Unknown carrier"),
    "fault": gettext_lazy("Unknown fault"),
    "version": gettext_lazy("No playbook"),
}
QUALITY = {
    "": pgettext_lazy("quality", "All faults"),
    "without": pgettext_lazy("quality", "Without faults of quality"),
    "only": pgettext_lazy("quality", "Only faults of quality"),
}


def named(axis: str, values: Iterable[str], shops: Mapping[int, Shop]) -> dict[str, str]:
    """Each value of an axis in words."""
    wanted = list(values)
    words = _versions(wanted) if axis == "version" else {value: _word(axis, value, shops) for value in wanted}
    return {value: words.get(value) or str(UNKNOWN.get(axis, value)) for value in wanted}


def _word(axis: str, value: str, shops: Mapping[int, Shop]) -> str:
    if axis == "shop":
        return str(shops[int(value)]) if value.isdecimal() and int(value) in shops else ""
    if axis == "country":
        return html.country(value) if value else ""
    return str(FAULTS.get(value, value)) if axis == "fault" else value


def _versions(values: Iterable[str]) -> dict[str, str]:
    rows = Version.objects.in_bulk([int(value) for value in values if value.isdecimal()])
    return {str(pk): version(row) for pk, row in rows.items()}


def version(row: Version) -> str:
    """A playbook and its number."""
    return _("%(playbook)s, version %(number)s") % {"playbook": queries.playbook_of(row).names, "number": row.number}


def chosen(filters: Filters, shops: Mapping[int, Shop]) -> list[tuple[str, str, str]]:
    """The filters that hold: axis, its word, the value's."""
    return [(axis, str(AXES[axis]), named(axis, [value], shops)[value]) for axis, value in filters.chosen.items()]
