"""The demo's shops with buyers who write, and where each speaks from: constants that the servers and the seeded data share."""

from dataclasses import dataclass
from random import Random

from bridgedesk.sandbox import aliexpress
from bridgedesk.sandbox import shopee_keys as keys
from bridgedesk.sandbox.mail import BUYER_DOMAINS
from bridgedesk.sandbox.people import Buyer, Words, words
from bridgedesk.sandbox.shopee_chat import BUYER_IDS, ShopeeShop

MAIL_PASSWORD = "sandbox-mail-password"  # noqa: S105 - pretend
OWN_SITE = "service@lumen-home.example"
AMAZON = "amazon@lumen-home.example"
TAIWAN = ShopeeShop(220_004_001, "Lumen 燈飾館", "TW")
MALAYSIA = ShopeeShop(220_004_002, "Lumen Home MY", "MY")
SHOPEE = (TAIWAN, MALAYSIA)
MAILBOXES = {OWN_SITE: MAIL_PASSWORD, AMAZON: MAIL_PASSWORD}
RELAY_DOMAINS = {"de": "de", "fr": "fr", "it": "it", "es": "es", "ja": "co.jp", "en": "co.uk"}
CHATS = ("shopee", "aliexpress")
"""Kinds of shops whose buyers have a user id instead of an address."""
CLIENTS = ("gmail", "gmail", "outlook", "apple", "plain")


@dataclass(frozen=True)
class Stage:
    """A shop as buyers meet it. `key` is the shop's or seller's id or the mailbox; `languages` with their weights."""

    key: str
    kind: str  # shopee, aliexpress, mail, relay
    name: str
    languages: dict[str, int]
    weight: int


EVERYWHERE = {"en": 3, "pt": 2, "ru": 2, "pl": 2, "ko": 2, "th": 2, "vi": 2, "id": 2, "es": 1, "tl": 1, "de": 1, "ja": 1}
STAGES = (
    Stage(str(TAIWAN.shop_id), "shopee", TAIWAN.name, {"zh-Hant": 1}, 4),
    Stage(str(MALAYSIA.shop_id), "shopee", MALAYSIA.name, {"ms": 5, "en": 3, "zh-Hant": 1}, 3),
    Stage(OWN_SITE, "mail", "Lumen Home", EVERYWHERE, 3),
    Stage(AMAZON, "relay", "Lumen EU", {"de": 4, "fr": 3, "it": 2, "es": 3, "en": 2, "ja": 2}, 3),
    Stage(str(aliexpress.SELLER), "aliexpress", aliexpress.NAME, {"es": 4, "fr": 2, "pt": 2, "pl": 2, "ru": 2, "ko": 1, "de": 1}, 3),
)  # fmt: skip


def stage(key: str) -> Stage:
    """The stage of that shop id or mailbox; KeyError if there is none."""
    return {found.key: found for found in STAGES}[key]


def draw_buyer(place: Stage, chance: Random, language: str = "") -> Buyer:
    """Somebody new in that shop."""
    known = {name: weight for name, weight in place.languages.items() if name in words()}
    spoken = language or chance.choices(list(known), list(known.values()))[0]
    speech = words()[spoken]
    name, user_id = chance.choice(speech.names), chance.randrange(BUYER_IDS.start, BUYER_IDS.stop)
    return Buyer(name, spoken, _country(place, speech, chance), user_id, _address(place, spoken, name, user_id),
                 chance.choice(CLIENTS), _order(place, chance))  # fmt: skip


def _country(place: Stage, speech: Words, chance: Random) -> str:
    regions = {str(TAIWAN.shop_id): "TW", str(MALAYSIA.shop_id): "MY"}
    return regions.get(place.key) or chance.choice(speech.countries)


def _address(place: Stage, language: str, name: str, user_id: int) -> str:
    if place.kind == "relay":
        return f"{_opaque(user_id)}@marketplace.amazon.{RELAY_DOMAINS[language]}"
    word = "".join(c for c in name.lower().replace(" ", ".") if c.isascii() and (c.isalnum() or c == ".")).strip(".") or "buyer"
    return f"{word}{user_id % 1000}@{BUYER_DOMAINS[user_id % len(BUYER_DOMAINS)]}"


def _opaque(number: int) -> str:
    return keys.mac(f"alias {number}")[:14]


def _order(place: Stage, chance: Random) -> str:
    if place.kind == "relay":
        return f"{chance.randrange(300, 310)}-{chance.randrange(10**7):07}-{chance.randrange(10**7):07}"
    if place.kind == "aliexpress":
        return f"81{chance.randrange(10**14):014}"
    if place.kind == "mail":
        return f"LH-{chance.randrange(20_000, 60_000)}"
    letters = "ABCDEFGHJKMNPQRSTUVWXYZ0123456789"
    return f"2611{chance.randrange(1, 22):02}" + "".join(chance.choice(letters) for _ in range(8))
