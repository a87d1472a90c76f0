"""What Amazon does on our word: confirm a shipment, set stock, ask for a review, write a message of a kind. Sources: Orders v0
(confirmShipment), Listings Items 2021-08-01, Solicitations v1, Messaging v1 [O]. Cancelling, answering a wish to cancel and notes have
no call: a person does them in Seller Central.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.acts import Act, AskReview, Level, Performed, PushStock, ShipParcel, WriteToBuyer
from bridgedesk.channels.amazon_api import CONFIRM_SHIPMENT, GET_ORDER, PATCH_LISTING, SOLICIT, SOLICITATION_ACTIONS, call, stamp
from bridgedesk.channels.amazon_errors import NO_ROLE
from bridgedesk.channels.amazon_messaging import KINDS, offered_names, write
from bridgedesk.channels.amazon_places import marketplace
from bridgedesk.channels.base import Account, ByHand, SendError
from bridgedesk.channels.values import Json, count, part, rows, told
from bridgedesk.lib import clock

SOLICITATION = "productReviewAndSellerFeedback"
CARRIERS = (
    "USPS", "UPS", "UPSMI", "FedEx", "DHL", "DHL eCommerce", "Deutsche Post", "DPD", "GLS", "Hermes", "Royal Mail", "Yodel", "La Poste",
    "Chronopost", "Colissimo", "Correos", "Correos Express", "Poste Italiane", "BRT", "SDA", "PostNL", "PostNord", "InPost", "Canada Post",
    "Australia Post", "China Post", "4PX", "Yun Express", "Yanwen", "SF Express", "Japan Post",
)  # fmt: skip
"""Carriers told to Amazon by their own name; every other is "Other" with its name beside it. Unconfirmed by marketplace."""


def perform(account: Account, act: Act) -> Performed:
    """Do it; ByHand for what Amazon offers no call for."""
    doing = DO.get(type(act))
    if doing is None:
        raise ByHand(type(act).__name__)
    return doing(account, act)


def ship(account: Account, act: ShipParcel) -> Performed:
    """Confirm the shipment. A number that the order has already is not told twice; the same package number corrects what was told."""
    if not act.number or not (act.carrier or act.service):
        raise SendError(noop("Amazon wants the carrier and the tracking number."), permanent=True, code="no_number")
    order = part(call(account, GET_ORDER, params={"includedData": ("FULFILLMENT", "PACKAGES")}, order=act.order), "order")
    packages = rows(order, "packages")
    if known := next((row for row in packages if told(row.get("trackingNumber")) == act.number), None):
        return Performed(reference=told(known.get("packageReferenceId")))
    package = act.parcel if act.parcel.isascii() and act.parcel.isdigit() and int(act.parcel) else _next_number(packages)
    call(account, CONFIRM_SHIPMENT, body=shipment(account, act, package, act.lines or _left(order)), order=act.order)
    return Performed(reference=package)


def shipment(account: Account, act: ShipParcel, package: str, lines: Iterable[tuple[str, int]]) -> Json:
    """The request's body; SendError if nothing is left to ship."""
    items = [{"orderItemId": line, "quantity": pieces} for line, pieces in lines if pieces > 0]
    if not items:
        raise SendError(noop("Amazon counts every article of this order as shipped."), permanent=True, code="nothing_left")
    detail = {
        "packageReferenceId": package,
        **carrier(act.carrier or act.service),
        **({"shippingMethod": act.service} if act.service else {}),
        "trackingNumber": act.number,
        "shipDate": stamp(clock.now()),
        "orderItems": items,
    }
    return {"packageDetail": detail, "marketplaceId": marketplace(account).id}


def carrier(name: str) -> Mapping[str, str]:
    """The carrier's own code, or "Other" with its name."""
    plain = name.strip().casefold()
    found = next((one for one in CARRIERS if one.casefold() == plain), "")
    return {"carrierCode": found} if found else {"carrierCode": "Other", "carrierName": name.strip()}


def _next_number(packages: Iterable[Json]) -> str:
    taken = [int(number) for row in packages if (number := told(row.get("packageReferenceId"))).isascii() and number.isdigit()]
    return str(max(taken, default=0) + 1)


def _left(order: Json) -> list[tuple[str, int]]:
    """What is still to be shipped, by line."""
    return [(told(row.get("orderItemId")), _open(row)) for row in rows(order, "orderItems")]


def _open(row: Json) -> int:
    fulfilment = part(row, "fulfillment")
    unshipped = count(fulfilment.get("quantityUnfulfilled"))
    if unshipped is not None:
        return unshipped
    return (count(row.get("quantityOrdered")) or 0) - (count(fulfilment.get("quantityFulfilled")) or 0)


def push_stock(account: Account, act: PushStock) -> Performed:
    """Set each listing's pieces in the seller's own warehouse; one that Amazon does not take does not hold up the rest."""
    failures = [(failed, reason) for level in act.levels if (reason := _set(account, level)) for failed in [(level.item, level.model)]]
    return Performed(failures=tuple(failures))


def _set(account: Account, level: Level) -> str:
    """Why it was not taken, "" if it was. What would fail for every listing is raised."""
    if not level.sku:
        return noop("Amazon knows listings by their SKU, and this one has none.")
    try:
        answer = call(account, PATCH_LISTING, params=_place(account), body=patch(level.quantity), seller=account.external_id, sku=level.sku)
    except SendError as error:
        if not error.permanent or error.code in (NO_ROLE, "reconnect", "blocked"):
            raise
        return str(error)
    if told(answer.get("status")).upper() in ("ACCEPTED", "VALID"):
        return ""
    problems = [told(row.get("message")) for row in rows(answer, "issues") if told(row.get("severity")).upper() in ("ERROR", "")]
    return next(filter(None, problems), "") or noop("Amazon did not accept this request.")


def _place(account: Account) -> Mapping[str, str]:
    return {"marketplaceIds": marketplace(account).id}


def patch(quantity: int) -> Json:
    """Pieces in the seller's own warehouse; those in Amazon's are counted by Amazon."""
    value: list[dict[str, Any]] = [{"fulfillment_channel_code": "DEFAULT", "quantity": max(quantity, 0)}]
    return {"productType": "PRODUCT", "patches": [{"op": "replace", "path": "/attributes/fulfillment_availability", "value": value}]}


def ask_review(account: Account, act: AskReview) -> Performed:
    """Amazon's own request, if it offers it for the order now: once, five to thirty days after delivery."""
    params = _place(account)
    if not may_ask(account, act.order):
        word = noop("Amazon does not offer to ask for a review of this order now: it was asked before, or it is too early or too late.")
        raise SendError(word, permanent=True, code="not_offered")
    call(account, SOLICIT, params=params, order=act.order)
    return Performed()


def may_ask(account: Account, order: str) -> bool:
    """Whether Amazon offers its request for a review of this order now."""
    return SOLICITATION in offered_names(call(account, SOLICITATION_ACTIONS, params=_place(account), order=order))


def write_to_buyer(account: Account, act: WriteToBuyer) -> Performed:
    """A message of one of Amazon's kinds; those that carry a file are sent by hand."""
    kind = KINDS.get(act.kind)
    if kind is None or kind.files[0]:
        raise ByHand(act.kind)
    write(account, act.order, kind, act.text)
    return Performed(reference=act.kind)


DO: Mapping[type, Callable[[Account, Any], Performed]] = {
    ShipParcel: ship, PushStock: push_stock, AskReview: ask_review, WriteToBuyer: write_to_buyer,
}  # fmt: skip
