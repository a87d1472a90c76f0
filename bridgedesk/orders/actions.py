"""Every write on orders and parcels, gathered from the files of their concepts."""

from bridgedesk.orders.acting import CannotNow, ask
from bridgedesk.orders.acting import retry as retry_act
from bridgedesk.orders.acting import settle as settle_act
from bridgedesk.orders.acting import withdraw as withdraw_act
from bridgedesk.orders.parcels import not_received
from bridgedesk.orders.receiving import see, see_parcel

__all__ = ["CannotNow", "ask", "not_received", "retry_act", "see", "see_parcel", "settle_act", "withdraw_act"]
