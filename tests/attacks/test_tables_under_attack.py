"""Tables that are uploaded to reach what their lead may not, or to keep a web process busy; and what tables that leave tell."""

import csv
import io
import zipfile
from zoneinfo import ZoneInfo

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from bridgedesk.customers.models import Customer, Identity
from bridgedesk.imports import actions, kinds, running, values, workbooks
from bridgedesk.imports.models import BadRow, Piece, Table
from bridgedesk.lib import texttables
from bridgedesk.products.models import Listing, Product, Sku
from tests.attacks.test_hostile_texts import five_seconds
from tests.conftest import NOON

__all__ = ["five_seconds"]
HERE = values.Table(ZoneInfo("UTC"), "EUR", "g", "cm")
PIECES = (
    "-",
    "(",
    " ",
    "1 ",
    "1,",
    "a@",
    "a.",
    ".",
    "x",
    "x ",
    "1x",
    "  x",
    "1:",
    "=",
    "'",
    "\u202f",
    "E+1",
    "$ ",
    "- ",
    "−",
    "1-",
    "jan ",
    "年",
)


@pytest.fixture
def charlies(make_shop, make_agent):
    shop = make_shop("Kite shop")
    lead = make_agent("carla", "lead")
    shop.agents.set([lead])
    return shop, lead


@pytest.fixture
def lamp(shop):
    """An article only Alice's shop sells."""
    sku = Sku.objects.create(product=Product.objects.create(name="Lamp", created_at=NOON), code="LAMP", on_hand=10, created_at=NOON)
    Listing.objects.create(shop=shop, sku=sku, item="1", code="LAMP", seen_at=NOON)
    return sku


def taken(charlies, kind, *rows):
    shop, lead = charlies
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    table = actions.upload(shop, io.BytesIO(out.getvalue().encode()), "t.csv", kind=kind, by=lead)
    actions.start(table, by=lead)
    running.run(table.pk)
    return Table.objects.get(pk=table.pk)


def test_no_table_counts_what_lies_on_a_shelf_its_lead_does_not_see(charlies, lamp):
    table = taken(charlies, "stock", ["SKU", "Pieces on the shelf"], ["LAMP", "0"])
    lamp.refresh_from_db()
    assert lamp.on_hand == 10
    assert table.bad == 1


def test_no_table_changes_an_article_its_lead_does_not_see(charlies, lamp):
    taken(
        charlies, "products", ["SKU", "Product", "Category", "Weight (g)"], ["LAMP", "Kite", "kites", "5"], ["KITE", "Lamp", "kites", "5"]
    )
    lamp.refresh_from_db()
    assert (lamp.weight_g, lamp.product.category, lamp.product.skus.count()) == (None, "", 1)
    assert BadRow.objects.count() == 1
    assert Sku.objects.get(code="KITE").product != lamp.product


@pytest.mark.django_db(transaction=True)
def test_buyers_leave_with_the_ids_of_shops_one_sees(shop, bob, make_shop):
    anna = Customer.objects.create(created_at=NOON)
    for where, name in ((shop, "anna-here"), (make_shop("Kite shop"), "anna-elsewhere")):
        for kind, external in (("user", name), ("email", f"{name}@example.com")):
            Identity.objects.create(customer=anna, shop=where, kind=kind, external_id=external)
    browser = AsyncClient()
    browser.force_login(bob, backend="allauth.account.auth_backends.AuthenticationBackend")

    async def table():
        answer = await browser.get("/exports/customers.csv")
        return b"".join([part async for part in answer.streaming_content]).decode()

    text = async_to_sync(table)()
    assert "anna-here" in text
    assert "anna-here@example.com" in text
    assert "elsewhere" not in text


READERS = {spec.read: (kind, name) for kind, one in kinds.KINDS.items() for name, spec in one.fields.items()}


@pytest.mark.usefixtures("five_seconds")
@pytest.mark.parametrize("reader", READERS, ids=lambda read: read.__name__)
def test_no_cell_keeps_a_web_process_busy(reader):
    kind, name = READERS[reader]
    for piece in PIECES:
        many = piece * (texttables.LONGEST_CELL // len(piece))
        cells = [many + "\x01!", "1" + many + "1"]
        how = kinds.reading(kind, {name: 0}, ["x"], [[cell] for cell in cells], HERE, "")
        for cell in cells:
            kinds.check(how, 2, [cell])


def a_workbook(text: str, cells: int, rows: int) -> io.BytesIO:
    """One shared text in every cell of a sheet: a small file that says a great deal."""
    formats = "http://schemas.openxmlformats.org"
    space, kinds_of = f'xmlns="{formats}/spreadsheetml/2006/main"', f"{formats}/officeDocument/2006/relationships"
    links = f'<Relationships xmlns="{formats}/package/2006/relationships">'
    row = "<row>" + '<c t="s"><v>0</v></c>' * cells + "</row>"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{formats}/package/2006/content-types"/>',
        "_rels/.rels": f'{links}<Relationship Id="r1" Type="{kinds_of}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'{links}<Relationship Id="r1" Type="{kinds_of}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{kinds_of}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {space} xmlns:r="{kinds_of}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f"<worksheet {space}><sheetData>{row * rows}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f"<sst {space}><si><t>{text}</t></si></sst>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file


def test_a_small_workbook_that_says_one_text_everywhere_is_not_held(shop, alice):
    """A hundred kilobytes of file, a hundred and twenty megabytes of text."""
    file = a_workbook("word " * 6_000, 100, 41)
    assert file.getbuffer().nbytes < 100_000
    with pytest.raises(workbooks.Refused):
        actions.upload(shop, file, "t.xlsx", by=alice)
    assert not Table.objects.exists()


def test_long_rows_are_kept_in_small_pieces(shop, alice):
    table = actions.upload(shop, a_workbook("word " * 40_000, 50, 12), "t.xlsx", by=alice)
    pieces = list(Piece.objects.filter(table=table).values_list("rows", flat=True))
    assert sum(map(len, pieces)) == table.rows == 11
    assert max(len(cell) for rows in pieces for row in rows for cell in row[1]) == texttables.LONGEST_CELL
    assert max(map(len, pieces)) < 5


def test_a_workbook_of_that_make_is_read(shop, alice):
    assert actions.upload(shop, a_workbook("word", 3, 4), "t.xlsx", by=alice).rows == 3
