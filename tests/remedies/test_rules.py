"""What fits a case: by fault, platform, law, value; costs to the cent."""

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridgedesk.channels.policy import PolicyError
from bridgedesk.remedies import ladder, rules
from bridgedesk.remedies.rulebook import FAULTS, TONES, book, load, may_withdraw
from bridgedesk.remedies.rules import Figures, Matter
from tests.conftest import NOON

FIGURES = Figures(
    letter=50, review=600, no_return=2000, claim_mark=1000, claim_fee=0, claim_lost=Fraction(8, 10), restocking_fee=Fraction(15, 100),
    part=Fraction(3, 10), commission=Fraction(8, 100), commission_back=Fraction(1), floor=Fraction(7, 10), letters=3,
)  # fmt: skip


def matter(fault: str = "damaged", **more: object) -> Matter:
    told = {
        "platform": "manual", "country": "US", "on": date(2026, 11, 22), "paid": 5000, "goods": 2000, "freight_out": 600,
        "freight_back": 1500, "days": 3,
    }  # fmt: skip
    return Matter(fault, **(told | more))


def fitting(case: Matter) -> dict[str, rules.Choice]:
    return {choice.option.key: choice for choice in rules.sort(case, FIGURES, book()).choices}


def barred(case: Matter) -> dict[str, str]:
    return {each.option.key: each.code for each in rules.sort(case, FIGURES, book()).barred}


def test_what_each_option_costs_is_told_part_by_part() -> None:
    found = fitting(matter())
    assert found["partial_20"].parts == (("refund", 1000), ("commission", -80))
    assert found["resend_part"].parts == (("goods", 600), ("freight_out", 600))
    assert found["resend"].parts == (("goods", 2000), ("freight_out", 600))
    assert found["return_label"].parts == (("refund", 5000), ("commission", -400), ("freight_back", 1500), ("salvage", -200))
    assert found["refund_keep"].parts == (("refund", 5000), ("commission", -400))
    assert found["coupon_10"].parts == (("coupon", 200),)
    assert found["refund_keep"].cost == 4600


def test_goods_under_the_value_for_returns_never_come_back() -> None:
    assert barred(matter(paid=1999)) == {"return_label": "no_return"}
    assert barred(matter(paid=2000)) == {}


def test_out_of_stock_nothing_is_sent_again_and_without_a_fact_nothing_explained() -> None:
    assert barred(matter("defective", stock=False, guidance=False)) == {"resend": "stock", "explain": "guidance", "guide": "guidance"}


def test_no_more_is_refunded_than_is_left_of_what_was_paid() -> None:
    assert barred(matter(refundable=1600)) == {"partial_50": "refundable", "return_label": "refundable", "refund_keep": "refundable"}


def test_amazon_permits_no_coupon_and_no_fee_within_its_days() -> None:
    case = matter("changed_mind", platform="amazon", days=12)
    assert barred(case)["coupon_10"] == "rule"
    assert fitting(case)["return_buyer"].fee == 0
    assert fitting(matter("changed_mind", platform="amazon", days=40))["return_buyer"].fee == 750


def test_without_a_rule_the_shop_keeps_its_own_fee() -> None:
    found = fitting(matter("changed_mind"))["return_buyer"]
    assert (found.fee, found.refund) == (750, 4250)
    assert found.parts == (("refund", 4250), ("commission", -340), ("salvage", -1600))


@pytest.mark.parametrize(
    ("country", "days", "free"), [("DE", 14, True), ("DE", 15, False), ("DE", None, True), ("US", 3, False), ("KR", 7, True)]
)
def test_within_the_days_of_withdrawal_a_ladder_ends_with_the_money_back_and_no_fee(country: str, days: int | None, *, free: bool) -> None:
    case = matter("changed_mind", country=country, days=days)
    ends = {key for key, choice in fitting(case).items() if choice.ends}
    assert (ends == {"return_buyer", "return_label", "refund_keep"}) == free
    assert (fitting(case)["return_buyer"].fee == 0) == free


def test_in_taiwan_a_withdrawal_costs_the_buyer_nothing() -> None:
    assert barred(matter("changed_mind", country="TW", days=7)) == {"return_buyer": "rule"}


def test_a_faulty_article_in_the_union_is_replaced_or_paid_back_for_two_years() -> None:
    found = fitting(matter("defective", country="FR", days=700))
    assert {key for key, choice in found.items() if choice.ends} == {"resend_part", "return_label", "resend", "refund_keep"}
    assert all(choice.ends for choice in fitting(matter("defective", country="FR", days=731)).values())


def test_a_rule_counts_from_its_first_day() -> None:
    case = matter("defective", country="FR", on=date(2021, 12, 31))
    assert all(choice.ends for choice in fitting(case).values())


def test_a_claim_costs_the_lost_refund_and_the_mark() -> None:
    assert rules.escalation(matter(), FIGURES) == [("refund", 4000), ("commission", -320), ("claim_mark", 1000)]


@settings(max_examples=60)
@given(
    st.sampled_from(FAULTS), st.sampled_from(["shopee", "amazon", "aliexpress", "email", "manual"]),
    st.sampled_from(["DE", "TW", "US", "GB", ""]),
    st.integers(100, 60_000), st.integers(0, 30_000), st.none() | st.integers(0, 900), st.sampled_from(TONES), st.booleans(),
)  # fmt: skip
def test_every_case_has_a_ladder_that_ends_where_law_and_platform_want_it(
    fault: str, platform: str, country: str, paid: int, goods: int, days: int | None, tone: str, stock: bool
) -> None:
    case = matter(fault, platform=platform, country=country, paid=paid, goods=goods, days=days, tone=tone, stock=stock)
    sorted_ = rules.sort(case, FIGURES, book())
    found = ladder.solve([choice.offer for choice in sorted_.choices], rules.course(case, FIGURES, book()))
    assert found
    last = next(choice for choice in sorted_.choices if choice.option.key == found.best.steps[-1].key)
    assert all(last.option.kind in rule.kinds for rule in sorted_.granted)
    assert not {step.key for step in found.best.steps} & {each.option.key for each in sorted_.barred}
    if paid < FIGURES.no_return:
        assert not any("return" in step.key for step in found.best.steps)


def test_a_buyer_who_threatens_gets_more_sooner() -> None:
    def first(tone: str) -> int:
        case = matter(tone=tone)
        choices = rules.sort(case, FIGURES, book()).choices
        found = ladder.solve([choice.offer for choice in choices], rules.course(case, FIGURES, book()))
        assert found
        return next(choice.cost for choice in choices if choice.option.key == found.best.steps[0].key)

    assert first("calm") <= first("threatens")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "guide"', 'kind = "giude"', "giude"),
        ('key = "resend"', 'key = "explain"', "same key"),
        ("at_the_end = 45", "at_the_end = 145", "145"),
        ('verdict = "grants"', 'verdict = "grunts"', "grunts"),
        ("falls_silent = [30, 20, 12, 8]", "falls_silent = [99, 20, 12, 8]", "at most 100"),
        ('USD = "1"', 'USD = "0"', "no rate"),
        ("silent = 25", "quiet = 25", "silent"),
    ],
)
def test_a_fault_in_the_file_is_named(tmp_path: Path, settings: object, old: str, new: str, told: str) -> None:
    text = (Path(settings.CONTENT) / "remedies.toml").read_text("utf-8")  # type: ignore[attr-defined]
    assert old in text
    file = tmp_path / "remedies.toml"
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(PolicyError, match=told):
        load(file)


@pytest.mark.parametrize(
    ("country", "days", "may"),
    [
        ("DE", 14, True),
        ("de", 15, False),
        ("GB", 14, True),
        ("BR", 7, True),
        ("TW", 8, False),
        ("NO", 3, True),
        ("US", 1, False),
        ("", 1, False),
    ],
)
def test_a_return_without_reason_is_the_law_of_the_buyers_country(country, days, may):
    assert may_withdraw(country, NOON - timedelta(days=days), NOON) is may
