"""The bytes behind a file a message names, where the platform hands them out to whoever knows the address."""

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import SendError
from bridgedesk.channels.events import File
from bridgedesk.lib import http

MOST = 25_000_000
GONE = (403, 404, 410)


def fetch(file: File, most: int = MOST) -> bytes:
    """From the platform's file server. SendError: permanent where asking again will not help. No more than `most` bytes are read."""
    if file.data is not None:
        return file.data
    try:
        answer = http.request("GET", file.url, timeout=20, max_bytes=most)
    except http.Blocked as error:
        raise SendError(str(error), permanent=True, code="blocked") from None
    except http.Unreachable as error:
        raise SendError(str(error), permanent=False, code="unreachable") from None
    if not answer.is_success:
        word = noop("The platform does not give this file.")
        raise SendError(word, permanent=answer.status_code in GONE, code=f"http_{answer.status_code}")
    return answer.content
