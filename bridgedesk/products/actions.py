"""Every write on products, listings and stock."""

from bridgedesk.products.receiving import see

__all__ = ["see"]
