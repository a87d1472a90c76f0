"""Every platform we speak, by name. A new one is one line here."""

from bridgedesk.channels.base import Channel
from bridgedesk.channels.shopee import Shopee

CHANNELS: dict[str, Channel] = {
    "shopee": Shopee(),
}


def channel(name: str) -> Channel:
    """The channel of that name; KeyError if there is none."""
    return CHANNELS[name]
