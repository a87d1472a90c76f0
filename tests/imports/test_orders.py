"""Orders from tables: what platforms' reports and ERPs write, once however often, bad rows kept for repair."""

import io
from datetime import UTC, datetime

import pytest

from bridgedesk.activity.models import Activity
from bridgedesk.customers.models import Customer
from bridgedesk.imports import actions, running
from bridgedesk.imports.models import Mapping, Piece, Table
from bridgedesk.imports.workbooks import Refused
from bridgedesk.orders.models import Line, Order, Parcel
from tests.imports.conftest import a_csv

HEAD = ("Order ID", "Order Status", "Username (Buyer)", "Receiver Name", "Delivery Address", "City", "Zip Code", "Country",
        "Product Name", "SKU Reference No.", "Variation Name", "Deal Price", "Quantity", "Grand Total", "Tracking Number*")  # fmt: skip
ROWS = (
    ("A1", "To ship", "mei", "Mei Lin", "1 Long Road", "Berlin", "10115", "Germany", "Lamp", "L-1", "Red", "10.00", "2", "25.00", ""),
    ("A1", "To ship", "mei", "Mei Lin", "1 Long Road", "Berlin", "10115", "Germany", "Bulb", "B-1", "", "5.00", "1", "25.00", ""),
    ("A2", "Shipped", "tom", "Tom", "2 Short Road", "Paris", "75002", "France", "Lamp", "L-1", "Blue", "10.00", "1", "10.00", "RR1"),
)


def counts(table: Table) -> tuple[int, int, int, int]:
    return table.made, table.changed, table.same, table.bad


def test_an_export_of_a_platform_becomes_orders_with_their_lines_buyers_and_parcels(take, shop, noon):
    table = take(HEAD, *ROWS)
    assert (table.kind, table.state, counts(table)) == ("orders", "done", (3, 0, 0, 0))
    first, second = Order.objects.order_by("external_id")
    assert (first.state, first.status, first.total_minor, first.currency, first.country) == ("to_ship", "To ship", 2500, "EUR", "DE")
    assert [(line.code, line.title, line.quantity, line.price_minor) for line in first.lines.all()] == [
        ("L-1", "Lamp", 2, 1000),
        ("B-1", "Bulb", 1, 500),
    ]
    assert first.lines.get(code="L-1").options == {"variation": "Red"}
    assert (first.address["lines"], first.address["postcode"], first.customer.name) == (["1 Long Road"], "10115", "Mei Lin")
    assert second.parcels.get().number == "RR1"
    assert second.shipped_at is None  # the table does not say when


def test_the_same_table_twice_changes_nothing_and_says_so(take, noon):
    take(HEAD, *ROWS)
    before = list(Order.objects.values()), list(Line.objects.values()), list(Parcel.objects.values()), list(Customer.objects.values())
    again = take(HEAD, *ROWS)
    assert counts(again) == (0, 0, 3, 0)
    assert before == (
        list(Order.objects.values()),
        list(Line.objects.values()),
        list(Parcel.objects.values()),
        list(Customer.objects.values()),
    )


def test_a_later_table_changes_what_it_tells_and_leaves_the_rest(take, noon):
    take(HEAD, *ROWS)
    later = take(("Order ID", "Order Status", "Tracking Number"), ("A1", "Shipped", "RR2"), ("A2", "To ship", "RR1"))
    assert counts(later) == (0, 1, 1, 0)
    order = Order.objects.get(external_id="A1")
    assert (order.state, order.lines.count(), order.parcels.get().number) == ("shipped", 2, "RR2")
    assert Order.objects.get(external_id="A2").state == "shipped", "a table is a picture of yesterday: nothing goes back"


def test_bad_rows_stay_for_repair_and_good_ones_are_taken(take, noon):
    table = take(
        ("Order ID", "Quantity", "SKU", "Order Creation Date"),
        ("B1", "2", "X", "2026-11-20"),
        ("B2", "two", "X", "soon"),
        ("", "1", "Y", ""),
    )
    assert counts(table) == (1, 0, 0, 2)
    assert [(row.line, [field for field, _why in row.errors]) for row in table.bad_rows.all()] == [
        (3, ["quantity", "placed_at"]),
        (4, ["number"]),
    ]
    assert list(Order.objects.values_list("external_id", flat=True)) == ["B1"]


def test_a_row_is_mended_on_screen(take, alice, noon):
    table = take(("Order ID", "Quantity", "SKU"), ("B1", "two", "X"))
    row = table.bad_rows.get()
    assert not actions.mend(row, {1: "2.5"}, by=alice)
    row = table.bad_rows.get()
    assert row.cells == ["B1", "2.5", "X"]
    assert actions.mend(row, {1: "2"}, by=alice)
    table.refresh_from_db()
    assert (table.bad, table.made, table.taken, table.bad_rows.count()) == (0, 1, 1, 0)
    assert Line.objects.get().quantity == 2


def test_the_same_article_twice_in_an_order_is_two_lines_and_stays_two(take, noon):
    rows = (("Order ID", "SKU", "Quantity", "Price"), ("C1", "X", "1", "5"), ("C1", "X", "3", "4"))
    take(*rows)
    assert counts(take(*rows)) == (0, 0, 2, 0)
    assert sorted(Line.objects.values_list("quantity", flat=True)) == [1, 3]
    assert Order.objects.get().total_minor == 1700, "no total was told: what the articles cost"


def test_a_line_a_platform_told_is_the_one_the_table_means(take, shop, noon):
    order = Order.objects.create(shop=shop, external_id="D1", first_seen_at=noon, currency="EUR")
    Line.objects.create(order=order, external_id="991", code="X", title="Lamp", quantity=1)
    take(("Order ID", "SKU", "Quantity"), ("D1", "x", "2"))
    assert [(line.external_id, line.quantity, line.title) for line in order.lines.all()] == [("991", 2, "Lamp")]


def test_an_order_cut_by_the_end_of_a_piece_stays_whole(take, monkeypatch, noon):
    monkeypatch.setattr("bridgedesk.imports.uploading.PIECE", 2)
    lines = [("E1", f"S{n}", "1", "2.00") for n in range(5)] + [("E2", "S1", "1", "2.00")]
    table = take(("Order ID", "SKU", "Quantity", "Price"), *lines)
    assert (table.taken, table.piece) == (6, 3)
    assert {order.external_id: (order.lines.count(), order.total_minor) for order in Order.objects.all()} == {
        "E1": (5, 1000),
        "E2": (1, 200),
    }


def test_one_row_the_database_refuses_keeps_no_other_away(take, monkeypatch, noon):
    real = running.of_orders.see_each

    def see_each(shop, told):
        if any(event.external_id == "F2" for event, _customer in told):
            raise ValueError("no")
        return real(shop, told)

    monkeypatch.setattr("bridgedesk.imports.of_orders.see_each", see_each)
    table = take(("Order ID", "Order Status"), ("F1", "Shipped"), ("F2", "Shipped"), ("F3", "Shipped"))
    assert counts(table) == (2, 0, 0, 1)
    assert table.bad_rows.get().errors == [["", running.FAILED]]


def test_amazons_report_with_tabs_and_prices_of_the_whole_line(take, noon):
    head = ("order-id", "order-item-id", "purchase-date", "buyer-email", "sku", "product-name", "quantity-purchased", "currency",
            "item-price", "recipient-name", "ship-address-1", "ship-city", "ship-postal-code", "ship-country")  # fmt: skip
    row = ("111-1234567-1234567", "778", "2026-11-19T20:00:00-08:00", "x@marketplace.amazon.com", "L-1", 'Lamp 12" white', "2", "USD",
           "39.98", "Ann", "1 Main St", "Reno", "89501", "US")  # fmt: skip
    file = "\t".join(head) + "\n" + "\t".join(row) + "\n"
    take(file=io.BytesIO(file.encode("cp1252")))
    order = Order.objects.get()
    assert (order.placed_at, order.currency) == (datetime(2026, 11, 20, 4, tzinfo=UTC), "USD")
    line = order.lines.get()
    assert (line.external_id, line.price_minor, line.title) == ("778", 1999, 'Lamp 12" white')


@pytest.mark.parametrize("charset", ["utf-8-sig", "gb18030", "utf-16"])
def test_an_erps_export_in_chinese(take, charset, noon):
    head = (
        "订单号",
        "订单状态",
        "买家账号",
        "收件人姓名",
        "收件人国家",
        "省/州",
        "城市",
        "地址1",
        "邮编",
        "商品SKU",
        "商品名称",
        "数量",
        "单价(CNY)",
        "下单时间",
        "运单号",
    )
    row = (
        "S-1",
        "待发货",
        "mei",
        "张伟",
        "德国",
        "",
        "柏林",
        "长街1号",
        "10115",
        "台灯-1",
        "台灯（白色）",
        "2",
        "￥99.5",
        "2026年11月20日 12:00",
        "",
    )
    take(head, row, charset=charset)
    order = Order.objects.get()
    assert (order.state, order.country, order.address["city"], order.lines.get().title) == ("to_ship", "DE", "柏林", "台灯（白色）")
    assert (order.lines.get().price_minor, order.currency, order.placed_at.hour) == (9950, "CNY", 12)


def test_big5_and_the_columns_of_a_taiwanese_report(take, noon):
    head = ("訂單編號", "訂單狀態", "買家帳號", "商品名稱", "商品活動價格", "數量", "買家總支付金額")
    take(head, ("T-1", "待出貨", "yijun", "檯燈", "NT$1,299", "1", "NT$1,359"), charset="big5")
    order = Order.objects.get()
    assert (order.state, order.total_minor, order.currency, order.lines.get().title) == ("to_ship", 135_900, "TWD", "檯燈")


def test_numbers_a_spreadsheet_program_shortened_are_refused(take, noon):
    table = take(("Order ID", "SKU"), ("8.01234E+15", "X"), ('="8012345678901234"', "Y"))
    assert counts(table) == (1, 0, 0, 1)
    assert Order.objects.get().external_id == "8012345678901234"


def test_what_columns_are_is_remembered_for_these_headings_in_this_shop(upload, shop, alice, make_shop, noon):
    head = ("Ref", "State", "What")
    table = upload(head, ("G1", "x", "Lamp"), kind="orders")
    assert "title" not in table.columns
    actions.describe(table, kind="orders", sheet=0, columns={"number": 0, "title": 2}, options={"currency": "PLN"}, by=alice)
    actions.start(table, by=alice)
    assert Mapping.objects.count() == 1
    again = upload(("What", "Ref", "State"), ("Lamp", "G2", "x"), kind="orders")
    assert (again.columns, again.options["currency"]) == ({"number": 1, "title": 0}, "PLN")


def test_it_stops_when_who_started_it_leads_in_the_shop_no_more(upload, shop, alice, noon):
    table = upload(HEAD, *ROWS)
    actions.start(table, by=alice)
    shop.agents.remove(alice)
    running.run(table.pk)
    table.refresh_from_db()
    assert (table.state, Order.objects.count()) == ("stopped", 0)


def test_the_log_says_who_imported_what(take, alice, noon):
    take(HEAD, *ROWS)
    verbs = Activity.objects.filter(subject_type="table").order_by("pk").values_list("verb", "by")
    assert list(verbs) == [("uploaded_table", alice.pk), ("started_import", alice.pk), ("imported_table", alice.pk)]


def test_rows_are_forgotten_when_their_time_is_over(take, upload, settings, noon):
    done, opened = take(HEAD, *ROWS), upload(HEAD, *ROWS)
    settings.RAW_DAYS = -1
    running.tidy()
    assert not Piece.objects.exists()
    assert list(Table.objects.all()) == [done]
    assert not Table.objects.filter(pk=opened.pk).exists()


def test_a_file_in_which_no_table_is(upload):
    with pytest.raises(Refused):
        upload(file=a_csv())
