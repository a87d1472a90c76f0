"""Amazon, by its Selling Partner API: orders and reports in, shipments, stock, review requests and Amazon's own kinds of message out.

The conversation with a buyer runs over the relay mailbox (channels/mail_relay.py): Amazon has no interface that tells what buyers
write. A shop here and its mailbox meet by the order number and the buyer's alias.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import amazon_acts, amazon_doctor, amazon_documents, amazon_messaging
from bridgedesk.channels.acts import Act, Performed
from bridgedesk.channels.amazon_feeds import FEEDS, nothing
from bridgedesk.channels.amazon_fields import FIELDS
from bridgedesk.channels.amazon_messaging import BY_PURPOSE, FILE_BYTES, KINDS, Kind
from bridgedesk.channels.base import (
    MESSAGES,
    Account,
    CannotTell,
    Check,
    Fetched,
    Limits,
    Outgoing,
    Quiet,
    Raw,
    SendError,
    Sent,
)
from bridgedesk.channels.events import Event, File
from bridgedesk.lib import clock


class Amazon(Quiet):
    """Selling Partner API. One shop is one marketplace of a seller.

    Amazon calls nobody: it puts notifications into a queue of the seller's own.
    """

    name = "amazon"
    title = noop("Amazon")
    needs: tuple[str, ...] = (
        noop("A private app in Amazon's Solution Provider Portal with the roles for orders, messages, reports and listings."),
        noop("The app authorised for your own seller account: that shows the refresh token. Renew the client secret every 180 days."),
        noop("The mailbox that Amazon's relayed mail comes to, as a shop of its own: buyers' messages arrive only there."),
    )
    pushes = False
    polls = True
    sends = True
    fields = FIELDS
    feeds: Mapping[str, timedelta] = {name: pause for name, (pause, _read) in FEEDS.items()}
    acts: frozenset[type[Act]] = frozenset(amazon_acts.DO)

    def limits(self, account: Account) -> Limits:
        """Of the kinds of message that purposes of ours use; what files may be is not published."""
        return Limits(
            text=2000,
            files=0,
            file_bytes=FILE_BYTES,
            file_types=(),
            sure=True,
            source="Messaging API v1 model: text of 1 to 2000 characters",
        )

    def parse(self, account: Account, raw: Raw) -> list[Event]:
        """Orders with their parcels, and what reports say."""
        return amazon_documents.events(raw.body, account)

    def fetch(self, account: Account, cursor: str, feed: str = MESSAGES) -> Fetched:
        """A page of a feed; of messages there is none."""
        return nothing(account, cursor) if feed == MESSAGES else FEEDS[feed][1](account, cursor)

    def kinds(self, account: Account, order: str) -> tuple[Kind, ...]:
        """What Amazon lets us write to the buyer of this order now; the screen offers these and nothing else."""
        return amazon_messaging.kinds(account, order)

    def perform(self, account: Account, act: Act) -> Performed:
        """Confirm a shipment, set stock, ask for a review, write a message of a kind; ByHand for the rest."""
        return amazon_acts.perform(account, act)

    def send(self, account: Account, message: Outgoing) -> Sent:
        """A message of the kind that serves its purpose, if Amazon offers it for the order now. Free answers go by the relay mailbox."""
        kind = KINDS.get(BY_PURPOSE.get(message.purpose, ""))
        if kind is None:
            word = noop("Amazon has no chat: answer by the relay mailbox, in the conversation of the buyer's mail.")
            raise SendError(word, permanent=True, code="no_chat")
        if not message.order:
            raise SendError(noop("Amazon takes messages about an order only, and none is named."), permanent=True, code="no_order")
        amazon_messaging.write(account, message.order, kind, message.text, message.files)
        return Sent(f"{kind.name}:{message.reference}"[:200], clock.now())

    def find_sent(self, account: Account, message: Outgoing) -> Sent | None:
        """Amazon shows nobody what was sent."""
        raise CannotTell(noop("Amazon does not show sent messages here. Look in Seller Central → Messages."))

    def fetch_file(self, account: Account, file: File) -> bytes:
        """No event of this channel names a file to fetch."""
        if file.data is None:
            raise SendError(noop("The platform does not give this file."), permanent=True, code="no_file")
        return file.data

    def check(self, account: Account) -> list[Check]:
        """App, authorisation, marketplace: each with what to do."""
        return amazon_doctor.check(account)
