"""Who really asks when proxies stand in front. What a proxy says of it is believed of those we were told about, of nobody else."""

import ipaddress
from collections.abc import Callable, MutableMapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FOR, PROTO = "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"


def forwarded(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, the first: REMOTE_ADDR becomes the client's address; a stranger's X-Forwarded headers are dropped."""

    def middleware(request: HttpRequest) -> HttpResponse:
        believe(request.META)
        return get_response(request)

    return middleware


def believe(meta: MutableMapping[str, Any]) -> None:
    """The last address of X-Forwarded-For that is no trusted proxy is the client: what stands before it anybody may have written."""
    hops = [hop.strip() for hop in str(meta.pop(FOR, "")).split(",")]
    if not is_trusted(str(meta.get("REMOTE_ADDR", ""))):
        meta.pop(PROTO, None)
        return
    client = next((hop for hop in reversed(hops) if not is_trusted(hop)), "")
    if _address(client):
        meta["REMOTE_ADDR"] = client


def is_trusted(address: str) -> bool:
    """Whether the address is in settings.TRUSTED_PROXIES (addresses or networks)."""
    found = _address(address)
    return found is not None and any(found in ipaddress.ip_network(known.strip(), strict=False) for known in settings.TRUSTED_PROXIES)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
