"""The wizard in a browser: an export of an ERP, its columns, what cannot be read, the mended row; at a desk and on a phone."""

import pytest
from playwright.sync_api import expect

from bridgedesk.imports import running
from bridgedesk.imports.models import Table
from bridgedesk.orders.models import Order

HEAD = "订单号,订单状态,买家账号,收件人姓名,收件人国家,城市,地址1,邮编,商品SKU,商品名称,数量,单价,下单时间\n"
ROWS = (
    "S-1,待发货,mei,Mei Lin,德国,Berlin,Lange Str. 1,10115,L-1,台灯（白色）,2,9.50,2026-11-20 12:00\n"
    "S-2,待发货,tom,Tom Weber,法国,Paris,2 rue de la Paix,75002,L-2,台灯（黑色）,两件,19,2026-11-20 12:05\n"
)


@pytest.fixture
def file(tmp_path):
    made = tmp_path / "店小秘 订单导出.csv"
    made.write_bytes((HEAD + ROWS).encode("gb18030"))
    return made


@pytest.mark.parametrize("width", [1440, 390])
def test_alice_imports_an_erps_export_and_mends_a_row(screen_of, transactional_db, shop, alice, file, width):
    page = screen_of(alice, "/imports", width=width)
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_label("Take “订单号” as")).to_have_value("number")
    expect(page.get_by_label("Take “单价” as")).to_have_value("price")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Currency, where none is written").fill("EUR")
    page.get_by_role("button", name="Look again").click()
    expect(page.locator("main")).to_contain_text("Row 3")
    expect(page.locator("main")).to_contain_text("€9.50")
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.locator("#imports")).to_contain_text("of 2 rows")
    running.run(Table.objects.get().pk)
    mend = page.get_by_role("form", name="Row 3")
    expect(mend).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    mend.locator("input[value=两件]").fill("2")
    mend.get_by_role("button", name="Import this row").click()
    expect(page.locator("#imports")).to_contain_text("Everything in the table was taken.")
    assert Order.objects.get(external_id="S-2").lines.get().quantity == 2
    assert page.complaints == []
