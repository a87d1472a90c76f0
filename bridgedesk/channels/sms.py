"""SMS through one Twilio-compatible provider: REST out, signed form posts in. Source: Twilio's Messaging API and webhook pages."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import sms_api as api
from bridgedesk.channels.base import (
    MESSAGES,
    Account,
    CannotTell,
    Check,
    Fetched,
    Field,
    Inbound,
    Limits,
    Outgoing,
    Quiet,
    Raw,
    Rejected,
    SendError,
    Sent,
    Uncertain,
    Unparsable,
    unread,
)
from bridgedesk.channels.events import Bounced, Event, File, Ignored, MessageReceived, Person
from bridgedesk.channels.phone import country_of
from bridgedesk.lib import clock

STATUS_REPORT = noop("status report")

RECEIVED_AT = "received-at"
FIRST_LOOK = timedelta(days=7)
OVERLAP = timedelta(minutes=5)
SLACK = timedelta(seconds=2)
FAILED = {"failed", "undelivered"}
OPTED_OUT = {"STOP", "START", "HELP"}


class Sms(Quiet):
    """Text messages over one number."""

    name = "sms"
    title = noop("SMS")
    needs: tuple[str, ...] = (noop("A number and an auth token of Twilio, or of a service that speaks the same API."),)
    pushes = True
    polls = True
    sends = True
    fields: tuple[Field, ...] = (
        Field("external_id", noop("Your number"), noop("With country code, or the ID of a messaging service (MG…).")),
        Field("account_sid", noop("Account SID")),
        Field("auth_token", noop("Auth token"), secret=True, kind="password"),
        Field("base_url", noop("API address"), kind="url", default="https://api.twilio.com"),
        Field(
            "callback_url",
            noop("Callback address"),
            noop("Exactly as typed in the provider's console. Leave empty to use the address shown here."),
            required=False,
            kind="url",
        ),
    )

    def limits(self, account: Account) -> Limits:
        """1600 characters, billed in parts; pictures would need a public address, so none."""
        return Limits(text=1600, files=0, file_bytes=0, file_types=(), sure=True, source="Twilio, Messages resource: body")

    def verify(self, account: Account, inbound: Inbound) -> None:
        """`X-Twilio-Signature` over the configured address and every form field."""
        token, given = account.vault.get("auth_token"), inbound.headers.get("x-twilio-signature", "")
        if not token:
            raise Rejected(noop("no auth token is stored"))
        if not given:
            raise Rejected(noop("no signature"))
        fields = form(inbound.body)
        wanted = [signature(token, url, fields).encode() for url in addresses(account.options.get("callback_url") or inbound.url)]
        fits = [hmac.compare_digest(one, given.encode("utf-8", "replace")) for one in wanted]
        if not any(fits):
            raise Rejected(noop("wrong signature"))

    def raw_of(self, account: Account, inbound: Inbound) -> Raw:
        """Keyed by the message's SID, a status report by its status too. The form has no time: it came now."""
        fields = dict(form(inbound.body))
        sid, status = fields.get("MessageSid", ""), fields.get("MessageStatus", "")
        key = f"status:{sid}:{status}" if status else f"sms:{sid}"
        if not sid:
            key = unread(inbound).key
        headers = {RECEIVED_AT: clock.now().isoformat()}
        return Raw(key, inbound.body, "push", thread="" if status else fields.get("From", ""), headers=headers)

    def parse(self, account: Account, raw: Raw) -> list[Event]:
        """A buyer's message, or what became of one of ours."""
        fields = dict(form(raw.body))
        sid, at = fields.get("MessageSid", ""), _moment(raw.headers.get(RECEIVED_AT, ""))
        if not sid or at is None:
            raise Unparsable(noop("neither a message nor a status report"))
        if status := fields.get("MessageStatus"):
            return [_reported(status, sid, fields, at)]
        return [_received(sid, fields, at)]

    def fetch(self, account: Account, cursor: str, feed: str = MESSAGES) -> Fetched:
        """Messages to our number since the last look, in the shape of the pushes about them."""
        since = _moment(cursor) or clock.now() - FIRST_LOOK
        begun = clock.now()
        rows = [row for row in self._listed(account, since, To=account.external_id) if row.get("direction") == "inbound"]
        raws = [_as_push(account, row) for row in sorted(rows, key=_sent_at)]
        return Fetched(raws, (begun - OVERLAP).isoformat())

    def _listed(self, account: Account, since: datetime, **asked: str) -> Iterator[Mapping[str, Any]]:
        """Messages since `since`; the provider filters by day, we by second."""
        return (row for row in api.messages(account, {**asked, "DateSent>": f"{since:%Y-%m-%d}"}) if _sent_at(row) >= since)

    def send(self, account: Account, message: Outgoing) -> Sent:
        """A text; reports of its fate come to the callback address."""
        if message.files:
            raise SendError(noop("Files cannot be sent by SMS."), permanent=True, code="files")
        origin = "MessagingServiceSid" if account.external_id.startswith("MG") else "From"
        body = {"To": message.to, origin: account.external_id, "Body": message.text}
        callback = account.options.get("callback_url", "")
        answer = api.call(account, "POST", "Messages.json", data=body | ({"StatusCallback": callback} if callback else {}))
        sid = answer.get("sid")
        if not isinstance(sid, str) or not sid:
            raise Uncertain(noop("The provider took the message but named no id."))
        return Sent(sid, _date(answer.get("date_created")) or clock.now())

    def find_sent(self, account: Account, message: Outgoing) -> Sent | None:
        """A message of ours to that number with that text since the first try."""
        if message.since is None:
            raise CannotTell(noop("It is not known since when to look."))
        since = message.since.replace(microsecond=0) - SLACK
        for row in self._listed(account, since, To=message.to):
            ours = str(row.get("direction")).startswith("outbound") and row.get("sid") not in message.known
            if ours and str(row.get("body")).split() == message.text.split():
                return Sent(str(row.get("sid")), _sent_at(row))
        return None

    def fetch_file(self, account: Account, file: File) -> bytes:
        """A picture the buyer sent."""
        return file.data if file.data is not None else api.media(account, file.url)

    def check(self, account: Account) -> list[Check]:
        """Whether the account opens and is active."""
        try:
            status = str(api.call(account, "GET", ".json").get("status"))
        except SendError as error:
            return [Check(noop("Account"), ok=False, word=str(error), advice=noop("Copy account SID and auth token from the console."))]
        if status != "active":
            return [Check(noop("Account"), ok=False, word=noop("The provider has closed or suspended the account."), advice=status)]
        return [Check(noop("Account"), ok=True, word=noop("The account is active."))]


def form(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form post, storable as text; none for what is no form."""
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, encoding="utf-8", errors="replace")
    return [(name.replace("\0", ""), value.replace("\0", "")) for name, value in pairs]


def signature(token: str, url: str, fields: list[tuple[str, str]]) -> str:
    """Base64 HMAC-SHA1 over the address and the fields in order of their names, each name and value once."""
    told = "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(token.encode(), (url + told).encode(), hashlib.sha1).digest()).decode()


def addresses(url: str) -> list[str]:
    """The address as typed, and as the provider may write it: with and without the usual port."""
    parts = urlsplit(url)
    if parts.hostname is None or parts.scheme not in ("http", "https"):
        return [url]
    usual = 443 if parts.scheme == "https" else 80
    bare = parts.netloc.removesuffix(f":{usual}")
    return [parts._replace(netloc=netloc).geturl() for netloc in dict.fromkeys((parts.netloc, bare, f"{bare}:{usual}"))]


def _received(sid: str, fields: Mapping[str, str], at: datetime) -> Event:
    sender = fields.get("From", "")
    if not sender:
        raise Unparsable(noop("a message without a sender"))
    count = fields.get("NumMedia", "0")
    places = range(min(int(count), 10)) if count.isascii() and count.isdigit() and len(count) < 4 else range(0)
    urls = [url for place in places if (url := fields.get(f"MediaUrl{place}", "")).startswith("http")]
    files = tuple(File(name=url.rsplit("/", 1)[-1][:100], url=url) for url in urls)
    text = fields.get("Body", "")
    meta: dict[str, object] = {"opt_out": fields["OptOutType"]} if fields.get("OptOutType") in OPTED_OUT else {}
    country = fields.get("FromCountry") or country_of(sender)
    buyer = Person(sender, kind="phone", country=country)
    return MessageReceived(sender, sid, buyer, at, text=text, kind="image" if files and not text else "text", files=files, meta=meta)


def _reported(status: str, sid: str, fields: Mapping[str, str], at: datetime) -> Event:
    """Failures come back like a bounced mail; the rest tells nothing new."""
    if status not in FAILED:
        return Ignored(f"{STATUS_REPORT}: {status[:20]}")
    code = fields.get("ErrorCode", "")
    return Bounced(sid, fields.get("To", ""), api.is_permanent(code), f"{api.word_for(code)} ({code or status})", at)


def _as_push(account: Account, row: Mapping[str, Any]) -> Raw:
    told = {"MessageSid": row.get("sid"), "From": row.get("from"), "To": row.get("to"), "Body": row.get("body") or ""}
    urls = api.media_urls(account, str(row.get("sid"))) if str(row.get("num_media") or "0") != "0" else []
    media = {"NumMedia": str(len(urls)), **{f"MediaUrl{place}": url for place, url in enumerate(urls)}}
    headers = {RECEIVED_AT: _sent_at(row).isoformat()}
    return Raw(f"sms:{row.get('sid')}", urlencode(told | media).encode(), "poll", thread=str(row.get("from")), headers=headers)


def _sent_at(row: Mapping[str, Any]) -> datetime:
    return _date(row.get("date_sent")) or _date(row.get("date_created")) or datetime.min.replace(tzinfo=UTC)


def _date(text: object) -> datetime | None:
    """A date as mails write it (the API's way)."""
    try:
        return parsedate_to_datetime(str(text)).astimezone(UTC)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
