"""Shops without an interface: messages pasted or from a table, calls logged, answers sent by hand."""

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.channels import phone
from bridgedesk.channels.base import ByHand, CannotTell, Outgoing
from bridgedesk.channels.events import MessageReceived, MessageSent
from bridgedesk.channels.manual import Manual, paste
from bridgedesk.channels.manual_csv import Imported, read_table
from bridgedesk.channels.phone import Phone
from tests.channels.accounts import account

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINESE = "买家昵称,留言内容,发送时间,订单编号\n小美,这个灯有货吗？,2026/11/20 12:03,A-1\n阿强,什么时候发货,2026/11/20 下午 1:05,\n"


def read(data: str | bytes, **more: object) -> Imported:
    return read_table(data if isinstance(data, bytes) else data.encode(), timezone="Asia/Shanghai", now=NOW, **more)  # type: ignore[arg-type]


def said(found: Imported) -> list[tuple[str, str]]:
    events = [Manual().parse(account(), raw)[0] for raw in found.raws]
    return [(event.buyer.external_id, event.text) for event in events if isinstance(event, MessageReceived | MessageSent)]


def test_an_answer_is_sent_by_hand() -> None:
    message = Outgoing(reference="1", thread="t", to="mei", text="hi")
    with pytest.raises(ByHand) as caught:
        Manual().send(account(), message)
    assert (caught.value.permanent, caught.value.code, Manual().sends) == (True, "by_hand", False)
    with pytest.raises(CannotTell):
        Manual().find_sent(account(), message)


def test_what_is_pasted_twice_is_one_row() -> None:
    first, again, later = paste("mei", " hi ", at=NOW), paste("mei", "hi", at=NOW), paste("mei", "hi", at=NOW.replace(minute=1))
    assert first == again
    assert first.key != later.key
    assert (first.thread, first.kind) == ("buyer:mei", "manual")


@pytest.mark.parametrize(("buyer", "text"), [("", "hi"), ("mei", ""), (" ", "hi"), ("mei", "\0")])
def test_half_a_message_cannot_be_pasted(buyer: str, text: str) -> None:
    with pytest.raises(ValueError, match="buyer and a text"):
        paste(buyer, text, at=NOW)


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_chinese_table_is_read_in_every_charset_and_delimiter(charset: str, delimiter: str) -> None:
    found = read(CHINESE.replace(",", delimiter).encode(charset))
    assert said(found) == [("小美", "这个灯有货吗？"), ("阿强", "什么时候发货")]
    assert found.columns == {"buyer": "买家昵称", "text": "留言内容", "at": "发送时间", "order": "订单编号"}
    assert not found.errors


def test_a_table_from_taiwan_is_read_as_big5() -> None:
    table = "買家暱稱,訊息內容,發送時間\n小美,請問這盞檯燈還有貨嗎？,2026-11-20 12:03\n".encode("big5")
    assert said(read(table)) == [("小美", "請問這盞檯燈還有貨嗎？")]


def test_a_western_table_is_read_as_latin() -> None:
    table = "Customer Name;Message;Date\nJürgen;Où est mon colis? Déjà trois semaines, ça suffit…;03/11/2026 09:00\n".encode("cp1252")
    assert said(read(table)) == [("Jürgen", "Où est mon colis? Déjà trois semaines, ça suffit…")]


def test_cells_may_hold_line_ends_quotes_and_delimiters() -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["buyer", "message"], ["mei", 'she said "hi",\nthen; left\t|']])
    assert said(read(out.getvalue())) == [("mei", 'she said "hi",\nthen; left\t|')]


def test_lines_that_cannot_be_read_are_told_by_their_number_and_the_rest_comes() -> None:
    found = read("buyer,message,time\nmei,hi,2026-11-20 12:00\n,hello,2026-11-20\nan,,2026-11-20\n\nbo,ok,yesterday\nli,fine,\n")
    assert [(error.line, error.word) for error in found.errors] == [
        (3, "The buyer is missing."),
        (4, "The text is missing."),
        (6, "The time cannot be read."),
    ]
    assert said(found) == [("mei", "hi"), ("li", "fine")]


def test_a_table_read_again_gives_the_same_rows_and_real_repeats_stay_apart() -> None:
    table = "buyer,message,time\nmei,hello?,2026-11-20 12:00\nmei,hello?,2026-11-20 12:00\n"
    keys = [raw.key for raw in read(table).raws]
    assert len(set(keys)) == 2
    assert keys == [raw.key for raw in read(table).raws]


def test_the_shop_s_own_lines_are_ours() -> None:
    found = read("买家,内容,发送方\n小美,有货吗,买家\n小美,有的,客服\n")
    assert [type(Manual().parse(account(), raw)[0]) for raw in found.raws] == [MessageReceived, MessageSent]


def test_columns_may_be_named_by_hand() -> None:
    assert said(read("wer,was\nmei,hi\n", columns={"buyer": "wer", "text": "was"})) == [("mei", "hi")]


@pytest.mark.parametrize("table", ["", "\n\n", "wer,was\nmei,hi\n", "buyer\nmei\n"])
def test_a_table_without_buyer_or_text_is_an_error_not_a_crash(table: str) -> None:
    found = read(table)
    assert not found.raws
    assert [error.line for error in found.errors] == [1]


def test_a_table_too_long_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridgedesk.channels.manual_csv.MAX_ROWS", 3)
    found = read("buyer,message\n" + "".join(f"b{n},m{n}\n" for n in range(9)))
    assert len(found.raws) == 3
    assert [error.line for error in found.errors] == [5]


def test_whether_the_day_comes_first_is_told_by_the_whole_column() -> None:
    american = read("buyer,message,date\na,x,03/04/2026\nb,y,03/25/2026\n")
    british = read("buyer,message,date\na,x,03/04/2026\nb,y,25/03/2026\n")
    assert [Manual().parse(account(), found.raws[0])[0].at.month for found in (american, british)] == [3, 4]  # type: ignore[union-attr]


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_import(data: bytes) -> None:
    read(data)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=10), st.text(min_size=1, max_size=40)), max_size=6))
def test_whatever_a_spreadsheet_wrote_is_read_back(rows: list[tuple[str, str]]) -> None:
    storable = [
        row for row in rows if all(cell.encode("utf-8", "ignore").decode() == cell and "\0" not in cell and cell.strip() for cell in row)
    ]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("buyer", "message"), *storable])
    assert said(read(out.getvalue())) == [(buyer.strip(), text.strip()) for buyer, text in storable]


# Telephone


@pytest.mark.parametrize(("written", "region"), [("+65 9123 4567", ""), ("9123-4567", "SG"), ("0065 91234567", "DE")])
def test_a_number_is_one_conversation_however_it_is_written(written: str, region: str) -> None:
    assert phone.logged(written, at=NOW, region=region).thread == "+6591234567"


@pytest.mark.parametrize("number", ["", "call me", "12", "9123 4567"])
def test_what_is_no_number_cannot_be_logged(number: str) -> None:
    with pytest.raises(ValueError, match="not a telephone number"):
        phone.logged(number, at=NOW)


def test_a_logged_call_is_a_message_of_that_number() -> None:
    raw = phone.logged("+6591234567", at=NOW, text="asks for a refund", minutes=3, name="Mei")
    event = Phone().parse(account(), raw)[0]
    assert isinstance(event, MessageReceived)
    assert (event.kind, event.buyer.country, event.buyer.kind, event.meta) == ("call", "SG", "phone", {"minutes": "3"})
