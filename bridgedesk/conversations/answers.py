"""What an act answers to htmx: nothing to swap, only what to say and what to fetch again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from bridgedesk.conversations.access import CannotWrite


class Answer:
    """Built inside `done()`."""

    def __init__(self) -> None:
        self.response = HttpResponse(status=204)
        self._events: dict[str, object] = {"changed": {}}
        self._write()

    def say(self, text: str, tone: str = "ok") -> None:
        """A toast."""
        self._events["toast"] = {"text": text, "tone": tone}
        self._write()

    def go(self, url: str) -> None:
        """Open another page."""
        self.response["HX-Location"] = json.dumps({"path": url, "target": "#conversation", "swap": "innerHTML"})

    def refuse(self, reason: str) -> None:
        """It was not done, and why."""
        self.response = HttpResponse(reason, status=409, content_type="text/plain; charset=utf-8", headers={"X-Reason": quote(reason)})

    def _write(self) -> None:
        self.response["HX-Trigger"] = json.dumps(self._events)


@contextmanager
def done() -> Iterator[Answer]:
    """The page fetches itself again after the act; an act that is not possible says why."""
    answer = Answer()
    try:
        yield answer
    except CannotWrite as reason:
        answer.refuse(str(reason))
    except PermissionDenied as reason:
        answer.refuse(str(reason))
        answer.response.status_code = 403
