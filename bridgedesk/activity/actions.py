"""Writing the log."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models

from bridgedesk.activity.models import Activity
from bridgedesk.lib import clock


def record(verb: str, subject: models.Model | None, *, by: AbstractBaseUser | None, actor: str = "", shop: int | None = None,
           conversation: int | None = None, **data: Any) -> Activity:  # fmt: skip
    """Add one line. Called by every action, in its transaction; `by` None means nobody in person (`actor` says what did)."""
    line = _line(verb, subject, by=by, actor=actor, shop=shop, conversation=conversation, data=data)
    line.save(force_insert=True)
    return line


class Log:
    """Lines gathered while many rows change, written in one statement; their subjects may be stored in between."""

    def __init__(self, *, by: AbstractBaseUser | None, actor: str = "") -> None:
        self._by, self._actor = by, actor
        self._told: list[tuple[str, Any, dict[str, Any]]] = []

    def record(self, verb: str, subject: models.Model, *, shop: int | None = None, **data: Any) -> None:
        """One more line."""
        self._told.append((verb, subject, {"shop": shop, "data": data}))

    def write(self) -> None:
        """All of them, in the order they were told."""
        lines = (_line(verb, subject, by=self._by, actor=self._actor, **told) for verb, subject, told in self._told)
        Activity.objects.bulk_create(lines)
        self._told = []


def _line(verb: str, subject: models.Model | None, *, by: AbstractBaseUser | None, actor: str, shop: int | None,
          data: dict[str, Any], conversation: int | None = None) -> Activity:  # fmt: skip
    return Activity(
        at=clock.now(),
        by_id=by.pk if by else None,
        actor=actor or ("agent" if by else "system"),
        verb=verb,
        shop_id=shop,
        subject_type=subject._meta.model_name or "" if subject else "",
        subject_id=subject.pk if subject else None,
        conversation_id=conversation,
        data=data,
    )


def record_each(verb: str, rows: Iterable[Any], *, by: AbstractBaseUser | None, actor: str = "", data: dict[str, Any]) -> None:
    """One line for each of several conversations or messages, in one statement."""
    Activity.objects.bulk_create(
        Activity(
            at=clock.now(),
            by_id=by.pk if by else None,
            actor=actor or ("agent" if by else "system"),
            verb=verb,
            shop_id=row.shop_id,
            subject_type=row._meta.model_name,
            subject_id=row.pk,
            conversation_id=getattr(row, "conversation_id", row.pk),
            data=data,
        )
        for row in rows
    )
