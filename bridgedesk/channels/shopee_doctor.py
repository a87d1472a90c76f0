"""What `doctor` and the connect wizard look at for a Shopee shop, in the order in which it has to be put right."""

from datetime import timedelta

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Account, Check
from bridgedesk.channels.looks import findings
from bridgedesk.channels.shopee_api import access_token, call, on_server_clock, partner_of
from bridgedesk.channels.shopee_values import moment
from bridgedesk.lib import clock

FEW_DAYS = timedelta(days=7)
SKEW = timedelta(minutes=2)
"""Signatures are good for five minutes [O]."""


def check(account: Account) -> list[Check]:
    """Every finding up to the first that makes the next ones pointless."""
    return findings(account, LOOKS, (_app, _authorisation))


def _app(account: Account) -> Check:
    partner_of(account)
    return Check(noop("App"), ok=True, word=noop("Partner ID and key are stored."))


def _authorisation(account: Account) -> Check:
    access_token(account)
    return Check(noop("Authorisation"), ok=True, word=noop("The shop is authorised."))


def _clock(account: Account) -> Check:
    """The last answer's Date header against our clock."""
    ahead = on_server_clock(account, clock.now()) - clock.now()
    if abs(ahead) <= SKEW:
        return Check(noop("Clock"), ok=True, word=noop("This server's clock agrees with Shopee's."))
    return Check(noop("Clock"), ok=False, word=noop("This server's clock is wrong."), advice=noop("Switch on time synchronisation (NTP)."))


def _shop(account: Account) -> Check:
    answer = call(account, "GET", "shop/get_shop_info")
    region, ends = str(answer.get("region") or ""), moment(answer.get("expire_time"))
    if region and account.region and region != account.region:
        return Check(noop("Shop"), ok=False, word=noop("The shop belongs to another region."), advice=noop("Correct the region."))
    if ends and ends < clock.now() + FEW_DAYS:
        return Check(noop("Shop"), ok=False, word=noop("The authorisation ends soon."), advice=noop("Authorise the shop again."))
    return Check(noop("Shop"), ok=True, word=str(answer.get("shop_name") or account.external_id))


def _chat(account: Account) -> Check:
    call(account, "GET", "sellerchat/get_unread_conversation_count")
    return Check(noop("Chat"), ok=True, word=noop("The app may read and write chat."))


def _same_desk(told: str, wanted: str) -> bool:
    """An app has one address for all its shops: that of any of ours will do."""
    return told.rpartition("/")[0] == wanted.rpartition("/")[0]


def _push(account: Account) -> Check:
    """The console's settings; where they cannot be read, polling still brings every message."""
    answer = call(account, "GET", "push/get_app_push_config", level="public")
    on = answer.get("push_config_on_list")
    wanted = account.options.get("callback_url", "")
    if str(answer.get("live_push_status") or "").lower() == "suspended":
        return Check(noop("Push"), ok=False, word=noop("Shopee has suspended pushes."), advice=noop("Switch them on again in the console."))
    if wanted and not _same_desk(str(answer.get("callback_url", "")), wanted):
        advice = noop("Enter this installation's callback address in the console, letter for letter.")
        return Check(noop("Push"), ok=False, word=noop("Pushes go to another address."), advice=advice)
    if not isinstance(on, list) or "10" not in on:
        return Check(noop("Push"), ok=False, word=noop("The webchat push is off."), advice=noop("Switch on push 10 in the console."))
    return Check(noop("Push"), ok=True, word=noop("Pushes come to this installation."))


LOOKS = (
    (noop("App"), noop("Copy both from the app in the Shopee console."), _app),
    (noop("Authorisation"), noop("Press Connect and sign in with the seller's account."), _authorisation),
    (noop("Clock"), "", _clock),
    (noop("Shop"), noop("Check the shop ID and the platform address."), _shop),
    (
        noop("Chat"),
        noop("Register the app as Seller In-house System and ask Shopee for chat access. Until then use the manual channel."),
        _chat,
    ),
    (noop("Push"), noop("Messages still arrive by polling, some minutes later."), _push),
)
