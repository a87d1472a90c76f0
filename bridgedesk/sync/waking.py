"""Asking for a poll: from the sweep, a push that says too little, or a person."""

from bridgedesk.channels.base import MESSAGES
from bridgedesk.lib.queue import enqueue


def wake(shop_id: int, feed: str = MESSAGES) -> None:
    """Queue a poll of this feed, once however often it is asked for."""
    if feed == MESSAGES:
        enqueue("poll_shop", once=f"poll:{shop_id}", shop=shop_id)
    else:
        enqueue("poll_shop", once=f"poll:{shop_id}:{feed}", shop=shop_id, feed=feed)
