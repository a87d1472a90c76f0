"""Telling programs outside what happened: each act once to each endpoint whose owner may see it, signed, retried."""

import hashlib
import hmac
import json
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_noop as noop

from bridgedesk.activity.actions import record
from bridgedesk.activity.models import Activity
from bridgedesk.lib import clock, http
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.secrets import SecretsUnreadable, seal, unseal
from bridgedesk.shops.models import Shop
from bridgedesk.sync.models import Endpoint, Notification
from bridgedesk.team.models import Agent

PAUSES = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200, 21600, 86400))
SETTLED_AFTER = timedelta(minutes=2)
"""An act may become visible later than one with a higher number; only numbers this old are counted as read (wall time)."""
BATCH = 500
_LEASE = timedelta(seconds=60)
_KEPT = timedelta(days=14)


def add_endpoint(owner: Agent, url: str, verbs: list[str], *, by: Agent) -> tuple[Endpoint, str]:
    """A new endpoint, told of acts from now on, and its secret, which is never shown again."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        newest = Activity.objects.aggregate(newest=Max("pk"))["newest"] or 0
        made = Endpoint.objects.create(
            owner=owner,
            url=url,
            verbs=verbs,
            sealed_secret=seal(secret, settings.SECRET_KEY),
            last_activity_id=newest,
            created_at=clock.now(),
        )
        record("endpoint_added", made, by=by, url=url)
    return made, secret


def set_enabled(endpoint: Endpoint, enabled: bool, *, by: Agent) -> None:
    """Tell it again, from now on; or tell it nothing. What happened while it was off is not told later."""
    with transaction.atomic():
        newest = Activity.objects.aggregate(newest=Max("pk"))["newest"] or 0
        fresh = {"last_activity_id": newest} if enabled else {}
        Endpoint.objects.filter(pk=endpoint.pk).update(enabled=enabled, **fresh)
        record("endpoint_on" if enabled else "endpoint_off", endpoint, by=by, url=endpoint.url)


def remove_endpoint(endpoint: Endpoint, *, by: Agent) -> None:
    """Forget it and its log."""
    with transaction.atomic():
        record("endpoint_removed", endpoint, by=by, url=endpoint.url)
        endpoint.delete()


def ping(endpoint: Endpoint) -> tuple[int | None, str]:
    """One signed request that tells of nothing: the status it was answered with, or None and why there was no answer."""
    body = json.dumps({"verb": "ping", "at": clock.now().isoformat()}, separators=(",", ":")).encode()
    try:
        return http.request("POST", endpoint.url, content=body, headers=_signed(endpoint, "ping", body), max_bytes=64_000).status_code, ""
    except (http.Blocked, http.Unreachable, SecretsUnreadable) as error:
        return None, str(error)


def feed() -> None:
    """Note for every endpoint the acts it is to be told of, and queue the telling."""
    for endpoint in Endpoint.objects.filter(enabled=True, owner__is_active=True).select_related("owner").order_by("pk"):
        with transaction.atomic():
            if Endpoint.objects.select_for_update(skip_locked=True).filter(pk=endpoint.pk).first():
                _feed(endpoint)
    now = clock.now()
    waiting = Notification.objects.filter(state="waiting", next_try_at__lte=now, endpoint__enabled=True)
    for pk in waiting.order_by("next_try_at").values_list("pk", flat=True)[:BATCH]:
        enqueue("notify_endpoint", once=f"notify:{pk}", notification=pk)


def visible_acts(owner: Agent) -> QuerySet[Activity]:
    """Acts of shops the owner may see; those of no shop only for admins."""
    return Activity.objects.all() if owner.sees_all_shops else Activity.objects.filter(shop__in=Shop.objects.visible_to(owner))


def _feed(endpoint: Endpoint) -> None:
    unread = Activity.objects.filter(pk__gt=endpoint.last_activity_id).order_by("pk")
    window = list(unread.values_list("pk", "at")[:BATCH])
    if not window:
        return
    told = set(endpoint.notifications.filter(activity_id__gt=endpoint.last_activity_id).values_list("activity_id", flat=True))
    wanted = visible_acts(endpoint.owner).filter(pk__in=[pk for pk, _ in window if pk not in told])
    if endpoint.verbs:
        wanted = wanted.filter(verb__in=endpoint.verbs)
    now = clock.now()
    rows = [Notification(endpoint=endpoint, activity_id=pk, next_try_at=now) for pk in wanted.values_list("pk", flat=True)]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    settled = [pk for pk, at in window if at < now - clock.real(SETTLED_AFTER)]
    if settled:
        Endpoint.objects.filter(pk=endpoint.pk).update(last_activity_id=max(settled))


def deliver(notification_id: int) -> None:
    """One try to tell one act; anything but a 2xx is tried again, at last given up. 410 switches the endpoint off."""
    row = _claim(notification_id)
    if row is None:
        return
    activity = visible_acts(row.endpoint.owner).filter(pk=row.activity_id).first()
    if activity is None:
        _end(row, "given_up", error=noop("its owner may not see this any more"))
        return
    body = json.dumps(_told(activity), separators=(",", ":"), ensure_ascii=False).encode()
    try:
        answer = http.request("POST", row.endpoint.url, content=body, headers=_signed(row.endpoint, str(row.pk), body), max_bytes=64_000)
    except http.Blocked as error:
        _end(row, "given_up", error=str(error))
    except (http.Unreachable, SecretsUnreadable) as error:
        _again(row, error=str(error))
    else:
        _judge(row, answer.status_code)


def signature(secret: str, at: int, body: bytes) -> str:
    """`t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`: the receiver refuses an old t, and a replay with it."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def _signed(endpoint: Endpoint, delivery: str, body: bytes) -> dict[str, str]:
    secret = unseal(endpoint.sealed_secret, settings.SECRET_KEY)
    return {
        "Content-Type": "application/json",
        "Bridgedesk-Delivery": delivery,
        "Bridgedesk-Signature": signature(secret, int(clock.now().timestamp()), body),
    }


def _told(activity: Activity) -> dict[str, Any]:
    subject = {"type": activity.subject_type, "id": activity.subject_id} if activity.subject_type else None
    return {
        "id": activity.pk,
        "verb": activity.verb,
        "at": activity.at.isoformat(),
        "actor": activity.actor,
        "by": activity.by_id,
        "shop": activity.shop_id,
        "conversation": activity.conversation_id,
        "subject": subject,
        "data": activity.data,
    }


def _claim(notification_id: int) -> Notification | None:
    with transaction.atomic():
        rows = Notification.objects.select_for_update(skip_locked=True, of=("self",)).select_related("endpoint__owner")
        can = Q(endpoint__enabled=True, endpoint__owner__is_active=True, next_try_at__lte=clock.now())
        row = rows.filter(can, pk=notification_id, state="waiting").first()
        if row:
            row.attempts, row.next_try_at = row.attempts + 1, clock.now() + clock.real(_LEASE)
            row.save(update_fields=["attempts", "next_try_at"])
    return row


def _judge(row: Notification, status: int) -> None:
    if 200 <= status < 300:
        _end(row, "done", status=status)
    elif status == 410:
        with transaction.atomic():
            Endpoint.objects.filter(pk=row.endpoint_id).update(enabled=False)
            record("endpoint_gone", row.endpoint, by=None, url=row.endpoint.url)
            _end(row, "given_up", status=status, error=noop("the endpoint says that it is gone"))
    else:
        _again(row, status=status, error=f"answered {status}")


def _again(row: Notification, *, status: int | None = None, error: str = "") -> None:
    if row.attempts > len(PAUSES):
        _end(row, "given_up", status=status, error=error)
        return
    row.status, row.error, row.next_try_at = status, error[:300], clock.now() + clock.real(PAUSES[row.attempts - 1])
    row.save(update_fields=["status", "error", "next_try_at"])


def _end(row: Notification, state: str, *, status: int | None = None, error: str = "") -> None:
    row.state, row.status, row.error = state, status, error[:300]
    row.save(update_fields=["state", "status", "error"])


def tidy() -> None:
    """Forget what was told long ago."""
    Notification.objects.exclude(state="waiting").filter(next_try_at__lt=clock.now() - _KEPT).delete()
