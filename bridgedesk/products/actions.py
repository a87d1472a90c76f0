"""Every write on products, listings and stock, gathered from the files of their concepts."""

from bridgedesk.products.counting import count, move
from bridgedesk.products.editing import add_sku, adopt, change, change_sku, correct, create, link, say, unsay
from bridgedesk.products.receiving import see
from bridgedesk.products.restocking import answer as answer_restock
from bridgedesk.products.restocking import ask as ask_restock

__all__ = ["add_sku", "adopt", "answer_restock", "ask_restock", "change", "change_sku", "correct", "count", "create", "link", "move", "say",
           "see", "unsay"]  # fmt: skip
