"""The inbound hook: verified on the raw bytes, stored, answered with nothing, long before anyone parses it."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bridgedesk.channels.base import Inbound, Rejected
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib.secrets import SecretsUnreadable
from bridgedesk.shops.models import Shop
from bridgedesk.shops.vault import account_of
from bridgedesk.sync import actions


@csrf_exempt
@require_POST
def hook(request: HttpRequest, platform: str, shop_id: int) -> HttpResponse:
    """200 when stored (or here already), 401 when it does not verify, 404 for no such shop, 413 when too large; never a body."""
    shop = _shop(platform, shop_id)
    if shop is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    body = _body(request)
    if body is None:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    account, channel = account_of(shop), CHANNELS[platform]
    inbound = Inbound(account.options["callback_url"], {name.lower(): value for name, value in request.headers.items()}, body)
    try:
        channel.verify(account, inbound)
    except (Rejected, SecretsUnreadable) as error:
        actions.reject(shop, str(error))
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
    actions.accept(shop, channel.raw_of(account, inbound))
    return HttpResponse()


def _shop(platform: str, shop_id: int) -> Shop | None:
    known = CHANNELS.get(platform)
    if known is None or not known.pushes or shop_id >= 2**63:
        return None
    return Shop.objects.filter(pk=shop_id, platform=platform).first()


def _body(request: HttpRequest) -> bytes | None:
    """The raw bytes, None when there are more than settings.MAX_PUSH_BYTES."""
    limit = settings.MAX_PUSH_BYTES
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not announced.isdigit() or int(announced) > limit:
        return None
    body = bytes(request.read(limit + 1))
    return None if len(body) > limit else body
