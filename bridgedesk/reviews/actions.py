"""Every write on reviews."""

from bridgedesk.reviews.answering import CannotAnswer, answer
from bridgedesk.reviews.receiving import see

__all__ = ["CannotAnswer", "answer", "see"]
