"""What happened, as people read it: filtered, page by page, and as a table."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bridgedesk.activity import words
from bridgedesk.activity.models import Activity
from bridgedesk.lib import spreadsheets

PAGE = 50
CHUNK = 1000


@dataclass(frozen=True)
class Filters:
    """What a person asked for; what is not understood is left out. `after` is where the page before ended: its moment and id."""

    person: int | None = None
    shop: int | None = None
    verb: str = ""
    day: date | None = None
    after: tuple[datetime, int] | None = None

    @classmethod
    def parse(cls, asked: QueryDict) -> "Filters":
        """From a query string."""
        verb = asked.get("verb", "")
        return cls(
            person=_number(asked.get("person", "")),
            shop=_number(asked.get("shop", "")),
            verb=verb if verb in words.VERBS else "",
            day=_day(asked.get("day", "")),
            after=_place(asked.get("after", "")),
        )

    @property
    def query(self) -> str:
        """As a query string, without the place."""
        asked = {"person": self.person, "shop": self.shop, "verb": self.verb, "day": self.day}
        return urlencode({name: value for name, value in asked.items() if value})

    def apply(self, rows: QuerySet[Activity], zone: ZoneInfo) -> QuerySet[Activity]:
        """Newest first. A day is one of the reader's zone."""
        if self.person:
            rows = rows.filter(by=self.person)
        if self.shop:
            rows = rows.filter(shop=self.shop)
        if self.verb:
            rows = rows.filter(verb=self.verb)
        if self.day:
            start = datetime.combine(self.day, time.min, zone)
            rows = rows.filter(at__gte=start, at__lt=datetime.combine(self.day + timedelta(days=1), time.min, zone))
        if self.after:
            at, key = self.after
            rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=key), at__lte=at)
        return rows.order_by("-at", "-pk")


def visible(viewer: Any) -> QuerySet[Activity]:
    """Lines of the shops one sees, and what one did oneself; leads also what belongs to no shop (people, webhooks), admins everything."""
    rows = Activity.objects.all()
    if viewer.sees_all_shops:
        return rows
    own = Q(shop__in=viewer.shops.values("pk")) | Q(shop=None, by=viewer.pk)
    return rows.filter(own | Q(shop=None)) if viewer.leads else rows.filter(own)


@login_required
@require_GET
def activity(request: HttpRequest) -> HttpResponse:
    """A page of the log."""
    viewer, filters = cast(Any, request.user), Filters.parse(request.GET)
    found = list(filters.apply(visible(viewer), _zone()).select_related("by", "shop")[: PAGE + 1])
    rows = found[:PAGE]
    more = {
        "rows": [(row, words.happened(row.verb, row.data)) for row in rows],
        "next": f"{rows[-1].at.isoformat()}_{rows[-1].pk}" if len(found) > PAGE else "",
        "filters": filters,
        "verbs": words.choices(),
        "people": [(person.pk, str(person)) for person in get_user_model()._default_manager.order_by("pk")],
        "shops": _shops(viewer),
    }
    return render(request, "activity/activity.html", more)


@login_required
@require_GET
async def export(request: HttpRequest) -> StreamingHttpResponse:
    """The same lines as a table, written while they are read, so that its length costs no memory."""
    viewer, filters = await request.auser(), Filters.parse(request.GET)
    head = {"Content-Disposition": 'attachment; filename="activity.csv"'}
    told = _table(viewer, filters, translation.get_language(), _zone())
    return StreamingHttpResponse(told, content_type="text/csv; charset=utf-8", headers=head)


async def _table(viewer: Any, filters: Filters, language: str | None, zone: ZoneInfo) -> AsyncIterator[bytes]:
    with translation.override(language):
        heads = [_("When (UTC)"), _("Who"), _("By what"), _("What"), _("Word"), _("Shop"), _("Conversation"), _("Subject"), _("Details")]
    yield (spreadsheets.BOM + spreadsheets.lines([heads])).encode()
    while True:
        rows = await sync_to_async(_chunk)(viewer, filters, zone)
        if not rows:
            return
        with translation.override(language):
            yield spreadsheets.lines(_cells(row) for row in rows).encode()
        filters = Filters(filters.person, filters.shop, filters.verb, filters.day, (rows[-1].at, rows[-1].pk))


def _chunk(viewer: Any, filters: Filters, zone: ZoneInfo) -> list[Activity]:
    return list(filters.apply(visible(viewer), zone).select_related("by", "shop")[:CHUNK])


def _cells(row: Activity) -> list[object]:
    subject = f"{row.subject_type} {row.subject_id}" if row.subject_type else ""
    details = json.dumps(row.data, ensure_ascii=False) if row.data else ""
    at = row.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return [at, row.by, row.actor, words.happened(row.verb, row.data), row.verb, row.shop, row.conversation_id, subject, details]


def _shops(viewer: Any) -> list[tuple[int, str]]:
    shop = Activity._meta.get_field("shop").related_model
    return [(one.pk, str(one)) for one in cast(Any, shop).objects.visible_to(viewer)]


def _zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_current_timezone_name())


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year < 9000 else None


def _place(text: str) -> tuple[datetime, int] | None:
    at, _sign, key = text.rpartition("_")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    number = _number(key)
    return (moment, number) if number and moment.tzinfo and 2000 <= moment.year < 9000 else None
