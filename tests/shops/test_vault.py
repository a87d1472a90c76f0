"""A shop's secrets."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections

from bridgedesk.channels.base import SendError
from bridgedesk.lib import clock
from bridgedesk.shops import vault
from bridgedesk.shops.models import Credential, Lease, Shop

SOON = timedelta(hours=4)


def test_secrets_are_stored_encrypted_and_come_back(shop: Shop) -> None:
    vault.store(shop.pk, {"partner_key": ("very secret", None)})
    assert vault.ShopVault(shop.pk).get("partner_key") == "very secret"
    assert "very secret" not in Credential.objects.get().sealed
    assert "very secret" not in repr(Credential.objects.get())


def test_an_empty_value_forgets_the_secret(shop: Shop) -> None:
    vault.store(shop.pk, {"password": ("old", None)})
    vault.store(shop.pk, {"password": ("", None)})
    assert vault.ShopVault(shop.pk).get("password") == ""
    assert not Credential.objects.exists()


def test_a_token_that_lasts_is_not_renewed(shop: Shop) -> None:
    vault.store(shop.pk, {"access": ("a1", clock.now() + SOON)})
    assert vault.ShopVault(shop.pk).renew("access", never) == "a1"


def test_an_ended_token_is_renewed_and_the_pair_is_stored_before_use(shop: Shop) -> None:
    vault.store(shop.pk, {"access": ("a1", clock.now()), "refresh": ("r1", None)})
    seen: list[Mapping[str, str]] = []

    def refresh(secrets: Mapping[str, str]) -> Mapping[str, tuple[str, datetime | None]]:
        seen.append(secrets)
        return {"access": ("a2", clock.now() + SOON), "refresh": ("r2", None)}

    assert vault.ShopVault(shop.pk).renew("access", refresh) == "a2"
    assert seen == [{"access": "a1", "refresh": "r1"}]
    assert vault.ShopVault(shop.pk).get("refresh") == "r2"


def test_a_token_the_platform_refused_is_renewed_before_its_end_but_only_once(shop: Shop) -> None:
    vault.store(shop.pk, {"access": ("a1", clock.now() + SOON)})
    new = {"access": ("a2", clock.now() + SOON)}
    assert vault.ShopVault(shop.pk).renew("access", lambda _: new, stale="a1") == "a2"
    assert vault.ShopVault(shop.pk).renew("access", never, stale="a1") == "a2"


def test_a_failed_renewal_lets_the_next_one_try(shop: Shop) -> None:
    def fails(secrets: Mapping[str, str]) -> Mapping[str, tuple[str, datetime | None]]:
        raise SendError("busy", permanent=False)

    with pytest.raises(SendError):
        vault.ShopVault(shop.pk).renew("access", fails)
    assert vault.ShopVault(shop.pk).renew("access", lambda _: {"access": ("a1", None)}) == "a1"


def test_a_renewal_whose_process_died_is_taken_over(shop: Shop) -> None:
    Lease.objects.create(shop=shop, name="renew access", holder="dead", until=clock.now() - timedelta(seconds=1))
    assert vault.ShopVault(shop.pk).renew("access", lambda _: {"access": ("a1", None)}) == "a1"


@pytest.mark.django_db(transaction=True)
def test_many_callers_at_once_renew_once(make_shop: object) -> None:
    shop = make_shop()  # type: ignore[operator]
    vault.store(shop.pk, {"access": ("a1", datetime(2020, 1, 1, tzinfo=UTC))})
    renewed, got, together = [], [], threading.Barrier(6)

    def refresh(secrets: Mapping[str, str]) -> Mapping[str, tuple[str, datetime | None]]:
        assert not connection.in_atomic_block
        renewed.append(1)
        return {"access": (f"a{len(renewed) + 1}", clock.now() + SOON)}

    def caller() -> None:
        together.wait()
        got.append(vault.ShopVault(shop.pk).renew("access", refresh))
        connections.close_all()

    threads = [threading.Thread(target=caller) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert (len(renewed), got) == (1, ["a2"] * 6)


def never(secrets: Mapping[str, str]) -> Mapping[str, tuple[str, datetime | None]]:
    raise AssertionError("must not be renewed")
