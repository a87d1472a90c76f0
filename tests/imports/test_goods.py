"""Products, costs and stock from tables."""

from bridgedesk.products.models import Listing, Movement, Product, Sku

HEAD = ("SKU", "商品名称", "规格", "成本价(CNY)", "重量(kg)", "尺寸", "条码")
ROWS = (("L-R", "台灯", "红", "35.5", "0.45", "20x15x8cm", "690123"), ("L-B", "台灯", "蓝", "36", "0.45", "", ""))


def counts(table):
    return table.made, table.changed, table.same, table.bad


def test_products_with_costs_and_measures(take, noon):
    assert counts(take(HEAD, *ROWS)) == (2, 0, 0, 0)
    product = Product.objects.get()
    red = product.skus.get(code="L-R")
    assert (red.cost_minor, red.cost_currency, red.weight_g, red.barcode) == (3550, "CNY", 450, "690123")
    assert (red.length_mm, red.width_mm, red.height_mm) == (200, 150, 80)


def test_the_same_table_twice_changes_nothing_and_a_new_cost_is_a_change(take, noon):
    take(HEAD, *ROWS)
    before = list(Sku.objects.values())
    assert counts(take(HEAD, *ROWS)) == (0, 0, 2, 0)
    assert before == list(Sku.objects.values())
    assert counts(take(("SKU", "Cost (CNY)"), ("L-R", "40"), ("L-B", "36"))) == (0, 1, 1, 0)
    assert Sku.objects.get(code="L-R").cost_minor == 4000
    assert Sku.objects.get(code="L-R").weight_g == 450


def test_a_count_sheet_counts_and_tells_what_is_unknown(take, noon):
    take(HEAD, *ROWS)
    sheet = (("SKU", "实际库存"), ("L-R", "12"), ("L-B", "0"), ("X", "3"))
    table = take(*sheet)
    assert counts(table) == (2, 0, 0, 1)
    assert "not known" in table.bad_rows.get().errors[0][1]
    assert dict(Sku.objects.values_list("code", "on_hand")) == {"L-R": 12, "L-B": 0}
    assert counts(take(*sheet[:3])) == (0, 0, 2, 0)
    assert Movement.objects.count() == 2


def test_listed_stock_goes_to_the_listing_by_its_id_or_its_code(take, shop, noon):
    take(HEAD, *ROWS)
    Listing.objects.create(shop=shop, item="77", model="5", code="L-R", listed=3, seen_at=noon)
    table = take(("SKU", "Item ID", "Variation ID", "Quantity"), ("L-R", "", "", "8"), ("L-B", "78", "1", "4"), ("NEW", "", "", "1"))
    assert (table.kind, counts(table)) == ("stock", (2, 1, 0, 0))
    assert Listing.objects.get(item="77").listed == 8
    blue = Listing.objects.get(item="78", model="1")
    assert (blue.listed, blue.sku.code) == (4, "L-B")
    assert Listing.objects.get(item="NEW").code == "NEW"
