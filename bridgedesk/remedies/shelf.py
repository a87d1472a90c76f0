"""Returned goods on the shelf, or off the books: each with its line in the history of the article."""

from bridgedesk.products.counting import move
from bridgedesk.products.models import Movement, Sku
from bridgedesk.team.models import Agent

Kind = Movement.Kind


def take_in(sku: Sku, good: int, bad: int, *, by: Agent, reference: str) -> None:
    """`good` pieces go on the shelf; `bad` ones came back too and are written off. In the caller's transaction.

    An article nobody counted has no number to change.
    """
    if sku.on_hand is None:
        return
    for kind, pieces in ((Kind.BACK, good + bad), (Kind.WRITTEN_OFF, bad)):
        if pieces:
            move(sku, kind, pieces, by=by, reference=reference)
