"""What came in and what happened, for programs: raw deliveries with replay, and the activity feed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status

from bridgedesk.activity.models import Activity
from bridgedesk.activity.queries import feed
from bridgedesk.shops.models import Shop
from bridgedesk.sync import actions
from bridgedesk.sync.models import Delivery
from bridgedesk.team.api import READ, WRITE, agent_of


class ActivityOut(Schema):
    """`after` of the next call is the last `id`."""

    id: int
    at: datetime
    verb: str
    actor: str
    by_id: int | None
    shop_id: int | None
    conversation_id: int | None
    subject_type: str
    subject_id: int | None
    data: dict[str, Any]


class DeliveryOut(Schema):
    id: int
    shop_id: int
    kind: str
    state: str
    attempts: int
    error: str
    result: str
    received_at: datetime
    applied_at: datetime | None


class ErrorOut(Schema):
    error: str


router = Router(tags=["sync"])


@router.get("/activity", response=list[ActivityOut], auth=READ)
def activity(request: HttpRequest, after: int = 0) -> Sequence[Activity] | QuerySet[Activity]:
    """What happened after that line, oldest first, at most 200."""
    agent = agent_of(request)
    shops = None if agent.sees_all_shops else list(Shop.objects.visible_to(agent).order_by().values_list("pk", flat=True))
    return feed(shops, after)


@router.get("/deliveries", response=list[DeliveryOut], auth=READ)
def deliveries(request: HttpRequest, state: str = "", before: int | None = None) -> QuerySet[Delivery]:
    """The newest raw deliveries, without their bytes; `state` new, applied, ignored, failed or stuck."""
    rows = Delivery.objects.visible_to(agent_of(request)).defer("body", "headers").order_by("-pk")
    if state in Delivery.State.values:
        rows = rows.filter(state=state)
    return (rows.filter(pk__lt=before) if before else rows)[:100]


@router.post("/deliveries/{pk}/replay", response={200: DeliveryOut, 409: ErrorOut}, auth=WRITE)
def replay(request: HttpRequest, pk: int) -> Status[Any]:
    """Parse and apply once more, for leads. 409: its bytes were forgotten when their time was over."""
    delivery = get_object_or_404(Delivery.objects.visible_to(agent_of(request)), pk=pk)
    try:
        actions.replay(delivery, by=agent_of(request))
    except actions.Gone:
        return Status(409, {"error": "its bytes were forgotten when their time was over"})
    delivery.refresh_from_db()
    return Status(200, delivery)
