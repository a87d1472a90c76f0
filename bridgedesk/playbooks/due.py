"""What time makes happen: what happened and nobody looked at yet, and cases whose buyer has been silent as long as the step allows."""

import logging

from bridgedesk.lib import clock
from bridgedesk.playbooks import actions, automatic, events
from bridgedesk.playbooks.models import Run

log = logging.getLogger(__name__)
BATCH = 50


def sweep() -> int:
    """Take up events, and silence that has lasted; how many cases of silence."""
    events.sweep()
    due = list(Run.objects.filter(state=Run.State.OPEN, silent_until__lte=clock.now()).order_by("silent_until")[:BATCH])
    for run in due:
        try:
            if not automatic.go(run):
                actions.take_up_silence(run)
        except Exception:
            log.exception("%s could not be taken up", run)
            Run.objects.filter(pk=run.pk).update(silent_until=None)
    return len(due)
