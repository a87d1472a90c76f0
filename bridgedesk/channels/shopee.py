"""Shopee: pushes in, seller chat out, lost pushes and conversations polled. Sources and their marks: see shopee_parse, shopee_api.

The chat calls are known from third-party code only [C]: they are whitelisted and not in the public listing.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from mimetypes import guess_type

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import downloads, shopee_acts, shopee_doctor, shopee_poll
from bridgedesk.channels import shopee_documents as documents
from bridgedesk.channels import shopee_parse as parsing
from bridgedesk.channels.acts import Act, Performed
from bridgedesk.channels.base import (
    MESSAGES,
    Account,
    CannotTell,
    Check,
    Door,
    Fetched,
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
from bridgedesk.channels.documents import FEED
from bridgedesk.channels.events import Event, File
from bridgedesk.channels.shopee_api import call, on_server_clock
from bridgedesk.channels.shopee_door import ShopeeDoor
from bridgedesk.channels.shopee_feeds import FEEDS
from bridgedesk.channels.shopee_fields import FIELDS, TEXT_LIMIT
from bridgedesk.channels.shopee_signing import is_genuine
from bridgedesk.channels.shopee_values import Json, load, moment
from bridgedesk.lib import clock

IMAGE_BYTES = 2 * 1024 * 1024
SEARCH_PAGES = 5
SLACK = timedelta(seconds=2)
"""The platform tells times in whole seconds."""


class Shopee(Quiet):
    """Shopee Open Platform v2."""

    name = "shopee"
    title = noop("Shopee")
    needs: tuple[str, ...] = (
        noop("An app of the type Seller In-house System in the Shopee Open Platform console."),
        noop("Chat access for that app: Shopee gives it on request only. Until then, connect the shop by hand."),
        noop("The seller's account, to authorise the shop; the authorisation ends after a year at the latest."),
    )
    pushes = True
    polls = True
    sends = True
    fields = FIELDS
    acts = frozenset(shopee_acts.ACTS)
    door: Door | None = ShopeeDoor()
    feeds: Mapping[str, timedelta] = {name: pause for name, (pause, _read) in FEEDS.items()}

    def limits(self, account: Account) -> Limits:
        """Images of 2 MB [C]; the length of a text is a setting of the shop, since the platform does not publish it [?]."""
        limit = account.options.get("text_limit", "")
        return Limits(
            text=int(limit) if limit.isascii() and limit.isdigit() and 0 < int(limit) < 100_000 else int(TEXT_LIMIT),
            files=1,
            file_bytes=IMAGE_BYTES,
            file_types=("image/jpeg", "image/png", "image/gif"),
            sure=False,
            source="third-party clients of sellerchat; the length of a text is unconfirmed",
            text_with_files=False,
        )

    def verify(self, account: Account, inbound: Inbound) -> None:
        """The `Authorization` over the configured callback address and the raw bytes, by the push key or the partner key."""
        keys = [account.vault.get("push_key"), account.vault.get("partner_key")]
        given = inbound.headers.get("authorization", "")
        if not any(keys):
            raise Rejected(noop("no key is stored"))
        if not given:
            raise Rejected(noop("no signature"))
        if not is_genuine(given, keys, account.options.get("callback_url") or inbound.url, inbound.body):
            raise Rejected(noop("wrong signature"))

    def raw_of(self, account: Account, inbound: Inbound) -> Raw:
        """Keyed by the message's id, so that the same message found by polling is the same row."""
        try:
            return parsing.raw_of(parsing.envelope(load(inbound.body)), "push", inbound.body, account)
        except Unparsable:
            return unread(inbound)

    def parse(self, account: Account, raw: Raw) -> list[Event]:
        """Messages of both sides, answered conversations, orders, authorisation; everything else Ignored with its reason."""
        told = load(raw.body)
        return documents.events(told) if FEED in told else parsing.events(parsing.envelope(told), account)

    def fetch(self, account: Account, cursor: str, feed: str = MESSAGES) -> Fetched:
        """Lost pushes and conversations changed since `cursor`, or a page of another feed."""
        return shopee_poll.fetch(account, cursor) if feed == MESSAGES else FEEDS[feed][1](account, cursor)

    def perform(self, account: Account, act: Act) -> Performed:
        """Do one of `acts` at Shopee."""
        return shopee_acts.perform(account, act)

    def send(self, account: Account, message: Outgoing) -> Sent:
        """A text or one image to the buyer's user id; a greeting goes the way of automatic replies."""
        if not message.to.isascii() or not message.to.isdigit():
            raise SendError(noop("The buyer's Shopee user ID is not known."), permanent=True, code="no_recipient")
        if len(message.files) > 1 or (message.files and message.text):
            raise SendError(noop("Shopee takes a text or one image in a message."), permanent=True, code="mixed")
        if message.files:
            return self._say(account, message, "image", {"image_url": self._upload(account, message.files[0])})
        return self._say(account, message, "text", {"text": message.text})

    def _say(self, account: Account, message: Outgoing, kind: str, content: Json) -> Sent:
        if message.purpose == "greeting" and kind == "text":
            path, body = "send_autoreply_message", {"to_id": int(message.to), "content": content}
        else:
            path, body = "send_message", {"to_id": int(message.to), "message_type": kind, "content": content}
        answer = call(account, "POST", f"sellerchat/{path}", body=body, acts=True)
        number = answer.get("message_id")
        if not isinstance(number, str) or number in ("", "0"):
            raise Uncertain(noop("Shopee took the message but named no id."))
        return Sent(number, moment(answer.get("created_timestamp")) or clock.now())

    def _upload(self, account: Account, file: File) -> str:
        """The address of the uploaded image; nothing reaches the buyer yet, so a failure may be repeated."""
        data = file.data if file.data is not None else self.fetch_file(account, file)
        kind = guess_type(file.name)[0] or "application/octet-stream"
        answer = call(account, "POST", "sellerchat/upload_image", files={"file": (file.name, data, kind)})
        url = answer.get("url")
        if not isinstance(url, str) or not url:
            raise SendError(noop("Shopee did not take the image."), permanent=True, code="upload")
        return url

    def find_sent(self, account: Account, message: Outgoing) -> Sent | None:
        """The shop's own message of the same content since the first try, by the platform's clock."""
        if not message.thread or message.since is None:
            raise CannotTell(noop("It is not known in which conversation to look."))
        since = on_server_clock(account, message.since).replace(microsecond=0) - SLACK
        found = [row for row in self._since(account, message.thread, since) if _is_same(row, message, account)]
        if not found:
            return None
        first = min(found, key=_time)
        return Sent(str(first.get("message_id")), _time(first))

    def _since(self, account: Account, thread: str, since: datetime) -> Iterator[Json]:
        """The conversation's messages not older than `since`; CannotTell if it is too long to read."""
        offset = ""
        for _ in range(SEARCH_PAGES):
            page, following = shopee_poll.message_page(account, thread, offset)
            yield from (row for row in page if _time(row) >= since)
            if not page or following in ("", offset) or _time(page[-1]) < since:
                return
            offset = following
        raise CannotTell(noop("The conversation is too long to look through."))

    def fetch_file(self, account: Account, file: File) -> bytes:
        """A picture or film from the platform's file server."""
        return downloads.fetch(file)

    def check(self, account: Account) -> list[Check]:
        """App, clock, authorisation, chat permission, push: each with what to do."""
        return shopee_doctor.check(account)


def _time(row: Json) -> datetime:
    return moment(row.get("created_timestamp")) or datetime.max.replace(tzinfo=UTC)


def _is_same(row: Json, message: Outgoing, account: Account) -> bool:
    """Ours, of the same content, and none we know already; an image's address is new at every upload, so any image of ours counts."""
    if str(row.get("from_id")) == message.to or row.get("message_id") in message.known:
        return False
    if not parsing.is_own({"from_shop_id": account.external_id, **row}, account.external_id):
        return False
    if message.files:
        return row.get("message_type") == "image"
    content = row.get("content")
    text = content.get("text") if isinstance(content, dict) else None
    return isinstance(text, str) and text.split() == message.text.split()
