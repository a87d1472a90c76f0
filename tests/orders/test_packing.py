"""What belongs into a parcel, and what a scanned code means."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.orders import packing, packing_list
from bridgedesk.orders.packing import Want, codes, folded, judge

RED = Want("1", "Lamp red", 2, codes("LAMP-R", "4006381333931"))
BLUE = Want("2", "Lamp blue", 1, codes("LAMP-B"))
CUP = Want("gift:7", "Cup", 1, codes("CUP"), gift=True)
WANTS = (RED, BLUE, CUP)


@pytest.mark.parametrize(
    ("packed", "code", "kind", "key", "pieces"),
    [
        ({}, "LAMP-R", "right", "1", 1),
        ({}, " lamp-r ", "right", "1", 1),
        ({}, "ＬＡＭＰ-Ｒ", "right", "1", 1),
        ({}, "4006381333931", "right", "1", 1),
        ({}, "04006381333931", "right", "1", 1),
        ({"1": 2}, "LAMP-R", "too_many", "1", 0),
        ({}, "CUP", "gift", "gift:7", 1),
        ({}, "LAMP-G", "wrong", "", 0),
        ({}, "", "wrong", "", 0),
    ],
)
def test_a_code_is_held_against_what_belongs_in(packed, code, kind, key, pieces):
    assert judge(WANTS, packed, code) == packing.Verdict(kind, key, pieces)


def test_the_same_article_on_two_lines_fills_one_after_the_other():
    twice = (Want("1", "Lamp", 1, codes("L")), Want("2", "Lamp", 1, codes("L")))
    assert [judge(twice, packed, "L").want for packed in ({}, {"1": 1}, {"1": 1, "2": 1})] == ["1", "2", "1"]
    assert judge(twice, {"1": 1, "2": 1}, "L").kind == "too_many"


def test_an_american_barcode_is_the_same_with_and_without_its_leading_nought():
    assert folded("036000291452") == folded("0036000291452")
    assert "036000291452" in packing.written("0036000291452")


def test_a_short_number_is_no_barcode():
    assert folded("0012") != folded("12")


def test_what_was_packed_before_is_not_missing():
    rest = packing.left(WANTS, {"1": 1, "2": 1})
    assert [(want.key, want.pieces) for want in rest] == [("1", 1), ("gift:7", 1)]


@given(st.lists(st.sampled_from(["LAMP-R", "LAMP-B", "CUP", "X", "out 1", "out 2", "hand 1", "hand 9"]), max_size=40))
def test_no_order_of_scans_packs_more_than_was_bought_or_less_than_nothing(scans):
    moves: list[tuple[str, int]] = []
    for scan in scans:
        packed = packing.summed(moves)
        word, _, key = scan.partition(" ")
        verdict = packing.out(packed, key) if word == "out" else packing.by_hand(WANTS, packed, key) if key else judge(WANTS, packed, word)
        moves.append((verdict.want, verdict.pieces))
        now = packing.summed(moves)
        assert all(0 < now[want.key] <= want.pieces for want in WANTS if want.key in now)
        assert sum(gap for _want, gap in packing.missing(WANTS, now)) + sum(now.values()) == 4


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        ({}, []),
        ({"fragile": True}, ["fragile"]),
        ({"asked": True, "total": Decimal(5), "worth": Decimal(100)}, ["photo_needed"]),
        ({"total": Decimal(100), "worth": Decimal(100)}, ["valuable"]),
        ({"total": None, "worth": Decimal(100)}, []),
    ],
)
def test_fragile_valuable_and_named_articles_are_photographed(facts, reasons):
    assert packing.photo_reasons(**{"fragile": False, "asked": False, "total": None, "worth": None} | facts) == reasons


def test_every_language_of_the_list_has_every_word():
    assert {tag: sorted(packing_list.words(tag)) for tag in packing_list.known()} == dict.fromkeys(
        packing_list.known(), sorted(packing_list.WORDS)
    )
