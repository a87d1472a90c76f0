"""Who may do what. Every act that takes `by` asks here first."""

from django.core.exceptions import PermissionDenied

from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


class CannotWrite(Exception):
    """The act is not possible, in words for the agent's screen."""


def allow(by: Agent | None, shop_id: int) -> None:
    """Pass if the person may act in the shop; None is no person (the system). PermissionDenied otherwise."""
    if by is None:
        return
    if not by.may_write:
        raise PermissionDenied("An observer only looks.")
    may_see(by, shop_id)


def allow_lead(by: Agent, shop_id: int) -> None:
    """Pass if the person leads in the shop: what a mistake would do to many conversations at once. PermissionDenied otherwise."""
    if not by.leads:
        raise PermissionDenied("Only a lead does this.")
    may_see(by, shop_id)


def may_see(by: Agent, shop_id: int) -> None:
    """Pass if the person sees the shop; PermissionDenied otherwise."""
    if not Shop.objects.visible_to(by).filter(pk=shop_id).exists():
        raise PermissionDenied("This shop is not assigned to you.")
