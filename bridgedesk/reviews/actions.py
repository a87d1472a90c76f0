"""Every write on reviews."""

from bridgedesk.reviews.receiving import see

__all__ = ["see"]
