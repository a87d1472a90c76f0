"""What the pretend Shopee's shops sell: listings with variations and their stock."""

from dataclasses import dataclass
from typing import Any


@dataclass
class Variation:
    """One variation on sale. `model_id` 0: the listing has none."""

    model_id: int
    option: str
    sku: str
    stock: int
    reserved: int = 0


@dataclass(frozen=True)
class Listed:
    """A listing of a shop. `price` in major units."""

    item_id: int
    title: str
    currency: str
    price: float
    variations: tuple[Variation, ...]


def listings(shop_id: int, region: str) -> dict[int, Listed]:
    """The listings of a shop by id; stock is the shop's own."""
    rows = TITLES[region] if region in TITLES else TITLES["MY"]
    currency, rate = ("TWD", 30) if region == "TW" else ("MYR", 1)
    made = (_listed(shop_id * 100 + place, row, currency, rate) for place, row in enumerate(rows, 1))
    return {listed.item_id: listed for listed in made}


def _listed(item_id: int, row: tuple[str, float, str, tuple[str, ...], int], currency: str, rate: int) -> Listed:
    title, price, sku, options, stock = row
    made = tuple(Variation(item_id * 10 + n, option, f"{sku}-{n}", max(stock - 3 * n, 0)) for n, option in enumerate(options, 1))
    return Listed(item_id, title, currency, price * rate, made or (Variation(0, "", sku, stock),))


TITLES: dict[str, tuple[tuple[str, float, str, tuple[str, ...], int], ...]] = {
    "TW": (
        ("北歐風陶瓷檯燈", 39.9, "LAMP-CER", ("白色", "霧藍"), 24),
        ("LED 護眼閱讀燈 USB 充電", 25.5, "LAMP-READ", ("白光", "暖光"), 60),
        ("藤編吊燈", 89.0, "PEND-RAT", ("30cm", "45cm"), 9),
        ("小夜燈（感應式）", 9.9, "NIGHT-SEN", (), 120),
        ("E27 燈泡 三入", 12.0, "BULB-E27", ("2700K", "4000K"), 4),
    ),
    "MY": (
        ("Lampu meja seramik Nordik", 39.9, "LAMP-CER", ("Putih", "Biru"), 18),
        ("Lampu baca LED USB", 25.5, "LAMP-READ", ("Putih", "Kuning"), 44),
        ("Lampu gantung rotan", 89.0, "PEND-RAT", ("30cm", "45cm"), 3),
        ("Lampu malam sensor", 9.9, "NIGHT-SEN", (), 75),
        ("Mentol E27 (3 biji)", 12.0, "BULB-E27", ("2700K", "4000K"), 0),
    ),
}


def base_info(listed: Listed) -> dict[str, Any]:
    """As get_item_base_info gives it."""
    whole = {"item_id": listed.item_id, "item_name": listed.title, "item_sku": "", "item_status": "NORMAL",
             "has_model": bool(listed.variations[0].model_id), "image": {"image_url_list": []}}  # fmt: skip
    if whole["has_model"]:
        return whole
    return whole | {"item_sku": listed.variations[0].sku, **_money(listed), **_stock(listed.variations[0])}


def models(listed: Listed) -> dict[str, Any]:
    """As get_model_list gives it."""
    tiers = [{"name": "Option", "option_list": [{"option": one.option} for one in listed.variations]}]
    rows = [
        {"model_id": one.model_id, "model_sku": one.sku, "tier_index": [place], "model_status": "MODEL_NORMAL",
         **_money(listed), **_stock(one)}
        for place, one in enumerate(listed.variations)
    ]  # fmt: skip
    return {"tier_variation": tiers, "model": rows}


def _money(listed: Listed) -> dict[str, Any]:
    return {"price_info": [{"currency": listed.currency, "current_price": listed.price, "original_price": listed.price * 1.2}]}


def _stock(one: Variation) -> dict[str, Any]:
    summary = {"total_reserved_stock": one.reserved, "total_available_stock": one.stock}
    return {"stock_info_v2": {"summary_info": summary, "seller_stock": [{"location_id": "", "stock": one.stock, "if_saleable": True}]}}
