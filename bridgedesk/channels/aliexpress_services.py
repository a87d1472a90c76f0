"""Which of AliExpress's logistics services a parcel went by: shipments are declared by the service's key.

Source: aliexpress.logistics.redefining.listlogisticsservice [O]. The key of "another carrier" is unconfirmed [?]: it is the service whose
name says so.
"""

import re
from dataclasses import dataclass

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.aliexpress_api import call, result
from bridgedesk.channels.aliexpress_values import Json, rows, told
from bridgedesk.channels.base import Account, SendError

SERVICES = "aliexpress.logistics.redefining.listlogisticsservice"
OTHER = ("other", "others", "seller's shipping method")


@dataclass(frozen=True)
class Service:
    """`key` is what the platform wants to hear."""

    key: str
    is_other: bool = False


def service_for(account: Account, wanted: str, number: str, website: str) -> Service:
    """The service of that name or key, or of that carrier alone, whose tracking numbers look like this one; SendError with what to do."""
    known = rows(result(call(account, SERVICES)), "result_list")
    named = [row for row in known if _plain(wanted) in _names(row)] or [row for row in known if _of_carrier(row, wanted)]
    fitting = [row for row in named if _fits(row, number)]
    if fitting:
        return Service(told(fitting[0].get("service_name")))
    if named:
        word = noop("This tracking number does not look like one of that logistics service.")
        raise SendError(word, permanent=True, code="number_form")
    other = next((row for row in known if _names(row) & set(OTHER)), None)
    if other and website:
        return Service(told(other.get("service_name")), is_other=True)
    word = noop("AliExpress does not know this carrier. Choose its logistics service, or give the carrier's tracking website.")
    raise SendError(word, permanent=True, code="no_service")


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())


def _names(row: Json) -> set[str]:
    return {_plain(told(row.get(name))) for name in ("service_name", "display_name")} - {""}


def _of_carrier(row: Json, wanted: str) -> bool:
    return bool(wanted) and _plain(told(row.get("logistics_company"))) == _plain(wanted)


def _fits(row: Json, number: str) -> bool:
    """A pattern nobody can read excludes nothing; one of the platform's may be slow, so the number is short."""
    pattern = told(row.get("tracking_no_regex"))
    try:
        return not pattern or re.fullmatch(pattern, number[:64]) is not None
    except re.error:
        return True
