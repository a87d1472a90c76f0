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
    return Activity.objects.create(
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
