"""The web process: granian serves `application`."""

import gc
import os
import warnings

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from bridgedesk.lib.bodies import limited

# Static files are read in a thread, piece by piece; Django says so at every one of them.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bridgedesk.settings")


def _limit_of(path: str) -> int:
    """Bytes a request body may have: pushes are small; an upload may carry several attachments."""
    from django.conf import settings  # read when the first request comes, like everything of Django's

    return settings.MAX_PUSH_BYTES if path.startswith("/in/") else 3 * settings.MAX_ATTACHMENT_BYTES


def _settle() -> None:
    """Load what stays for good and take it out of the garbage collector's rounds: a full one over it holds some request up."""
    _ = get_resolver().url_patterns  # with them every view
    gc.collect()
    gc.freeze()


application = limited(get_asgi_application(), _limit_of)  # type: ignore[arg-type]  # Django types ASGI's messages as dict
_settle()
