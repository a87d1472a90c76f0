"""The retail bench on a stall of our own making: it passes what is right and shows what is not."""

import json

import pytest

from bench.truth import run
from bench.truth_tau_retail import _read, replay

STAGED = {
    "products": {
        "11": {
            "name": "Lamp",
            "product_id": "11",
            "variants": {
                "111": {"item_id": "111", "options": {"colour": "blue"}, "available": True, "price": 40.1},
                "112": {"item_id": "112", "options": {"colour": "red"}, "available": True, "price": 45.2},
                "113": {"item_id": "113", "options": {"colour": "old"}, "available": False, "price": 1},
            },
        }
    },
    "users": {
        "anna": {
            "name": {"first_name": "Anna", "last_name": "Krause"},
            "address": {"address1": "Dock 1", "address2": "", "city": "Erie", "country": "USA", "state": "PA", "zip": "16501"},
            "email": "anna@shop.invalid",
            "payment_methods": {
                "card_1": {"source": "credit_card", "brand": "visa", "last_four": "1111", "id": "card_1"},
                "gift_1": {"source": "gift_card", "balance": 5, "id": "gift_1"},
            },
            "orders": ["#1", "#2"],
        }
    },
}
LAMP = {"name": "Lamp", "product_id": "11", "item_id": "111", "price": 40.1, "options": {"colour": "blue"}}
PAID = {"transaction_type": "payment", "amount": 80.2, "payment_method_id": "card_1"}


def placed(number, status):
    sent = [{"tracking_id": ["T1"], "item_ids": ["111", "111"]}] if status == "delivered" else []
    facts = {"user_id": "anna", "address": STAGED["users"]["anna"]["address"], "items": [LAMP, LAMP], "fulfillments": sent}
    return facts | {"order_id": number, "status": status, "payment_history": [PAID]}


SWAP = {"order_id": "#1", "item_ids": ["111", "111"], "new_item_ids": ["112", "111"], "payment_method_id": "card_1"}
RED = LAMP | {"item_id": "112", "price": 45.2, "options": {"colour": "red"}}
MORE = {"transaction_type": "payment", "amount": 5.100000000000001, "payment_method_id": "card_1"}
MOVED = {"address1": "Pier 2", "address2": "Flat 3", "city": "Erie", "country": "USA", "state": "PA", "zip": "16502"}
BACK = {"order_id": "#2", "item_ids": ["111"], "payment_method_id": "card_1"}
TASKS = [
    {
        "writes": [
            ["modify_pending_order_items", SWAP | {"payment_method_id": "gift_1"}, "too little on the gift card"],
            ["modify_pending_order_items", SWAP | {"new_item_ids": ["113", "111"]}, "not available"],
            ["modify_pending_order_items", SWAP | {"new_item_ids": ["112"]}, "numbers differ"],
            ["modify_pending_order_items", SWAP | {"item_ids": ["111"] * 3, "new_item_ids": ["112"] * 3}, "only two"],
            ["cancel_pending_order", {"order_id": "#3", "reason": "no longer needed"}, "no such order"],
            ["cancel_pending_order", {"order_id": "#1", "reason": "out of stock"}, "no such reason"],
            ["modify_pending_order_items", SWAP, None],
            ["cancel_pending_order", {"order_id": "#1", "reason": "no longer needed"}, "changed before"],
        ],
        "diff": {"orders": {"#1": {"status": "pending (item modified)", "items": [RED, LAMP], "payment_history": [PAID, MORE]}}},
    },
    {
        "writes": [
            ["modify_user_address", {"user_id": "anna", **MOVED}, None],
            ["modify_pending_order_address", {"order_id": "#1", **MOVED}, None],
        ],
        "diff": {"users": {"anna": {"address": MOVED}}, "orders": {"#1": {"address": MOVED}}},
    },
    {
        "writes": [["return_delivered_order_items", BACK, None], ["return_delivered_order_items", BACK, "once"]],
        "diff": {"orders": {"#2": {"status": "return requested", "return_items": ["111"], "return_payment_method_id": "card_1"}}},
    },
]


@pytest.fixture
def start():
    orders = {number: placed(number, status) for number, status in (("#1", "pending"), ("#2", "delivered"))}
    return _read(json.dumps(STAGED | {"orders": orders}))


def numbered(*tasks):
    return [("stall", _read(json.dumps({"i": number} | task))) for number, task in enumerate(tasks)]


@pytest.mark.django_db(transaction=True)
def test_writes_done_both_ways_change_what_they_should_and_no_more(start):
    score = replay(start, numbered(*TASKS))
    assert (score.misses, score.passed) == ([], 3)
    assert score.figures["by"] == {"stall by actions": "3/3", "stall by api": "3/3"}
    assert score.figures["writes"]["modify_pending_order_items refused by api"] == "4/4"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"writes": TASKS[2]["writes"][:1], "diff": {}}, "differs in orders #2"),
        ({"writes": [], "diff": TASKS[2]["diff"]}, "differs in orders #2"),
        ({"writes": [["return_delivered_order_items", BACK | {"order_id": "#1"}, None]], "diff": {}}, "was refused: not_delivered"),
        ({"writes": [["return_delivered_order_items", BACK, "never"]], "diff": TASKS[2]["diff"]}, "was not refused"),
        ({"writes": [["give_away_everything", {}, None]], "diff": {}}, "no such action here"),
    ],
)
def test_what_goes_wrong_is_a_miss_that_says_so(task, said, start):
    score = replay(start, numbered(task))
    assert score.passed == 0
    assert said in score.misses[0]


def test_a_folder_without_the_set_is_no_pass(tmp_path, capsys):
    assert run("tau_retail", tmp_path, 20) == 3
    assert "users.json is missing, nothing was measured" in capsys.readouterr().out
