"""Who may use the JSON API: a token of an agent, with scopes, never more than the agent may."""

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.security import HttpBearer
from pydantic import ConfigDict

from bridgedesk.team import actions
from bridgedesk.team.models import Agent


class Token(HttpBearer):
    """`Authorization: Bearer bd_…`; sets `request.user` to the agent it acts for."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Agent | None:
        """The agent, or None (401) for a wrong, ended or too weak token."""
        found = actions.token_of(token)
        if found is None or self.scope not in found.scopes:
            return None
        request.user = found.agent
        return found.agent


READ, WRITE, ADMIN = Token("read"), Token("write"), Token("admin")


def agent_of(request: HttpRequest) -> Agent:
    """The agent behind an authenticated API request."""
    assert isinstance(request.user, Agent)  # noqa: S101 (every route has a Token)
    return request.user


class Strict(Schema):
    """A request body in which an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class AgentOut(Schema):
    id: int
    username: str
    shown_name: str
    role: str
    on_duty: bool


router = Router(tags=["team"])


@router.get("/me", response=AgentOut, auth=READ)
def me(request: HttpRequest) -> Agent:
    """Whose token this is."""
    return agent_of(request)
