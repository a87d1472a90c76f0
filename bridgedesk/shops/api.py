"""Shops, for programs. Secrets are never part of an answer."""

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Router, Schema

from bridgedesk.shops.models import Shop


class ShopOut(Schema):
    id: int
    name: str
    platform: str
    external_id: str
    region: str
    language: str
    timezone: str
    state: str
    trouble: str


router = Router(tags=["shops"])


@router.get("/shops", response=list[ShopOut])
def shops(request: HttpRequest) -> QuerySet[Shop]:
    """The shops the token's agent sees."""
    return Shop.objects.visible_to(request.user)  # type: ignore[arg-type]
