"""Each request runs in the agent's language and time zone."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from bridgedesk.team.models import Agent


def agent_preferences(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: what the agent chose wins over what the browser asks for."""

    def middleware(request: HttpRequest) -> HttpResponse:
        agent = request.user
        if not isinstance(agent, Agent):
            return get_response(request)
        request.LANGUAGE_CODE = agent.language
        with timezone.override(ZoneInfo(agent.timezone)), translation.override(agent.language):
            return get_response(request)

    return middleware
