"""Every write on cases."""

from bridgedesk.remedies.casework import (
    CannotNow,
    answered,
    choose,
    close,
    coming,
    correct,
    loss,
    lost,
    open_case,
    received,
    release,
    reopen,
    take_back,
)
from bridgedesk.remedies.receiving import see

__all__ = [
    "CannotNow",
    "answered",
    "choose",
    "close",
    "coming",
    "correct",
    "loss",
    "lost",
    "open_case",
    "received",
    "release",
    "reopen",
    "see",
    "take_back",
]
