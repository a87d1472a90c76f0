"""The document of a pack: every script set right or none at all, hostile words as they were written, nothing read or fetched."""

import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation
from pypdf import PdfReader

from bridgedesk.evidence import document, pdf_child
from bridgedesk.evidence.gathering import Happened
from bridgedesk.lib import confined

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HAN = any(Path("/usr/share/fonts").rglob("NotoSansCJK*"))
needs_han = pytest.mark.skipif(not HAN, reason="this machine has no font with Chinese characters")


def page(*texts: str, language: str = "en", **more):
    events = [Happened(NOON, "buyer", text, "Anna") for text in texts]
    head = {"title": "Evidence", "order": "A1", "foot": "end", "day": (2026, 3, 2)}
    with translation.override("en"):
        return document.page(head, [("Shop", "Lamps")], events, more.get("pictures", {}), language)


def text_of(done: document.Set) -> str:
    assert done.data.startswith(b"%PDF-1.7"), done.why_not
    return "\n".join(each.extract_text() for each in PdfReader(io.BytesIO(done.data)).pages)


def test_what_was_written_stands_in_it_letter_for_letter(tmp_path):
    said = text_of(document.make(page("Моя посылка повреждена, é à ß ₫ €"), tmp_path, system_fonts=False))
    assert "Моя посылка повреждена, é à ß ₫ €" in said
    assert "The buyer wrote" in said
    assert "Lamps" in said


@needs_han
@pytest.mark.parametrize("text", ["灯坏了，请退款。", "燈壞了，請退款。", "壊れています", "램프가 고장났어요"])
def test_chinese_japanese_and_korean_are_set(tmp_path, text):
    assert text in text_of(document.make(page(text, language="zh-hans"), tmp_path))


def test_without_a_font_there_is_no_document_but_a_reason(tmp_path):
    done = document.make(page("灯坏了"), tmp_path, system_fonts=False)
    assert (done.data, done.why_not) == (b"", document.NO_FONT)


@pytest.mark.parametrize(("text", "told"), [("Thanks 😀👍🏽", "Thanks [grinning face]"), ("\U0010fffd odd \U000e0041", "[U+10FFFD] odd")])
def test_signs_no_font_has_are_written_as_their_names(tmp_path, text, told):
    assert told in text_of(document.make(page(text), tmp_path, system_fonts=False)).replace("\u200b", "")


HOSTILE = (
    '#eval("1+1") #read("/etc/passwd") #image("/etc/passwd") @preview/x:1.0.0 $x$ `code` = no heading',
    "#import \"@preview/tablex:0.0.8\": * <b>bold</b> <img src='http://127.0.0.1:9/x.png'> file:///etc/passwd",
    '\\u{0} ]]] #]) "quotes" // comment /* block */ #include "/etc/hosts"',
)


@pytest.mark.parametrize("text", HOSTILE)
def test_words_are_never_markup(tmp_path, text):
    done = document.make(page(text), tmp_path, system_fonts=False)
    flat = text_of(done).replace("\u200b", "").replace("\n", "").replace(" ", "")
    assert text.replace(" ", "")[:40] in flat
    assert b"/URI" not in done.data
    assert b"/Launch" not in done.data


def test_no_file_outside_the_folder_is_read(tmp_path):
    (tmp_path / "secret.jpg").write_bytes(b"x")
    folder = tmp_path / "folder"
    folder.mkdir()
    told = page("x", pictures={})
    told["events"][0]["pictures"] = [{"file": "/../secret.jpg", "name": "p"}]
    assert document.make(told, folder, system_fonts=False).why_not == document.BROKEN


def test_long_words_stay_on_the_paper_and_long_threads_take_many_pages(tmp_path):
    done = document.make(page("A" * 4000, *["Hello again"] * 300), tmp_path, system_fonts=False)
    pages = PdfReader(io.BytesIO(done.data)).pages
    assert len(pages) > 5
    assert "AAAA" in pages[0].extract_text()


def test_arabic_and_hebrew_begin_at_the_right():
    told = page("مرحبا 12", "Hello", "12 שלום")
    assert [event["texts"][0]["rtl"] for event in told["events"]] == [True, False, True]


def test_a_document_that_does_not_come_to_an_end_is_given_up(tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)")
    with pytest.raises(confined.Ended) as ended:
        confined.run(str(slow), b"", patience=0.5)
    assert ended.value.code == 0


def test_the_process_is_given_no_secrets(tmp_path):
    script = tmp_path / "env.py"
    script.write_text("import os, json\nprint(json.dumps(sorted(os.environ)))")
    names = set(json.loads(confined.run(str(script), b"", patience=30)))
    assert names <= {*confined.FEW_THREADS, "LC_CTYPE"}
    assert os.environ.keys() - names


def test_what_the_process_says_of_an_error_is_kept(tmp_path):
    with pytest.raises(confined.Ended, match=r".") as ended:
        confined.run(pdf_child.__file__, b"{}", str(tmp_path), "", patience=60)
    assert ended.value.code == pdf_child.BROKEN
