"""What time makes happen to people's rows."""

from bridgedesk.lib import clock
from bridgedesk.team.models import Attempt


def tidy() -> None:
    """Forget attempts to log in whose time is over."""
    Attempt.objects.filter(expires__lt=clock.now()).delete()
