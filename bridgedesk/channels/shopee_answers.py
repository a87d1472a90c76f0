"""How we answer what a buyer asks for at Shopee: pay it back, offer less, let the goods come back. What stands there is looked at first,
so that an answer given twice is given once.

Sources: v2.returns.get_return_detail, get_available_solutions, confirm, offer, accept_offer and guide 227 [O]: confirm is for the whole
sum, an offer waits for the buyer, ACCEPTED means that Shopee pays. That `confirm` pays also after goods came back is unconfirmed [?].
Shopee pays nothing back without a return the buyer asked for: such acts stay by hand.
"""

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.acts import Performed, RefundBuyer, SendReturnLabel
from bridgedesk.channels.base import Account, ByHand, SendError
from bridgedesk.channels.shopee_api import call
from bridgedesk.channels.shopee_values import Json, is_yes, money, part, told
from bridgedesk.lib.money import Money

REFUND, RETURN = "REFUND", "RETURN_REFUND"
ANSWERABLE = ("REQUESTED", "PROCESSING")
OF = {REFUND: "offer_refund", RETURN: "offer_return_refund"}
NO_CASE = noop("Shopee pays back only what the buyer asked for as a return in the app: no call refunds an order without one.")
SETTLED = noop("Shopee settled this return otherwise already: look at what was agreed.")


def refund(account: Account, act: RefundBuyer) -> Performed:
    """The whole of what is asked is confirmed, less is offered; after goods came back under an agreed sum that sum is confirmed."""
    row = _return(account, act.case)
    wanted, asked = Money(act.minor, act.currency), _asked(row, act.currency)
    if (status := told(row.get("status"))) == "ACCEPTED":
        return Performed(waits="platform") if asked == wanted else _settled()
    _answerable(status)
    if status == "PROCESSING" and told(row.get("validation_type")) == "warehouse_validation":
        return Performed(waits="platform")  # its warehouse looks at the goods, and it pays
    if _stands(row, REFUND, wanted, ours=True):
        return Performed(waits="buyer")
    if _stands(row, REFUND, wanted, ours=False):
        return _do(account, "accept_offer", row, waits="platform")
    if asked == wanted:
        return _do(account, "confirm", row, waits="platform")
    return _offer(account, row, REFUND, wanted)


def send_back(account: Account, act: SendReturnLabel) -> Performed:
    """Shopee gives the buyer its label when both agree that the goods come back."""
    row = _return(account, act.case)
    if (status := told(row.get("status"))) in ("PROCESSING", "ACCEPTED"):
        return Performed()  # it is under way already
    _answerable(status)
    wanted = Money(act.minor, act.currency) if act.minor else _asked(row, told(row.get("currency")).upper())
    if _stands(row, RETURN, wanted, ours=True):
        return Performed(waits="buyer")
    if _stands(row, RETURN, wanted, ours=False):
        return _do(account, "accept_offer", row)
    return _offer(account, row, RETURN, wanted)


def _return(account: Account, number: str) -> Json:
    if not number:
        raise ByHand(NO_CASE)
    return call(account, "GET", "returns/get_return_detail", params={"return_sn": number})


def _asked(row: Json, currency: str) -> Money:
    """What the buyer asks for. Sums of two currencies cannot be held against each other."""
    found: Money | None = money(row.get("refund_amount"), row.get("currency"))
    if found is None or found.currency != currency:
        raise SendError(noop("Shopee tells the sum of this return in another currency."), permanent=True, code="currency")
    return found


def _answerable(status: str) -> None:
    if status in ("JUDGING", "SELLER_DISPUTE"):
        raise SendError(noop("A dispute is running: Shopee decides."), permanent=True, code="judged")
    if status not in ANSWERABLE:
        raise SendError(noop("This return is over: the buyer called it off, or Shopee closed it."), permanent=True, code="over")


def _settled() -> Performed:
    raise SendError(SETTLED, permanent=True, code="settled")


def _stands(row: Json, solution: str, wanted: Money, *, ours: bool) -> bool:
    """Whether the latest offer is this one, and waits for the other side."""
    latest = part(row, "negotiation")
    theirs = told(latest.get("latest_offer_creator")) == told(part(row, "user").get("username"))
    waits = "PENDING_BUYER_RESPOND" if ours else "PENDING_RESPOND"
    same = told(latest.get("latest_solution")) == solution and money(latest.get("latest_offer_amount"), row.get("currency")) == wanted
    return told(latest.get("negotiation_status")) == waits and same and theirs != ours


def _offer(account: Account, row: Json, solution: str, wanted: Money) -> Performed:
    """Within what Shopee lets us offer now."""
    found = call(account, "GET", "returns/get_available_solutions", params={"return_sn": row.get("return_sn")})
    allowed = part(found, OF[solution])
    if not is_yes(allowed.get("eligibility")):
        raise SendError(noop("Shopee does not let the shop offer this for this return."), permanent=True, code="not_eligible")
    body: Json = {"proposed_solution": solution}
    if is_yes(allowed.get("refund_amount_adjustable")):
        _within(allowed, wanted)
        body["proposed_adjusted_refund_amount"] = float(wanted.amount)
    elif wanted != _asked(row, wanted.currency):
        raise SendError(noop("Shopee does not let the shop change the sum of this return."), permanent=True, code="not_adjustable")
    return _do(account, "offer", row, waits="buyer", **body)


def _within(allowed: Json, wanted: Money) -> None:
    least, most = (money(allowed.get(name), wanted.currency) for name in ("min_refund_amount", "max_refund_amount"))
    if (least and wanted.minor < least.minor) or (most and wanted.minor > most.minor):
        span = f" ({least.amount if least else 0}–{most.amount if most else '…'} {wanted.currency})"
        raise SendError(noop("Shopee takes another sum for this return only.") + span, permanent=True, code="sum")


def _do(account: Account, path: str, row: Json, *, waits: str = "", **body: object) -> Performed:
    number = told(row.get("return_sn"))
    call(account, "POST", f"returns/{path}", body={"return_sn": number, **body}, acts=True)
    return Performed(reference=number, waits=waits, told={"answer": path})
