"""Named filters of the inbox."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from bridgedesk.activity.actions import record
from bridgedesk.conversations.access import CannotWrite
from bridgedesk.conversations.filters import Filters
from bridgedesk.conversations.models import SavedView
from bridgedesk.lib.storable import plain
from bridgedesk.team.models import Agent


@transaction.atomic
def save_view(name: str, query: str, *, by: Agent, shared: bool = False) -> SavedView:
    """Keep a filter under a name, for oneself or (leads) for everybody. Only what the inbox understands is kept of `query`."""
    if not by.may_write:
        raise PermissionDenied("An observer only looks.")
    if shared and not by.leads:
        raise PermissionDenied("Only leads share views.")
    name = plain(name).strip()[:60]
    if not name:
        raise CannotWrite(_("The view needs a name."))
    owner = None if shared else by
    checked = Filters.parse(QueryDict(query)).query_string()[:400]
    view, _new = SavedView.objects.update_or_create(owner=owner, name=name, defaults={"query": checked})
    record("saved_view", view, by=by, name=name)
    return view


@transaction.atomic
def delete_view(view: SavedView, *, by: Agent) -> None:
    """Remove one's own view; leads also those of everybody."""
    if view.owner_id != by.pk and not (view.owner_id is None and by.leads):
        raise PermissionDenied("This view is not yours.")
    record("deleted_view", view, by=by, name=view.name)
    view.delete()
