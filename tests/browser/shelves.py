"""A warehouse with long names: articles listed too high, what runs out, what cannot be had, what is packed, told and imported."""

import io
from dataclasses import replace

from bridgedesk.channels.events import MessageReceived, Person
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations import notices
from bridgedesk.conversations.models import Conversation
from bridgedesk.imports import uploading
from bridgedesk.imports.models import Table
from bridgedesk.lib import clock
from bridgedesk.orders import actions as orders
from bridgedesk.orders import shortages, stockouts
from bridgedesk.orders.models import Order
from bridgedesk.products import counting, editing, restocking
from bridgedesk.products.models import Listing, Sku
from bridgedesk.remedies import actions as remedies
from bridgedesk.remedies.models import Case
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent
from tests.orders.test_findings import PAID

LONG = "可调光护眼学习台灯（充电款）Donaudampfschifffahrtsgesellschaftslampe Extra Large Warm White Edition 2026"
HEAD = "订单号,收件人姓名,收件人国家,城市,地址1,邮编,商品SKU,商品名称,数量,单价,下单时间\n"
CSV = HEAD + "S-1,Mei Lin,德国,Berlin,Lange Str. 1,10115,L-1,台灯,两件,9.50,2026-11-20\n"


def stocked(shop: Shop, alice: Agent) -> dict[str, str]:
    """Everything of the warehouse and of what buyers are told; name -> address of each page."""
    sku = shelf(shop, alice)
    order = next_out(shop, sku)
    short(sku, alice)
    told(shop, order)
    case = wrong(order, alice)
    table = Table.objects.get(
        pk=uploading.store(shop, io.BytesIO(CSV.encode()), "店小秘 订单导出" * 6 + ".csv", kind="orders", by=alice).pk
    )
    return {
        "products": "/products", "product": f"/products/{sku.product_id}", "stock": "/stock", "stock-all": "/stock?tab=all",
        "article": f"/stock/articles/{sku.pk}", "count": "/stock/count", "restocks": "/restocks", "stockouts": "/stockouts",
        "station": "/packing", "pack": f"/packing/{order.pk}", "packing-list": f"/packing/{order.pk}/list", "notices": "/notices",
        "notices-blocked": "/notices?tab=blocked", "case": f"/remedies/{case.pk}", "import": f"/imports/{table.pk}",
        "case-open": f"/remedies/open?order={order.pk}", "evidence-case": f"/orders/{case.order_id}/evidence",
    }  # fmt: skip


def shelf(shop: Shop, alice: Agent) -> Sku:
    """Three articles of one product, one listed higher than what lies there, one asked for."""
    product = editing.create(LONG, by=alice, category="学习台灯 / Schreibtischleuchten")
    skus = [editing.add_sku(product, f"LAMP-EXTRA-LONG-CODE-2026-{n}", by=alice, options={"颜色": "奶油白（哑光）" * 2}) for n in range(3)]
    for n, sku in enumerate(skus):
        counting.count(sku, 4 + n, by=alice)
        Listing.objects.create(shop=shop, item="900", model=str(n), sku=sku, code=sku.code, title=LONG, listed=40, price_minor=123_456_700,
                               currency="IDR", seen_at=clock.now())  # fmt: skip
    restocking.ask(skus[1], 600, by=alice, note="工厂说月底才能交货" * 8)
    return skus[0]


def next_out(shop: Shop, sku: Sku) -> Order:
    """An order that may be packed, of that article."""
    order = orders.see(shop, replace(PAID, external_id="2511120PACKTHIS", at=clock.now()))
    order.lines.update(sku=sku, title=LONG, code=sku.code)
    return order


def short(sku: Sku, alice: Agent) -> None:
    """It cannot be had any more."""
    stockouts.begin(sku, by=alice, note="工厂停产" * 12)
    shortages.watch()


def told(shop: Shop, order: Order) -> None:
    """One notice that waits for a person, one the platform forbids."""
    buyer = Person("shelf-buyer", name="Anna-Katharina von und zu Beispielhausen-Rosenfeld")
    heard = conversations.receive(shop, MessageReceived("shelf", "shelf-1", buyer, clock.now(), "Where is it?", order=order.external_id))
    if heard:
        Conversation.objects.filter(pk=heard.conversation_id).update(language="de", order_ref=order.external_id)
    notices.queue_notice(shop, order, "pickup_reminder")
    notices.queue_notice(shop, order, "shipping_notice")


def wrong(order: Order, alice: Agent) -> Case:
    """A case with a ladder of offers, one refused."""
    Order.objects.filter(pk=order.pk).update(total_minor=597_000, currency="TWD", country="TW", delivered_at=clock.now())
    case = remedies.open_case(Order.objects.get(pk=order.pk), "damaged", by=alice, text="收到就是破的，非常失望！" * 20)
    remedies.answered(remedies.choose(case, "partial_20", by=alice), "refused", by=alice)
    return case
