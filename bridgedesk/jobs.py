"""Every job. Each wakes one action on one row; losing a job loses nothing, the sweep finds the row."""

from procrastinate.contrib.django import app

from bridgedesk.lib import clock


@app.task(name="heartbeat")
def heartbeat() -> None:
    """Proves that a worker runs (doctor asks)."""
    clock.now()
