"""Whatever is uploaded: it is read, or refused with a reason. Never a crash, never more memory than was allowed."""

import csv
import io
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridgedesk.imports import columns, values, workbooks
from bridgedesk.imports.kinds import KINDS, check, reading
from bridgedesk.lib import spreadsheets, texttables
from bridgedesk.lib.workbook import workbook

HEAD = ["Order ID", "Buyer note", "Quantity"]
cells = st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), min_size=3, max_size=3), max_size=5)


def read(data: bytes) -> list[texttables.Row]:
    file = io.BytesIO(data)
    return list(texttables.rows(file, texttables.shape(file, columns.known)))


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_of_texts(data):
    assert all(isinstance(cell, str) for row in read(data) for cell in row.cells)


@settings(max_examples=60)
@given(
    cells, st.sampled_from(texttables.DELIMITERS), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.sampled_from(["\r\n", "\n", "\r"])
)
def test_what_a_spreadsheet_program_writes_is_read_back(rows, delimiter, charset, end):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([HEAD, *rows])
    found = read(out.getvalue().encode(charset))
    assert [list(row.cells) for row in found] == [HEAD, *(row for row in rows if any(row))]


def test_rows_of_empty_quotation_marks_do_not_make_the_marks_part_of_the_cells():
    assert [row.cells for row in read(b'"Order ID"\t"Quantity"\r\n""\t""\r\n')] == [["Order ID", "Quantity"]]


@pytest.mark.parametrize(
    ("text", "charset"),
    [("订单号,买家备注\n1,请尽快发货，谢谢您的支持\n", "gb18030"), ("訂單編號,買家備註\n1,請盡快出貨，謝謝您\n", "big5"),
     ("Order ID;Buyer note\n1;Grüße aus Köln, señor\n", "cp1252"), ("Order ID\tBuyer note\n1\tпривет из Казани\n", "utf-16")],
)  # fmt: skip
def test_character_sets_are_told_by_what_becomes_readable(text, charset):
    heading, row = read(text.encode(charset))
    assert len(heading.cells) == 2
    assert row.cells[1] in text


def test_a_byte_lost_here_and_there_does_not_spoil_the_rest():
    data = ("订单号,备注\n" + "1,请尽快发货\n" * 50).encode()
    found = read(data[:200] + data[201:])
    assert found[0].cells == ["订单号", "备注"]
    assert found[-1].cells == ["1", "请尽快发货"]


def test_a_quotation_mark_that_is_never_closed_is_told_by_its_line():
    found = read(("Order ID,Note\n1,fine\n2," + '"open ' + "x" * 40_000 + "\n3,lost\n").encode())
    assert [row.problem for row in found][1:3] == ["", texttables.UNCLOSED]
    assert found[2].line == 3


def test_one_endless_line_costs_no_more_than_a_line():
    assert {row.problem for row in read(b"x" * 5_000_000)} == {texttables.UNCLOSED}


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_any_cell_in_any_column_is_a_value_or_a_reason(text):
    for kind, spec in KINDS.items():
        for name in spec.fields:
            how = reading(kind, {name: 0}, [name], [[text]], values.Table(values.ZoneInfo("UTC"), "EUR", "g", "cm"), "")
            row = check(how, 2, [text])
            assert row.values or row.errors


@given(st.decimals(0, 10**9, places=2), st.sampled_from(["{:.2f}", "{:,.2f}", "€ {:.2f}", "{:.2f} EUR", "US$ {:,.2f}"]), st.booleans())
def test_sums_in_local_writing(amount, form, comma):
    text = form.format(amount)
    text = text.translate(str.maketrans(",.", ".,")) if comma else text
    found = values.price(text, values.Column(0, decimal="," if comma else "."), values.Table(values.ZoneInfo("UTC")))
    assert found.amount == amount


@given(st.text(max_size=20).filter(lambda text: not text.startswith("'") and "\0" not in text))
def test_what_was_made_safe_for_a_spreadsheet_program_is_itself_again(text):
    assert spreadsheets.restored(spreadsheets.safe(text)) == text


@settings(max_examples=8)
@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12), min_size=3, max_size=3),
        max_size=4,
    )
)
def test_a_workbook_we_write_is_read_back(rows):
    book = b"".join(workbook(HEAD, [rows]))
    found = [list(cells) for _sheet, _row, cells in workbooks.rows(io.BytesIO(book))]
    assert [[cell.strip() for cell in row] for row in found] == [HEAD, *([cell.strip() for cell in row] for row in rows)]


def test_a_workbooks_numbers_moments_and_formulas():
    from datetime import datetime

    book = b"".join(workbook(["a"], [[[Decimal("12.50"), 7, datetime(2026, 11, 20, 12, 30), "=1+1", None, "x"]]]))  # noqa: DTZ001
    *_, (_sheet, row, found) = workbooks.rows(io.BytesIO(book))
    assert (row, found) == (2, ["12.5", "7", "2026-11-20 12:30:00", "=1+1", "", "x"])


def zipped(**parts: bytes) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return out


HOSTILE = {
    "a bomb": (zipped(xl__a_dot_xml=b"0" * 20_000_000), workbooks.BOMB),
    "macros": (zipped(xl__vbaProject_dot_bin=b"x"), workbooks.MACROS),
    "entities": (
        zipped(xl__workbook_dot_xml=b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
        workbooks.ENTITIES,
    ),
    "entities in utf-16": (zipped(xl__workbook_dot_xml="<!DOCTYPE x [<!ENTITY a 'b'>]>".encode("utf-16")), workbooks.ENTITIES),
    "no workbook": (zipped(a_dot_txt=b"hello"), workbooks.BROKEN),
    "cut off": (io.BytesIO(b"".join(workbook(HEAD, []))[:900]), workbooks.BROKEN),
    "an old one cut off": (io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500), workbooks.BROKEN),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_workbooks_are_refused_with_a_reason(name):
    file, reason = HOSTILE[name]
    with pytest.raises(workbooks.Refused, match=reason.split(".")[0].replace("(", r"\(").replace(")", r"\)")):
        list(workbooks.rows(file))


def test_two_cells_in_opposite_corners_end_the_child_and_nothing_else():
    book = b"".join(workbook(["a"], []))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as before, zipfile.ZipFile(out, "w") as after:
        for part in before.infolist():
            data = before.read(part)
            if "sheet1" in part.filename:
                data = (
                    data.split(b"<sheetData>")[0]
                    + b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
                    + b"</sheetData></worksheet>"
                )
            after.writestr(part.filename, data)
    with pytest.raises(workbooks.Refused):
        list(workbooks.rows(out))
