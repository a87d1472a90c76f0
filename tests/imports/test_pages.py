"""The pages of imports: from the upload to the mended row, for who leads in the shop and nobody else."""

import csv
import io

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient

from bridgedesk.imports import actions, running, workbooks
from bridgedesk.imports.models import Table
from bridgedesk.orders.models import Order
from tests.imports.conftest import a_csv

HEAD = ("Order ID", "Order Status", "SKU", "Quantity", "Grand Total")
GOOD, BAD = ("A1", "Shipped", "L-1", "2", "€ 25.00"), ("A2", "Shipped", "L-1", "some", "€ 3")


@pytest.fixture
def desk(sign_in, alice):
    return sign_in(alice)


def sent(*rows, name="orders.csv"):
    return SimpleUploadedFile(name, a_csv(*rows).getvalue())


def test_the_way_of_a_table_from_the_upload_to_the_last_mended_row(desk, shop, noon):
    answer = desk.post("/imports", {"shop": shop.pk, "table": sent(HEAD, GOOD, BAD)}, follow=True)
    page = answer.content.decode()
    assert "What each column is" in page
    assert "Row 3" in page
    assert "Pieces: This is no whole number of pieces." in page
    table = Table.objects.get()
    columns = {f"column-{place}": field for field, place in table.columns.items()}
    desk.post(f"/imports/{table.pk}/describe", {"kind": "orders", "sheet": "0", "start": "1", **columns})
    running.run(table.pk)
    page = desk.get(f"/imports/{table.pk}").content.decode()
    assert "Rows to mend" in page
    assert 'value="some"' in page
    answer = desk.post(f"/imports/{table.pk}/rows/3", {"cell-3": "4"}, follow=True)
    assert "Row 3 was taken." in answer.content.decode()
    assert "Everything in the table was taken." in answer.content.decode()
    assert Order.objects.get(external_id="A2").lines.get().quantity == 4
    assert "orders.csv" in desk.get("/imports").content.decode()


def test_another_kind_is_guessed_anew(desk, upload):
    table = upload(HEAD, GOOD)
    desk.post(f"/imports/{table.pk}/describe", {"kind": "parcels", "sheet": "0"})
    table.refresh_from_db()
    assert (table.kind, table.columns, table.state) == (
        "parcels",
        {"number": 0, "status": 1} if "status" in table.columns else {"number": 0},
        "open",
    )
    page = desk.post(f"/imports/{table.pk}/describe", {"kind": "parcels", "sheet": "0", "column-0": "number", "start": "1"}, follow=True)
    assert "Say first which columns hold what no row can be without" in page.content.decode()


@pytest.mark.parametrize("data", [b"", b"\n\n", b"PK\x03\x04 not a zip"])
def test_a_file_that_is_no_table_is_said(desk, shop, data):
    answer = desk.post("/imports", {"shop": shop.pk, "table": SimpleUploadedFile("x.xlsx", data)}, follow=True)
    assert 'data-tone="bad"' in answer.content.decode()
    assert not Table.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_rows_left_over_come_back_as_a_file_with_what_is_wrong(alice, take, noon):
    table = take(HEAD, GOOD, BAD)
    rows = list(csv.reader(io.StringIO(fetched(alice, f"/imports/{table.pk}/left.csv").decode("utf-8-sig"))))
    assert rows[0] == [*HEAD, "Bridgedesk: error", "Bridgedesk: line"]
    assert rows[1][:4] == ["A2", "Shipped", "L-1", "some"]
    assert "This is no whole number of pieces." in rows[1][5]
    assert rows[1][6] == "3"
    book = workbooks.rows(io.BytesIO(fetched(alice, f"/imports/{table.pk}/left.xlsx")))
    assert [cells[:4] for _sheet, _row, cells in book] == [list(HEAD[:4]), ["A2", "Shipped", "L-1", "some"]]


@pytest.mark.django_db(transaction=True)
def test_a_mended_file_settles_the_rows_it_came_from(alice, sign_in, take, noon):
    table = take(HEAD, GOOD, BAD)
    file = fetched(alice, f"/imports/{table.pk}/left.csv").decode("utf-8-sig").replace("some", "5")
    sign_in(alice).post("/imports", {"repairs": table.pk, "table": SimpleUploadedFile("mended.csv", file.encode())})
    mended = Table.objects.get(repairs=table)
    assert (mended.kind, mended.columns) == ("orders", table.columns), "what the columns are is remembered"
    actions.start(mended, by=alice)
    running.run(mended.pk)
    table.refresh_from_db()
    assert (table.bad, table.bad_rows.count()) == (0, 0)
    assert Order.objects.get(external_id="A2").lines.get().quantity == 5


def fetched(agent, path):
    client = AsyncClient()
    client.force_login(agent, backend="allauth.account.auth_backends.AuthenticationBackend")

    async def all_of_it():
        answer = await client.get(path)
        assert answer.status_code == 200
        return b"".join([part async for part in answer.streaming_content])

    return async_to_sync(all_of_it)()


def test_only_who_leads_in_the_shop_imports(sign_in, alice, bob, charlie, admin, upload, shop):
    table = upload(HEAD, GOOD, BAD)
    for agent, seen in ((alice, 200), (admin, 200), (bob, 404), (charlie, 404)):
        client = sign_in(agent)
        assert client.get(f"/imports/{table.pk}").status_code == seen
        assert client.get("/imports").status_code == (200 if agent.leads else 403)
        for path in ("describe", "do/start", "do/discard", "rows/3"):
            assert agent.leads or client.post(f"/imports/{table.pk}/{path}").status_code == 404
    answer = sign_in(bob).post("/imports", {"shop": shop.pk, "table": sent(HEAD, GOOD)})
    assert answer.status_code == 403


def test_the_list_asks_as_often_however_many_tables_there_are(desk, upload, django_assert_num_queries):
    desk.get("/imports")
    upload(HEAD, GOOD)
    with django_assert_num_queries(4):
        desk.get("/imports")
    for _ in range(5):
        upload(HEAD, GOOD)
    with django_assert_num_queries(4):
        desk.get("/imports")
