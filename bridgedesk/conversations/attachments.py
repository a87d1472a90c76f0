"""Files of messages: bytes under random names in Django's storage (a folder, or S3), facts about them in rows."""

import hashlib
import logging
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.db.models import Q
from django.utils.translation import gettext as _

from bridgedesk.channels.events import File
from bridgedesk.conversations.models import Attachment, Conversation, Message
from bridgedesk.lib import clock, filenames, filetypes
from bridgedesk.lib.storable import plain
from bridgedesk.team.models import Agent

log = logging.getLogger(__name__)


class TooLarge(Exception):
    """A file above the limit; the message is for the agent."""


_landed: ContextVar[dict[str, list[str]] | None] = ContextVar("landed", default=None)


@contextmanager
def landed(files: Iterable[File]) -> Iterator[None]:
    """Write these files' bytes before the transaction inside the block makes their rows (storage may be a network away).

    What no row took, because the block failed or the message was a repeat, is deleted again.
    """
    kept: dict[str, list[str]] = {}
    for file in files:
        if file.data is not None and len(file.data) <= settings.MAX_ATTACHMENT_BYTES:
            kept.setdefault(_digest(file.data), []).append(_write(file.data))
    written = [key for keys in kept.values() for key in keys]
    token = _landed.set(kept)
    try:
        yield
    finally:
        _landed.reset(token)
        if written:
            _forget_unused(written)


def store(conversation: Conversation | None, message: Message | None, file: File, by: Agent | None = None) -> Attachment:
    """Keep a file under a random name, its type read from its bytes.

    A file with a `url` only waits to be fetched. TooLarge above settings.MAX_ATTACHMENT_BYTES when an agent gives it; a
    buyer's file that large becomes a row that says so, so that the message is never lost.
    """
    row = Attachment(
        conversation=conversation, message=message, uploaded_by=by, token=secrets.token_urlsafe(32), name=filenames.clean(file.name),
        content_id=_bounded(file.content_id), inline=file.inline, url=file.url.replace("\0", ""), created_at=clock.now(),
    )  # fmt: skip
    if file.data is not None:
        _keep_bytes(row, file.data, by)
    elif file.url:
        row.state, row.next_try_at = Attachment.State.WAITING, clock.now()
    else:
        row.state, row.error = Attachment.State.FAILED, _("The platform named a file but gave no way to fetch it.")
    row.save()
    return row


def fetched(row: Attachment, data: bytes) -> None:
    """The bytes of a waiting file have come."""
    _keep_bytes(row, data, None)
    if row.state != Attachment.State.FAILED:
        row.state, row.error = Attachment.State.STORED, ""
    row.next_try_at = None
    row.save()


def draft(name: str, data: bytes, *, by: Agent) -> Attachment:
    """An agent's upload, not yet of any message; TooLarge."""
    return store(None, None, File(name=name, data=data), by)


def drafts(tokens: Sequence[str], *, by: Agent) -> list[Attachment]:
    """The agent's own unsent uploads of these tokens, in their order; somebody else's or unknown ones are left out."""
    found = {row.token: row for row in Attachment.objects.filter(token__in=map(plain, tokens), uploaded_by=by, message=None)}
    return [found[token] for token in tokens if token in found]


def discard(token: str, *, by: Agent) -> bool:
    """Throw away an unsent upload of one's own; False if there is none."""
    row = Attachment.objects.filter(token=plain(token), uploaded_by=by, message=None).first()
    if row is None:
        return False
    row.delete()
    _forget([row.storage_key])
    return True


def visible_to(agent: Agent, token: str) -> Attachment | None:
    """The file behind a token, if the agent may see its conversation or uploaded it."""
    own = Q(message=None, uploaded_by=agent)
    in_sight = Q(message__isnull=False) if agent.sees_all_shops else Q(message__shop__agents=agent)
    return Attachment.objects.filter(own | in_sight, token=plain(token)).first()


def open_bytes(attachment: Attachment) -> bytes:
    """The stored bytes; FileNotFoundError while it waits or has failed."""
    if not attachment.storage_key:
        raise FileNotFoundError(attachment.name)
    with default_storage.open(attachment.storage_key) as file:
        return bytes(file.read())


def open_part(attachment: Attachment, start: int, length: int) -> bytes:
    """`length` bytes from `start` on; FileNotFoundError as `open_bytes`."""
    if not attachment.storage_key:
        raise FileNotFoundError(attachment.name)
    with default_storage.open(attachment.storage_key) as file:
        file.seek(start)
        return bytes(file.read(length))


def as_files(message: Message) -> tuple[File, ...]:
    """The message's stored files, as a channel sends them."""
    rows = message.attachments.filter(state=Attachment.State.STORED).order_by("id")
    return tuple(File(name=row.name, data=open_bytes(row), content_id=row.content_id, inline=row.inline) for row in rows)


def forget(rows: Iterable[Attachment]) -> None:
    """Delete rows, then their bytes."""
    rows = list(rows)
    Attachment.objects.filter(pk__in=[row.pk for row in rows]).delete()
    _forget([row.storage_key for row in rows])


def _keep_bytes(row: Attachment, data: bytes, by: Agent | None) -> None:
    limit = settings.MAX_ATTACHMENT_BYTES
    row.size = len(data)
    if row.size > limit:
        word = _("“%(name)s” has %(size)d MB; at most %(limit)d MB are allowed.")
        word %= {"name": row.name, "size": -(-row.size // 1_000_000), "limit": limit // 1_000_000}
        if by:
            raise TooLarge(word)
        row.state, row.error = Attachment.State.FAILED, word[:200]
        return
    row.type, row.sha256 = filetypes.sniff(data), _digest(data)
    waiting = (_landed.get() or {}).get(row.sha256)
    row.storage_key = waiting.pop() if waiting else _write(data)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(data: bytes) -> str:
    name = secrets.token_hex(16)
    return str(default_storage.save(f"{name[:2]}/{name}", ContentFile(data)))


def _forget_unused(keys: Sequence[str]) -> None:
    try:
        used = set(Attachment.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True))
    except DatabaseError:
        return  # whether the rows were committed cannot be known now: rather an orphan than a loss
    _forget([key for key in keys if key not in used])


def _forget(keys: Iterable[str]) -> None:
    for key in filter(None, keys):
        try:
            default_storage.delete(key)
        except Exception:  # each kind of storage has its own; an orphan does no harm
            log.warning("attachment %s could not be deleted", key, exc_info=True)


def _bounded(text: str) -> str:
    return text.replace("\0", "")[:255]
