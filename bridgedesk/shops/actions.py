"""Every write on shops. Who may: admins make and change shops; leads set thresholds of shops they see."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.storable import plain
from bridgedesk.shops import vault
from bridgedesk.shops.models import Shop, Threshold

if TYPE_CHECKING:
    from bridgedesk.team.models import Agent

CHANGEABLE = frozenset({"name", "external_id", "region", "base_url", "language", "timezone", "options", "color"})


@transaction.atomic
def create(name: str, platform: str, *, by: "Agent", external_id: str = "", **facts: object) -> Shop:
    """A new shop. `facts` are columns of `CHANGEABLE`; secrets go through shops.vault."""
    _administers(by)
    _known(facts)
    shop = Shop.objects.create(name=plain(name)[:80], platform=platform, external_id=external_id, created_at=clock.now(), **facts)
    _tell(shop, "created_shop", by, name=shop.name, platform=platform)
    return shop


@transaction.atomic
def change(shop: Shop, *, by: "Agent", **facts: object) -> None:
    """Change columns of `CHANGEABLE`; TypeError for any other."""
    _administers(by)
    _known(facts)
    Shop.objects.filter(pk=shop.pk).update(**facts)
    shop.refresh_from_db()
    _tell(shop, "changed_shop", by, fields=sorted(facts))


@transaction.atomic
def keep_secrets(shop: Shop, values: Mapping[str, str], *, by: "Agent") -> None:
    """Store secrets a person typed; the log names them and never holds their values."""
    _administers(by)
    if values:
        vault.store(shop.pk, {name: (value, None) for name, value in values.items()})
        _tell(shop, "changed_secrets", by, names=sorted(values))


@transaction.atomic
def pause(shop: Shop, *, by: "Agent") -> None:
    """Send nothing and fetch nothing until it is resumed; pushes are still kept."""
    _administers(by)
    _set_state(shop, Shop.State.PAUSED, by)


@transaction.atomic
def resume(shop: Shop, *, by: "Agent") -> None:
    """Work again."""
    _administers(by)
    _set_state(shop, Shop.State.CONNECTED, by)


@transaction.atomic
def assign(shop: Shop, agents: "list[Agent]", *, by: "Agent") -> None:
    """Who looks after the shop, from now on exactly these. Leads may do so in shops they see."""
    _leads(by, shop)
    shop.agents.set(agents)
    _tell(shop, "assigned_shop", by, agents=[agent.pk for agent in agents])


@transaction.atomic
def set_threshold(
    shop: Shop, name: str, value: Decimal, *, valid_from: datetime, source: str, by: "Agent", sure: str = Threshold.Sure.OWN
) -> Threshold:
    """A figure that holds for this shop from `valid_from` on. Earlier ones stay, so past periods are counted as they were."""
    _leads(by, shop)
    row = Threshold.objects.create(
        shop=shop,
        platform=shop.platform,
        region=shop.region,
        name=name,
        value=value,
        valid_from=valid_from,
        source=plain(source)[:200],
        sure=sure,
    )
    _tell(shop, "set_threshold", by, name=name, value=str(value), valid_from=valid_from.isoformat())
    return row


@transaction.atomic
def set_switch(shop: Shop, name: str, value: object, *, by: "Agent", verb: str = "changed_shop", **told: object) -> None:
    """What a shop does by itself: option `name` holds `value` while it is on and is gone while it is off; on twice is once.

    For leads of the shop. `told` goes into the log under `verb`.
    """
    _leads(by, shop)
    row = Shop.objects.select_for_update().get(pk=shop.pk)
    if bool(row.options.get(name)) != bool(value):
        rest = {key: kept for key, kept in row.options.items() if key != name}
        Shop.objects.filter(pk=row.pk).update(options=rest | ({name: value} if value else {}))
        _tell(row, verb, by, **told)


def _set_state(shop: Shop, state: str, by: "Agent") -> None:
    Shop.objects.filter(pk=shop.pk).update(state=state, trouble="")
    shop.state, shop.trouble = state, ""
    _tell(shop, f"shop_{state}", by)


def _tell(shop: Shop, verb: str, by: "Agent", **data: Any) -> None:
    record(verb, shop, by=by, shop=shop.pk, **data)
    announce("sync", shop=shop.pk)


def _known(facts: dict[str, object]) -> None:
    if strange := set(facts) - CHANGEABLE:
        raise TypeError(f"not a column to change: {', '.join(sorted(strange))}")


def _administers(by: "Agent") -> None:
    if not by.administers:
        raise PermissionDenied("Only admins change shops.")


def _leads(by: "Agent", shop: Shop) -> None:
    if not by.leads or not Shop.objects.visible_to(by).filter(pk=shop.pk).exists():
        raise PermissionDenied("Only leads of this shop.")
