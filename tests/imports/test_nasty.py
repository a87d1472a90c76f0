"""Every kind of table with files nobody should send: each gets a plain answer, good rows are taken, and no row is lost."""

import io
from datetime import UTC

import pytest

from bridgedesk.imports import actions, kinds, running
from bridgedesk.imports.models import Piece, Table
from bridgedesk.imports.workbooks import Refused
from bridgedesk.lib import texttables
from bridgedesk.orders.models import Order
from bridgedesk.products.models import Sku

HEADS = {
    "orders": ("Order ID", "Order Date", "Grand Total", "Currency", "Quantity", "SKU"),
    "products": ("SKU", "Product Name", "Cost", "Currency", "Weight (g)"),
    "stock": ("SKU", "Stock"),
    "parcels": ("Order ID", "Tracking Number", "Tracking Status", "Ship Time"),
    "customers": ("Buyer Username", "Name", "Email", "Country"),
}
GOOD = {
    "orders": ("A1", "2026-11-01", "10.00", "EUR", "1", "L-1"),
    "products": ("L-1", "Lamp", "4.00", "EUR", "200"),
    "stock": ("L-1", "7"),
    "parcels": ("A1", "RR1", "In transit", "2026-11-01"),
    "customers": ("mei", "Mei", "mei@example.com", "TW"),
}
KINDS = sorted(HEADS)


@pytest.fixture(autouse=True)
def _known(shop, noon):
    """An article, for stock is counted of what is known."""
    from bridgedesk.products.models import Product

    Sku.objects.create(product=Product.objects.create(name="Lamp", created_at=noon), code="L-1", created_at=noon)


def rows_of(table: Table) -> int:
    """Every row that was uploaded has one outcome."""
    return table.made + table.changed + table.same + table.bad


def test_every_kind_is_tried():
    assert set(HEADS) == set(kinds.KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_row_between_nonsense_is_taken_and_the_nonsense_stays_for_repair(kind, take):
    nonsense = tuple("\ufffd\x00=cmd|' /C calc'!A0" for _cell in HEADS[kind])
    table = take(HEADS[kind], nonsense, GOOD[kind], tuple("x" * 40_000 for _cell in HEADS[kind]), ("",) * len(HEADS[kind]), kind=kind)
    assert table.state == "done"
    assert rows_of(table) == 3, "the empty row is none"
    assert table.made + table.changed + table.same >= 1
    assert table.bad >= 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("data", [b"", b"\n\n\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00" * 1000, b",,,,\n,,,,\n"])
def test_a_file_without_a_table_is_refused_in_words_and_leaves_nothing(kind, data, upload):
    with pytest.raises(Refused):
        upload(file=io.BytesIO(data), kind=kind)
    assert not Table.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_headings_alone_are_a_table_of_no_rows(kind, take):
    table = take(HEADS[kind], kind=kind)
    assert (table.state, rows_of(table)) == ("done", 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_any_delimiter_is_told_from_the_file(kind, delimiter, take):
    assert take(HEADS[kind], GOOD[kind], kind=kind, delimiter=delimiter).bad == 0


@pytest.mark.parametrize("kind", KINDS)
def test_of_columns_with_the_same_heading_the_first_counts(kind, take):
    table = take(HEADS[kind] * 2, GOOD[kind] + tuple("other" for _cell in GOOD[kind]), kind=kind)
    assert (table.bad, rows_of(table)) == (0, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_of_more_cells_than_any_table_has_is_told_by_its_line(kind, take):
    wide = ",".join(["x"] * 200_000)
    file = io.BytesIO(f"{','.join(HEADS[kind])}\n{wide}\n{','.join(GOOD[kind])}\n".encode())
    table = take(file=file, kind=kind)
    assert table.made + table.changed + table.same >= 1
    assert all(len(cells) <= texttables.MOST_CELLS for piece in Piece.objects.all() for _line, cells, *_more in piece.rows)


def test_a_million_columns_of_headings_are_cut_and_cost_little(upload):
    table = upload(file=io.BytesIO(",".join(["Order ID", *(f"c{n}" for n in range(1_000_000))]).encode() + b"\nA1\n"), kind="orders")
    assert len(table.headings) <= texttables.MOST_CELLS


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_of_many_megabytes_is_one_bad_row(kind, take):
    huge = f'{",".join(HEADS[kind])}\n"{"x" * 20_000_000}",2\n{",".join(GOOD[kind])}\n'
    table = take(file=io.BytesIO(huge.encode()), kind=kind)
    assert table.bad >= 1
    assert table.made + table.changed + table.same >= 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_in_another_character_set_does_not_spoil_the_others(kind, take):
    file = io.BytesIO(",".join(HEADS[kind]).encode() + b"\n" + "坏".encode("big5") * 3 + b"\xff\n" + ",".join(GOOD[kind]).encode() + b"\n")
    table = take(file=file, kind=kind)
    assert rows_of(table) == 2
    assert table.made + table.changed + table.same >= 1


@pytest.mark.parametrize(
    "text", ["2026-11-03", "2026/11/3 08:30", "03.11.2026", "3 Nov 2026", "2026年11月3日", "20261103", "1793664000", "45964"]
)
def test_a_date_in_any_order_is_that_day_or_a_reason(text, take):
    table = take(("Order ID", "Order Date"), ("A1", text))
    placed = Order.objects.values_list("placed_at", flat=True).first()
    assert table.bad == 1 or (placed is not None and placed.astimezone(UTC).year in (2025, 2026)), placed


@pytest.mark.parametrize(
    "text", ["31/31/2026", "2026-13-01", "0000-00-00", "1899-12-31", "9999-12-31", "soon", "-1", "99999999999999999999"]
)
def test_what_is_no_day_is_a_bad_row(text, take):
    assert take(("Order ID", "Order Date"), ("A1", text)).bad == 1
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1234.50", 123450), ("1,234.50", 123450), ("1.234,50", 123450), ("€ 1 234,50", 123450), ("１２３４．５０", 123450),
        ("1'234.50", 123450),
        ("-5.00", None), ("(5.00)", None), ("5.00-", None), ("ten", None), ("=10+1", None),
        ("1e9", None), ("NaN", None), ("Infinity", None),
        ("9" * 40, None),
    ],
)  # fmt: skip
def test_money_is_that_sum_or_a_reason(text, minor, take):
    table = take(("Order ID", "Grand Total"), ("A1", text))
    assert [order.total_minor for order in Order.objects.all()] == ([] if minor is None else [minor])
    assert table.bad == (minor is None)


@pytest.mark.parametrize("code", ["XYZ", "dollars", "12", "US", "=USD", "€€"])
def test_an_unknown_currency_is_said(code, take):
    table = take(("Order ID", "Grand Total", "Currency"), ("A1", "10.00", code))
    assert (table.bad, Order.objects.count()) == (1, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_without_the_column_it_cannot_be_without_is_not_begun(kind, upload, alice):
    table = upload(("Colour", "Size"), ("red", "big"), kind=kind)
    with pytest.raises(actions.CannotNow):
        actions.start(table, by=alice)
    running.run(table.pk)
    assert not Order.objects.exists()
