"""What Shopee's listings say of their stock (v2.product.get_item_base_info, get_model_list) [O]. Pure."""

from bridgedesk.channels.base import Unparsable
from bridgedesk.channels.events import StockSeen
from bridgedesk.channels.shopee_values import Json, count, id_of, is_yes, moment, money, part, rows, texts, told

ON_SALE = ("NORMAL", "")


def stock(data: Json) -> list[StockSeen]:
    """One listing {item: {…}, models: {…}, at}: a line for each variation, or one for a listing without."""
    item = part(data, "item")
    if not id_of(item.get("item_id")):
        raise Unparsable("a listing without its id")
    models = part(data, "models")
    variations = rows(models, "model")
    if not variations and is_yes(item.get("has_model")):
        return [_seen(data, item, item, counted=False)]
    return [_variation(data, item, model, models) for model in variations] or [_seen(data, item, item)]


def _variation(data: Json, item: Json, model: Json, models: Json) -> StockSeen:
    return _seen(data, item, model, model=id_of(model.get("model_id")), options=_options(model, rows(models, "tier_variation")))


def _seen(
    data: Json, item: Json, own: Json, *, model: str = "", options: tuple[tuple[str, str], ...] = (), counted: bool = True
) -> StockSeen:
    price = next(iter(rows(own, "price_info")), {})
    summary = part(part(own, "stock_info_v2"), "summary_info") if counted else {}
    return StockSeen(
        id_of(item.get("item_id")),
        model=model,
        sku=told(own.get("model_sku")) or told(own.get("item_sku")) or told(item.get("item_sku")),
        title=told(item.get("item_name")),
        options=options,
        listed=count(summary.get("total_available_stock")),
        reserved=count(summary.get("total_reserved_stock")),
        price=money(price.get("current_price"), price.get("currency")) or money(price.get("original_price"), price.get("currency")),
        image=next(iter(texts(part(item, "image"), "image_url_list")), ""),
        on_sale=told(item.get("item_status")) in ON_SALE and told(own.get("model_status")) in ("", "MODEL_NORMAL"),
        at=moment(data.get("at")),
    )


def _options(model: Json, tiers: list[Json]) -> tuple[tuple[str, str], ...]:
    """The variation's place in each tier (colour, size), by name."""
    index = model.get("tier_index")
    places = [count(place) for place in index] if isinstance(index, list) else []
    named = ((told(tier.get("name")), _option(tier, place)) for tier, place in zip(tiers, places, strict=False))
    return tuple((name, option) for name, option in named if option)


def _option(tier: Json, place: int | None) -> str:
    options = rows(tier, "option_list")
    return told(options[place].get("option")) if place is not None and 0 <= place < len(options) else ""
