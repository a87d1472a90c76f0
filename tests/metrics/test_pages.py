import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import PermissionDenied
from django.test import AsyncClient

from bridgedesk.activity.models import Activity
from bridgedesk.lib import clock, spreadsheets
from bridgedesk.metrics import actions, basis
from bridgedesk.metrics.actions import Wrong
from bridgedesk.metrics.models import Band, Rate
from bridgedesk.playbooks.models import Version
from bridgedesk.remedies.models import Case
from tests.conftest import NOON
from tests.imports.test_pages import fetched

PAGES = ("/figures", "/figures/cases", "/figures/cases?show=unbooked", "/figures/basis")


@pytest.fixture
def traded(shop, make_sku, ship, lose):
    lamp = make_sku("LAMP", 2000, category="lamps")
    order = ship(shop, (lamp, 4, 5000), external_id="ORD-77")
    return lose(order, "defective", refund=400)


@pytest.mark.parametrize("path", PAGES)
def test_leads_read_figures_and_agents_do_not(sign_in, shop, alice, bob, charlie, admin, path, noon):
    assert {agent: sign_in(agent).get(path).status_code for agent in (alice, admin, bob, charlie)} == {
        alice: 200,
        admin: 200,
        bob: 403,
        charlie: 403,
    }


def test_a_lead_of_another_shop_meets_nothing_of_this_one(sign_in, make_agent, traded, noon):
    sam = sign_in(make_agent("sam", "lead"))
    for page in ("/figures?in=USD", f"/figures?shop={traded.shop_id}", "/figures/cases", f"/figures/cases?shop={traded.shop_id}"):
        said = sam.get(page).content.decode()
        assert "ORD-77" not in said
        assert "LAMP" not in said
        assert "Lamp shop" not in said


def test_the_page_says_the_figure_its_definition_and_what_lies_behind_it(sign_in, alice, traded, noon):
    lead = sign_in(alice)
    page = lead.get("/figures?days=7&in=USD").content.decode()
    assert "5.0%" in page
    assert "cost of the goods shipped in the period" in page
    assert "/figures/cases?since=2026-11-14" in page
    assert "ORD-77" in lead.get("/figures/cases?days=7&in=USD").content.decode()
    assert "ORD-77" not in lead.get("/figures/cases?days=7&quality=without").content.decode()


def test_along_an_axis_a_click_leads_to_its_cases(sign_in, alice, traded, noon):
    page = sign_in(alice).get("/figures?days=7&in=USD&by=sku").content.decode()
    assert "LAMP" in page
    assert "sku=LAMP" in page
    assert "by=fault" in page


def test_nothing_shipped_and_nothing_lost_is_said_so(sign_in, alice, shop, noon):
    assert "Nothing was shipped and nothing was lost" in sign_in(alice).get("/figures").content.decode()


def test_a_category_above_its_band_stands_out(sign_in, alice, traded, noon):
    actions.set_band("Lamps", Decimal("3.5"), Decimal(1), valid_from=date(2026, 1, 1), source="house rule", by=alice)
    page = sign_in(alice).get("/figures?days=7&in=USD&by=category").content.decode()
    assert 'data-tone="bad"' in page
    assert "at most 3.5%" in page


def test_the_trend_marks_the_week_in_which_a_playbook_changed(sign_in, alice, traded, shelf, noon):
    first = Version.objects.get(key="return-without-reason")
    Version.objects.filter(pk=first.pk).update(current=False)
    Version.objects.create(key=first.key, number=2, data=first.data, origin="edited", published_at=NOON - timedelta(days=1))
    page = sign_in(alice).get("/figures?days=7&in=USD").content.decode()
    assert "Return without reason: three letters, version 2" in page
    assert "trend-mark" in page


def test_however_many_cases_the_page_asks_the_same(sign_in, alice, shop, traded, ship, lose, django_assert_max_num_queries, noon):
    lead = sign_in(alice)
    for _ in range(5):
        lose(ship(shop, (traded.order.lines.get().sku, 1, 900)), "late", coupon=10)
    with django_assert_max_num_queries(20):
        lead.get("/figures?days=7&by=sku")
    with django_assert_max_num_queries(12):
        lead.get("/figures/cases?days=7")


def test_what_platforms_closed_without_a_booking_can_be_looked_through(sign_in, alice, shop, traded, noon):
    told = {"state": "closed", "status_at": NOON - timedelta(days=1), "refund_minor": 700, "currency": "TWD", "first_seen_at": NOON}
    Case.objects.create(shop=shop, order=traded.order, external_id="RET-9", **told)
    lead = sign_in(alice)
    assert "1 return that the platform closed" in lead.get("/figures?days=7").content.decode()
    assert "RET-9" in lead.get("/figures/cases?days=7&show=unbooked").content.decode()


def test_a_rate_holds_from_its_day_on(alice, db):
    actions.set_rate("cny", Decimal("7.25"), valid_from=date(2026, 11, 1), source="bank", by=alice)
    assert basis.rates(date(2026, 10, 31))["CNY"].valid_from is None
    assert basis.rates(date(2026, 11, 1))["CNY"].per_dollar == Decimal("7.25")
    assert Activity.objects.get(verb="set_rate").data["value"] == "7.25"


def test_a_band_of_ones_own_wins_over_the_shipped_one(alice, db):
    actions.set_band("Large furniture", Decimal(5), None, valid_from=date(2026, 11, 1), source="house rule", by=alice)
    assert basis.bands(date(2026, 11, 2))[0].sure == "own"
    assert basis.bands(date(2026, 10, 2))[0].sure == "third_party"


@pytest.mark.parametrize(("form", "sent"), [
    ("rate", {"currency": "ABC", "per_dollar": "3"}), ("rate", {"currency": "EUR", "per_dollar": "0"}),
    ("rate", {"currency": "EUR", "per_dollar": "NaN"}), ("rate", {"currency": "EUR", "per_dollar": "x"}),
    ("rate", {"currency": "EUR", "per_dollar": "1", "source": " "}), ("rate", {"currency": "EUR", "per_dollar": "1", "day": "never"}),
    ("band", {"most": "101"}), ("band", {"most": "-1"}), ("band", {"most": "3", "reach": "Infinity"}), ("band", {}),
])  # fmt: skip
def test_what_makes_no_sense_is_not_kept(sign_in, alice, form, sent):
    answer = sign_in(alice).post(f"/figures/basis/{form}", {"day": "2026-11-01", "source": "bank"} | sent, follow=True)
    assert answer.status_code == 200
    assert not Rate.objects.exists()
    assert not Band.objects.exists()


def test_a_lead_enters_what_figures_rest_on_and_an_agent_does_not(sign_in, alice, bob, db):
    lead = sign_in(alice)
    day = {"day": "2026-11-01", "source": "bank"}
    lead.post("/figures/basis/rate", {"currency": "EUR", "per_dollar": "0,92"} | day)
    lead.post("/figures/basis/band", {"category": "", "most": "4", "reach": "1.5"} | day)
    assert Rate.objects.get().per_dollar == Decimal("0.92")
    page = lead.get("/figures/basis").content.decode()
    assert "0.92" in page
    assert "All goods" in page
    for form in ("rate", "band"):
        assert sign_in(bob).post(f"/figures/basis/{form}", {"currency": "EUR", "per_dollar": "1", "most": "1"} | day).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.set_rate("EUR", Decimal(1), valid_from=date(2026, 1, 1), source="x", by=bob)
    with pytest.raises(Wrong):
        actions.set_rate("EUR", Decimal(1), valid_from=date(2026, 1, 1), source="", by=alice)


@pytest.mark.django_db(transaction=True)
def test_the_rows_of_an_axis_leave_as_a_table_without_formulas(alice, bob, shop, make_sku, ship, lose):
    with clock.frozen(NOON):
        lose(ship(shop, (make_sku("=1+1", 2000), 4, 5000)), "size", refund=400)
        table = fetched(alice, "/exports/losses.csv?days=7&by=sku&in=USD")
        headings, row = csv.reader(io.StringIO(table.decode().removeprefix(spreadsheets.BOM)))
    found = dict(zip(headings, row, strict=True))
    assert found | {"From": "", "To": ""} == {
        "Article": "'=1+1", "Rate, %": "5.0", "Without quality, %": "5.0", "Lost": "4.00", "Goods shipped": "80.00", "Currency": "USD",
        "Cases": "1", "From": "", "To": "",
    }  # fmt: skip
    browser = AsyncClient()
    browser.force_login(bob, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert async_to_sync(browser.get)("/exports/losses.csv").status_code == 404
