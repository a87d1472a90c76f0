"""A step's message for one buyer: its template in the buyer's language, with what the step and the order know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridgedesk.conversations import templates
from bridgedesk.conversations.models import Conversation, Template
from bridgedesk.orders.models import Order
from bridgedesk.playbooks.rules import Step
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
    """The filled template; None where the step says nothing, or its template is retired or cannot be rendered."""
    template = Template.objects.filter(key=step.template, current=True).prefetch_related("texts").first() if step.template else None
    if template is None:
        return None
    try:
        filled = templates.fill(template, conversation, agent, lambda: order, values_of(step, order))
    except templates.TemplateError:
        return None
    return Draft(template.pk, filled.text, step.purpose or template.purpose, filled.language, bool(filled.fallback))


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
