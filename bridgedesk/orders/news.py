"""Whether something told of an order is news: then nothing is written, and nobody is told, twice."""

from dataclasses import asdict

from bridgedesk.channels.events import LineSeen, OrderSeen, ParcelSeen
from bridgedesk.lib.pictures import secure
from bridgedesk.lib.storable import deep, fit, plain
from bridgedesk.orders.models import Order
from bridgedesk.orders.receiving import MOMENTS, TEXTS
from bridgedesk.orders.receiving_parcels import TEXTS as PARCEL_TEXTS


def tells(order: Order, event: OrderSeen) -> bool:
    """True unless `receiving.see` would leave the order, its lines and its parcels (have them at hand) as they are."""
    texts = ((value, getattr(order, name)) for name, most in TEXTS.items() if (value := plain(getattr(event, name))[:most]))
    moments = ((value, getattr(order, name)) for name in MOMENTS if (value := getattr(event, name)))
    states = ((plain(event.status)[:40], order.status), (event.state, order.state))
    return (
        any(told != known for told, known in (*texts, *moments))
        or any(told and told != known for told, known in states)
        or bool(event.cash_on_delivery and not order.cash_on_delivery)
        or (event.total is not None and event.total != order.total)
        or _address(order, event)
        or (event.seller_note is not None and plain(event.seller_note) != order.seller_note)
        or (event.cancel_wish is not None and plain(event.cancel_wish) != order.cancel_wish)
        or (event.lines is not None and _lines(order, event.lines))
        or any(_parcel(order, parcel) for parcel in event.parcels)
    )


def _address(order: Order, event: OrderSeen) -> bool:
    if event.address is None or (event.address.masked and order.address):
        return False
    return bool(deep(asdict(event.address)) != order.address)


def _lines(order: Order, lines: tuple[LineSeen, ...]) -> bool:
    known = {
        (line.external_id, line.item, line.model, line.code, line.title, line.quantity, line.price_minor, line.image, _fixed(line.options))
        for line in order.lines.all()
    }
    return known != {
        (
            fit(line.external_id, 80), plain(line.item)[:80], plain(line.model)[:80], plain(line.sku)[:120], plain(line.title)[:500],
            line.quantity, line.price.minor if line.price else None, secure(line.image), _fixed(deep(dict(line.options))),
        )
        for line in lines
    }  # fmt: skip


def _fixed(options: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(options.items()))


def _parcel(order: Order, event: ParcelSeen) -> bool:
    """A parcel with scans or a state is always looked at; one that is only named, until it is known so."""
    if event.events or event.status or event.lines:
        return True
    told = {name: plain(value)[:most] for name, most in PARCEL_TEXTS.items() if (value := getattr(event, name))}
    return not any(all(getattr(row, name) == value for name, value in told.items()) for row in order.parcels.all())
