from collections.abc import Callable

import pytest

from bridgedesk.lib import clock
from bridgedesk.products import actions
from bridgedesk.products.models import Listing, Product, Sku
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent
from tests.orders.conftest import _in_english, able, make_order, order
from tests.pretend_fixtures import platform, pretend_shop

__all__ = ["_in_english", "able", "make_order", "order", "platform", "pretend_shop"]


@pytest.fixture
def make_listing(db: None) -> Callable[..., Listing]:
    def make(shop: Shop, item: str = "100", *, sku: Sku | None = None, **more: object) -> Listing:
        return Listing.objects.create(shop=shop, item=item, sku=sku, seen_at=clock.now(), **more)

    return make


@pytest.fixture
def lamp(shop: Shop, alice: Agent, make_listing: Callable[..., Listing]) -> Product:
    """A lamp in two colours, both on sale in Alice's shop."""
    made = actions.create("Desk lamp Nord", by=alice, category="Lamps")
    for place, color in enumerate(("white", "blue"), 1):
        sku = actions.add_sku(made, f"LAMP-{place}", by=alice, options={"Colour": color})
        make_listing(shop, model=str(place), sku=sku, code=sku.code, title="Nordic ceramic desk lamp", listed=10 * place, price_minor=3990,
                     currency="EUR")  # fmt: skip
    return made
