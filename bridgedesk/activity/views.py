"""The live connection of a screen."""

import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol, cast

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from bridgedesk.activity.live import Event, events, hub

MOMENT = re.compile(r"\d{1,12}(\.\d{1,9})?", re.ASCII)
SKEW = 0.5
ASKED_AGAIN = 10.0  # seconds after which a busy screen proves anew that it may hear


class Viewer(Protocol):
    """What is asked of whoever looks."""

    is_authenticated: bool
    is_active: bool
    sees_all_shops: bool
    pk: int

    @property
    def shops(self) -> "QuerySet[Any]": ...


@dataclass(frozen=True)
class Access:
    """Whose screen it is and which shops it hears; None: all."""

    agent: int
    shops: frozenset[int] | None

    def hears(self, event: Event) -> bool:
        """Events of a shop reach those who see it; those for one agent reach that agent."""
        if event.get("agent") not in (None, self.agent):
            return False
        shop = event.get("shop")
        return shop is None or self.shops is None or shop in self.shops


@require_GET
async def live(request: HttpRequest) -> HttpResponseBase:
    """Server-sent events: ids of what changed in shops the agent sees. 401 without a log-in, so that the browser stops asking."""
    access = await sync_to_async(access_of)(request)
    if access is None:
        return HttpResponse(status=401)
    return StreamingHttpResponse(
        _stream(request, access), content_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def _stream(request: HttpRequest, access: Access) -> AsyncIterator[bytes]:
    screen, asked = hub.join(_since(request)), time.monotonic()
    try:
        yield b'retry: 1500\ndata: {"kind": "hello"}\n\n'
        async for event in events(screen):
            if event is None or event["kind"] == "team" or time.monotonic() - asked > ASKED_AGAIN:
                found = await sync_to_async(access_of)(request)
                if found is None:
                    return
                access, asked = found, time.monotonic()
            if event is None:
                yield b": still here\n\n"
            elif access.hears(event):
                yield f"data: {json.dumps(event)}\n\n".encode()
    finally:
        hub.leave(screen)


def _since(request: HttpRequest) -> float:
    """When the screen last knew everything, in epoch seconds; 0 where it does not say. Machines' clocks may differ by SKEW."""
    said = request.GET.get("since", "")
    return float(said) - SKEW if MOMENT.fullmatch(said) else 0.0


def access_of(request: HttpRequest) -> Access | None:
    """What this session may hear now; None once logged out, switched off, or given a new password elsewhere.

    Gives its database connection back.
    """
    try:
        if not request.session.session_key or not request.session.exists(request.session.session_key):
            return None
        found = get_user(request)
        if not found.is_authenticated:
            return None
        viewer = cast("Viewer", found)
        return Access(viewer.pk, None if viewer.sees_all_shops else frozenset(viewer.shops.values_list("pk", flat=True)))
    finally:
        connection.close()
