"""A made-up archive of any size, written with COPY: shops, buyers, conversations, messages, windows and search rows.

Word frequencies follow Zipf's law in ten languages; most conversations are closed, some wait for an answer.
"""

import random
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from bridgedesk.lib import clock, text
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

SHOPS = 200
RARE = "chandelier"  # stands in one message of ten thousand
COMMON = "order"
CHINESE = "台灯"
LANGUAGES = ["en", "es", "pt", "fr", "de", "ru", "ja", "th", "zh-hant", "vi"]
_STARTS = {
    "ru": ("абвгдежзиклмнопрстуфхцчшэюя", 3, 9),
    "ja": ("あいうえおかきくけこさしすせそたちつてとなにぬねの電灯壊返金送料配達", 2, 5),
    "th": ("กขคงจชซญดตถทธนบปผฝพฟมยรลวศสหอ", 2, 6),
    "zh-hant": ("我你他訂單包裹物流退款換貨收到沒有什麼時候燈泡電池顏色尺寸地址快遞商品問題謝謝請問", 1, 3),
}


def build(conversations: int, *, seed: int = 1) -> None:
    """Fill an empty database; three messages a conversation on average."""
    random.seed(seed)
    shops = _people()
    with connection.cursor() as cursor:
        cursor.execute("drop index if exists search_words")
    for start in range(0, conversations, 50_000):
        _write(range(start + 1, min(start + 50_000, conversations) + 1), conversations, shops)
    with connection.cursor() as cursor:
        cursor.execute("set maintenance_work_mem = '512MB'")
        cursor.execute("create index search_words on conversations_searchentry using gin (words) with (fastupdate=off)")
        for table in ("customers_customer", "conversations_conversation", "conversations_message"):
            cursor.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))")
        cursor.execute("vacuum analyze")


def _people() -> list[int]:
    now = clock.now()
    shops = Shop.objects.bulk_create(
        Shop(name=f"Shop {n:03}", platform="shopee" if n % 2 else "email", external_id=str(n), created_at=now) for n in range(SHOPS)
    )
    for name, role in (("admin", Agent.Role.ADMIN), ("agent", Agent.Role.AGENT)):
        Agent.objects.create_user(name, password="bench bench bench", role=role, language="zh-hans")
    Agent.objects.get(username="agent").shops.set(shops[:50])
    return [shop.pk for shop in shops]


def _vocabulary(language: str) -> list[str]:
    letters, least, most = _STARTS.get(language, ("aeioubcdfghlmnprst", 3, 9))
    own = random.Random(language)
    return ["".join(own.choices(letters, k=own.randint(least, most))) for _ in range(4000)]


_WORDS = {language: _vocabulary(language) for language in LANGUAGES}
_WEIGHTS = list(accumulate(1 / rank for rank in range(1, 4001)))


def _text(language: str) -> str:
    words = random.choices(_WORDS[language], cum_weights=_WEIGHTS, k=random.randint(5, 50))
    if language == "en" and random.random() < 0.5:
        words.insert(1, COMMON)
    if random.random() < 0.0001:
        words.append(RARE)
    if language == "zh-hant" and random.random() < 0.02:
        words.append(CHINESE)
    return ("" if language in ("ja", "th", "zh-hant") else " ").join(words)


def _write(numbers: range, total: int, shops: list[int]) -> None:
    end = clock.now()
    threads = [_thread(number, total, shops, end) for number in numbers]
    messages = [(t["id"] * 8 + place, t, place) for t in threads for place in range(len(t["texts"]))]
    _copy(
        "customers_customer",
        ({"id": t["id"], "name": f"Buyer {t['id']}", "country": "DE", "language": t["language"], "created_at": t["at"]} for t in threads),
    )
    _copy(
        "customers_identity", ({"customer_id": t["id"], "shop_id": t["shop"], "kind": "email", "external_id": _address(t)} for t in threads)
    )
    _copy("conversations_conversation", (_conversation(t) for t in threads))
    _copy("conversations_message", (_message(key, t, place) for key, t, place in messages))
    _copy("conversations_searchentry", (_entry(key, t, place) for key, t, place in messages))


def _address(t: dict[str, Any]) -> str:
    return f"buyer{t['id']}@example.com"


def _conversation(t: dict[str, Any]) -> dict[str, Any]:
    shown = {"last_at": t["at"], "last_text": t["texts"][-1][:200], "last_direction": "in" if t["due"] else "out", "last_kind": "text"}
    about = {"id": t["id"], "shop_id": t["shop"], "customer_id": t["id"], "external_id": f"t{t['id']}", "address": _address(t)}
    state = {
        "state": t["state"],
        "due_at": t["due"],
        "risk_at": t["risk"],
        "language": t["language"],
        "topic": t["topic"],
        "order_ref": f"25{t['id']:010}",
    }
    return about | state | shown | {"created_at": t["at"], "tags": []}


def _message(key: int, t: dict[str, Any], place: int) -> dict[str, Any]:
    inward, at = place % 2 == 0, _moment(t, place)
    return {
        "id": key,
        "conversation_id": t["id"],
        "shop_id": t["shop"],
        "direction": "in" if inward else "out",
        "state": "received" if inward else "sent",
        "kind": "text",
        "reference": f"r{key}",
        "text": t["texts"][place],
        "language": t["language"],
        "at": at,
        "created_at": at,
    }


def _entry(key: int, t: dict[str, Any], place: int) -> dict[str, Any]:
    words = text.tokens(f"{t['texts'][place]} Buyer {t['id']} {_address(t)}")
    return {"message_id": key, "conversation_id": t["id"], "shop_id": t["shop"], "at": _moment(t, place), "words": _vector(words)}


def _thread(number: int, total: int, shops: list[int], end: datetime) -> dict[str, Any]:
    language = random.choice(LANGUAGES)
    waiting = number > total - max(400, total // 100)
    at = end - timedelta(minutes=5) * (total - number) / max(1, total / 100_000)
    due = at + timedelta(hours=12) if waiting and number % 3 else None
    return {
        "id": number,
        "shop": random.choice(shops),
        "language": language,
        "topic": random.choice(["wismo", "not_received", "damaged", "size", ""]),
        "state": "open" if waiting else "closed",
        "due": due,
        "risk": due and due - timedelta(hours=3),
        "at": at,
        "texts": [_text(language) for _ in range(random.randint(1, 5))],
    }


def _moment(thread: dict[str, Any], place: int) -> datetime:
    return thread["at"] - timedelta(minutes=len(thread["texts"]) - 1 - place)


def _vector(words: set[str]) -> str:
    return " ".join("'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in sorted(words))


_BLANK: dict[str, Any] = {"boolean": False, "smallint": 0, "integer": 0, "jsonb": Jsonb({}), "ARRAY": []}


def _copy(table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Copy rows; a required column that a row does not name is left blank."""
    blanks = _required(table)
    columns: list[str] = []
    with connection.cursor() as cursor:
        copy: Any = None
        with ExitStack() as stack:
            for row in rows:
                whole = blanks | row
                if copy is None:
                    columns = list(whole)
                    copy = stack.enter_context(cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin"))
                copy.write_row([whole[name] for name in columns])


def _required(table: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name, data_type from information_schema.columns"
            " where table_name = %s and is_nullable = 'NO' and is_identity = 'NO'",
            [table],
        )
        return {name: _BLANK.get(kind, "") for name, kind in cursor.fetchall()}
