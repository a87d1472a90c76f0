"""Asking platforms for what is new."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from bridgedesk.channels.base import Fetched, NeedsReconnect, NotPermitted, Raw, SendError
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.sync import polling
from bridgedesk.sync.models import Cursor, Delivery
from tests.pretend import Pretend

PAGES = {"": Fetched([Raw("a", b"{}", "poll")], "1", more=True), "1": Fetched([Raw("b", b"{}", "poll")], "2"), "2": Fetched([], "2")}


def test_all_pages_are_read_and_the_cursor_stands_behind_the_last(pretend_shop: Shop, platform: Pretend) -> None:
    platform.on_fetch = PAGES.__getitem__
    polling.poll(pretend_shop.pk)
    assert list(Delivery.objects.order_by("pk").values_list("key", flat=True)) == ["a", "b"]
    cursor = Cursor.objects.get()
    assert (cursor.value, cursor.lease_until, cursor.failures) == ("2", None, 0)
    assert polling.due() == []


def test_what_was_read_and_the_cursor_are_stored_together_or_not_at_all(
    pretend_shop: Shop, platform: Pretend, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.on_fetch = PAGES.__getitem__

    def breaks(shop: Shop, raws: Sequence[Raw]) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(polling, "accept_each", breaks)
    with pytest.raises(RuntimeError):
        polling.poll(pretend_shop.pk)
    assert Cursor.objects.get().value == ""


def test_two_workers_never_poll_one_shop_at_once(pretend_shop: Shop, platform: Pretend) -> None:
    asked: list[str] = []

    def fetch(cursor: str) -> Fetched:
        asked.append(cursor)
        polling.poll(pretend_shop.pk)
        return Fetched([], "x")

    platform.on_fetch = fetch
    polling.poll(pretend_shop.pk)
    assert asked == [""]


def test_a_page_read_under_a_lost_lease_is_dropped(pretend_shop: Shop, platform: Pretend) -> None:
    def slow(cursor: str) -> Fetched:
        Cursor.objects.update(lease_until=clock.now() + timedelta(minutes=9))
        return Fetched([Raw("late", b"{}", "poll")], "late")

    platform.on_fetch = slow
    polling.poll(pretend_shop.pk)
    assert not Delivery.objects.exists()
    assert Cursor.objects.get().value == ""


def test_a_poll_whose_worker_died_is_taken_over_when_its_lease_ends(pretend_shop: Shop, platform: Pretend) -> None:
    platform.on_fetch = PAGES.__getitem__
    Cursor.objects.create(shop=pretend_shop, value="1", lease_until=clock.now() + timedelta(minutes=5))
    assert polling.due() == []
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        assert polling.due() == [(pretend_shop.pk, "messages")]
        polling.poll(pretend_shop.pk)
    assert Cursor.objects.get().value == "2"


def test_a_failing_shop_waits_longer_each_time_and_holds_up_no_other(
    pretend_shop: Shop, platform: Pretend, make_shop: Callable[..., Shop]
) -> None:
    other = make_shop("Other", "pretend")

    def fails(cursor: str) -> Fetched:
        raise SendError("rate limit", permanent=False)

    platform.on_fetch = fails
    now, waits = clock.now(), []
    for _ in range(4):
        with clock.frozen(now):
            polling.poll(pretend_shop.pk)
            assert (other.pk, "messages") in polling.due()
            waits.append(Cursor.objects.get(shop=pretend_shop).next_poll_at - now)  # type: ignore[operator]
        now += timedelta(hours=1)
    assert waits == [timedelta(seconds=s) for s in (5, 10, 20, 40)]
    assert Cursor.objects.get(shop=pretend_shop).error == "rate limit"


def test_a_lost_authorisation_breaks_the_shop_off_and_ends_the_polling(pretend_shop: Shop, platform: Pretend) -> None:
    def gone(cursor: str) -> Fetched:
        raise NeedsReconnect("log in again")

    platform.on_fetch = gone
    polling.poll(pretend_shop.pk)
    pretend_shop.refresh_from_db()
    assert (pretend_shop.state, pretend_shop.trouble) == ("broken", "log in again")
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert polling.due() == []


def test_a_paused_shop_is_not_polled(pretend_shop: Shop, platform: Pretend) -> None:
    Shop.objects.update(state="paused")
    polling.poll(pretend_shop.pk)
    assert not Cursor.objects.exists()


FEEDS = {"orders": timedelta(minutes=5), "stock": timedelta(hours=1)}


def test_each_feed_is_read_from_its_own_cursor_at_its_own_pace(pretend_shop: Shop, platform: Pretend, noon: datetime) -> None:
    platform.feeds = FEEDS
    asked: list[tuple[str, str]] = []

    def fetch(feed: str, cursor: str) -> Fetched:
        asked.append((feed, cursor))
        return Fetched([Raw(f"{feed}{cursor}", b"{}", "poll")], f"{feed} read")

    platform.on_feed = fetch
    assert sorted(polling.due()) == [(pretend_shop.pk, feed) for feed in ("messages", "orders", "stock")]
    for feed in ("orders", "stock", "orders"):
        polling.poll(pretend_shop.pk, feed)
    assert asked == [("orders", ""), ("stock", ""), ("orders", "orders read")]
    waits = {cursor.feed: cursor.next_poll_at - noon for cursor in Cursor.objects.all() if cursor.next_poll_at}
    assert waits == FEEDS
    assert polling.due() == [(pretend_shop.pk, "messages")]


def test_a_feed_that_fails_holds_up_no_other_and_waits_as_long_as_it_was_told(
    pretend_shop: Shop, platform: Pretend, noon: datetime
) -> None:
    platform.feeds = FEEDS

    def fetch(feed: str, cursor: str) -> Fetched:
        if feed == "orders":
            raise SendError("limit of the day", permanent=False, retry_after=timedelta(hours=3))
        return Fetched([], "1")

    platform.on_feed = fetch
    polling.poll(pretend_shop.pk, "orders")
    assert sorted(polling.due()) == [(pretend_shop.pk, "messages"), (pretend_shop.pk, "stock")]
    polling.poll(pretend_shop.pk, "stock")
    failed = Cursor.objects.get(feed="orders")
    assert (failed.error, failed.failures, failed.next_poll_at) == ("limit of the day", 1, noon + timedelta(hours=3))
    assert Cursor.objects.get(feed="stock").failures == 0


def test_a_feed_the_app_may_not_have_rests_for_a_day_with_its_reason(pretend_shop: Shop, platform: Pretend, noon: datetime) -> None:
    platform.feeds = FEEDS

    def fetch(feed: str, cursor: str) -> Fetched:
        raise NotPermitted("the type of the app does not include this")

    platform.on_feed, platform.on_fetch = fetch, lambda cursor: fetch("", cursor)
    polling.poll(pretend_shop.pk, "orders")
    rests = Cursor.objects.get(feed="orders")
    assert (rests.error, rests.next_poll_at) == ("the type of the app does not include this", noon + timedelta(days=1))
    polling.poll(pretend_shop.pk)
    assert Cursor.objects.get(feed="messages").next_poll_at == noon + polling.pause(1), "messages are asked for again soon"


def test_a_platform_without_messages_is_asked_for_its_feeds_alone(pretend_shop: Shop, platform: Pretend) -> None:
    platform.polls, platform.feeds = False, FEEDS
    polling.poll(pretend_shop.pk)
    assert sorted(polling.due()) == [(pretend_shop.pk, "orders"), (pretend_shop.pk, "stock")]
    assert not Cursor.objects.exists()


def test_a_gap_is_read_through_page_by_page_and_a_crash_between_loses_none(pretend_shop: Shop, platform: Pretend) -> None:
    platform.feeds = FEEDS
    pages = {"": Fetched([Raw("a", b"{}", "poll")], "1", more=True), "1": Fetched([Raw("b", b"{}", "poll")], "2")}

    def fetch(feed: str, cursor: str) -> Fetched:
        if cursor == "1" and not broken:
            broken.append(True)
            raise ConnectionError("the network went away")
        return pages[cursor]

    broken: list[bool] = []
    platform.on_feed = fetch
    polling.poll(pretend_shop.pk, "orders")
    assert Cursor.objects.get().value == "1"
    polling.poll(pretend_shop.pk, "orders")
    assert list(Delivery.objects.order_by("pk").values_list("key", flat=True)) == ["a", "b"]


@pytest.mark.parametrize(("option", "seconds"), [("60", 60), ("0.1", 2), ("nonsense", 120), ("", 120), ("1e99", 86400)])
def test_how_often_is_a_setting_of_the_shop(pretend_shop: Shop, platform: Pretend, option: str, seconds: float) -> None:
    pretend_shop.options = {"poll_seconds": option}
    assert polling.interval(pretend_shop, platform) == timedelta(seconds=seconds)


def test_how_often_a_feed_is_asked_is_a_setting_too(pretend_shop: Shop, platform: Pretend) -> None:
    platform.feeds, pretend_shop.options = FEEDS, {"poll_seconds": "7", "poll_seconds_orders": "90"}
    found = [polling.interval(pretend_shop, platform, feed).total_seconds() for feed in ("messages", "orders", "stock")]
    assert found == [7, 90, 3600]


def test_pauses_never_exceed_the_longest() -> None:
    assert polling.pause(10_000) == polling.LONGEST_PAUSE
