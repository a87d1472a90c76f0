"""Reading the log."""

from collections.abc import Iterable

from django.db.models import QuerySet

from bridgedesk.activity.models import Activity

MOST = 200


def timeline(conversations: Iterable[int], *, most: int = MOST) -> list[Activity]:
    """The last lines about a conversation (its id, and the ids of those merged into it), oldest first."""
    rows = Activity.objects.filter(conversation_id__in=list(conversations)).select_related("by")
    return list(rows.order_by("-at", "-pk")[:most])[::-1]


def feed(shops: Iterable[int] | None, after_id: int = 0, *, verbs: Iterable[str] = (), most: int = MOST) -> QuerySet[Activity]:
    """Lines after `after_id`, oldest first, for programs that follow along: of these shops; None: of all, and of what
    belongs to no shop.

    Lines get their ids when they are written but show when their transaction commits: a reader that must miss nothing
    waits a moment before it moves its mark past a line (`sync`'s outgoing webhooks do).
    """
    rows = Activity.objects.filter(pk__gt=after_id).select_related("by").order_by("pk")
    if shops is not None:
        rows = rows.filter(shop__in=list(shops))
    chosen = list(verbs)
    return (rows.filter(verb__in=chosen) if chosen else rows)[:most]
