"""Every job. Each wakes one action on one row; losing a job loses nothing, the sweep finds the row."""

from procrastinate.contrib.django import app

from bridgedesk.lib import clock
from bridgedesk.sync import actions as sync


@app.task(name="heartbeat")
def heartbeat() -> None:
    """Proves that a worker runs (doctor asks)."""
    clock.now()


@app.task(name="apply_delivery")
def apply_delivery(delivery: int) -> None:
    """Turn stored bytes into conversations."""
    sync.apply(delivery)


@app.task(name="send_message")
def send_message(message: int) -> None:
    """Send a queued answer."""


@app.task(name="fetch_file")
def fetch_file(attachment: int) -> None:
    """Fetch a file a platform only named."""


@app.task(name="poll_shop")
def poll_shop(shop: int) -> None:
    """Ask a platform or a mailbox for what is new."""
