"""A table of messages as rows: character set, delimiter, columns and dates are guessed, what cannot be read is told by line."""

import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Raw
from bridgedesk.channels.manual import paste
from bridgedesk.lib import texttables
from bridgedesk.lib.moments import day_first, moment

MAX_ROWS = 20_000
NAMES: Mapping[str, tuple[str, ...]] = {
    "buyer": (
        "buyer", "buyerid", "buyername", "customer", "customername", "user", "username", "from", "sender", "nickname", "account",
        "买家", "买家id", "买家账号", "买家昵称", "买家用户名", "客户", "客户名称", "顾客", "用户", "用户名", "昵称",
        "買家", "買家id", "買家帳號", "買家暱稱", "買家用戶名", "客戶", "顧客", "用戶", "用戶名", "暱稱",
    ),
    "text": (
        "text", "message", "messages", "content", "body", "question", "comment", "messagetext",
        "内容", "消息", "消息内容", "信息", "留言", "留言内容", "正文", "咨询内容", "聊天内容", "問題",
        "內容", "訊息", "訊息內容", "留言內容", "諮詢內容", "聊天內容", "问题",
    ),
    "at": (
        "at", "time", "date", "datetime", "created", "createdat", "createtime", "sentat", "sent", "timestamp", "messagetime",
        "时间", "日期", "发送时间", "留言时间", "创建时间", "消息时间", "時間", "發送時間", "留言時間", "建立時間",
    ),
    "order": (
        "order", "orderid", "orderno", "ordernumber", "ordersn",
        "订单", "订单号", "订单编号", "单号", "訂單", "訂單號", "訂單編號", "單號",
    ),
    "thread": ("thread", "threadid", "conversation", "conversationid", "chatid", "会话", "会话id", "对话", "會話", "對話", "對話id"),
    "side": ("side", "direction", "role", "sentby", "方向", "发送方", "发送者", "發送方", "發送者", "角色"),
    "number": ("id", "messageid", "msgid", "消息id", "訊息id", "消息编号"),
}  # fmt: skip
SHOP_SIDE = {"shop", "seller", "out", "outgoing", "sent", "agent", "卖家", "店铺", "商家", "客服", "发出", "賣家", "店鋪", "發出"}


@dataclass(frozen=True)
class RowError:
    """A line that was left out: its number as a spreadsheet shows it, and why (msgid)."""

    line: int
    word: str


@dataclass(frozen=True)
class Imported:
    """What a table brought: rows to be accepted, lines left out, and which column was taken for what."""

    raws: tuple[Raw, ...]
    errors: tuple[RowError, ...]
    columns: Mapping[str, str]


def read_table(data: bytes, *, timezone: str, now: datetime, columns: Mapping[str, str] | None = None) -> Imported:
    """The messages of a table. Times without a zone are `timezone`'s; lines without a time are of `now`.

    `columns` (our name to theirs) overrules the guess. Reading the same table again gives the same rows.
    """
    lines = _lines(data)
    if not lines:
        return Imported((), (RowError(1, noop("The table is empty.")),), {})
    header = [cell.strip() for cell in lines[0][1]]
    taken = {ours: header.index(theirs) for ours, theirs in (columns or guess(header)).items() if theirs in header}
    told = {ours: header[place] for ours, place in taken.items()}
    if not {"buyer", "text"} <= taken.keys():
        return Imported((), (RowError(1, noop("No column for the buyer or for the text was found.")),), told)
    rows = [(line, {ours: _cell(cells, place) for ours, place in taken.items()}) for line, cells in lines[1 : MAX_ROWS + 1] if any(cells)]
    raws, errors = _messages(rows, ZoneInfo(timezone), now)
    if len(lines) > MAX_ROWS + 1:
        errors.append(RowError(lines[MAX_ROWS + 1][0], noop("The table is too long; the rest was left out.")))
    return Imported(tuple(raws), tuple(errors), told)


def headings(data: bytes) -> list[str]:
    """The headings of a table, as they stand."""
    lines = _lines(data)
    return [cell.strip() for cell in lines[0][1]] if lines else []


def guess(header: Sequence[str]) -> dict[str, str]:
    """Our name to the heading it was recognised in; the first fitting heading wins."""
    folded = {re.sub(r"[\s_\-/（）()]", "", heading).casefold(): heading for heading in reversed(header)}
    found = ((ours, next((folded[name] for name in names if name in folded), "")) for ours, names in NAMES.items())
    return {ours: heading for ours, heading in found if heading}


def _lines(data: bytes) -> list[tuple[int, Sequence[str]]]:
    """Numbered lines of the reading in which most headings are recognised."""
    file = io.BytesIO(data)
    how = texttables.shape(file, lambda heading: len(guess(heading)))
    return [(row.line, row.cells) for row in islice(texttables.rows(file, how), MAX_ROWS + 2) if not row.problem]


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _messages(rows: Iterable[tuple[int, Mapping[str, str]]], zone: ZoneInfo, now: datetime) -> tuple[list[Raw], list[RowError]]:
    rows = list(rows)
    day_is_first = day_first(row.get("at", "") for _, row in rows)
    raws: list[Raw] = []
    errors: list[RowError] = []
    seen: Counter[tuple[str, ...]] = Counter()
    for line, row in rows:
        at = moment(row["at"], zone, day_first=day_is_first) if row.get("at") else now
        problem = _problem(row, at)
        if problem or at is None:
            errors.append(RowError(line, problem))
            continue
        seen[same := tuple(row.values())] += 1
        raws.append(_raw(row, at, seen[same] - 1))
    return raws, errors


def _problem(row: Mapping[str, str], at: datetime | None) -> str:
    if not row["buyer"]:
        return noop("The buyer is missing.")
    if not row["text"]:
        return noop("The text is missing.")
    return "" if at else noop("The time cannot be read.")


def _raw(row: Mapping[str, str], at: datetime, repeat: int) -> Raw:
    side = "shop" if row.get("side", "").casefold() in SHOP_SIDE else "buyer"
    more = {name: row.get(name, "") for name in ("order", "thread", "number")}
    return paste(row["buyer"], row["text"], at=at, side=side, repeat=repeat, **more)
