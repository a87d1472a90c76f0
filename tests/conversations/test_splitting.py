import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.channels.base import Limits
from bridgedesk.conversations.splitting import letters, parts


def limits(text: int | None = 100, files: int = 2, text_with_files: bool = False) -> Limits:
    return Limits(text=text, files=files, file_bytes=1, file_types=(), sure=True, source="", text_with_files=text_with_files)


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_a_short_answer_stays_whole():
    assert parts("It left today.", 100) == ["It left today."]
    assert parts("x" * 500, None) == ["x" * 500]
    assert parts("   ", 100) == []


def test_a_long_answer_is_cut_between_paragraphs_first():
    assert parts("Your lamp left today. It is fast.\n\nThe bulb follows.", 40) == ["Your lamp left today. It is fast.", "The bulb follows."]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Your lamp left today. The bulb follows on Monday.", ["Your lamp left today.", "The bulb follows on Monday."]),
        ("您的台灯今天已经发货了。灯泡会在下周一发出，请您耐心等待。", ["您的台灯今天已经发货了。", "灯泡会在下周一发出，请您耐心等待。"]),
        ("ランプは本日発送しました！電球は月曜日に届きます。", ["ランプは本日発送しました！", "電球は月曜日に届きます。"]),
        ("โคมไฟของคุณส่งแล้ววันนี้ หลอดไฟจะตามไป", ["โคมไฟของคุณส่งแล้ววันนี้", "หลอดไฟจะตามไป"]),
        ("आपका लैंप आज भेजा गया। बल्ब सोमवार को आएगा।", ["आपका लैंप आज भेजा गया।", "बल्ब सोमवार को आएगा।"]),
    ],
    ids=["english", "chinese", "japanese", "thai", "hindi"],
)
def test_it_is_cut_where_a_reader_pauses_in_any_script(text, cut):
    assert parts(text, max(map(len, cut)) + 2) == cut


@pytest.mark.parametrize(
    "whole", ["https://track.example/parcel/RB123456789CN", "LP-2026-0000123456", "+49-30-123456789", "anna@lamps.example"]
)
def test_links_and_numbers_arrive_whole(whole):
    text = f"Please have a look: {whole} is the one to follow for your parcel."
    for limit in range(len(whole) + 1, len(text)):
        assert any(whole in part for part in parts(text, limit)), limit


@pytest.mark.parametrize("cluster", ["👩‍👩‍👧‍👦", "🇵🇱🇩🇪", "e\u0301\u0323", "한", "กำ", "👍🏽", "नि"])
def test_what_is_seen_as_one_character_stays_one(cluster):
    for lead in range(12):
        found = parts("x" * lead + cluster * 4, 12)
        assert all(unicodedata.category(part[0])[0] != "M" and part[0] not in "\u200d🏽" for part in found)


def test_flags_are_not_torn_apart():
    assert all(len(part) % 2 == 0 for part in parts("🇵🇱" * 10, 7))


@given(st.text(min_size=0, max_size=300), st.integers(8, 80))
def test_nothing_is_lost_and_nothing_too_long(text, limit):
    found = parts(text, limit)
    assert squeezed("".join(found)) == squeezed(text)
    assert all(0 < len(part) <= limit for part in found)


@given(
    st.lists(st.sampled_from(["lamp", "https://x.example/a", "，", "。", " ", "\n\n", "ก", "เ", "\u0301", "AB-12"]), max_size=80),
    st.integers(4, 30),
)
def test_nothing_is_lost_in_mixed_scripts(pieces, limit):
    text = "".join(pieces)
    assert squeezed("".join(parts(text, limit))) == squeezed(text)


def test_files_go_after_the_text_where_the_channel_takes_them_alone():
    assert letters("Here", [1, 2, 3], limits()) == [("Here", ()), ("", [1, 2]), ("", [3])]


def test_files_go_with_the_last_part_where_it_can():
    assert letters("Here", [1, 2, 3], limits(text_with_files=True)) == [("Here", [1, 2]), ("", [3])]
    assert letters("", [1], limits(text_with_files=True)) == [("", [1])]
    assert letters("Here", [1, 2, 3], None) == [("Here", [1, 2, 3])]
