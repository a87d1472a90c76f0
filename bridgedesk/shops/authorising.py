"""The round trip by which a seller lets us into a shop: to the platform with a signed state, and back with a code.

What a platform's link and exchange look like, its channel's `door` knows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from bridgedesk.activity.actions import record
from bridgedesk.channels.base import NO_CODE, Door, Grant, GrantedShop, SendError
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib.secrets import mask
from bridgedesk.lib.storable import plain
from bridgedesk.lib.words import told
from bridgedesk.shops import connection, vault
from bridgedesk.shops.models import Shop

if TYPE_CHECKING:
    from bridgedesk.team.models import Agent

GOOD_FOR = 3600
"""Seconds between leaving for the platform and coming back."""
MOST = 500
"""Shops of one main account that are offered."""
_SALT = "bridgedesk.shops.authorising"


class NotAuthorised(Exception):
    """It did not work; the message says why and what to do."""


def door(shop: Shop) -> Door | None:
    """How sellers let us in on the shop's platform; None where keys are typed instead."""
    channel = CHANNELS.get(shop.platform)
    return channel.door if channel else None


def address() -> str:
    """Where every platform sends the seller back to; it must be named in the platform's console."""
    return settings.PUBLIC_URL + reverse("shop-authorised")


def link(shop: Shop, through: Door, *, by: "Agent") -> str:
    """Where the seller says yes. NotAuthorised while the app's id or key is missing."""
    state = signing.dumps([shop.pk, by.pk], salt=_SALT)
    try:
        return through.link(vault.account_of(shop), address(), state)
    except SendError as error:
        raise NotAuthorised(told(mask(str(error)))) from error


def started(state: str, *, by: "Agent") -> Shop:
    """The shop this way back belongs to: the state is ours, fresh and of this person, so that nobody connects somebody else's shop."""
    try:
        pk, person = signing.loads(state, salt=_SALT, max_age=GOOD_FOR)
    except signing.BadSignature as error:
        raise NotAuthorised(_("This way back is too old or not ours. Start again from the shop's page.")) from error
    shop = Shop.objects.visible_to(by).filter(pk=pk).first()
    if person != by.pk or shop is None:
        raise NotAuthorised(_("Somebody else started this. Start again from the shop's page."))
    return shop


def accept(shop: Shop, through: Door, given: Mapping[str, str], *, by: "Agent") -> Sequence[GrantedShop]:
    """Exchange the code, keep the secrets, and give the shops the seller granted. The network comes before the transaction.

    One granted shop is this one; of several, a person says with `choose` which it is.
    """
    try:
        grant = through.exchange(vault.account_of(shop), given, address())
    except SendError as error:
        why = told(mask(str(error)))
        word = why if str(error) == NO_CODE else _("The platform did not take the code: %(reason)s") % {"reason": why}
        raise NotAuthorised(word) from error
    ids = [one.external_id for one in grant.shops]
    if shop.external_id and ids and shop.external_id not in ids:
        raise NotAuthorised(
            _("Shop %(named)s was authorised, but this is shop %(own)s. Sign in with the account of this shop.")
            % {"named": ", ".join(ids), "own": shop.external_id}
        )
    _keep(shop, grant, by)
    return grant.shops


def _keep(shop: Shop, grant: Grant, by: "Agent") -> None:
    several = not shop.external_id and len(grant.shops) > 1
    with transaction.atomic():
        vault.store(shop.pk, grant.secrets)
        _name(shop, grant.shops[0] if len(grant.shops) == 1 else None, [asdict(one) for one in grant.shops[:MOST]] if several else [])
        record("authorised_shop", shop, by=by, shop=shop.pk, shops=[one.external_id for one in grant.shops])
        connection.mend(shop, by=by)


def offered(shop: Shop) -> list[GrantedShop]:
    """The shops of a main account from which a person has still to choose this one; those connected already are left out."""
    found = [] if shop.external_id else [GrantedShop(**one) for one in shop.options.get("granted", [])]
    taken = Shop.objects.filter(platform=shop.platform, external_id__in=[one.external_id for one in found])
    known = set(taken.values_list("external_id", flat=True)) if found else set()
    return [one for one in found if one.external_id not in known]


def choose(shop: Shop, external_id: str, *, by: "Agent") -> None:
    """This is that one of the granted shops. NotAuthorised if it was not granted or is connected already."""
    if not by.administers:
        raise PermissionDenied
    chosen = next((one for one in offered(shop) if one.external_id == external_id), None)
    if chosen is None:
        raise NotAuthorised(_("Choose one of the shops the seller granted."))
    with transaction.atomic():
        _name(shop, chosen, [])
        record("chose_granted_shop", shop, by=by, shop=shop.pk, external_id=external_id)


def _name(shop: Shop, known: GrantedShop | None, choice: Sequence[Mapping[str, str]]) -> None:
    """Keep the platform's id of the shop, or what a person may choose it from. NotAuthorised if another of our shops has that id."""
    options = {name: value for name, value in shop.options.items() if name != "granted"} | ({"granted": choice} if choice else {})
    facts = {"external_id": shop.external_id, "region": shop.region}
    if known and not shop.external_id:
        facts = {"external_id": plain(known.external_id)[:80], "region": plain(known.region)[:8] or shop.region}
    try:
        with transaction.atomic():
            Shop.objects.filter(pk=shop.pk).update(options=options, **facts)
    except IntegrityError as error:
        raise NotAuthorised(_("Shop %(id)s is connected already.") % {"id": facts["external_id"]}) from error
    shop.refresh_from_db()
