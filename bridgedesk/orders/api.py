"""Orders, for programs: what they hold, and what an own shop's terms permit with them. 409: not as the order stands; 422: not so."""

from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from bridgedesk.customers.api import AddressIn, AddressOut
from bridgedesk.lib.storable import plain
from bridgedesk.orders import actions, terms
from bridgedesk.orders.models import Line, Order, Payment, Return, ReturnLine
from bridgedesk.products.models import Listing
from bridgedesk.team.api import READ, WRITE, Strict, agent_of

router = Router(tags=["orders"])
PAGE = 50


class LineOut(Schema):
    """`price_minor` of one piece, in minor units of the order's currency."""

    id: int
    external_id: str
    item: str
    model: str
    code: str
    title: str
    options: dict[str, str]
    quantity: int
    price_minor: int | None


class PaymentOut(Schema):
    """`kind` "payment" or "refund"; `settled_at` null while somebody has to see to it at the payment provider."""

    id: int
    kind: str
    minor: int
    currency: str
    method: str
    payment_method_id: int | None = Field(alias="source_id")
    at: datetime
    settled_at: datetime | None


class ReturnLineOut(Schema):
    line_id: int
    quantity: int
    listing_id: int | None
    price_minor: int
    new_price_minor: int | None


class ReturnOut(Schema):
    """`difference_minor`: what an exchange costs the buyer more (below 0: less)."""

    id: int
    order_id: int
    kind: str
    state: str
    reason: str
    payment_method_id: int | None = Field(alias="source_id")
    difference_minor: int | None
    currency: str
    asked_at: datetime
    closed_at: datetime | None
    lines: list[ReturnLineOut]


class OrderRow(Schema):
    id: int
    shop_id: int
    customer_id: int | None
    external_id: str
    state: str
    status: str
    total_minor: int | None
    currency: str
    placed_at: datetime | None
    ship_by: datetime | None


class OrderOut(OrderRow):
    address: AddressOut
    cancel_reason: str
    articles_changed_at: datetime | None
    lines: list[LineOut]
    payments: list[PaymentOut]
    returns: list[ReturnOut]


class OfferOut(Schema):
    """An article a line may be swapped for; `available` as far as the shop knows."""

    id: int
    line_id: int
    model: str
    code: str
    title: str
    options: dict[str, str]
    price_minor: int | None
    currency: str
    available: bool


class RefusalOut(Schema):
    """`code` is for programs, `error` for people."""

    error: str
    code: str


class Narrowed(Schema):
    """`after` is the id of the last order of the page before."""

    shop: int | None = Field(None, ge=1, lt=2**63)
    customer: int | None = Field(None, ge=1, lt=2**63)
    external_id: str = Field("", max_length=80)
    state: str = Field("", max_length=16)
    after: int | None = Field(None, ge=1, lt=2**63)


NUMBER = Field(ge=0, lt=2**63)
PIECES = Field(None, ge=1, le=1_000_000)


class CancelIn(Strict):
    """`reason`: no_longer_needed, ordered_by_mistake, out_of_stock, customer_request, undeliverable_area, payment_not_supported."""

    reason: str = Field(max_length=40)


class MethodIn(Strict):
    payment_method_id: int = NUMBER


class PieceIn(Strict):
    """`quantity` null: all pieces of the line."""

    line_id: int = NUMBER
    quantity: int | None = PIECES


class SwapIn(PieceIn):
    listing_id: int = NUMBER


class SwapsIn(MethodIn):
    swaps: list[SwapIn] = Field(max_length=500)


class ExchangeIn(SwapsIn):
    reason: str = Field("", max_length=200)


class ReturnIn(MethodIn):
    pieces: list[PieceIn] = Field(max_length=500)
    reason: str = Field("", max_length=200)


class SeenToIn(Strict):
    reference: str = Field("", max_length=120)


REFUSALS = {409: RefusalOut, 422: RefusalOut}


def _one(request: HttpRequest, pk: int) -> Order:
    returns = Prefetch("returns", Return.objects.prefetch_related(Prefetch("lines", ReturnLine.objects.order_by("pk"))))
    rows = Order.objects.visible_to(agent_of(request)).select_related("shop").prefetch_related("lines", "payments", returns)
    return get_object_or_404(rows, pk=pk)


@router.get("/orders", response=list[OrderRow], auth=READ)
def orders(request: HttpRequest, narrowed: Query[Narrowed]) -> QuerySet[Order]:
    """The newest first, fifty at a time; of a shop, a buyer, a state, or the one of that number."""
    wanted = {
        "shop": narrowed.shop,
        "customer": narrowed.customer,
        "state": plain(narrowed.state),
        "external_id": plain(narrowed.external_id),
    }
    rows = Order.objects.visible_to(agent_of(request)).filter(**{name: value for name, value in wanted.items() if value})
    if narrowed.after:
        rows = rows.filter(pk__lt=narrowed.after)
    return rows.order_by("-pk")[:PAGE]


@router.get("/orders/{pk}", response=OrderOut, auth=READ)
def order(request: HttpRequest, pk: int) -> Order:
    """One order with its lines, payments and returns."""
    return _one(request, pk)


@router.get("/orders/{pk}/offers", response=list[OfferOut], auth=READ)
def offers(request: HttpRequest, pk: int) -> list[dict[str, object]]:
    """For each line the other variations of its product on sale in the shop, and itself."""
    found = _one(request, pk)
    lines = list(found.lines.all())
    listings = Listing.objects.filter(shop=found.shop_id, item__in={line.item for line in lines if line.item}).select_related("sku")
    return [_offer(line, listing) for line in lines for listing in listings.order_by("pk") if listing.item == line.item]


def _offer(line: Line, listing: Listing) -> dict[str, object]:
    names = ("id", "model", "code", "title", "options", "price_minor", "currency")
    return {name: getattr(listing, name) for name in names} | {"line_id": line.pk, "available": terms.available(listing)}


@router.post("/orders/{pk}/cancel", response={200: OrderOut, **REFUSALS}, auth=WRITE)
def cancel(request: HttpRequest, pk: int, body: CancelIn) -> Order:
    """Cancel what has not left; what was paid is refunded to where it came from."""
    actions.cancel(_one(request, pk), body.reason, by=agent_of(request))
    return _one(request, pk)


@router.post("/orders/{pk}/address", response={200: OrderOut, **REFUSALS}, auth=WRITE)
def change_address(request: HttpRequest, pk: int, body: AddressIn) -> Order:
    """Send it elsewhere."""
    actions.change_address(_one(request, pk), body.address(), by=agent_of(request))
    return _one(request, pk)


@router.post("/orders/{pk}/payment-method", response={200: OrderOut, **REFUSALS}, auth=WRITE)
def change_payment(request: HttpRequest, pk: int, body: MethodIn) -> Order:
    """Pay the whole sum with another of the buyer's payment methods."""
    actions.change_payment(_one(request, pk), body.payment_method_id, by=agent_of(request))
    return _one(request, pk)


@router.post("/orders/{pk}/articles", response={200: OrderOut, **REFUSALS}, auth=WRITE)
def change_articles(request: HttpRequest, pk: int, body: SwapsIn) -> Order:
    """Swap articles before it leaves, once per order; the difference is paid or refunded."""
    actions.change_articles(_one(request, pk), _swaps(body), body.payment_method_id, by=agent_of(request))
    return _one(request, pk)


@router.post("/orders/{pk}/exchange", response={201: ReturnOut, **REFUSALS}, auth=WRITE)
def exchange(request: HttpRequest, pk: int, body: ExchangeIn) -> Status[Return]:
    """Delivered goods come back for other variations of the same products."""
    found = _one(request, pk)
    return Status(201, actions.ask_exchange(found, _swaps(body), body.payment_method_id, by=agent_of(request), reason=body.reason))


@router.post("/orders/{pk}/return", response={201: ReturnOut, **REFUSALS}, auth=WRITE)
def give_back(request: HttpRequest, pk: int, body: ReturnIn) -> Status[Return]:
    """Delivered goods come back for their price."""
    pieces = [terms.Piece(piece.line_id, piece.quantity) for piece in body.pieces]
    found = _one(request, pk)
    return Status(201, actions.ask_return(found, pieces, body.payment_method_id, by=agent_of(request), reason=body.reason))


@router.post("/returns/{pk}/withdraw", response={200: ReturnOut, **REFUSALS}, auth=WRITE)
def withdraw(request: HttpRequest, pk: int) -> Return:
    """The buyer keeps the goods."""
    return actions.withdraw_return(_returned(request, pk), by=agent_of(request))


@router.post("/returns/{pk}/settle", response={200: ReturnOut, **REFUSALS}, auth=WRITE)
def settle(request: HttpRequest, pk: int) -> Return:
    """The goods are back and as agreed: the money moves."""
    return actions.settle_return(_returned(request, pk), by=agent_of(request))


@router.post("/payments/{pk}/settle", response={200: PaymentOut, **REFUSALS}, auth=WRITE)
def settle_payment(request: HttpRequest, pk: int, body: SeenToIn) -> Payment:
    """Somebody saw to it at the payment provider; `reference` is the provider's."""
    payment = get_object_or_404(Payment.objects.visible_to(agent_of(request)).select_related("order__shop"), pk=pk)
    return actions.settle_payment(payment, by=agent_of(request), reference=body.reference)


def _returned(request: HttpRequest, pk: int) -> Return:
    return get_object_or_404(Return.objects.visible_to(agent_of(request)).select_related("order__shop"), pk=pk)


def _swaps(body: SwapsIn) -> list[terms.Swap]:
    return [terms.Swap(swap.line_id, swap.listing_id, swap.quantity) for swap in body.swaps]
