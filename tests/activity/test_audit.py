"""What happened, in words: who sees which lines, every verb has a label, the table holds no formula."""

import ast
import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bridgedesk
from bridgedesk.activity import words
from bridgedesk.activity.actions import record
from bridgedesk.activity.models import Activity
from bridgedesk.lib import clock, spreadsheets
from bridgedesk.team import doors

TELLERS = {"record", "record_each", "tell", "tell_message", "tell_each", "_tell", "_write", "set_switch"}
MADE = {
    "{name}_corrected": ["topic_corrected", "language_corrected", "mood_corrected"],
    "shop_{state}": ["shop_paused", "shop_connected"],
    "restock_{state}": ["restock_ordered", "restock_arrived", "restock_impossible", "restock_withdrawn"],
    "offer_{answer}": ["offer_accepted", "offer_refused", "offer_silent", "offer_escalated"],
}


def verbs_in(source: str) -> set[str]:
    """Every verb a call that writes to the log names, however it is put together."""
    found: set[str] = set()
    for call in ast.walk(ast.parse(source)):
        name = getattr(getattr(call, "func", None), "attr", getattr(getattr(call, "func", None), "id", ""))
        if isinstance(call, ast.Call) and name in TELLERS:
            for argument in [*call.args[:2], *(word.value for word in call.keywords if word.arg == "verb")]:
                found |= spelled(argument)
    return found


def spelled(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return spelled(node.body) | spelled(node.orelse)
    if isinstance(node, ast.JoinedStr):
        pattern = "".join(str(part.value) if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}" for part in node.values)
        return set(MADE[pattern])
    return set()


def test_every_verb_of_the_log_has_a_label():
    package = Path(bridgedesk.__file__).parent
    used = {verb: path.name for path in package.rglob("*.py") if "sandbox" not in path.parts for verb in verbs_in(path.read_text())}
    used |= dict.fromkeys(doors.TWO_FACTOR.values(), "doors.py")
    assert len(used) > 50
    assert not {verb: where for verb, where in used.items() if verb not in words.VERBS}
    assert not set(words.VERBS) - set(used), "a label nobody needs"


def test_a_line_without_its_facts_still_reads():
    for verb in words.VERBS:
        assert "%" not in words.label(verb)
    assert words.happened("tagged", {"tag": "100%(x)s"}).endswith("“100%(x)s”")
    assert words.happened("something_new", {}) == "something new"


@pytest.fixture
def lines(shop, make_shop, alice, bob, charlie):
    other = make_shop("Other shop")
    return {
        "ours": record("replied", None, by=bob, shop=shop.pk, conversation=1),
        "theirs": record("replied", None, by=charlie, shop=other.pk, conversation=2),
        "people": record("locked", None, by=alice, name="Zed"),
    }


@pytest.mark.parametrize(
    ("who", "seen"),
    [("admin", {"ours", "theirs", "people"}), ("alice", {"ours", "people"}), ("bob", {"ours"}), ("charlie", set())],
)
def test_each_sees_what_happened_in_their_shops(lines, who, seen, request, sign_in):
    page = sign_in(request.getfixturevalue(who)).get("/activity").content.decode()
    shown = {
        name for name, mark in {"ours": "/conversations/1", "theirs": "/conversations/2", "people": "locked Zed"}.items() if mark in page
    }
    assert shown == seen


def test_filters_narrow_and_pages_follow_without_gap_or_repeat(shop, alice, bob, sign_in, noon):
    for number in range(120):
        with clock.frozen(noon - timedelta(minutes=number // 3)):
            record("replied" if number % 2 else "noted", None, by=alice if number % 5 else bob, shop=shop.pk, conversation=number + 1)
    browser = sign_in(alice)
    seen, path = [], "/activity?verb=replied"
    while path:
        page = browser.get(path).content.decode()
        seen += [int(part.split('"')[0]) for part in page.split('href="/conversations/')[1:]]
        older = page.split('href="/activity?verb=replied&amp;after=')
        path = f"/activity?verb=replied&after={older[1].split(chr(34))[0]}" if len(older) > 1 else ""
    assert len(seen) == len(set(seen)) == 60
    assert set(seen) == set(Activity.objects.filter(verb="replied").values_list("conversation_id", flat=True))
    assert browser.get(f"/activity?person={bob.pk}&shop={shop.pk}&day=2026-11-20").content.decode().count("/conversations/") == 24
    assert "Nothing here" in browser.get("/activity?day=2026-11-18").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "person=x",
        "shop=99999999999999999999",
        "verb='",
        "day=0001-01-01",
        "after=x_1",
        "after=2026-11-20T00:00:00_1",
        "after=9999-12-31T23:59:59+00:00_1",
    ],
)
def test_any_query_is_answered(lines, alice, sign_in, query):
    assert sign_in(alice).get(f"/activity?{query}").status_code == 200


def test_the_page_asks_a_fixed_number_of_times(shop, alice, sign_in, django_assert_num_queries):
    for _ in range(20):
        record("replied", None, by=alice, shop=shop.pk)
    browser = sign_in(alice)
    with django_assert_num_queries(5):
        browser.get("/activity")


async def table(browser, path: str = "/activity.csv") -> list[list[str]]:
    answer = await browser.get(path)
    assert answer.status_code == 200
    body = b"".join([part async for part in answer.streaming_content]).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(body)))


@pytest.fixture
def async_browser(async_client):
    def make(agent):
        async_client.force_login(agent, backend="allauth.account.auth_backends.AuthenticationBackend")
        return async_client

    return make


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["alice", "charlie", "admin"])
def test_the_table_holds_what_the_page_shows_and_no_formula(shop, make_shop, who, request, async_browser):
    from asgiref.sync import async_to_sync

    record("tagged", None, by=request.getfixturevalue("alice"), shop=shop.pk, tag="=cmd|'/c calc'!A1")
    evil = make_shop("=HYPERLINK(1)")
    record("replied", None, by=None, shop=evil.pk)
    rows = async_to_sync(table)(async_browser(request.getfixturevalue(who)))
    assert len(rows) == 1 + {"alice": 1, "charlie": 0, "admin": 2}[who]
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    if who == "admin":
        assert "'=HYPERLINK(1)" in rows[1]


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("=+-@\t\r\n ＝\u200b"), max_size=20))
def test_no_cell_is_ever_a_formula(cell):
    (read,) = csv.reader(io.StringIO(spreadsheets.lines([[cell]]), newline=""))
    said = read[0]
    assert not said.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert said.removeprefix("'").strip() in (cell.replace("\0", "").strip(), cell.replace("\0", "").removeprefix("'").strip())
