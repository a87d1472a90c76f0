"""The act of sending goods again: decided, told to the packers, entered by whoever sent it; settled once."""

from django.db import transaction
from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.acts import SendAgain
from bridgedesk.lib import clock
from bridgedesk.orders import acting, dispatch, entering, resending
from bridgedesk.orders.models import Parcel, PlatformAct, Remark
from bridgedesk.orders.remarks import remark
from bridgedesk.team.models import Agent


def tell_packers(act: PlatformAct, *, by: Agent) -> Remark | None:
    """A remark that says what to send again, once for an act. In the caller's transaction."""
    row = act.order
    if row is None or row.remarks.filter(kind=Remark.Kind.RESEND, data__act=act.pk).exists():
        return None
    lines = tuple((str(line), int(pieces)) for line, pieces in act.data["lines"])
    text, data = resending.told(row, lines, part=bool(act.data["part"]))
    return remark(row, Remark.Kind.RESEND, text, by=by, data=data | {"act": act.pk})


@transaction.atomic
def sent_again(act: PlatformAct, number: str, carrier: str = "", *, by: Agent) -> Parcel:
    """It left by another way than the packing station: its parcel is entered, and followed from now on. ValidationError for a number
    that cannot be, CannotNow when it left already."""
    row = acting.locked(act)
    if row.kind != SendAgain.__name__ or row.order is None or row.state not in (acting.State.BY_HAND, acting.State.FAILED):
        raise acting.CannotNow(noop("It has left already, or is not to be sent any more."))
    label = dispatch.read(number, carrier)
    made = entering.add_parcel(row.order, label.number, label.carrier, left_at=clock.now(), by=by)
    acting.finish(row, by=by, reference=made.number)
    return made
