"""Every write on orders and parcels."""

from bridgedesk.orders.receiving import see, see_parcel

__all__ = ["see", "see_parcel"]
