"""Open screens hear what changed: only ids, only of shops they may see, without slowing each other down."""

import asyncio
import json
import time
from contextlib import suppress

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.test import AsyncClient

from bridgedesk.activity import live, views
from bridgedesk.lib.live import announce

pytestmark = pytest.mark.django_db(transaction=True)


@sync_to_async
def say(kind, **ids):
    with transaction.atomic():
        announce(kind, **ids)


@sync_to_async
def hang_up():
    connection.close()


async def screen_of(agent, since=""):
    """The events this person's screen hears, as they come; `since` is when its page was made."""
    client = AsyncClient()
    await client.aforce_login(agent, backend="allauth.account.auth_backends.AuthenticationBackend")
    return (await client.get("/live", {"since": since})).streaming_content


async def heard(stream, until):
    """Everything up to the first event of kind `until`."""
    found = []
    async for chunk in stream:
        for line in chunk.decode().splitlines():
            if line.startswith("data: "):
                found.append(json.loads(line[6:]))
        if found and found[-1]["kind"] == until:
            return found
    return found


async def listening(stream):
    assert (await heard(stream, "resync"))[0]["kind"] == "hello"


def run(story):
    """Run it on a loop of its own, and leave no listener behind."""

    async def whole():
        try:
            await asyncio.wait_for(story(), 180)
        finally:
            task, live.hub.task = live.hub.task, None
            live.hub.screens.clear()
            if task:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await hang_up()

    asyncio.run(whole())


def test_a_screen_hears_its_own_shops_and_no_other(shop, make_shop, bob):
    other = make_shop("Secret shop")

    async def story():
        stream = await screen_of(bob)
        await listening(stream)
        await say("message", shop=other.pk, conversation=7)
        await say("message", shop=shop.pk, conversation=8)
        assert await heard(stream, "message") == [{"kind": "message", "shop": shop.pk, "conversation": 8}]

    run(story)


def test_what_is_rolled_back_is_not_heard(shop, bob):
    @sync_to_async
    def changes_their_mind():
        with suppress(RuntimeError), transaction.atomic():
            announce("message", shop=shop.pk, conversation=1)
            raise RuntimeError

    async def story():
        stream = await screen_of(bob)
        await listening(stream)
        await changes_their_mind()
        await say("counters", shop=shop.pk)
        assert [event["kind"] for event in await heard(stream, "counters")] == ["counters"]

    run(story)


def test_who_gets_a_new_shop_hears_it_without_reload(make_shop, charlie):
    shop = make_shop("New shop")

    async def story():
        stream = await screen_of(charlie)
        await listening(stream)
        await sync_to_async(shop.agents.add)(charlie)
        await say("team", shop=None)
        await say("message", shop=shop.pk, conversation=3)
        assert (await heard(stream, "message"))[-1]["conversation"] == 3

    run(story)


def test_who_is_switched_off_hears_no_more(shop, bob):
    @sync_to_async
    def switch_off():
        type(bob).objects.filter(pk=bob.pk).update(is_active=False)

    async def story():
        stream = await screen_of(bob)
        await listening(stream)
        await switch_off()
        await say("team", shop=None)
        await say("message", shop=shop.pk, conversation=3)
        assert await heard(stream, "never") == []

    run(story)


def test_without_a_log_in_the_browser_is_told_to_stop_asking(client):
    assert client.get("/live").status_code == 401


def test_a_screen_too_slow_is_dropped_and_the_others_go_on():
    async def story():
        slow, quick = live.Screen(), live.Screen()
        live.hub.screens |= {slow, quick}
        for number in range(live.BOUND + 1):
            live.hub.publish({"kind": "message", "shop": None, "number": number})
            assert (await quick.queue.get())["number"] == number
        assert [event async for event in live.events(slow)] == []
        assert live.hub.screens == {quick}

    run(story)


def test_a_broken_database_connection_is_made_again_and_everything_refetched(shop, bob, monkeypatch):
    monkeypatch.setattr(live, "RETRY_SECONDS", (0.01,))

    @sync_to_async
    def cut():
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where query = %s", [f"listen {live.CHANNEL}"])

    async def story():
        stream = await screen_of(bob)
        await listening(stream)
        await cut()
        assert [event["kind"] for event in await heard(stream, "resync")] == ["resync"]
        await say("message", shop=shop.pk, conversation=9)
        assert (await heard(stream, "message"))[-1]["conversation"] == 9

    run(story)


def test_two_hundred_screens_share_one_listening_connection(shop, bob):
    @sync_to_async
    def listeners():
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from pg_stat_activity where datname = current_database() and query ilike 'listen %'")
            return cursor.fetchone()[0]

    async def story():
        streams = [await screen_of(bob) for _ in range(200)]
        await asyncio.gather(*(listening(stream) for stream in streams))
        assert await listeners() == 1
        await say("message", shop=shop.pk, conversation=5)
        told = await asyncio.gather(*(heard(stream, "message") for stream in streams))
        assert all(events[-1]["conversation"] == 5 for events in told)

    run(story)


def test_odd_notifications_are_passed_over():
    async def story():
        screen = live.Screen()
        live.hub.screens.add(screen)
        for payload in ("", "no json", "[1]", '{"kind": "message"}'):
            live.hub._pass_on(payload)
        assert screen.queue.qsize() == 1

    run(story)


def test_what_happened_between_page_and_connection_is_told_first(shop, alice, bob):
    async def story():
        first = await screen_of(alice)
        await listening(first)
        made = time.time()
        await say("message", shop=shop.pk, conversation=1)
        await heard(first, "message")
        late = await screen_of(bob, since=made + views.SKEW)
        assert [event["kind"] for event in await heard(late, "message")] == ["hello", "message"]

    run(story)


@pytest.mark.parametrize("since", ["", "0", "nonsense", "-1", "1" * 40, "٣"])
def test_a_screen_that_knows_nothing_is_asked_to_fetch_everything(since, shop, alice, bob):
    async def story():
        first = await screen_of(alice)
        await listening(first)
        assert [event["kind"] for event in await heard(await screen_of(bob, since=since), "resync")] == ["hello", "resync"]

    run(story)


def test_what_is_too_long_ago_to_be_remembered_is_fetched_anew(shop):
    hub = live.Hub()
    hub.complete_from = time.time()
    opened = time.time()
    assert hub.missed(opened) == []
    for number in range(live.KEPT + 1):
        hub.publish({"kind": "message", "shop": None, "number": number})
    assert hub.missed(opened) == [live.RESYNC]
    assert hub.missed(hub.kept[-3][0])[-1]["number"] == live.KEPT
