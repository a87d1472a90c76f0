"""Who is there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import F, Model, Q, QuerySet

from bridgedesk.team.models import Agent, Shift

NAME = ("username", "shown_name")
Row = TypeVar("Row", bound=Model)


def with_names(rows: QuerySet[Row], *people: str, more: Sequence[str] = ()) -> QuerySet[Row]:
    """The rows, joined with the agents of these relations by name alone: neither the rest of their columns nor a password comes along.

    `more` are columns of other relations to join.
    """
    own = [field.name for field in rows.model._meta.concrete_fields]
    joined = {one.rpartition("__")[0] for one in more}
    return rows.select_related(*people, *joined).only(*own, *more, *(f"{one}__{name}" for one in people for name in NAME))


def who_see(shop_id: int) -> QuerySet[Agent]:
    """Everybody who may see the shop: those assigned to it, and admins."""
    return Agent.objects.filter(Q(shops=shop_id) | Q(role=Agent.Role.ADMIN), is_active=True).distinct()


def on_duty(shop_id: int, at: datetime) -> QuerySet[Agent]:
    """Who is assigned to the shop, may answer, and is on duty (said so, or planned); the one served longest ago first."""
    planned = Q(pk__in=Agent.objects.filter(shifts__starts_at__lte=at, shifts__ends_at__gt=at).values("pk"))
    return (
        Agent.objects.filter(Q(on_duty=True) | planned, shops=shop_id, is_active=True)
        .exclude(role=Agent.Role.OBSERVER)
        .order_by(F("last_assigned_at").asc(nulls_first=True), "pk")
    )


def roster(viewer: Agent, at: datetime) -> list[Agent]:
    """Everybody, active first, each with `seen_shops` (those the viewer sees too), `next_shift` and `duty` (on duty at `at`).

    Four queries, whatever the size of the team.
    """
    people = list(Agent.objects.order_by("-is_active", "shown_name", "username").prefetch_related("shops"))
    seen = None if viewer.sees_all_shops else {shop.pk for shop in viewer.shops.all()}
    coming = Shift.objects.filter(ends_at__gt=at, agent__in=people).order_by("-starts_at")
    shifts = {shift.agent_id: shift for shift in coming}
    for person in people:
        shift = shifts.get(person.pk)
        duty = person.on_duty or bool(shift and shift.starts_at <= at)
        known = [shop for shop in person.shops.all() if seen is None or shop.pk in seen]
        person.__dict__ |= {"seen_shops": known, "next_shift": shift, "duty": duty and person.is_active}
    return people


def coming_shifts(at: datetime) -> QuerySet[Shift]:
    """The shifts of the coming week, running ones included."""
    return Shift.objects.filter(ends_at__gt=at, starts_at__lt=at + timedelta(days=7)).select_related("agent")[:200]
