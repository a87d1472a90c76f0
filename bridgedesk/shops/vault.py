"""A shop's secrets, encrypted in rows. Whoever finds a token ended renews it alone; the others wait for the new one."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Account, Refresh, SendError
from bridgedesk.lib import clock, secrets
from bridgedesk.shops import buckets, leases
from bridgedesk.shops.models import Credential, Shop

MARGIN = timedelta(minutes=3)
"""A secret that ends sooner than this is renewed before use (wall time)."""
PATIENCE = 40.0
"""Seconds a caller waits for somebody else's renewal."""
_LEASE = timedelta(seconds=30)

Ends = tuple[str, datetime | None]


@dataclass(frozen=True)
class ShopVault:
    """channels.base.Vault over the rows of one shop."""

    shop: int

    def get(self, name: str) -> str:
        """The secret, "" if none is stored; SecretsUnreadable if the installation's key changed."""
        row = self._row(name)
        return _open(row) if row else ""

    def expires(self, name: str) -> datetime | None:
        """When it ends, if known."""
        row = self._row(name)
        return row.expires_at if row else None

    def renew(self, name: str, refresh: Refresh, *, stale: str = "") -> str:
        """The secret, after `refresh` if it has ended or is still `stale` (a value the platform just refused).

        `refresh` runs in one process at a time and outside any transaction; its result is stored before anyone uses it.
        A temporary SendError is raised when another renewal does not end in PATIENCE seconds.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            if value := self._fresh(name, stale):
                return value
            if holder := leases.claim(self.shop, _lease(name), _LEASE):
                return self._renew_alone(name, refresh, stale, holder)
            if time.monotonic() > deadline:
                raise SendError(noop("another renewal of the shop's log-in does not end"), permanent=False)
            time.sleep(0.1)

    def _renew_alone(self, name: str, refresh: Refresh, stale: str, holder: str) -> str:
        try:
            if value := self._fresh(name, stale):
                return value
            store(self.shop, refresh(self._all()))
            return self.get(name)
        finally:
            leases.release(self.shop, _lease(name), holder)

    def _fresh(self, name: str, stale: str) -> str:
        row = self._row(name)
        if row is None or (row.expires_at and row.expires_at <= clock.now() + clock.real(MARGIN)):
            return ""
        value = _open(row)
        return "" if stale and value == stale else value

    def _row(self, name: str) -> Credential | None:
        return Credential.objects.filter(shop_id=self.shop, name=name).first()

    def _all(self) -> dict[str, str]:
        return {row.name: _open(row) for row in Credential.objects.filter(shop_id=self.shop)}


@dataclass(frozen=True)
class Remembering(ShopVault):
    """The same for one piece of work: each secret is read once."""

    known: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        if name not in self.known:
            self.known[name] = super().get(name)
        return self.known[name]


def store(shop: int, values: Mapping[str, Ends]) -> None:
    """Keep these secrets with their ends; an empty value forgets the secret."""
    with transaction.atomic():
        Credential.objects.filter(shop_id=shop, name__in=[name for name, (value, _) in values.items() if not value]).delete()
        for name, (value, ends) in values.items():
            if value:
                kept = {"sealed": secrets.seal(value, settings.SECRET_KEY), "expires_at": ends, "changed_at": clock.now()}
                Credential.objects.update_or_create(shop_id=shop, name=name, defaults=kept)


def stored(shop: int) -> frozenset[str]:
    """The names of the secrets the shop has."""
    return frozenset(Credential.objects.filter(shop_id=shop).values_list("name", flat=True))


def account_of(shop: Shop, vault: ShopVault | None = None) -> Account:
    """The shop as its channel sees it. `callback_url` is the address the platform signs for: the shop's option, else ours."""
    options = {name: str(value) for name, value in shop.options.items() if name != "granted"}
    options.setdefault("callback_url", f"{settings.PUBLIC_URL}/in/{shop.platform}/{shop.pk}")
    return Account(
        key=shop.pk,
        external_id=shop.external_id,
        region=shop.region,
        base_url=shop.base_url,
        options=options,
        vault=vault or ShopVault(shop.pk),
        pace=partial(_pace, shop),
    )


def _pace(shop: Shop, name: str, rate_per_s: float, burst: float) -> timedelta | None:
    wait = buckets.take(shop, name[:40], rate_per_s, burst)
    return wait and clock.wall_delay(clock.now() + wait)


def _lease(name: str) -> str:
    return f"renew {name}"[:40]


def _open(row: Credential) -> str:
    return secrets.unseal(row.sealed, settings.SECRET_KEY)
