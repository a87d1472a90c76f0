"""What Bridgedesk needs, looked at one by one; every finding says in plain words what to do."""

import shutil
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Check, SendError
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib import clock, http
from bridgedesk.lib.secrets import SecretsUnreadable
from bridgedesk.lib.words import told
from bridgedesk.shops.models import Shop
from bridgedesk.shops.vault import account_of

LEAST_FREE = 1 << 30
CLOCK_MAY_DIFFER = timedelta(seconds=60)  # Shopee refuses signatures older than five minutes
CERTIFICATE_WARNING = timedelta(days=14)


def everything() -> list[Check]:
    """All findings: configuration, database, worker, disk, clock, certificate, then each shop's log-in."""
    looks: list[Callable[[], Iterator[Check]]] = [configuration, database, worker, disk, certificate, platform_clock]
    found = [finding for look in looks for finding in look()]
    if any(finding.name == _("Database") and not finding.ok for finding in found):
        return found
    return found + [finding for shop in Shop.objects.exclude(state=Shop.State.PAUSED) for finding in log_in(shop)]


def configuration() -> Iterator[Check]:
    """The public address, debug mode and the modes of key files."""
    local = urlsplit(settings.PUBLIC_URL).hostname in ("127.0.0.1", "localhost")
    yield Check(
        _("Public address"),
        ok=settings.HTTPS or local,
        word=settings.PUBLIC_URL,
        advice=_(
            "Put a proxy with TLS in front and set BRIDGEDESK_URL to the https address: passwords would cross the network in the clear."
        ),
    )
    yield Check(_("Debug mode"), ok=not settings.DEBUG, word=_("on") if settings.DEBUG else _("off"), advice=_("Unset BRIDGEDESK_DEBUG."))
    key = settings.DATA / "secret.key"
    if key.exists():
        mode = key.stat().st_mode & 0o777
        yield Check(_("Key file"), ok=mode == 0o600, word=f"{mode:o}", advice=_("Run: chmod 600 %(path)s") % {"path": key})


def database() -> Iterator[Check]:
    """Reachable, new enough, tables up to date."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("show server_version")
            version = str(cursor.fetchone()[0])
        waiting = MigrationExecutor(connection).migration_plan(MigrationExecutor(connection).loader.graph.leaf_nodes())
    except DatabaseError as error:
        yield Check(_("Database"), ok=False, word=str(error).strip(), advice=_("Start it, or correct DATABASE_URL."))
        return
    yield Check(
        _("Database"),
        ok=int(version.split(".")[0].split()[0]) >= 15,
        word=f"PostgreSQL {version}",
        advice=_("Bridgedesk needs PostgreSQL 15 or newer."),
    )
    yield Check(
        _("Tables"),
        ok=not waiting,
        word=_("up to date") if not waiting else _("%(count)s changes wait") % {"count": len(waiting)},
        advice=_("Run: bridgedesk migrate"),
    )


def worker() -> Iterator[Check]:
    """Whether a worker is alive: it beats every ten seconds."""
    with connection.cursor() as cursor:
        cursor.execute("select max(last_heartbeat) from procrastinate_workers")
        beat: datetime | None = cursor.fetchone()[0]
    alive = bool(beat and datetime.now(UTC) - beat < timedelta(minutes=1))
    yield Check(
        _("Worker"),
        ok=alive,
        word=_("last seen %(when)s") % {"when": f"{beat:%Y-%m-%d %H:%M:%S} UTC"} if beat else _("never seen"),
        advice=_("Nothing is sent or read without it. Start: bridgedesk worker (bridgedesk up does)."),
    )


def disk() -> Iterator[Check]:
    """Room for the database and the attachments."""
    free = shutil.disk_usage(settings.DATA if settings.DATA.exists() else settings.DATA.parent).free
    yield Check(
        _("Disk"), ok=free > LEAST_FREE, word=_("%(size)s GB free") % {"size": f"{free / (1 << 30):.1f}"}, advice=_("Free some space.")
    )


def certificate() -> Iterator[Check]:
    """How long the certificate of the public address is still good."""
    parts = urlsplit(settings.PUBLIC_URL)
    if parts.scheme != "https" or not parts.hostname:
        return
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or 443), timeout=5) as raw,
            ssl.create_default_context().wrap_socket(raw, server_hostname=parts.hostname) as wrapped,
        ):
            end = ssl.cert_time_to_seconds(str((wrapped.getpeercert() or {})["notAfter"]))
    except (OSError, KeyError) as error:
        yield Check(_("Certificate"), ok=False, word=str(error), advice=_("Renew it at the proxy."))
        return
    good = datetime.fromtimestamp(end, UTC)
    yield Check(_("Certificate"), ok=good - clock.now() > CERTIFICATE_WARNING, word=f"{good:%Y-%m-%d}", advice=_("Renew it at the proxy."))


def platform_clock() -> Iterator[Check]:
    """Our clock against the Date a platform answers with; only asked where a shop is connected over HTTP."""
    shop = Shop.objects.exclude(base_url="").filter(state=Shop.State.CONNECTED, base_url__startswith="http").first()
    if shop is None:
        return
    try:
        date = parsedate_to_datetime(http.request("GET", shop.base_url, timeout=5).headers["Date"])
    except (http.Unreachable, http.Blocked, KeyError, ValueError):
        return
    off = abs(datetime.now(UTC) - date)
    yield Check(
        _("Clock"),
        ok=off < CLOCK_MAY_DIFFER,
        word=_("%(seconds)s s apart from the platform") % {"seconds": int(off.total_seconds())},
        advice=_("Set the machine's clock, best by NTP: platforms refuse signatures with a wrong time."),
    )


def log_in(shop: Shop) -> Iterator[Check]:
    """The shop's own checks, by its channel."""
    if shop.state == Shop.State.BROKEN:
        yield Check(shop.name, ok=False, word=told(shop.trouble) or _("not connected"), advice=_("Connect the shop again on its page."))
    if shop.platform not in CHANNELS:
        yield Check(shop.name, ok=False, word=_("unknown platform “%(name)s”") % {"name": shop.platform})
        return
    try:
        findings = CHANNELS[shop.platform].check(account_of(shop))
    except (SendError, SecretsUnreadable, http.Blocked, http.Unreachable) as error:
        findings = [Check(noop("Log-in"), ok=False, word=str(error))]
    for finding in findings:
        yield Check(f"{shop.name} · {told(finding.name)}", finding.ok, told(finding.word), told(finding.advice))
