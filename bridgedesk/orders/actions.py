"""Every write on orders and parcels, gathered from the files of their concepts."""

from bridgedesk.orders.acting import CannotNow, ask
from bridgedesk.orders.acting import retry as retry_act
from bridgedesk.orders.acting import settle as settle_act
from bridgedesk.orders.acting import withdraw as withdraw_act
from bridgedesk.orders.cancelling import answer as answer_cancellation
from bridgedesk.orders.cancelling import cancel_at_platform, split
from bridgedesk.orders.cancelling import catch as catch_cancellation
from bridgedesk.orders.cancelling import said as said_to_cancel
from bridgedesk.orders.changing import cancel, change_address, change_articles, change_payment
from bridgedesk.orders.entering import add_parcel, note_scan
from bridgedesk.orders.holding import Blocked, cleared, hold, obstacles, release
from bridgedesk.orders.money import settle as settle_payment
from bridgedesk.orders.parcels import not_received
from bridgedesk.orders.receiving import see, see_each, see_parcel, see_parcel_each
from bridgedesk.orders.remarks import acknowledge, meant, remark, take_back
from bridgedesk.orders.returns import ask_exchange, ask_return
from bridgedesk.orders.returns import settle as settle_return
from bridgedesk.orders.returns import withdraw as withdraw_return
from bridgedesk.orders.station import close as close_parcel
from bridgedesk.orders.station import put_in, scan, take_out
from bridgedesk.orders.station import reopen as reopen_parcel

__all__ = [
    "Blocked",
    "CannotNow",
    "acknowledge",
    "add_parcel",
    "answer_cancellation",
    "ask",
    "ask_exchange",
    "ask_return",
    "cancel",
    "cancel_at_platform",
    "catch_cancellation",
    "change_address",
    "change_articles",
    "change_payment",
    "cleared",
    "close_parcel",
    "hold",
    "meant",
    "not_received",
    "note_scan",
    "obstacles",
    "put_in",
    "release",
    "remark",
    "reopen_parcel",
    "retry_act",
    "said_to_cancel",
    "scan",
    "see",
    "see_each",
    "see_parcel",
    "see_parcel_each",
    "settle_act",
    "settle_payment",
    "settle_return",
    "split",
    "take_back",
    "take_out",
    "withdraw_act",
    "withdraw_return",
]
