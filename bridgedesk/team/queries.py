"""Who is there."""

from datetime import datetime

from django.db.models import F, Q, QuerySet

from bridgedesk.team.models import Agent


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
