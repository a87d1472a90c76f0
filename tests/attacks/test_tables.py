"""Tables that leave for a spreadsheet program: no cell of any of them is ever computed."""

import csv
import io

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.activity.actions import record
from bridgedesk.lib import spreadsheets
from bridgedesk.team.models import Agent
from tests.attacks.test_every_address import addresses

FORMULAS = (
    '=HYPERLINK("https://evil.example","x")', "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\ufeff=1", "\u200b=1",
    "＝1+1", "＋1", "－1", "＠SUM", "=cmd|' /C calc'!A0", "\0=1", '";=1+1', "%0A=1",
)  # fmt: skip


def cells(text):
    return [cell for row in csv.reader(io.StringIO(text.removeprefix(spreadsheets.BOM), newline="")) for cell in row]


def is_computed(cell):
    return cell.lstrip("\t\r\n\v\f\u00a0\u200b\u200c\u200d\u2060\ufeff ").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("said", FORMULAS)
def test_a_formula_is_only_its_text(said):
    assert [cell for cell in cells(spreadsheets.lines([[said, "b"]])) if is_computed(cell)] == []


@given(st.lists(st.lists(st.text(alphabet=" =+-@\t\r\n\",;'\u200b\ufeff＝a1", max_size=8), min_size=1, max_size=3), min_size=1, max_size=3))
def test_no_cell_breaks_out_of_its_row(rows):
    read = list(csv.reader(io.StringIO(spreadsheets.lines(rows), newline="")))
    assert [len(row) for row in read] == [len(row) for row in rows]
    assert not any(is_computed(cell) for row in read for cell in row)


@pytest.mark.django_db(transaction=True)
def test_the_log_as_a_table_computes_nothing(admin_with_formulas):
    browser = AsyncClient()
    browser.force_login(admin_with_formulas, backend="allauth.account.auth_backends.AuthenticationBackend")

    async def table():
        answer = await browser.get("/activity.csv")
        return answer, b"".join([part async for part in answer.streaming_content]).decode()

    answer, text = async_to_sync(table)()
    assert "HYPERLINK" in text
    assert [cell for cell in cells(text) if is_computed(cell)] == []
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.fixture
def admin_with_formulas(make_agent, make_shop):
    boss = make_agent("boss", Agent.Role.ADMIN, shown_name=FORMULAS[0])
    shop = make_shop("=1+1", external_id="x")
    for said in FORMULAS:
        record("tagged", None, by=boss, shop=shop.pk, tag=said.replace("\0", ""), name=said.replace("\0", ""))
    return boss


def test_every_table_there_is_is_known_here():
    """The exports' own test is in tests/imports/test_export.py."""
    named = [address.name for address in addresses()]
    assert {name for name in named if "csv" in name or "export" in name} == {
        "activity-csv",
        "export",
        "exports",
    }
