"""Rows of products: an article (SKU) is made or corrected, its product made if there is none."""

from collections.abc import Mapping, Sequence
from typing import Any

from bridgedesk.imports.kinds import Checked
from bridgedesk.lib.money import Money
from bridgedesk.products import actions
from bridgedesk.products.models import Product, Sku
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

Group = Sequence[Checked]
AS_TOLD = {"name": "name", "barcode": "barcode", "image": "image", "weight": "weight_g", "length": "length_mm", "width": "width_mm",
           "height": "height_mm", "low_at": "low_at", "reserve": "reserve"}  # fmt: skip


def groups(rows: Sequence[Checked]) -> list[Group]:
    """Every row stands alone."""
    return [[row] for row in rows]


def take(shop: Shop, batch: Sequence[Group], by: Agent) -> list[str]:
    """Each row's article as far as it is news: "made", "changed" or "same"."""
    codes = {row.values["sku"] for (row,) in batch}
    known = {sku.code: sku for sku in Sku.objects.visible_to(by).filter(code__in=codes).select_related("product")}
    names = {row.values["product"] for (row,) in batch if row.values.get("product")}
    products = {product.name: product for product in Product.objects.visible_to(by).filter(name__in=names).order_by("-pk")}
    return [_take(row.values, known, products, by) for (row,) in batch]


def _take(said: Mapping[str, Any], known: dict[str, Sku], products: dict[str, Product], by: Agent) -> str:
    sku, told = known.get(said["sku"]), facts(said)
    if sku is None:
        product = _product(said, products, by)
        known[said["sku"]] = actions.add_sku(product, said["sku"], by=by, **told)
        return "made"
    news = {name: value for name, value in told.items() if getattr(sku, name) != value}
    category = said.get("category", "")
    if news:
        known[said["sku"]] = actions.change_sku(sku, by=by, **news)
    if category and category != sku.product.category:
        actions.change(sku.product, by=by, name=sku.product.name, category=category)
        return "changed"
    return "changed" if news else "same"


def _product(said: Mapping[str, Any], products: dict[str, Product], by: Agent) -> Product:
    """The product of that name, made if there is none; without a name the article is one of its own."""
    name = said.get("product") or said.get("name") or said["sku"]
    if name not in products:
        products[name] = actions.create(name, by=by, category=said.get("category", ""))
    return products[name]


def facts(said: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an article that a row tells."""
    told = {ours: said[name] for name, ours in AS_TOLD.items() if name in said}
    cost: Money | None = said.get("cost")
    if cost is not None:
        told |= {"cost_minor": cost.minor, "cost_currency": cost.currency}
    if "size" in said:
        told |= dict(zip(("length_mm", "width_mm", "height_mm"), said["size"], strict=True))
    return told
