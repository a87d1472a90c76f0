"""What AliExpress says of listings and of reviews. Pure. Source: the official SDK's types [O].

A variation is known by the seller's own code: the call that sets stock names it by that alone.
"""

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.aliexpress_values import Json, count, decimal, id_of, moment, money, part, rows, since_epoch, told
from bridgedesk.channels.base import Account, Unparsable
from bridgedesk.channels.events import Event, ReviewSeen, StockSeen

ON_SALE = {"onSelling": True, "offline": False, "auditing": False, "editingRequired": False}


def listing(data: Json, account: Account) -> list[Event]:
    """Every variation of a listing."""
    item = id_of(data.get("product_id"))
    if not item:
        raise Unparsable(noop("a listing without its id"))
    images = told(data.get("image_u_r_ls")) or told(data.get("image_urls"))
    variations = rows(data, "aeop_ae_product_s_k_us") or [{}]
    return [_stock(item, data, row, images.split(";")[0].strip()) for row in variations]


def _stock(item: str, data: Json, row: Json, image: str) -> StockSeen:
    code = told(row.get("sku_code"))
    listed = count(row.get("s_k_u_available_stock"))
    return StockSeen(
        item,
        model=code,
        sku=code,
        title=told(data.get("subject")),
        options=_options(row),
        listed=listed if listed is not None else count(row.get("ipm_sku_stock")),
        price=money(row.get("sku_price") or data.get("product_price"), row.get("currency_code") or data.get("currency_code")),
        image=image,
        on_sale=ON_SALE.get(told(data.get("product_status_type"))),
        at=since_epoch(data.get("at")),
    )


def _options(row: Json) -> tuple[tuple[str, str], ...]:
    found = rows(row, "aeop_s_k_u_property_list") or rows(row, "aeop_s_k_u_property")
    pairs = ((told(one.get("sku_property_name")), _value(one)) for one in found)
    return tuple((name or "variation", value) for name, value in pairs if value)


def _value(one: Json) -> str:
    names = ("property_value_definition_name", "sku_property_value", "property_value_id_long", "property_value_id")
    return next(filter(None, (told(one.get(name)) for name in names)), "")


def review(data: Json, account: Account) -> list[Event]:
    """A buyer's rating of one article: an article of an order is rated once, so its own number names the review."""
    line, order = id_of(data.get("order_id")), id_of(data.get("parent_order_id"))
    if not line:
        raise Unparsable(noop("a review without its number"))
    stars = decimal(data.get("buyer_evaluation"))
    if stars is None:
        return []
    seen = ReviewSeen(
        line,
        order=order,
        line=line,
        item=id_of(data.get("product_id")),
        stars=min(max(int(stars), 1), 5),
        text="\n".join(filter(None, (told(data.get("buyer_feedback")), told(data.get("buyer_reply"))))),
        at=moment(data.get("buyer_fb_date")) or moment(data.get("valid_date")),
        buyer=told(data.get("buyer_login_id")),
        images=tuple(url for url in _images(data) if url.startswith(("https://", "http://"))),
        reply=told(data.get("seller_reply")),
    )
    return [seen]


def _images(data: Json) -> list[str]:
    value = part(data, "buyer_images").get("string") or data.get("buyer_images") or []
    return [told(one) for one in value] if isinstance(value, list) else []
