"""The policies page: what each platform permits, as it stands in content/policies. And the help page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from bridgedesk.channels.policy import CHECKS, PURPOSES, Check, Policy, Rule, Stated, policy
from bridgedesk.channels.policy import names as policies
from bridgedesk.conversations import labels, shelf
from bridgedesk.conversations.views import agent_of
from bridgedesk.lib import clock
from bridgedesk.lib.html import country
from bridgedesk.shops.words import FIGURES, UNITS

CHECK_NAMES: dict[str, str | Promise] = {
    "links": pgettext_lazy("check", "Links"),
    "emails": pgettext_lazy("check", "E-mail addresses"),
    "phones": pgettext_lazy("check", "Telephone numbers"),
    "messengers": pgettext_lazy("check", "Messengers"),
    "outside_deal": pgettext_lazy("check", "Buying elsewhere"),
    "outside_payment": pgettext_lazy("check", "Paying elsewhere"),
    "card_number": pgettext_lazy("check", "Card numbers"),
    "review_reward": pgettext_lazy("check", "Reward for a review"),
    "review_praise": pgettext_lazy("check", "Asking for a good review"),
    "review_change": pgettext_lazy("check", "Asking to change a review"),
    "review_beside_remedy": pgettext_lazy("check", "Review beside a remedy"),
    "ask_cancel": pgettext_lazy("check", "Asking the buyer to cancel"),
    "coupons": pgettext_lazy("check", "Coupons"),
    "promotion": pgettext_lazy("check", "Advertising"),
    "confirmation_only": pgettext_lazy("check", "Mere confirmation or thanks"),
    "html": pgettext_lazy("check", "HTML in the text"),
    "emojis": pgettext_lazy("check", "Emojis"),
    "rude": pgettext_lazy("check", "Rude words"),
    "length": pgettext_lazy("check", "Length"),
    "files": pgettext_lazy("check", "Files"),
    "empty": pgettext_lazy("check", "Empty message"),
    "language": pgettext_lazy("check", "Language other than the buyer's"),
    "script": pgettext_lazy("check", "The other Chinese script"),
    "unfilled": pgettext_lazy("check", "Gaps of a template"),
    "automatic": pgettext_lazy("check", "Sent without a person"),
}

LIST_NAMES: dict[str, str | Promise] = {
    "cancel_reasons": pgettext_lazy("list", "Reasons for which a seller may cancel"),
    "gives_numbers": pgettext_lazy("list", "Numbers the platform hands out itself"),
}


@dataclass(frozen=True)
class Line:
    """One statement of a policy as a row: what it is about, where and when it applies."""

    about: str
    stated: Stated
    where: str
    until_in_force: date | None
    first: bool


@login_required
@require_GET
def policies_page(request: HttpRequest) -> HttpResponse:
    """One platform's rules, figures and checks of texts; those of the agent's shops come first."""
    own = shelf.platforms_of(agent_of(request))
    order = [*own, *(name for name in policies() if name not in own)]
    asked = request.GET.get("platform", "")
    chosen = policy(asked if asked in order else order[0])
    shown = {
        "policy": chosen,
        "platforms": [(name, labels.PLATFORMS.get(name, policy(name).title)) for name in order],
        "rules": [line for purpose in PURPOSES for line in _rules(chosen, purpose)],
        "checks": [line for code in CHECKS for line in _checks(chosen, code)],
        "figures": sorted(chosen.thresholds, key=lambda figure: (list(FIGURES).index(figure.name), figure.region, figure.valid_from)),
        "lists": sorted(chosen.lists, key=lambda one: (one.name, one.countries)),
        "list_words": LIST_NAMES,
        "figure_words": FIGURES,
        "units": UNITS,
        "today": clock.now().date(),
        "always": date.min,
    }
    return render(request, "policies/policies.html", shown)


@login_required
@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """Keys, words and marks: what a new colleague needs on the first day."""
    return render(request, "help.html", {"agent": agent_of(request)})


def _rules(chosen: Policy, purpose: str) -> list[Line]:
    return _lines(labels.purpose(purpose), [rule for rule in chosen.rules if rule.purpose == purpose])


def _checks(chosen: Policy, code: str) -> list[Line]:
    return _lines(str(CHECK_NAMES[code]), [check for check in chosen.checks if check.code == code])


def _lines(about: str, stated: Iterable[Rule | Check]) -> list[Line]:
    """What holds in general first, then what holds somewhere or later."""
    ordered = sorted(stated, key=lambda one: (bool(one.countries), one.valid_from))
    today = clock.now().date()
    return [
        Line(about, one, _where(one), one.valid_from if one.valid_from > today else None, first=place == 0)
        for place, one in enumerate(ordered)
    ]


def _where(one: Stated) -> str:
    return _("Buyers in %(countries)s") % {"countries": _(", ").join(map(country, one.countries))} if one.countries else ""
