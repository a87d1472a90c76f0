"""What time makes happen to orders: whatever no job woke is found. Called every few seconds; each call does a bounded batch."""

from bridgedesk.lib.queue import enqueue
from bridgedesk.orders import findings, following, performing, shortages

BATCH = 200


def sweep() -> None:
    """Queue acts that are due and were left by a crash or a lost job, each at most once; have orders with news checked."""
    for pk in performing.due(BATCH):
        enqueue("perform_act", once=f"act:{pk}", act=pk)
    for name in following.due():
        enqueue("follow_parcels", once=f"follow:{name}", tracker=name)
    for pk in following.unapplied(BATCH):
        enqueue("apply_tracker_news", once=f"news:{pk}", news=pk)
    shortages.watch()
    if findings.waiting(1):
        enqueue("check_orders", once="check_orders")
