"""AliExpress, by its Open Platform (IOP): messages and orders polled, answers and acts told. Sources and their marks: see
aliexpress_api, aliexpress_poll, aliexpress_messages.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import aliexpress_acts, aliexpress_doctor, aliexpress_documents, aliexpress_poll, downloads
from bridgedesk.channels.acts import Act, Performed
from bridgedesk.channels.aliexpress_api import TIME, call, host, result, server_now
from bridgedesk.channels.aliexpress_door import AliExpressDoor
from bridgedesk.channels.aliexpress_feeds import FEEDS
from bridgedesk.channels.aliexpress_fields import FIELDS, TEXT_LIMIT
from bridgedesk.channels.aliexpress_messages import SELLER, content_of
from bridgedesk.channels.aliexpress_values import Json, id_of, millis, part, since_epoch, told
from bridgedesk.channels.base import (
    MESSAGES,
    Account,
    CannotTell,
    Check,
    Door,
    Fetched,
    Limits,
    Outgoing,
    Quiet,
    Raw,
    SendError,
    Sent,
    Uncertain,
)
from bridgedesk.channels.events import Event, File
from bridgedesk.lib import clock

SEND, OPEN = "aliexpress/message/send", "aliexpress/message/session/open"
RECEPTION, AUTOMATIC, CARE = 1, 2, 6
SCENES = {
    "greeting": AUTOMATIC, "shipping_notice": CARE, "delivery_notice": CARE, "pickup_reminder": CARE, "delay_notice": CARE,
}  # fmt: skip
"""What a message is for, in AliExpress's scenes [O]; every other purpose is reception, 1."""
TEXT_TEMPLATE = 1
SEARCH_PAGES = 5
SLACK = timedelta(seconds=2)


class AliExpress(Quiet):
    """AliExpress Open Platform. Its push is not documented well enough to be trusted [?]: everything is polled."""

    name = "aliexpress"
    title = noop("AliExpress")
    pushes = False
    polls = True
    sends = True
    fields = FIELDS
    needs: tuple[str, ...] = (
        noop("An app in the AliExpress Open Platform console, with the permissions for orders, products and evaluation."),
        noop("Permission to use instant messages for that app: AliExpress gives it on request only. Unconfirmed for new apps."),
        noop("The seller's account, to authorise the shop."),
    )
    door: Door | None = AliExpressDoor()
    feeds: Mapping[str, timedelta] = {name: pause for name, (pause, _read) in FEEDS.items()}
    acts: frozenset[type[Act]] = frozenset(aliexpress_acts.DO)

    def limits(self, account: Account) -> Limits:
        """Texts only: how to hand over a picture is not documented. The length is a setting of the shop [?]."""
        limit = account.options.get("text_limit", "")
        return Limits(
            text=int(limit) if limit.isascii() and limit.isdigit() and 20 <= int(limit) < 100_000 else int(TEXT_LIMIT),
            files=0,
            file_bytes=0,
            file_types=(),
            sure=False,
            source="aliexpress/message/send of the official SDK; the length of a text is unconfirmed",
        )

    def parse(self, account: Account, raw: Raw) -> list[Event]:
        """What was fetched, in our words."""
        return aliexpress_documents.events(raw.body, account)

    def fetch(self, account: Account, cursor: str, feed: str = MESSAGES) -> Fetched:
        """New messages since `cursor`, or a page of another feed."""
        return aliexpress_poll.fetch(account, cursor) if feed == MESSAGES else FEEDS[feed][1](account, cursor)

    def perform(self, account: Account, act: Act) -> Performed:
        """Do one of `acts` at AliExpress."""
        return aliexpress_acts.perform(account, act)

    def send(self, account: Account, message: Outgoing) -> Sent:
        """A text to the buyer, in the scene its purpose belongs to."""
        if message.files:
            raise SendError(noop("AliExpress takes texts only by its interface. Send the picture there."), permanent=True, code="files")
        asked: Json = {
            "buyer_id": int(_recipient(account, message.to)),
            "scene_id": SCENES.get(message.purpose, RECEPTION),
            "template_id": TEXT_TEMPLATE,
            "only_for_target": False,
            "message_content_dto": {"txt": message.text},
        }
        inner = result(call(account, SEND, {"im_send_message_dto": asked}, acts=True))
        data = part(inner, "data") or inner
        number = id_of(data.get("message_id")) or id_of(inner.get("data"))
        if not number:
            raise Uncertain(noop("AliExpress took the message but named no id."))
        return Sent(number, since_epoch(data.get("send_time")) or clock.now())

    def find_sent(self, account: Account, message: Outgoing) -> Sent | None:
        """The shop's own message of the same words since the first try, by the platform's clock."""
        if not _is_id(message.thread) or message.since is None:
            raise CannotTell(noop("It is not known in which conversation to look."))
        since = millis(TIME.at(host(account), message.since).replace(microsecond=0) - SLACK)
        found = [row for row in _since(account, message.thread, since) if _is_same(row, message)]
        if not found:
            return None
        first = min(found, key=aliexpress_poll.sent_at)
        return Sent(id_of(first.get("message_id")), since_epoch(first.get("send_time")) or datetime.max.replace(tzinfo=UTC))

    def fetch_file(self, account: Account, file: File) -> bytes:
        """A picture from the platform's file server."""
        return downloads.fetch(file)

    def check(self, account: Account) -> list[Check]:
        """App, authorisation, orders, chat, clock: each with what to do."""
        return aliexpress_doctor.check(account)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20


def _recipient(account: Account, to: str) -> str:
    """The buyer's id; one known by the login name of their order only is asked for, which opens the conversation [O]."""
    if _is_id(to):
        return to
    if to:
        inner = result(call(account, OPEN, {"im_session_open_dto": {"buyer_login_id": to}}))
        found = id_of((part(inner, "data") or inner).get("current_buyer_id"))
        if _is_id(found):
            return found
    raise SendError(noop("The buyer's AliExpress ID is not known."), permanent=True, code="no_recipient")


def _since(account: Account, buyer: str, since: int) -> Iterator[Json]:
    """The conversation's messages not older than `since`; CannotTell if it is too long to read."""
    start, last = str(millis(server_now(account)) + aliexpress_poll.AHEAD), ""
    for _ in range(SEARCH_PAGES):
        page, following, number = aliexpress_poll.message_page(account, buyer, start, last)
        yield from (row for row in page if aliexpress_poll.sent_at(row) >= since)
        if not page or not following or (following, number) == (start, last) or aliexpress_poll.sent_at(page[-1]) < since:
            return
        start, last = following, number
    raise CannotTell(noop("The conversation is too long to look through."))


def _is_same(row: Json, message: Outgoing) -> bool:
    """Ours, of the same words, and none we know already."""
    if told(row.get("from_account_type")) != SELLER or id_of(row.get("message_id")) in message.known:
        return False
    content, bare = content_of(row)
    said = [text for text in (*content.values(), bare) if isinstance(text, str) and text]
    return any(text.split() == message.text.split() for text in said)
