"""Every write on products, listings and stock, gathered from the files of their concepts."""

from bridgedesk.products.editing import add_sku, adopt, change, change_sku, correct, create, link, say, unsay
from bridgedesk.products.receiving import see

__all__ = ["add_sku", "adopt", "change", "change_sku", "correct", "create", "link", "say", "see", "unsay"]
