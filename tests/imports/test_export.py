"""Exports: what is on the list comes out, as the reader sees it, safe in a spreadsheet program, and goes in again unchanged."""

import csv
import io

import pytest
from django.http import QueryDict

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import Person
from bridgedesk.customers.actions import find_or_create
from bridgedesk.imports import exporting, workbooks
from bridgedesk.imports.exporting import Reader
from bridgedesk.lib.workbook import workbook
from bridgedesk.orders.models import Order
from tests.imports.test_orders import HEAD, ROWS, counts
from tests.imports.test_pages import fetched


def exported(agent, what, query=""):
    headings, batches = exporting.all_of(what, Reader(agent, QueryDict(query)))
    return headings, [row for batch in batches for row in batch]


def test_orders_come_out_as_the_list_is_filtered(take, alice, noon):
    take(HEAD, *ROWS)
    headings, rows = exported(alice, "orders", "state=to_ship")
    assert [dict(zip(headings, row, strict=True))["Order number"] for row in rows] == ["A1"]
    assert {row[headings.index("Order number")] for row in exported(alice, "orders")[1]} == {"A1", "A2"}


@pytest.mark.parametrize("what", ["lines", "parcels"])
def test_what_was_exported_goes_in_again_and_changes_nothing(take, alice, what, noon):
    take(HEAD, *ROWS)
    before = list(Order.objects.order_by("pk").values())
    headings, rows = exported(alice, what)
    table = take(headings, *rows, kind={"lines": "orders"}.get(what, what))
    assert counts(table) == (0, 0, len(rows), 0)
    assert list(Order.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("what", [*exporting.EXPORTS, "figures", "losses", "opinions"])
def test_every_export_has_as_many_cells_as_headings(take, alice, what, noon):
    take(HEAD, *ROWS)
    take(("SKU", "Cost (CNY)"), ("L-1", "40"))
    take(("SKU", "Item ID", "Quantity"), ("L-1", "77", "4"))
    headings, rows = exported(alice, what)
    assert rows or what in ("figures", "losses", "opinions")
    assert all(len(row) == len(headings) for row in rows)
    b"".join(workbook(headings, [rows]))


def test_who_sees_less_exports_less(take, alice, bob, charlie, shop, noon):
    take(HEAD, *ROWS)
    take(("SKU", "Cost (CNY)"), ("L-1", "40"))
    take(("SKU", "Item ID", "Quantity"), ("L-1", "77", "4"))
    assert all(exported(charlie, what)[1] == [] for what, _label in exporting.choices(charlie))
    assert len(exported(bob, "orders")[1]) == 2
    headings, rows = exported(bob, "products")
    assert rows[0][headings.index("Cost of one piece")] == "", "what it costs is the lead's to know"
    assert float(exported(alice, "products")[1][0][headings.index("Cost of one piece")]) == 40


@pytest.mark.django_db(transaction=True)
def test_the_file_is_safe_and_the_log_says_who_took_it(take, bob, shop, noon):
    take(HEAD, *ROWS)
    find_or_create(shop, Person("=cmd|' /C calc'!A0", name="=1+1"))
    text = fetched(bob, "/exports/customers.csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1][:2] == ["'=cmd|' /C calc'!A0", "'=1+1"]
    book = [cells for _sheet, _row, cells in workbooks.rows(io.BytesIO(fetched(bob, "/exports/customers.xlsx")))]
    assert book[1][1] == "=1+1", "in a workbook it is a text by its type"
    assert Activity.objects.filter(verb="exported_table", by=bob).count() == 2


def test_who_only_looks_carries_nothing_away(sign_in, make_agent, shop):
    observer = make_agent("olga", "observer")
    shop.agents.add(observer)
    assert sign_in(observer).get("/exports").status_code == 403
    assert sign_in(observer).get("/exports/orders.csv").status_code == 403


def test_the_list_of_orders_offers_its_own_filters(take, bob, sign_in, noon):
    take(HEAD, *ROWS)
    page = sign_in(bob).get("/orders?state=shipped&q=A").content.decode()
    assert "/exports/orders.xlsx?state=shipped&amp;q=A" in page
    assert "/exports/lines.csv" in page
    assert sign_in(bob).get("/exports").status_code == 200
    assert sign_in(bob).get("/exports/nothing.csv").status_code == 404
    assert sign_in(bob).get("/exports/orders.exe").status_code == 404
