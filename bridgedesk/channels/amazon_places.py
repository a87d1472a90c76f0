"""Amazon's marketplaces: id, API region, shop domain. Source: Selling Partner API, "Marketplace IDs" and "SP-API endpoints" [O]."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Account

HOSTS = {
    "https://sellingpartnerapi-na.amazon.com": noop("North and South America"),
    "https://sellingpartnerapi-eu.amazon.com": noop("Europe, Middle East, Africa, India"),
    "https://sellingpartnerapi-fe.amazon.com": noop("Japan, Singapore, Australia"),
    "https://sandbox.sellingpartnerapi-na.amazon.com": noop("Amazon's test environment, America"),
    "https://sandbox.sellingpartnerapi-eu.amazon.com": noop("Amazon's test environment, Europe"),
    "https://sandbox.sellingpartnerapi-fe.amazon.com": noop("Amazon's test environment, Far East"),
}
NA, EU, FE = tuple(HOSTS)[:3]
LWA = "https://api.amazon.com/auth/o2/token"
"""Login with Amazon: one address for all regions and for Amazon's test environment."""


@dataclass(frozen=True)
class Marketplace:
    """`host` is where its API is, `domain` its shop's ending (amazon.<domain>)."""

    id: str
    host: str
    domain: str


MARKETPLACES = {
    "US": Marketplace("ATVPDKIKX0DER", NA, "com"),
    "CA": Marketplace("A2EUQ1WTGCTBG2", NA, "ca"),
    "MX": Marketplace("A1AM78C64UM0Y8", NA, "com.mx"),
    "BR": Marketplace("A2Q3Y263D00KWC", NA, "com.br"),
    "GB": Marketplace("A1F83G8C2ARO7P", EU, "co.uk"),
    "DE": Marketplace("A1PA6795UKMFR9", EU, "de"),
    "FR": Marketplace("A13V1IB3VIYZZH", EU, "fr"),
    "IT": Marketplace("APJ6JRA9NG5V4", EU, "it"),
    "ES": Marketplace("A1RKKUPIHCS9HS", EU, "es"),
    "NL": Marketplace("A1805IZSGTT6HS", EU, "nl"),
    "BE": Marketplace("AMEN7PMS3EDWL", EU, "com.be"),
    "IE": Marketplace("A28R8C7NBKEWEA", EU, "ie"),
    "PL": Marketplace("A1C3SOZRARQ6R3", EU, "pl"),
    "SE": Marketplace("A2NODRKZP88ZB9", EU, "se"),
    "TR": Marketplace("A33AVAJ2PDY3EV", EU, "com.tr"),
    "AE": Marketplace("A2VIGQ35RCS4UG", EU, "ae"),
    "SA": Marketplace("A17E79C6D8DWNP", EU, "sa"),
    "EG": Marketplace("ARBP9OOSHTCHU", EU, "eg"),
    "IN": Marketplace("A21TJRUUN4KGV", EU, "in"),
    "ZA": Marketplace("AE08WJ6YKNBMC", EU, "co.za"),
    "JP": Marketplace("A1VC38T7YXB528", FE, "co.jp"),
    "SG": Marketplace("A19VAU5U5O7RUS", FE, "sg"),
    "AU": Marketplace("A39IBJ37TRP1C6", FE, "com.au"),
}
"""By country."""


def marketplace(account: Account) -> Marketplace:
    """Where the shop sells: one shop is one marketplace."""
    return MARKETPLACES.get(account.region) or MARKETPLACES["US"]


def host(account: Account) -> str:
    """The API host: the address typed, else the one chosen, else that of the marketplace."""
    return (account.options.get("custom_base_url") or account.base_url or marketplace(account).host).rstrip("/")


def lwa(account: Account) -> str:
    """Where tokens come from: a test server of one's own gives them itself."""
    own = account.options.get("custom_base_url", "").rstrip("/")
    return f"{own}/auth/o2/token" if own else LWA


def order_page(account: Account, order: str) -> str:
    """The order in Seller Central."""
    return f"https://sellercentral.amazon.{marketplace(account).domain}/orders-v3/order/{order}"
