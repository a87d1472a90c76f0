"""How much of the answering is done with templates, and the card that shows it on the templates page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.conversations.models import Message
from bridgedesk.conversations.views import agent_of
from bridgedesk.lib import clock
from bridgedesk.lib.figures import definition, figure
from bridgedesk.shops.models import Shop

PERIODS = (7, 30, 90)


@dataclass(frozen=True)
class Share:
    """Answers sent, how many of them from a template, how many of these as they were, and the sum of what was changed in each (0 to 1)."""

    answers: int = 0
    templated: int = 0
    unchanged: int = 0
    changed: float = 0.0

    def __add__(self, other: "Share") -> "Share":
        """Both together."""
        return Share(
            self.answers + other.answers, self.templated + other.templated, self.unchanged + other.unchanged, self.changed + other.changed
        )

    @property
    def share(self) -> float | None:
        """From a template, 0 to 1; None when nothing was sent."""
        return self.templated / self.answers if self.answers else None

    @property
    def edited(self) -> float | None:
        """How much of an answer from a template was changed on average, 0 to 1; None when there was none."""
        return self.changed / self.templated if self.templated else None

    @property
    def as_it_was(self) -> float | None:
        """Of those from a template, the ones sent without a change, 0 to 1."""
        return self.unchanged / self.templated if self.templated else None


@figure
def template_share(shops: Iterable[Shop], since: datetime, until: datetime) -> dict[int, Share]:
    """Of all answers people sent to buyers in the period, how many began as a template, and how much of these was changed
    before sending, by words. An answer in several parts counts once. Answers typed on the platform's own page count as
    answers without a template; automatic messages do not count.
    """
    sent = Message.objects.filter(direction="out", state="sent", automatic=False, part=0)
    rows = sent.filter(shop__in=list(shops), at__gte=since, at__lt=until).order_by().values_list("shop")
    counted = rows.annotate(
        answers=Count("*"),
        templated=Count("template"),
        unchanged=Count("template", filter=Q(edited_share=0)),
        changed=Sum("edited_share", default=0.0, filter=Q(template__isnull=False)),
    )
    return {shop: Share(*figures) for shop, *figures in counted}


@login_required
@require_GET
def share_card(request: HttpRequest) -> HttpResponse:
    """The figure over the last days (7, 30 or 90), for all shops of the agent together and each by itself."""
    asked = request.GET.get("days", "")
    days = next((period for period in PERIODS if str(period) == asked), 30)
    shops = list(Shop.objects.visible_to(agent_of(request)))
    now = clock.now()
    found = template_share(shops, now - timedelta(days=days), now)
    page = {"days": days, "periods": PERIODS, "total": sum(found.values(), Share()), "rows": _rows(shops, found)}
    return render(request, "templates/share.html", page | {"definition": definition(template_share)})


def _rows(shops: Sequence[Shop], found: dict[int, Share]) -> list[tuple[Shop, Share]]:
    """Shops that answered anybody, those with the smallest share first: there is most to gain."""
    answered = [(shop, found[shop.pk]) for shop in shops if shop.pk in found]
    return sorted(answered, key=lambda row: (row[1].share or 0.0, row[0].name))
