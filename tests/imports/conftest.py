"""Tables as sellers upload them, and the worker that takes them."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.utils import translation

from bridgedesk.imports import actions, running
from bridgedesk.imports.models import Table
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def a_csv(*rows: Sequence[Any], delimiter: str = ",", charset: str = "utf-8") -> io.BytesIO:
    """A file as a spreadsheet program saves it."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return io.BytesIO(out.getvalue().encode(charset))


@pytest.fixture
def upload(shop: Shop, alice: Agent) -> Callable[..., Table]:
    """Alice uploads rows, as the kind of table they look like unless said."""

    def make(*rows: Sequence[Any], kind: str = "", file: io.BytesIO | None = None, **more: Any) -> Table:
        return actions.upload(shop, file or a_csv(*rows, **more), "orders.csv", kind=kind, by=alice)

    return make


@pytest.fixture
def take(upload: Callable[..., Table], alice: Agent) -> Callable[..., Table]:
    """Alice uploads rows and has them taken, whatever their columns were recognised as."""

    def make(*rows: Sequence[Any], currency: str = "EUR", **more: Any) -> Table:
        table = upload(*rows, **more)
        actions.describe(table, kind=table.kind, sheet=0, columns=table.columns, options={"currency": currency}, by=alice)
        actions.start(table, by=alice)
        running.run(table.pk)
        table.refresh_from_db()
        return table

    return make
