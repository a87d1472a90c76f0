"""Asking platforms for what is new."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bridgedesk.channels.base import Fetched, NeedsReconnect, Raw, SendError
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

    def breaks(shop: Shop, raw: Raw) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(polling, "accept", breaks)
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
        assert polling.due() == [pretend_shop.pk]
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
            assert other.pk in polling.due()
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


@pytest.mark.parametrize(("option", "seconds"), [("60", 60), ("0.1", 2), ("nonsense", 120), ("", 120), ("1e99", 86400)])
def test_how_often_is_a_setting_of_the_shop(pretend_shop: Shop, platform: Pretend, option: str, seconds: float) -> None:
    pretend_shop.options = {"poll_seconds": option}
    assert polling.interval(pretend_shop, platform) == timedelta(seconds=seconds)


def test_pauses_never_exceed_the_longest() -> None:
    assert polling.pause(10_000) == polling.LONGEST_PAUSE
