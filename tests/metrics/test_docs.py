"""The week of docs/metrics.md: every line is reckoned again as it is written, and held against the program to the cent."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from bridgedesk.metrics import losses
from tests.remedies.test_docs import reckon

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text("utf-8")
(WORKED,) = re.findall(r"```worked\n(.*?)```", PAGE, re.S)
SHIPPED, COST, LOST, RECKONED = (
    block.strip().splitlines() for block in re.match(r"shipped\n(.*)\ncost\n(.*)\nlost\n(.*)\nreckoned\n(.*)", WORKED, re.S).groups()
)


def cents(text):
    return round(Fraction(text) * 100)


@pytest.fixture
def week(shop, make_sku, ship, lose):
    """The rows the page names, and no others."""
    costs = dict(line.split(" ", 1) for line in COST)
    skus = {code: make_sku(code, None if cost == "–" else cents(cost.split()[0]), cost.split()[-1]) for code, cost in costs.items()}
    orders = {}
    for line in SHIPPED:
        number, country, carrier, articles = re.match(r"(\w+) (\w+) (\w+): (.*)", line).groups()
        found = [re.match(r"(\w+) (\d+) × ([\d.]+) USD", article).groups() for article in articles.split(", ")]
        orders[number] = ship(
            shop,
            *((skus[code], int(pieces), cents(price)) for code, pieces, price in found),
            external_id=number,
            country=country,
            carrier=carrier,
        )
    for line in LOST:
        number, fault, parts = re.match(r"(\w+) (\w+): (.*)", line).groups()
        lose(orders[number], fault, **{kind: cents(sum_) for kind, sum_ in (part.split(" ") for part in parts.split(", "))})


@pytest.fixture
def told():
    known = {}
    for line in RECKONED:
        name, *sum_, result = line.split(" = ")
        known[name] = reckon(sum_[0], known)
        assert known[name] == Fraction(result), line
    return known


def along(asked):
    return {row.value: row.loss for row in losses.along(asked.scope, asked.filters, asked.rates, losses.goods(asked.scope, asked.filters))}


def test_the_week_reckoned_by_hand_agrees_to_the_cent(week, told, asks):
    asked = asks()
    goods = losses.goods(asked.scope, asked.filters)
    now, _before = losses.return_loss_rate(asked.scope, asked.filters, asked.rates, goods)
    assert (now.cost.minor, now.all.minor, now.quality.minor) == (told["goods"] * 100, told["losses"] * 100, told["quality"] * 100)
    assert (now.rate, now.without) == (told["rate"], told["without"])
    assert (goods.sent, goods.unknown) == (len(SHIPPED), told["unknown"])
    by_article = along(asks(by="sku"))
    assert [by_article[code].all.minor for code in ("DESK", "LAMP", "CUP")] == [told[name] * 100 for name in ("desk", "lamp", "cup")]
    assert along(asks(by="country"))["DE"].rate == told["germany"]
    assert along(asks(by="fault"))["damaged"].rate == told["damaged"]
