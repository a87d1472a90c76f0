"""A step's message for one buyer: its template in the buyer's language, with what the step and the order know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridgedesk.conversations import templates
from bridgedesk.conversations.models import Conversation, Template
from bridgedesk.lib.money import Money
from bridgedesk.orders.models import Order
from bridgedesk.playbooks.rules import MONEY, Step
from bridgedesk.remedies.models import Offer
from bridgedesk.remedies.rulebook import book
from bridgedesk.team.models import Agent


@dataclass(frozen=True)
class Draft:
    """What the composer gets. `purpose` is the step's own, else its template's."""

    template: int
    text: str
    purpose: str
    language: str
    fallback: bool


def draft(step: Step, conversation: Conversation, order: Order | None, agent: Agent | None) -> Draft | None:
    """The filled template; None where the step says nothing, or its template is retired or cannot be rendered.

    A step that opens the remedies tells of the offer that stands in the case, not of another.
    """
    offer = standing(order) if order and step.does in MONEY else None
    key = letter_of(step, offer)
    template = Template.objects.filter(key=key, current=True).prefetch_related("texts").first() if key else None
    if template is None:
        return None
    try:
        filled = templates.fill(template, conversation, agent, lambda: order, values_of(step, order) | _told(offer))
    except templates.TemplateError:
        return None
    return Draft(template.pk, filled.text, step.purpose or template.purpose, filled.language, bool(filled.fallback))


def standing(order: Order) -> Offer | None:
    """The offer made to the buyer of that order and not answered yet."""
    return Offer.objects.filter(case__order=order, state=Offer.State.MADE).select_related("case").first()


def letter_of(step: Step, offer: Offer | None) -> str:
    """The template of the step; another where that makes an offer, or says nothing, and the case holds a different one."""
    fitting = book().letters.get(offer.kind, ()) if offer else ()
    if not fitting or step.template in fitting or (step.template and step.template not in _offers()):
        return step.template
    return fitting[0]


def _offers() -> set[str]:
    return {"resend-or-refund"}.union(*book().letters.values())


def _told(offer: Offer | None) -> dict[str, Any]:
    return {"refund.amount": Money(offer.refund_minor, offer.case.currency)} if offer and offer.refund_minor else {}


def values_of(step: Step, order: Order | None) -> dict[str, Any]:
    """The step's own values and what its order says. A value "=order.total" is what the order says under that name."""
    known = _known(order)
    given = {
        name: known.get(value[1:]) if isinstance(value, str) and value.startswith("=") else value for name, value in step.values.items()
    }
    named = {name: value for name, value in known.items() if name != "order.total"}
    return {name: value for name, value in (named | given).items() if value not in (None, "")}


def _known(order: Order | None) -> Mapping[str, Any]:
    if order is None:
        return {}
    lines = list(order.lines.all())
    return {
        "order.number": order.external_id,
        "order.date": order.placed_at,
        "order.items": ", ".join(f"{line.title} × {line.quantity}" for line in lines if line.title),
        "order.shipping": order.shipping_method,
        "order.ship_by": order.ship_by,
        "item.name": lines[0].title if len(lines) == 1 else "",
        "order.total": order.total,
    }
