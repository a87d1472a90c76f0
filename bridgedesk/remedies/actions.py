"""Every write on cases."""

from bridgedesk.remedies.receiving import see

__all__ = ["see"]
