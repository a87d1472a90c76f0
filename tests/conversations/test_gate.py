from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridgedesk.channels.base import Limits
from bridgedesk.channels.policy import PURPOSES, names, policy
from bridgedesk.conversations import lexicons
from bridgedesk.conversations.folding import fold
from bridgedesk.conversations.gate import Ruling, examine

TODAY = date(2026, 11, 22)
LIMITS = Limits(text=100, files=2, file_bytes=1_000_000, file_types=("image/png", "image/*"), sure=True, source="test")
CASES = [line.split("\t") for line in Path(__file__).with_name("gate_cases.tsv").read_text(encoding="utf-8").splitlines()]
WORDED = [c for c in CASES if c[0] in ("messengers", "outside_deal", "review_reward", "review_praise", "review_change", "ask_cancel")]
INNOCENT = [c[2] for c in CASES if c[0] == "-"]


@dataclass
class Photo:
    name: str = "box.png"
    size: int = 1000
    type: str = "image/png"


def ruled(text: str, *, platform: str = "shopee", purpose: str = "answer", **more: Any) -> Ruling:
    return examine(text, purpose=purpose, policy=policy(platform), limits=more.pop("limits", LIMITS), on=TODAY, **more)


def codes(ruling: Ruling) -> list[str]:
    return [finding.code for finding in ruling.findings]


def test_a_plain_answer_passes() -> None:
    assert ruled("Your lamp left us yesterday.") == Ruling("allowed", ())


def test_a_forbidden_purpose_is_forbidden_whatever_the_words_and_shows_another_way() -> None:
    ruling = ruled("Your parcel has left us.", purpose="shipping_notice", released=True)
    assert ruling.verdict == "forbidden"
    assert "order page" in ruling.findings[0].instead.en


def test_what_needs_a_person_passes_once_a_person_took_it_on() -> None:
    assert ruled("Which colour instead?", purpose="order_problem").verdict == "person"
    released = ruled("Which colour instead?", purpose="order_problem", released=True)
    assert released.verdict == "allowed"
    assert codes(released) == ["purpose"]


def test_nothing_goes_out_by_itself_where_only_persons_may_write() -> None:
    assert codes(ruled("Hello, we read you.", purpose="greeting", automatic=True)) == ["automatic"]
    assert ruled("Hello, we read you.", purpose="greeting", automatic=True, released=True).verdict == "forbidden"
    assert ruled("Hello, we read you.", purpose="greeting", automatic=True, platform="email").verdict == "allowed"


def test_the_words_found_can_be_marked_in_the_text_as_typed() -> None:
    text = "Photos are easier on Ｗ\u200bhats App, ok?"
    finding = ruled(text).findings[0]
    assert (finding.code, text[finding.start : finding.end]) == ("messengers", "Ｗ\u200bhats App")
    assert (finding.source, finding.sure) == ("Shopee penalty type 3074: off-platform via chat", "official")


def test_a_carriers_page_needs_a_person_on_amazon_and_its_own_pages_do_not() -> None:
    assert ruled("Follow it: https://t.17track.net/en#nums=RB123456785GB", platform="amazon").verdict == "person"
    assert ruled("See https://www.amazon.de/gp/help", platform="amazon").verdict == "allowed"
    assert ruled("See https://www.amazon.de.lamps.shop/x", platform="amazon").verdict == "forbidden"
    assert ruled("See https://www.amazon.de@lamps.shop/x", platform="amazon").verdict == "forbidden"
    assert ruled("See https://lamps.shop/x", platform="email").verdict == "allowed"


def test_asking_to_cancel_costs_points_but_answering_the_buyers_own_wish_does_not() -> None:
    assert ruled("Please cancel the order.").verdict == "forbidden"
    assert ruled("Please cancel the order in the app, under My purchases.", purpose="cancel_answer").verdict == "person"
    assert ruled("We cancelled the order as you asked.", purpose="cancel_answer").verdict == "allowed"


def test_a_remedy_and_a_review_in_one_message_need_a_second_look() -> None:
    text = "We sent a free replacement, here is the refund. We would be glad if you write a review."
    assert "review_beside_remedy" in codes(ruled(text))
    assert "review_beside_remedy" not in codes(ruled("We would be glad if you write a review."))


def test_a_text_far_over_the_limit_is_marked_from_where_it_is_too_long() -> None:
    finding = ruled("a lamp " * 100).findings[0]
    assert (finding.code, finding.start, finding.detail) == ("length", 600, "700 > 6 × 100")
    assert ruled("a lamp " * 80).verdict == "allowed"


@pytest.mark.parametrize(
    ("files", "detail"),
    [
        ([Photo(), Photo(), Photo()], "3 > 2"),
        ([Photo(size=2_500_000)], "box.png: 2.5 MB > 1.0 MB"),
        ([Photo("a.exe", 5, "application/x-msdownload")], "a.exe: application/x-msdownload"),
    ],
)
def test_files_the_platform_refuses_are_named(files: list[Photo], detail: str) -> None:
    assert [finding.detail for finding in ruled("Here.", files=files).findings] == [detail]


def test_a_picture_alone_is_not_empty_and_invisible_characters_are() -> None:
    assert ruled("", files=[Photo()]).verdict == "allowed"
    for text in ("", "  \n", "\u200b\u2060", "\u3164"):
        assert codes(ruled(text)) == ["empty"]


@pytest.mark.parametrize(
    ("language", "buyer", "flagged"),
    [
        ("en", "de", True),
        ("de-AT", "de", False),
        ("zh", "zh-Hant", False),
        ("", "de", False),
        ("en", "", False),
    ],
)
def test_another_language_than_the_buyers_asks_first(language: str, buyer: str, *, flagged: bool) -> None:
    assert ("language" in codes(ruled("Hello there", language=language, buyer_language=buyer))) is flagged


def test_an_answer_typed_in_another_language_asks_first_and_goes_once_released() -> None:
    text = "Thank you for your message. We are looking into it and will come back to you today."
    assert [finding.detail for finding in ruled(text, buyer_language="pl").findings] == ["en ≠ pl"]
    assert ruled(text, buyer_language="pl", released=True).verdict == "allowed"
    assert ruled(text, buyer_language="en-GB").verdict == "allowed"


def test_a_template_in_the_buyers_language_is_believed_whatever_its_words_look_like() -> None:
    text = "Thank you for your message. We are looking into it."
    assert ruled(text, language="pl", buyer_language="pl").verdict == "allowed"


@pytest.mark.parametrize(
    ("text", "buyer", "found"),
    [
        ("您好，您的包裹已经发出，请留意物流。", "zh-Hant", ["script"]),
        ("您好，您的包裹已經寄出，請留意物流。", "zh-Hant", []),
        ("您好，您的包裹已經寄出，請留意物流。", "zh-Hans", ["script"]),
        ("你好，收到了。", "zh-Hant", []),
        ("已经发出，商品「臺灣製燈」", "zh-Hant", []),
    ],
)
def test_the_other_chinese_script_has_a_finding_of_its_own_where_it_is_sure(text: str, buyer: str, found: list[str]) -> None:
    assert codes(ruled(text, buyer_language=buyer)) == found


def test_a_template_of_the_other_chinese_script_is_said_to_be_so() -> None:
    assert codes(ruled("你好", language="zh-Hans", buyer_language="zh-Hant")) == ["script"]
    assert codes(ruled("你好", language="zh-Hans", buyer_language="zh-Hans")) == []


def test_chinese_to_a_buyer_who_does_not_read_it_is_noticed_without_being_told_the_language() -> None:
    assert codes(ruled("您的包裹正在路上", buyer_language="es")) == ["language"]
    assert ruled("お荷物は配送中です", buyer_language="ja").verdict == "allowed"


@pytest.mark.parametrize("text", ["Order {{ order.number }}", "Order ⟦order.number⟧", "{% if x %}"])
def test_a_gap_of_a_template_never_leaves(text: str) -> None:
    assert codes(ruled(text)) == ["unfilled"]


def test_an_emoji_to_an_amazon_buyer_is_said_to_be_unconfirmed() -> None:
    finding = ruled("On its way 🎉", platform="amazon").findings[0]
    assert (finding.code, finding.verdict, finding.sure) == ("emojis", "person", "unconfirmed")


def test_a_number_is_a_telephone_only_where_it_looks_or_is_called_like_one() -> None:
    assert codes(ruled("Reach me: 030 901820", country="DE")) == ["phones"]
    assert codes(ruled("Order 4155552671 left us", country="US")) == []
    assert codes(ruled("tel 4155552671", country="US")) == ["phones"]
    assert codes(ruled("+1 415 555 2671")) == ["phones"]


def test_a_purpose_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        ruled("Hello", purpose="spam")


def test_worst_findings_come_first() -> None:
    ruling = ruled("On its way 🎉 write to lamp@gmail.com", platform="amazon")
    assert [finding.verdict for finding in ruling.findings] == ["forbidden", "person"]


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(WORDED), st.data())
def test_invisible_characters_hide_nothing(case: list[str], data: st.DataObject) -> None:
    code, _, text = case
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=6))
    for place in sorted(places, reverse=True):
        text = text[:place] + data.draw(st.sampled_from("\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f")) + text[place:]
    assert code in codes(ruled(text, platform="amazon", limits=None))


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(WORDED), st.data())
def test_wide_letters_hide_nothing(case: list[str], data: st.DataObject) -> None:
    code, _, text = case
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and data.draw(st.booleans()) else c for c in text)
    assert code in codes(ruled(wide, platform="amazon", limits=None))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["whatsapp", "telegram", "kakaotalk", "微信", "wechat"]), st.sampled_from([" ", ".", "-", "_", "*", " . "]))
def test_spelling_a_name_out_hides_nothing(name: str, gap: str) -> None:
    assert "messengers" in codes(ruled(f"my id on {gap.join(name)}, ok?"))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CASES), st.sampled_from(INNOCENT), st.sampled_from(INNOCENT))
def test_harmless_words_around_it_never_make_a_forbidden_text_pass(case: list[str], before: str, after: str) -> None:
    if case[0] in ("-", "confirmation_only"):  # the latter is about a message that says nothing else
        return
    assert case[0] in codes(ruled(f"{before}\n{case[2]}\n{after}", platform="amazon", limits=None))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.sampled_from(names()), st.sampled_from(PURPOSES), st.booleans())
def test_any_text_gets_a_ruling_whose_marks_lie_in_the_text(text: str, platform: str, purpose: str, automatic: bool) -> None:
    ruling = ruled(text, platform=platform, purpose=purpose, automatic=automatic, country="DE", buyer_language="de")
    for finding in ruling.findings:
        assert finding.start == finding.end == -1 or 0 <= finding.start <= finding.end <= len(text)
        assert finding.reason.en
        assert finding.source


@given(st.text(max_size=200))
def test_folding_keeps_the_place_of_every_character(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.at)
    assert list(folded.at) == sorted(folded.at)
    assert all(0 <= place < len(text) for place in folded.at)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Café", "cafe"),
        ("ＷＨＡＴＳ", "whats"),
        ("𝐰𝐞𝐜𝐡𝐚𝐭", "wechat"),
        ("🅆🄴🅲🅷🅰🆃", "wechat"),
        ("раураl me", "paypal me"),
        ("привет", "привет"),
        ("微 信", "微信"),
        ("評價", "评价"),
        ("w h a t s", "whats"),
        ("a b", "a b"),
        ("ﾌﾟﾚｾﾞﾝﾄ", "プレゼント"),
        ("١٢٣", "123"),
        ("Łódź", "lodz"),
        ("đơn hàng", "don hang"),
    ],
)
def test_a_matcher_reads_through_disguises(written: str, read: str) -> None:
    assert fold(written).text == read


@pytest.mark.parametrize("entry", ["", "…", "(a|b", "[maybe]", "a … b … c … d … e", "()", "(a|)"])
def test_a_word_list_entry_that_cannot_work_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=r"brackets|gaps|must be there|empty"):
        lexicons.compile_entry(entry)


def test_a_broken_word_list_names_its_entry(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('[en]\nfind = ["(a|b"]\n')
    with pytest.raises(lexicons.LexiconError, match=r"x\.toml, en: “\(a\|b”: brackets do not match"):
        lexicons.load(tmp_path / "x.toml")
