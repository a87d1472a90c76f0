"""The round trip by which a seller lets us into a shop: to the platform with a signed state, and back with a code."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from bridgedesk.activity.actions import record
from bridgedesk.channels import shopee_api
from bridgedesk.channels.base import SendError
from bridgedesk.lib.secrets import mask
from bridgedesk.shops import connection, vault
from bridgedesk.shops.models import Shop

if TYPE_CHECKING:
    from bridgedesk.team.models import Agent

PLATFORMS = frozenset({"shopee"})
GOOD_FOR = 3600
"""Seconds between leaving for the platform and coming back."""
_SALT = "bridgedesk.shops.authorising"


class NotAuthorised(Exception):
    """It did not work; the message says why and what to do."""


def needs(shop: Shop) -> bool:
    """Whether the platform wants the seller's word at all."""
    return shop.platform in PLATFORMS


def link(shop: Shop, *, by: "Agent") -> str:
    """Where the seller says yes. NotAuthorised while the app's id or key is missing."""
    state = signing.dumps([shop.pk, by.pk], salt=_SALT)
    try:
        return shopee_api.authorisation_link(vault.account_of(shop), address(shop), state=state)
    except SendError as error:
        raise NotAuthorised(_(str(error))) from error


def address(shop: Shop) -> str:
    """Where the platform sends the seller back to; its domain must be named in the platform's console."""
    return settings.PUBLIC_URL + reverse("shop-authorised", args=[shop.pk])


def accept(shop: Shop, *, state: str, code: str, named: str, main_account: str, by: "Agent") -> tuple[str, ...]:
    """Exchange the code, keep the tokens, and give the ids of the shops the seller granted. The network comes before the transaction."""
    _own(shop, state, by)
    if not code or not (_is_id(named) or _is_id(main_account)):
        raise NotAuthorised(_("The platform sent no code back. Authorise the shop once more."))
    if named and shop.external_id and named != shop.external_id:
        raise NotAuthorised(
            _("Shop %(named)s was authorised, but this is shop %(own)s. Sign in with the account of this shop.")
            % {"named": named, "own": shop.external_id}
        )
    try:
        grant = shopee_api.exchange_code(vault.account_of(shop), code, shop=named, main_account=main_account)
    except SendError as error:
        raise NotAuthorised(_("The platform did not take the code: %(reason)s") % {"reason": mask(str(error))}) from error
    _keep(shop, grant, by)
    return grant.shops


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20


def _own(shop: Shop, state: str, by: "Agent") -> None:
    """The state is ours, fresh, and of this shop and person: nobody is made to connect somebody else's shop."""
    try:
        started = signing.loads(state, salt=_SALT, max_age=GOOD_FOR)
    except signing.BadSignature as error:
        raise NotAuthorised(_("This way back is too old or not ours. Start again from the shop's page.")) from error
    if started != [shop.pk, by.pk]:
        raise NotAuthorised(_("Somebody else started this. Start again from the shop's page."))


def _keep(shop: Shop, grant: shopee_api.Grant, by: "Agent") -> None:
    own = shop.external_id or (grant.shops[0] if len(grant.shops) == 1 else "")
    if own and grant.shops and own not in grant.shops:
        raise NotAuthorised(_("The seller granted other shops: %(shops)s.") % {"shops": ", ".join(grant.shops)})
    try:
        with transaction.atomic():
            vault.store(shop.pk, grant.secrets)
            Shop.objects.filter(pk=shop.pk).update(external_id=own)
            record("authorised_shop", shop, by=by, shop=shop.pk, shops=list(grant.shops))
            connection.mend(shop, by=by)
    except IntegrityError as error:
        raise NotAuthorised(_("Shop %(id)s is connected already.") % {"id": own}) from error
    shop.refresh_from_db()
