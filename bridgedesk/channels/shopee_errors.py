"""Shopee's error words: what each means for us. Source: the error lists of the API pages [O]; one word is misspelt there."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import NeedsReconnect, NotPermitted, SendError
from bridgedesk.lib import clock
from bridgedesk.lib.secrets import mask

TOKEN_ENDED = {"invalid_acceess_token", "invalid_access_token", "error_auth"}
"""The access token does not open the shop: renewed once, then a person must connect again."""
UNSURE = {"error_server", "error_inner", "error_network", "error_system_busy"}
"""The platform stumbled: a message may have gone out all the same."""
NOT_ALLOWED = {"error_permission", "error_perm", "error_api_permission", "error_ashop_api_permission"}
RESET_ZONE = timezone(timedelta(hours=8))
"""Daily limits start again at midnight here [O]."""


@dataclass(frozen=True)
class Meaning:
    """What an agent is told, and what follows: "again" (temporary), "person" (permanent), "reconnect"."""

    word: str
    follows: str


_ALLOWED = noop(
    "Shopee does not allow this app to do that. Register it as Seller In-house System: that type may do all; chat needs the whitelist too."
)
_LINK = noop("Shopee no longer links this shop with the app. Connect the shop again.")
_BUSY = noop("Shopee is busy. It is tried again.")
_TOKEN = noop("Shopee's authorisation has ended. Connect the shop again.")
_INPUT = noop("Shopee did not accept this request.")
UNKNOWN = Meaning(noop("Shopee refused."), "person")
MEANINGS = {
    **{code: Meaning(_TOKEN, "reconnect") for code in TOKEN_ENDED},
    **{code: Meaning(_LINK, "reconnect") for code in ("partner_shop_no_link", "shop_no_linked", "partner_frozen")},
    **{code: Meaning(_BUSY, "again") for code in UNSURE},
    **{code: Meaning(_ALLOWED, "person") for code in NOT_ALLOWED},
    **{code: Meaning(_INPUT, "person") for code in ("error_param", "error_data")},
    "error_sign": Meaning(noop("Shopee rejects the signature: the partner key or the host does not fit this app."), "person"),
    "invalid_partner_id": Meaning(noop("Shopee does not know this partner ID on this host."), "person"),
    "error_partner_key_expired": Meaning(noop("The partner key has expired. Store the new one from the Shopee console."), "reconnect"),
    "source_ip_undeclared": Meaning(noop("Shopee does not know this server's address. Add it to the app's IP list."), "person"),
    "error_rate_limit": Meaning(noop("Too many calls in a short time. It is tried again."), "again"),
    "error_limit": Meaning(noop("The app's calls of today are used up. It is tried again after midnight in Singapore."), "again"),
    "error_api_call_restricted": Meaning(noop("Shopee has restricted this call for the app."), "person"),
    "api_suspended": Meaning(noop("Shopee has suspended this call for the app."), "person"),
    "error_return_status": Meaning(noop("The return has moved on: Shopee takes this answer no more."), "person"),
    "error_negotiation_status": Meaning(noop("The return has moved on: Shopee takes this answer no more."), "person"),
    "error_no_buyer_offer": Meaning(noop("The buyer has proposed nothing that could be accepted."), "person"),
    "error_ongoing_dispute": Meaning(noop("A dispute is running: Shopee decides."), "person"),
    "error_validation": Meaning(noop("Shopee's warehouse looks at what comes back and decides: the shop cannot answer."), "person"),
    "error_return_request_type": Meaning(noop("Shopee runs this kind of return by itself: the shop cannot answer."), "person"),
    "rraoc_refund_not_allowed": Meaning(noop("Shopee runs this kind of return by itself: the shop cannot answer."), "person"),
    "shop_banned": Meaning(noop("Shopee has banned this shop."), "person"),
    "error_kyc_auth": Meaning(noop("Shopee asks the seller to verify their identity first."), "person"),
}  # fmt: skip


def plain(code: str) -> str:
    """The error word without the module before it ("sellerchat.error_param"); "" for none and for the docs' fillers."""
    return code.strip().strip("-").rsplit(".", 1)[-1]


def error_for(code: str, message: str = "", retry_after: timedelta | None = None) -> SendError:
    """The exception for an error word. What the platform said is added, masked and short."""
    meaning = MEANINGS.get(plain(code), UNKNOWN)
    said = mask(" ".join(message.split()))[:160]
    word = f"{meaning.word} ({plain(code)}{': ' + said if said else ''})"
    if meaning.follows == "reconnect":
        return NeedsReconnect(word)
    if plain(code) in NOT_ALLOWED:
        return NotPermitted(word, code=plain(code))
    return SendError(word, permanent=meaning.follows == "person", retry_after=retry_after or pause(code, clock.now()), code=plain(code))


def pause(code: str, now: datetime) -> timedelta | None:
    """How long to leave the platform alone after this error."""
    if plain(code) == "error_limit":
        tomorrow = now.astimezone(RESET_ZONE).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(0, 1), RESET_ZONE) - now
    return timedelta(seconds=30) if plain(code) == "error_rate_limit" else None
