"""Files a platform only named: fetched after their message is stored, outside any transaction."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.channels.base import SendError
from bridgedesk.channels.events import File
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations import attachments
from bridgedesk.conversations.models import Attachment
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.secrets import mask
from bridgedesk.shops.vault import account_of

log = logging.getLogger(__name__)

PAUSES = tuple(timedelta(seconds=s) for s in (5, 30, 300, 3600, 21600))
_LEASE = timedelta(minutes=2)


def fetch_file(attachment_id: int) -> None:
    """Fetch a waiting file; a fault is tried again, at last the file is shown as failed with the reason."""
    row = _claim(attachment_id)
    if row is None or row.message is None:
        return
    shop = row.message.shop
    named = File(name=row.name, url=row.url, content_id=row.content_id, inline=row.inline)
    try:
        data = CHANNELS[shop.platform].fetch_file(account_of(shop), named)
    except Exception as error:
        _failed(row, error)
    else:
        attachments.fetched(row, data)
    announce("message", shop=shop.pk, conversation=row.message.conversation_id, message=row.message_id)


def _claim(attachment_id: int) -> Attachment | None:
    """The file, put out of others' reach for as long as fetching it may take."""
    with transaction.atomic():
        rows = Attachment.objects.select_for_update(skip_locked=True, of=("self",)).select_related("message__shop")
        row = rows.filter(pk=attachment_id, state=Attachment.State.WAITING, next_try_at__lte=clock.now()).first()
        if row:
            row.attempts, row.next_try_at = row.attempts + 1, clock.now() + clock.real(_LEASE)
            row.save(update_fields=["attempts", "next_try_at"])
    return row


def _failed(row: Attachment, error: Exception) -> None:
    if not isinstance(error, SendError):
        log.exception("attachment %s could not be fetched", row.pk)
    row.error = (mask(str(error)) or _("The platform does not give this file.")).replace("\0", "")[:200]
    if row.attempts > len(PAUSES) or (isinstance(error, SendError) and error.permanent):
        row.state, row.next_try_at = Attachment.State.FAILED, None
    else:
        row.next_try_at = clock.now() + clock.real(PAUSES[row.attempts - 1])
        enqueue("fetch_file", at=row.next_try_at, attachment=row.pk)
    row.save(update_fields=["error", "state", "next_try_at"])
