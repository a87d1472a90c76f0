"""What happened at the door, in the log: who came and went, and who tried.

Never a password, never a whole address, and no name that is nobody's: what was typed as a name may have been a password.
"""

from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.lib.addresses import shortened
from bridgedesk.team.models import Agent

TWO_FACTOR = {
    "mfa/email/totp_activated": "two_factor_on",
    "mfa/email/totp_deactivated": "two_factor_off",
    "mfa/email/recovery_codes_generated": "made_recovery_codes",
}
"""Verbs by what the log-in library would tell the person by mail."""


@transaction.atomic
def logged_in(agent: Agent, address: str) -> None:
    """Somebody came in, every factor given."""
    record("logged_in", agent, by=agent, name=str(agent), address=shortened(address))


@transaction.atomic
def logged_out(agent: Agent) -> None:
    """Somebody left."""
    record("logged_out", agent, by=agent, name=str(agent))


@transaction.atomic
def failed(agent: Agent | None, address: str) -> None:
    """A wrong password for `agent`; None: for a name nobody has."""
    if agent:
        record("log_in_failed", agent, by=None, name=str(agent), address=shortened(address))
    else:
        record("log_in_unknown", None, by=None, address=shortened(address))


@transaction.atomic
def second_factor_failed(agent: Agent, address: str) -> None:
    """The password was right, the code was not: somebody else may have the password."""
    record("second_factor_failed", agent, by=None, name=str(agent), address=shortened(address))


@transaction.atomic
def changed_two_factor(agent: Agent, what: str) -> None:
    """Two-factor log-in was switched on or off, or new recovery codes made; `what` is a key of TWO_FACTOR."""
    record(TWO_FACTOR[what], agent, by=agent, name=str(agent))
