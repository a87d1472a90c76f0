"""What `doctor` and the connect wizard look at for an Amazon shop, in the order in which it has to be put right."""

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.amazon_api import PARTICIPATIONS, access_token, call, login_form
from bridgedesk.channels.amazon_places import marketplace
from bridgedesk.channels.base import Account, Check
from bridgedesk.channels.looks import findings
from bridgedesk.channels.values import is_yes, part, rows, told


def check(account: Account) -> list[Check]:
    """Every finding up to the first that makes the next ones pointless."""
    return findings(account, LOOKS, (_app, _authorisation, _marketplace))


def _app(account: Account) -> Check:
    login_form(account, {name: account.vault.get(name) for name in ("refresh_token", "client_secret")})
    return Check(noop("App"), ok=True, word=noop("Client ID, client secret and refresh token are stored."))


def _authorisation(account: Account) -> Check:
    access_token(account)
    return Check(noop("Authorisation"), ok=True, word=noop("The seller account is authorised."))


def _marketplace(account: Account) -> Check:
    """Whether the seller sells where the shop says; the call is open to every role."""
    sells = [row for row in rows(call(account, PARTICIPATIONS), "payload") if is_yes(part(row, "participation").get("isParticipating"))]
    wanted = marketplace(account).id
    here = next((row for row in sells if told(part(row, "marketplace").get("id")) == wanted), None)
    if here is None:
        advice = noop("Choose another marketplace, or open this one in Seller Central.")
        return Check(noop("Marketplace"), ok=False, word=noop("The seller account does not sell in this marketplace."), advice=advice)
    return Check(noop("Marketplace"), ok=True, word=told(here.get("storeName")) or told(part(here, "marketplace").get("name")))


def _mail(account: Account) -> Check:
    word = noop("Buyers' messages come by Amazon's relayed mail: connect that mailbox as a shop of its own, in the same team.")
    return Check(noop("Messages"), ok=True, word=word)


LOOKS = (
    (noop("App"), noop("Copy all three from the app in the Solution Provider Portal."), _app),
    (noop("Authorisation"), noop("Authorise the app again for the seller account and enter the new refresh token."), _authorisation),
    (noop("Marketplace"), noop("Check the marketplace and the platform address."), _marketplace),
    (noop("Messages"), "", _mail),
)
