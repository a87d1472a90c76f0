"""How we answer a dispute at AliExpress: agree to what the buyer proposes, or propose something else. What stands there is looked at
first, so that an answer given twice is given once.

Sources: the official SDK's types of aliexpress.issue.detail.get, issue.solution.agree, issue.solution.save and
logistics.redefining.getlogisticsselleraddresses [O], the states of a solution included. That no call tells AliExpress "the goods are
back" is what the SDK shows, not what AliExpress says [?]. Without a dispute nothing is paid back by any call: such acts stay by hand.
"""

from collections.abc import Iterable

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import aliexpress_errors as errors
from bridgedesk.channels.acts import Performed, RefundBuyer, SendReturnLabel
from bridgedesk.channels.aliexpress_api import call, result
from bridgedesk.channels.aliexpress_feeds import detail, issue_of
from bridgedesk.channels.aliexpress_issues import AGREED, OURS, REFUND, RETURN, THEIRS, sum_in
from bridgedesk.channels.aliexpress_orders import buyer_of
from bridgedesk.channels.aliexpress_values import Json, id_of, is_yes, rows, told
from bridgedesk.channels.base import Account, ByHand, SendError
from bridgedesk.lib.money import Money

AGREE, SAVE = "aliexpress.issue.solution.agree", "aliexpress.issue.solution.save"
ADDRESSES = "aliexpress.logistics.redefining.getlogisticsselleraddresses"
NO_CASE = noop("AliExpress pays back only in a dispute that the buyer opened: no call refunds an order without one.")
GOODS_BACK = noop("The goods were to come back first: confirm in the seller's tool that they are here, then AliExpress pays.")


def refund(account: Account, act: RefundBuyer) -> Performed:
    """Money alone: the buyer's own proposal of that sum is agreed to, else it is proposed."""
    login, told_of = _dispute(account, act.order, act.case)
    wanted = Money(act.minor, act.currency)
    if reached := _reached(told_of):
        if told(reached.get("solution_type")) == RETURN:
            raise ByHand(GOODS_BACK)
        return _as_reached(reached, wanted)
    return _answer(account, login, act.case, told_of, REFUND, wanted)


def send_back(account: Account, act: SendReturnLabel) -> Performed:
    """The goods come back to the shop's return address before the money goes."""
    login, told_of = _dispute(account, act.order, act.case)
    wanted = Money(act.minor, act.currency)
    if reached := _reached(told_of):
        if told(reached.get("solution_type")) != RETURN:
            raise _settled()
        return Performed(reference=act.case)
    made = _answer(account, login, act.case, told_of, RETURN, wanted)
    return made if made.waits == "buyer" else Performed(reference=made.reference, told=made.told)


def _dispute(account: Account, order: str, number: str) -> tuple[str, Json]:
    """The buyer's name, which every call wants, and how the dispute stands. SendError for one that is over or judged."""
    if not number:
        raise ByHand(NO_CASE)
    buyer = buyer_of({}, detail(account, order)) if order.isascii() and order.isdigit() else None
    login = buyer.external_id if buyer else ""
    told_of = issue_of(account, login, number)
    if told(told_of.get("issue_status")) not in ("", "processing"):
        raise SendError(noop("This dispute is over: it was called off or settled."), permanent=True, code="over")
    if rows(told_of, "platform_solution_list") and not _reached(told_of):
        raise SendError(
            noop("AliExpress has proposed a solution itself: answer that one in the seller's tool."), permanent=True, code="judged"
        )
    return login, told_of


def _answer(account: Account, login: str, number: str, told_of: Json, kind: str, wanted: Money) -> Performed:
    theirs, ours = _waiting(rows(told_of, THEIRS), "seller"), _waiting(rows(told_of, OURS), "buyer")
    if ours and told(ours.get("solution_type")) == kind and sum_in(ours, wanted.currency) == wanted:
        return Performed(reference=number, waits="buyer")
    if theirs and told(theirs.get("solution_type")) == kind and sum_in(theirs, wanted.currency) == wanted:
        return _agree(account, login, number, theirs, kind)
    return _propose(account, login, number, kind, wanted, theirs, ours)


def _agree(account: Account, login: str, number: str, theirs: Json, kind: str) -> Performed:
    asked: Json = {"buyer_login_id": login, "issue_id": number, "solution_id": id_of(theirs.get("id"))}
    if kind == RETURN:
        asked["return_address_id"] = _return_address(account)
    _taken(call(account, AGREE, asked, acts=True))
    return Performed(reference=number, waits="platform", told={"answer": "agree"})


def _propose(account: Account, login: str, number: str, kind: str, wanted: Money, theirs: Json, ours: Json) -> Performed:
    """A proposal of our own, which refuses the buyer's; one that we made before is changed."""
    asked: Json = {
        "buyer_login_id": login,
        "issue_id": number,
        "add_seller_solution": not ours,
        "add_solution_type": kind,
        "refund_amount": str(wanted.amount),
        "refund_amount_currency": wanted.currency,
        "solution_context": "We would like to settle it like this.",
    }
    asked |= {"modify_seller_solution_id": id_of(ours.get("id"))} if ours else {"buyer_solution_id": id_of(theirs.get("id"))}
    if kind == RETURN:
        asked["return_good_address_id"] = _return_address(account)
    _taken(call(account, SAVE, {"param_dto": asked}, acts=True))
    return Performed(reference=number, waits="buyer", told={"answer": "propose"})


def _waiting(solutions: Iterable[Json], whom: str) -> Json:
    """The solution that this side has to say yes or no to; {} for none."""
    states = (f"wait_{whom}_accept", "wait_buyer_and_seller_accept")
    return next((row for row in solutions if told(row.get("status")) in states), {})


def _reached(told_of: Json) -> Json:
    """The solution both agreed to, or that is being carried out."""
    sides = [row for name in (THEIRS, OURS, "platform_solution_list") for row in rows(told_of, name)]
    return next((row for row in sides if told(row.get("status")) in AGREED), {})


def _as_reached(reached: Json, wanted: Money) -> Performed:
    if sum_in(reached, wanted.currency) != wanted:
        raise _settled()
    return Performed(waits="platform")


def _settled() -> SendError:
    return SendError(noop("Another solution of this dispute was agreed already: look at it."), permanent=True, code="settled")


def _return_address(account: Account) -> str:
    """Where goods come back to: the shop's own default. SendError where it has none."""
    found = rows(result(call(account, ADDRESSES, {"seller_address_query": "refund"})), "refund_seller_address_list")
    chosen = next((row for row in found if is_yes(row.get("is_default"))), found[0] if found else {})
    if not (number := id_of(chosen.get("address_id"))):
        raise SendError(noop("The shop has no return address at AliExpress: enter one there first."), permanent=True, code="address")
    return number


def _taken(answer: Json) -> None:
    """Not every refusal comes as an error: the result itself may say no."""
    inner = result(answer)
    if "result_object" in inner and not is_yes(inner["result_object"]):
        raise errors.refusal(told(inner.get("result_code")), told(inner.get("result_memo")))
