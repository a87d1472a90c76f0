"""The sets of platform samples count what is understood and what is not."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench import truth_shopee, truth_signatures
from bench._shopee_calls import read_sample
from bridgedesk.channels.shopee_signing import push_signature, sign

ORDER = {"data": {"ordersn": "A1", "status": "SHIPPED", "update_time": 1763630300}, "shop_id": 5, "code": 3, "timestamp": 1763630301}


def measured(folder: Path, pushes: Any = None, calls: Any = None) -> Any:
    (folder / "push_samples.json").write_text(json.dumps(pushes or {}))
    (folder / "api_samples.json").write_text(json.dumps(calls or {}))
    return truth_shopee.measure(folder)


def test_a_push_that_becomes_its_event_counts_and_another_is_a_miss(tmp_path: Path) -> None:
    samples = [ORDER, {**ORDER, "data": {}}, {"unparsable": "{ no json"}]
    score = measured(tmp_path, {"order-status-push": {"code": 3, "samples": samples}})
    assert (score.passed, len(score.misses)) == (2, 1)
    assert score.misses[0].startswith("order-status-push #1")


def test_a_call_s_answer_has_to_be_understood_and_its_fields_known(tmp_path: Path) -> None:
    tokens = {"access_token": "a", "refresh_token": "r", "expire_in": 14400}
    good = {"method": "POST", "type": "Public", "request": {"refresh_token": "x"}, "response": {"error": "", **tokens}}
    calls = {
        "v2.public.refresh_access_token": good,
        "v2.public.get_access_token": {**good, "request": {}},
        "v2.shop.get_shop_info": {"response": "x"},
    }
    score = measured(tmp_path, calls=calls)
    assert (score.passed, score.skipped) == (1, 1)
    assert score.misses == ["v2.public.get_access_token: unknown fields ['code']"]


def test_signatures_are_checked_base_and_digest(tmp_path: Path) -> None:
    push = "https://desk.example/in|{}"
    rows = [
        {"name": "shopee_a", "key": "k", "base": "b", "expected": sign("k", "b")},
        {"name": "shopee_push", "key": "k", "base": push, "expected": push_signature("k", "https://desk.example/in", b"{}")},
        {
            "name": "shopee_base",
            "base": "1/p2t3",
            "parts": {"partner_id": 1, "path": "/p", "timestamp": 2, "access_token": "t", "shop_id": 3},
        },
        {"name": "shopee_wrong", "key": "k", "base": "b", "expected": "0" * 64},
        {"name": "other_platform", "key": "k", "base": "b", "expected": "x"},
    ]
    (tmp_path / "vectors.json").write_text(json.dumps({"group": rows}))
    score = truth_signatures.measure(tmp_path)
    assert (score.passed, score.misses, score.skipped) == (3, ["shopee_wrong"], 1)


def test_a_call_about_orders_is_made_and_its_sample_has_to_say_something(tmp_path: Path) -> None:
    listed = {"method": "GET", "type": "Shop", "response": {"error": "-", "response": {"more": False, "order_list": [{"order_sn": "A1"}]}}}
    empty = {**listed, "response": {"error": "", "response": {"order_list": []}}}
    note = {"method": "POST", "type": "Shop", "request": {"order_sn": "x"}, "response": {"error": "", "message": ""}}
    assert measured(tmp_path, calls={"v2.order.get_order_list": listed}).passed == 1
    assert measured(tmp_path, calls={"v2.order.get_order_list": empty}).misses
    assert measured(tmp_path, calls={"v2.order.set_note": note}).misses == ["v2.order.set_note: unknown fields ['note']"]


@pytest.mark.parametrize(
    ("sample", "found"),
    [
        ({"a": 1}, {"a": 1}),
        (None, None),
        ('{\n{"a": 1}', {"a": 1}),
        ('{"a": [1, 2,], "b": "x",}', {"a": [1, 2], "b": "x"}),
        ('{"a": 1\n"b": 2}', {"a": 1, "b": 2}),
        ("<html>", None),
        ("[1]", None),
    ],
)
def test_a_sample_published_with_plain_slips_is_mended(sample: Any, found: Any) -> None:
    assert read_sample(sample) == found
