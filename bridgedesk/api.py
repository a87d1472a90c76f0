"""The JSON API under /api/v1: every folder's routes, one set of errors. Its description is at /api/v1/openapi.json."""

from django.core.cache import caches
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.throttling import AuthRateThrottle

from bridgedesk import __version__
from bridgedesk.conversations.access import CannotWrite
from bridgedesk.conversations.api import router as conversations
from bridgedesk.customers.api import router as customers
from bridgedesk.customers.rules import WrongFacts
from bridgedesk.lib.words import told
from bridgedesk.orders.acting import CannotNow
from bridgedesk.orders.acts_api import router as order_acts
from bridgedesk.orders.api import router as orders
from bridgedesk.orders.terms import NotNow, Refused
from bridgedesk.shops.api import router as shops
from bridgedesk.sync.api import router as sync
from bridgedesk.team.api import READ
from bridgedesk.team.api import router as team


class Pace(AuthRateThrottle):
    """Calls of one agent's programs, counted in each process alone: a row written for every call would cost more than the call."""

    cache = caches["process"]


# no docs_url: the page loads scripts from elsewhere, which our content security policy forbids
api = NinjaAPI(title="Bridgedesk", version=__version__, docs_url=None, auth=READ, throttle=[Pace("50/s")])
for router in (conversations, customers, orders, order_acts, shops, sync, team):
    api.add_router("", router)


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return api.create_response(request, {"error": str(error) or "not allowed"}, status=403)


@api.exception_handler(CannotWrite)
def _cannot(request: HttpRequest, error: CannotWrite) -> HttpResponse:
    return api.create_response(request, {"error": str(error)}, status=409)


@api.exception_handler(CannotNow)
def _not_now(request: HttpRequest, error: CannotNow) -> HttpResponse:
    return api.create_response(request, {"error": told(str(error))}, status=409)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return api.create_response(request, {"error": "; ".join(error.messages)}, status=422)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    status = 409 if isinstance(error, NotNow) else 422
    return api.create_response(request, {"error": str(error), "code": error.code}, status=status)


@api.exception_handler(WrongFacts)
def _wrong(request: HttpRequest, error: WrongFacts) -> HttpResponse:
    return api.create_response(request, {"error": str(error), "code": "wrong_facts", "fields": dict(error.fields)}, status=422)
