"""The demo's shelves: articles behind the pretend shops' listings with costs, facts in three languages, and counts that differ."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from bridgedesk.channels.events import StockSeen
from bridgedesk.lib import clock
from bridgedesk.lib.money import Money
from bridgedesk.orders import stockouts
from bridgedesk.products import actions
from bridgedesk.products.models import Fact, Product, Sku
from bridgedesk.sandbox import scenery
from bridgedesk.sandbox.shopee_goods import Listed, listings
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

LANGUAGES = ("en", "zh-Hant", "ms")
BACK = timedelta(days=20)
Said = tuple[str, str, str]


@dataclass(frozen=True)
class Article:
    """A product as the warehouse knows it. Cost in fen, weight in grams, size in millimetres; counts of its variations (None: never)."""

    name: str
    category: str
    cost: int
    weight: int
    size: tuple[int, int, int]
    counted: tuple[int | None, ...]
    low_at: int
    said: tuple[tuple[str, Said, Said], ...]  # kind, question ("" for none) and words in LANGUAGES
    fragile: bool = False


_NONE: Said = ("", "", "")
ARTICLES = {
    "LAMP-CER": Article(
        "北欧陶瓷台灯", "台灯", 4200, 1350, (320, 220, 220), (19, 33), 10,
        (
            ("fact", _NONE, ("Ceramic base, linen shade, 1.35 kg, 32 cm high.", "陶瓷底座、亞麻燈罩，重 1.35 公斤，高 32 公分。",
                             "Tapak seramik, teduh linen, 1.35 kg, tinggi 32 cm.")),
            ("caution", _NONE, ("Use bulbs of at most 40 W.", "請使用 40 W 以下的燈泡。", "Guna mentol tidak melebihi 40 W.")),
            ("compatibility", _NONE, ("Takes an E27 bulb; the bulb is not included.", "適用 E27 燈泡，不含燈泡。",
                                      "Sesuai mentol E27; mentol tidak disertakan.")),
            ("answer", ("How long is the cable?", "電線多長？", "Berapa panjang kabel?"),
             ("1.5 m, with a switch on the cable.", "1.5 公尺，線上有開關。", "1.5 m, dengan suis pada kabel.")),
        ),
        fragile=True,
    ),
    "LAMP-READ": Article(
        "LED 护眼阅读灯", "台灯", 2600, 480, (400, 120, 90), (70, 41), 15,
        (
            ("fact", _NONE, ("Three brightness levels, USB-C, 5 V 1 A.", "三段亮度，USB-C，5 V 1 A。",
                             "Tiga tahap kecerahan, USB-C, 5 V 1 A.")),
            ("answer", ("Is a charger included?", "有附充電器嗎？", "Adakah pengecas disertakan?"),
             ("A USB-C cable is included, the charger is not.", "附 USB-C 線，不含充電器。", "Kabel USB-C disertakan, pengecas tidak.")),
        ),
    ),
    "PEND-RAT": Article(
        "藤编吊灯", "吊灯", 9800, 2100, (450, 450, 300), (2, 8), 5,
        (
            ("caution", _NONE, ("To be installed by an electrician.", "請由合格電工安裝。", "Perlu dipasang oleh juruelektrik.")),
            ("compatibility", _NONE, ("E27, cable of 1 m that can be shortened.", "E27 燈座，1 公尺可調電線。",
                                      "E27, kabel 1 m boleh dipendekkan.")),
        ),
        fragile=True,
    ),
    "NIGHT-SEN": Article(
        "感应小夜灯", "小夜灯", 900, 60, (80, 80, 30), (64,), 30,
        (("fact", _NONE, ("Lights for 20 seconds when somebody passes in the dark.", "黑暗中有人經過時亮 20 秒。",
                          "Menyala 20 saat apabila ada orang lalu dalam gelap.")),),
    ),
    "BULB-E27": Article("E27 灯泡三只装", "配件", 1100, 150, (200, 70, 70), (None, 0), 10, ()),
}  # fmt: skip


@transaction.atomic
def fill(shops: dict[str, Shop], lead: Agent, counter: Agent) -> None:
    """Articles, what is known of them and a first count; listings of all pretend Shopee shops belong to them."""
    for code, article in ARTICLES.items():
        product = actions.create(article.name, by=lead, category=article.category)
        _say(product, article, lead)
        _stock(product, code, article, lead, counter)
    for place in scenery.SHOPEE:
        for listed in listings(place.shop_id, place.region).values():
            _list(shops[str(place.shop_id)], listed)
    actions.ask_restock(Sku.objects.get(code="BULB-E27-2"), 60, by=counter)
    gone, swap = (Sku.objects.get(code=f"PEND-RAT-{n}") for n in (1, 2))
    stockouts.begin(gone, by=lead, swap=swap, back_on=(clock.now() + BACK).date(), note="工厂月底才能供货")


def _stock(product: Product, code: str, article: Article, lead: Agent, counter: Agent) -> None:
    several = len(article.counted) > 1
    for place, pieces in enumerate(article.counted, 1):
        sku = actions.add_sku(product, f"{code}-{place}" if several else code, by=lead)
        length, width, height = article.size
        measures = {"weight_g": article.weight, "length_mm": length, "width_mm": width, "height_mm": height, "low_at": article.low_at}
        cost = {"cost_minor": article.cost, "cost_currency": "CNY", "fragile": article.fragile, "reserve": 1 if several else 0}
        actions.change_sku(sku, by=lead, **measures, **cost)
        if pieces is not None:
            actions.count(sku, pieces, by=counter)


def _say(product: Product, article: Article, lead: Agent) -> None:
    for kind, questions, texts in article.said:
        root: Fact | None = None
        for language, question, words in zip(LANGUAGES, questions, texts, strict=True):
            said = actions.say(product, words, by=lead, kind=kind, language=language, question=question, origin=root)
            root = root or said


def _list(shop: Shop, listed: Listed) -> None:
    for variation in listed.variations:
        model = str(variation.model_id) if variation.model_id else ""
        options = (("Option", variation.option),) if variation.option else ()
        price = Money.of(str(listed.price), listed.currency)
        seen = StockSeen(str(listed.item_id), model=model, sku=variation.sku, title=listed.title, options=options, price=price,
                         listed=variation.stock)  # fmt: skip
        row = actions.see(shop, seen)
        if row.sku_id:
            Sku.objects.filter(pk=row.sku_id, options={}).update(options=row.options)
