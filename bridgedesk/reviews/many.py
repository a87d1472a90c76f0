"""One click for one row or for all that are chosen: each by itself, so that one which is refused keeps no other."""

from collections.abc import Callable, Iterable
from typing import TypeVar, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from bridgedesk.conversations.access import CannotWrite
from bridgedesk.conversations.replying import Refused
from bridgedesk.lib.storable import number
from bridgedesk.lib.words import told
from bridgedesk.orders.models import Order
from bridgedesk.reviews import actions
from bridgedesk.reviews.models import Review
from bridgedesk.team.models import Agent

MOST = 100
Row = TypeVar("Row")


@login_required
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask the buyers of the chosen orders for a review."""
    agent, chosen = _chosen(request)
    rows = Order.objects.visible_to(agent).filter(pk__in=chosen).select_related("shop").order_by("pk")
    done = _each(request, rows, lambda order: actions.ask(order, by=agent))
    if done:
        messages.success(request, ngettext("%(num)s buyer is asked.", "%(num)s buyers are asked.", done) % {"num": done})
    return redirect("reviews-ask")


@login_required
@require_POST
def thank(request: HttpRequest) -> HttpResponse:
    """Thank for the chosen reviews."""
    agent, chosen = _chosen(request)
    rows = Review.objects.visible_to(agent).filter(pk__in=chosen).order_by("pk")
    done = _each(request, rows, lambda review: actions.thank(review, by=agent))
    if done:
        messages.success(request, ngettext("%(num)s buyer is thanked.", "%(num)s buyers are thanked.", done) % {"num": done})
    return redirect("/reviews?show=thank")


def _chosen(request: HttpRequest) -> tuple[Agent, list[int]]:
    agent = cast(Agent, request.user)
    if not agent.may_write:
        raise PermissionDenied
    return agent, [number(value) for value in request.POST.getlist("ids")[:MOST]]


def _each(request: HttpRequest, rows: Iterable[Row], act: Callable[[Row], object]) -> int:
    """How many were done; of the others each reason is said once."""
    problems: dict[str, None] = {}
    done = 0
    for row in rows:
        if problem := _problem(row, act):
            problems[problem] = None
        else:
            done += 1
    for problem in problems:
        messages.error(request, problem)
    return done


def _problem(row: Row, act: Callable[[Row], object]) -> str:
    try:
        act(row)
    except (actions.CannotAnswer, actions.CannotAsk) as error:
        return told(str(error))
    except Refused as refused:
        return str(refused.ruling.findings[0].reason)
    except CannotWrite as error:
        return str(error) or _("It could not be sent.")
    return ""
