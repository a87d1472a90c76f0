"""Every write on reviews."""

from bridgedesk.reviews.answering import CannotAnswer, answer
from bridgedesk.reviews.asking import CannotAsk, ask
from bridgedesk.reviews.receiving import see
from bridgedesk.reviews.thanks import thank

__all__ = ["CannotAnswer", "CannotAsk", "answer", "ask", "see", "thank"]
