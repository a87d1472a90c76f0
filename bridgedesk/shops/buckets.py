"""How fast a shop may call its platform: token buckets in rows, shared by every process."""

from datetime import timedelta

from django.db import transaction

from bridgedesk.lib import clock
from bridgedesk.shops.models import Bucket, Shop


def refill(tokens: float, elapsed: float, rate: float, burst: float) -> float:
    """Tokens after `elapsed` seconds at `rate` per second, never more than `burst`. A clock that went back adds nothing."""
    return min(burst, tokens + max(0.0, elapsed) * rate)


def take(shop: Shop, name: str, rate_per_s: float, burst: float, cost: float = 1) -> timedelta | None:
    """Take `cost` tokens: None when they were there, else how long (on our clock) until they are."""
    now = clock.now()
    Bucket.objects.bulk_create([Bucket(shop=shop, name=name, tokens=burst, at=now)], ignore_conflicts=True)
    with transaction.atomic():
        row = Bucket.objects.select_for_update().get(shop=shop, name=name)
        elapsed = (now - row.at) / clock.real(timedelta(seconds=1))
        row.tokens, row.at = refill(row.tokens, elapsed, rate_per_s, burst), max(now, row.at)
        missing = min(cost, burst) - row.tokens
        if missing <= 0:
            row.tokens -= min(cost, burst)
        row.save(update_fields=["tokens", "at"])
    return clock.real(timedelta(seconds=missing / rate_per_s)) if missing > 0 else None
