"""What `doctor` and the connect wizard look at for an AliExpress shop, in the order in which it has to be put right."""

from datetime import timedelta

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.aliexpress_api import TIME, access_token, app_of, call, host, result
from bridgedesk.channels.aliexpress_poll import BUYERS
from bridgedesk.channels.aliexpress_values import earliest, latest, millis
from bridgedesk.channels.base import Account, Check
from bridgedesk.channels.looks import findings
from bridgedesk.lib import clock

FEW_DAYS = timedelta(days=7)
SKEW = timedelta(minutes=2)
"""How wrong a signature's time may be is not published [?]."""
ORDERS = "aliexpress.trade.seller.orderlist.get"


def check(account: Account) -> list[Check]:
    """Every finding up to the first that makes the next ones pointless."""
    return findings(account, LOOKS, (_app, _authorisation))


def _app(account: Account) -> Check:
    app_of(account)
    return Check(noop("App"), ok=True, word=noop("App key and secret are stored."))


def _authorisation(account: Account) -> Check:
    """Where the refresh token ends soon, nothing renews it but the seller."""
    access_token(account)
    ends = account.vault.expires("refresh_token")
    if ends and ends < clock.now() + FEW_DAYS:
        advice = noop("Authorise the shop again.")
        return Check(noop("Authorisation"), ok=False, word=noop("The authorisation ends soon."), advice=advice)
    return Check(noop("Authorisation"), ok=True, word=noop("The shop is authorised."))


def _orders(account: Account) -> Check:
    now = clock.now()
    span = {"create_date_start": earliest(now - timedelta(days=1)), "create_date_end": latest(now)}
    result(call(account, ORDERS, {"param_aeop_order_query": {**span, "current_page": 1, "page_size": 1}}))
    return Check(noop("Orders"), ok=True, word=noop("The app may read orders."))


def _chat(account: Account) -> Check:
    result(call(account, BUYERS, {"ae_im_query_session_dto": {"start_time": millis(clock.now()), "page_size": 1}}))
    return Check(noop("Chat"), ok=True, word=noop("The app may read and write chat."))


def _clock(account: Account) -> Check:
    """The last answer's Date header against our clock."""
    if abs(TIME.at(host(account), clock.now()) - clock.now()) <= SKEW:
        return Check(noop("Clock"), ok=True, word=noop("This server's clock agrees with AliExpress's."))
    return Check(noop("Clock"), ok=False, word=noop("This server's clock is wrong."), advice=noop("Switch on time synchronisation (NTP)."))


LOOKS = (
    (noop("App"), noop("Copy both from the app in the AliExpress Open Platform console."), _app),
    (noop("Authorisation"), noop("Press Connect and sign in with the seller's account."), _authorisation),
    (noop("Orders"), noop("Ask for the order permission in the app's console, then authorise the shop again."), _orders),
    (
        noop("Chat"),
        noop("AliExpress gives chat access on request only. Until then, connect the shop by hand for messages as well."),
        _chat,
    ),
    (noop("Clock"), "", _clock),
)
