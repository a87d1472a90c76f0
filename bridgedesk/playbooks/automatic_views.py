"""The card of a shop's automatic steps, fetched by the shop's page: the switch, and which steps it is about."""

from dataclasses import dataclass
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from bridgedesk.channels.policy import Rule, policy, policy_name
from bridgedesk.conversations.models import Template
from bridgedesk.lib import clock
from bridgedesk.playbooks import automatic, queries
from bridgedesk.playbooks.labels import DOES_WORDS
from bridgedesk.playbooks.models import Version
from bridgedesk.playbooks.rules import Step
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


@dataclass(frozen=True)
class Line:
    """A marked step of a published playbook. `rule` is the platform's word on its letter; None: it writes none."""

    version: Version
    playbook: str
    step: str
    does: str
    rule: Rule | None

    @property
    def possible(self) -> bool:
        """Whether it may go by itself here at all; the gate looks at the words each time."""
        return self.rule is None or (self.rule.automatic and self.rule.verdict == "allowed")


@login_required
@require_http_methods(["GET", "POST"])
def steps(request: HttpRequest, pk: int) -> HttpResponse:
    """The card; POST switches it."""
    agent = cast(Agent, request.user)
    shop = get_object_or_404(Shop.objects.visible_to(agent), pk=pk)
    if request.method == "POST":
        automatic.set_automatic(shop, on=request.POST.get("on") == "1", by=agent)
        shop.refresh_from_db()
    shown = {"shop": shop, "agent": agent, "since": shop.options.get(automatic.OPTION), "lines": _lines(shop)}
    return render(request, "playbooks/automatic.html", shown)


def _lines(shop: Shop) -> list[Line]:
    purposes = dict(Template.objects.filter(current=True).values_list("key", "purpose"))
    found = []
    for version in queries.published():
        playbook = queries.playbook_of(version)
        if playbook.serves(policy_name(shop)):
            found += [_line(version, str(playbook.names), step, shop, purposes) for step in playbook.steps if step.automatic]
    return sorted(found, key=lambda line: (line.playbook, line.step))


def _line(version: Version, name: str, step: Step, shop: Shop, purposes: dict[str, str]) -> Line:
    purpose = (step.purpose or purposes.get(step.template, "")) if step.template else ""
    rule = policy(policy_name(shop)).rule(purpose, clock.now().date()) if purpose else None
    return Line(version, name, str(step.names), str(DOES_WORDS[step.does]), rule)
