"""Whose figures a request may read, and what it asks for."""

from dataclasses import dataclass
from typing import cast
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from bridgedesk.lib import clock
from bridgedesk.metrics import basis
from bridgedesk.metrics.basis import Exchange
from bridgedesk.metrics.facts import Scope
from bridgedesk.metrics.filters import Filters
from bridgedesk.metrics.losses import Rates
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


@dataclass(frozen=True)
class Reader:
    """A lead, the shops they lead, and what is asked. `exchange` are the rates of the period's last day."""

    agent: Agent
    shops: dict[int, Shop]
    filters: Filters
    scope: Scope
    exchange: dict[str, Exchange]

    @property
    def rates(self) -> Rates:
        """Units for one US dollar."""
        return {name: rate.per_dollar for name, rate in self.exchange.items()}


def reader(agent: Agent, asked: dict[str, str]) -> Reader:
    """Who reads what. PermissionDenied: figures are for leads."""
    if not agent.leads:
        raise PermissionDenied("Figures are for leads.")
    zone = ZoneInfo(agent.timezone)
    filters = Filters.parse(asked, clock.now().astimezone(zone).date())
    filters = filters.with_(into=filters.into or basis.home())
    shops = {shop.pk: shop for shop in Shop.objects.visible_to(agent)}
    return Reader(agent, shops, filters, Scope(list(shops), zone, basis.quality()), basis.rates(filters.last))


def of(request: HttpRequest) -> Reader:
    """The same of a request."""
    return reader(cast(Agent, request.user), request.GET.dict())
