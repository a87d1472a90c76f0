"""Telephone calls: logged by hand, never made by us. A call from a number opens or continues that number's conversation."""

from datetime import datetime
from typing import Literal

import phonenumbers
from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Account, Field, Limits, Raw, Unparsable
from bridgedesk.channels.by_hand import Entered, entered, moment, read
from bridgedesk.channels.events import Event, MessageReceived, MessageSent, Person


class Phone(Entered):
    """Calls."""

    name = "phone"
    title = noop("Telephone")
    needs: tuple[str, ...] = (noop("Nothing: calls are made with your telephone and logged here."),)
    fields: tuple[Field, ...] = (
        Field("external_id", noop("Your number"), noop("With country code, as buyers see it."), required=False),
        Field("region", noop("Country"), noop("Two letters; how numbers without a country code are read."), required=False),
    )

    def limits(self, account: Account) -> Limits:
        """A call has no limits."""
        return Limits(text=None, files=0, file_bytes=0, file_types=(), sure=True, source="a call")

    def parse(self, account: Account, raw: Raw) -> list[Event]:
        """The call a person logged, of the buyer or of the shop."""
        said = read(raw)
        number = said.get("number", "")
        if not number:
            raise Unparsable(noop("a call needs a number"))
        at, person = moment(said.get("at", "")), Person(number, kind="phone", name=said.get("name", ""), country=country_of(number))
        meta: dict[str, object] = {name: said[name] for name in ("minutes", "ended") if name in said}
        if said.get("side") == "shop":
            return [MessageSent(number, raw.key, person, at, text=said.get("text", ""), kind="call", meta=meta)]
        return [MessageReceived(number, raw.key, person, at, text=said.get("text", ""), kind="call", meta=meta)]


def logged(
    number: str,
    *,
    at: datetime,
    region: str = "",
    text: str = "",
    minutes: int = 0,
    name: str = "",
    side: Literal["buyer", "shop"] = "buyer",
) -> Raw:
    """A call as a row. ValueError if `number` is no telephone number (read as of `region` without a country code)."""
    full = e164(number, region)
    said = {
        "number": full,
        "at": at.isoformat(),
        "text": text.replace("\0", "").strip(),
        "minutes": str(minutes),
        "name": name,
        "side": side,
    }
    return entered({key: value for key, value in said.items() if value}, thread=full)


def e164(number: str, region: str = "") -> str:
    """`+6591234567` for a number as people write it; ValueError if it cannot be one."""
    try:
        parsed = phonenumbers.parse(number, region or None)
    except phonenumbers.NumberParseException:
        raise ValueError(f"not a telephone number: {number[:30]!r}") from None
    if not phonenumbers.is_possible_number(parsed):
        raise ValueError(f"not a telephone number: {number[:30]!r}")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def country_of(number: str) -> str:
    """The country of a full number, two letters; "" if it says none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except phonenumbers.NumberParseException:
        return ""
