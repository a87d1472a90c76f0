"""Buyers, for programs."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from bridgedesk.customers import actions, queries
from bridgedesk.customers.models import Customer, Identity, Note
from bridgedesk.team.api import READ, WRITE, Strict, agent_of


class IdentityOut(Schema):
    shop_id: int
    kind: str
    external_id: str
    name: str


class CustomerOut(Schema):
    id: int
    name: str
    country: str
    language: str
    timezone: str
    phone: str


class NoteIn(Strict):
    text: str = Field(max_length=5000)


class NoteOut(Schema):
    id: int
    text: str


router = Router(tags=["customers"])


@router.get("/customers/{pk}", response=CustomerOut, auth=READ)
def customer(request: HttpRequest, pk: int) -> Customer:
    """One buyer."""
    return get_object_or_404(Customer.objects.visible_to(agent_of(request)), pk=pk)


@router.get("/customers/{pk}/identities", response=list[IdentityOut], auth=READ)
def identities(request: HttpRequest, pk: int) -> list[Identity]:
    """The buyer's ids in the shops the token's agent sees."""
    return queries.identities(customer(request, pk), agent_of(request))


@router.post("/customers/{pk}/notes", response={201: NoteOut}, auth=WRITE)
def note(request: HttpRequest, pk: int, body: NoteIn) -> Status[Note]:
    """Remember something about a buyer."""
    return Status(201, actions.note(customer(request, pk), body.text, by=agent_of(request)))
