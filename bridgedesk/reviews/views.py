"""The list of reviews."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.activity.live import address
from bridgedesk.lib import clock
from bridgedesk.lib.words import told
from bridgedesk.orders.models import PlatformAct
from bridgedesk.orders.words import ACT_STATES
from bridgedesk.reviews import actions, answering
from bridgedesk.reviews.models import Review
from bridgedesk.reviews.queries import PAGE, Filters, barred
from bridgedesk.reviews.queries import reviews as find
from bridgedesk.shops.models import Shop
from bridgedesk.shops.queries import targets
from bridgedesk.team.models import Agent


@login_required
@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    """What buyers wrote in public, the worst first, with what may still be done."""
    agent, filters = cast(Agent, request.user), Filters.parse(request.GET.dict())
    rows = find(agent, filters, PAGE + 1)
    shown = [
        ("", pgettext("reviews", "All")),
        ("low", pgettext("reviews", "3 stars or fewer")),
        ("thank", pgettext("reviews", "To thank for")),
        ("unanswered", pgettext("reviews", "Without an answer")),
        ("changeable", pgettext("reviews", "Buyer may change it")),
    ]
    more = {
        "rows": rows[:PAGE],
        "next": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "filters": filters,
        "shown": shown,
        "shop_choices": [(shop.pk, shop.name) for shop in Shop.objects.visible_to(agent)],
        "star_choices": [(stars, f"{stars} ★") for stars in range(1, 6)],
        "now_": clock.now(),
        "on_its_way": _on_its_way(rows),
        "act_states": ACT_STATES,
        "live": address(),
        "edits": targets({row.shop for row in rows}, "review_edit_days", clock.now()),
        "barred": barred({row.shop for row in rows}, clock.now().date()),
    }
    return render(request, "reviews/list.html", more)


def _on_its_way(rows: list[Review]) -> dict[int, str]:
    """Reviews with an answer that was decided, and how far it is."""
    keys = {answering.key(row): row.pk for row in rows if not row.reply}
    acts = PlatformAct.objects.filter(kind="ReplyReview", key__in=keys, shop__in={row.shop_id for row in rows}).exclude(state="withdrawn")
    return {keys[act.key]: act.state for act in acts}


@login_required
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a review in public; what may not stand there is said and nothing goes out."""
    agent = cast(Agent, request.user)
    review = get_object_or_404(Review.objects.visible_to(agent), pk=pk if pk < 2**63 else 0)
    if not agent.may_write:
        raise PermissionDenied
    try:
        actions.answer(review, request.POST.get("text", ""), by=agent)
    except actions.CannotAnswer as error:
        messages.error(request, told(str(error)))
    return redirect("reviews")
