"""The workbench: list, conversation, context."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bridgedesk.conversations.models import Conversation
from bridgedesk.team.models import Agent


@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """The list, what expires next first."""
    assert isinstance(request.user, Agent)  # noqa: S101
    rows = Conversation.objects.visible_to(request.user).select_related("shop", "customer").order_by("due_at", "-last_at")[:50]
    return render(request, "inbox.html", {"rows": rows})
