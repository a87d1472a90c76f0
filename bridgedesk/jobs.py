"""Every job. Each wakes one action on one row; losing a job loses nothing, the sweep finds the row.

A job is done however often it runs: what is done already is left alone.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateWorker
from procrastinate.manager import JobManager

from bridgedesk.conversations import due as conversations
from bridgedesk.conversations import notices, orphans, said, sending
from bridgedesk.imports import running as imports
from bridgedesk.orders import due as orders
from bridgedesk.orders import findings, following, parcels, performing, pictures, reckoning, sentinel, transit
from bridgedesk.playbooks import due as playbooks
from bridgedesk.playbooks import events
from bridgedesk.playbooks import simulation as simulations
from bridgedesk.sync import actions as sync
from bridgedesk.sync import due, fetching, followup, outgoing, polling, watching
from bridgedesk.team import due as team

log = logging.getLogger(__name__)

HEARTBEAT, STALLED_AFTER = 2.0, 10.0
"""Seconds: how often a worker says it lives, and after how much silence its jobs are given to others."""


@app.task(name="apply_deliveries")
def apply_deliveries(shop: int) -> None:
    """Turn what waits in a shop, as stored bytes, into conversations."""
    sync.apply_all(shop)


@app.task(name="apply_delivery")
def apply_delivery(delivery: int) -> None:
    """Try a delivery that was stuck again."""
    sync.apply(delivery)


@app.task(name="follow_up")
def follow_up(delivery: int) -> None:
    """The first look, the greeting and the files of what a delivery brought."""
    followup.follow_up(delivery)


@app.task(name="send_message")
def send_message(message: int) -> None:
    """Send a queued answer."""
    sending.send(message)


@app.task(name="queue_notice")
def queue_notice(order: int, purpose: str, template: str = "", key: str = "") -> None:
    """Tell a buyer about an order, as the platform permits."""
    notices.wanted(order, purpose, template, key)


@app.task(name="fetch_file")
def fetch_file(attachment: int) -> None:
    """Fetch a file a platform only named."""
    fetching.fetch_file(attachment)


@app.task(name="poll_shop")
def poll_shop(shop: int, feed: str = "messages") -> None:
    """Ask a platform or a mailbox for what is new in one feed."""
    polling.poll(shop, feed)


@app.task(name="perform_act")
def perform_act(act: int) -> None:
    """Have a platform do what was decided about an order."""
    performing.perform(act)


@app.task(name="fetch_picture")
def fetch_picture(key: str, order: int) -> None:
    """Fetch the picture of an article somebody looks at."""
    pictures.fetch(key, order)


@app.task(name="follow_parcels")
def follow_parcels(tracker: str) -> None:
    """Ask a tracking service for a batch of parcels."""
    following.follow(tracker)


@app.task(name="apply_tracker_news")
def apply_tracker_news(news: int) -> None:
    """Take what a tracking service's hook told."""
    following.apply(news)


@app.task(name="watch_parcels")
def watch_parcels(after: int = 0) -> None:
    """Look at the parcels under way that follow a number, one batch."""
    parcels.watch(after)


@app.task(name="check_orders")
def check_orders() -> None:
    """Look for what is odd about orders with news; the sweep asks again while there are more."""
    findings.check_waiting(said.about_orders)


@app.task(name="reckon_stock")
def reckon_stock() -> None:
    """Bring what orders say of stock up to date."""
    reckoning.reckon()


@app.task(name="take_up_events")
def take_up_events() -> None:
    """Begin the playbooks of reviews and of what cannot be had."""
    events.sweep()


@app.task(name="run_import")
def run_import(table: int) -> None:
    """Take some more of an uploaded table."""
    imports.run(table)


@app.task(name="run_simulation")
def run_simulation(simulation: int) -> None:
    """Take some more past cases through a draft of a playbook."""
    simulations.run(simulation)


@app.task(name="notify_endpoint")
def notify_endpoint(notification: int) -> None:
    """Tell a program outside of one act."""
    outgoing.deliver(notification)


@app.periodic(cron="* * * * * */5")
@app.task(name="sweep", queueing_lock="sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Find what is due and no job woke. The sixth field of the cron is seconds."""
    due.sweep()
    orders.sweep()
    outgoing.feed()
    playbooks.sweep()
    imports.sweep()
    simulations.sweep()
    notices.tidy()
    while conversations.wake_snoozed() >= conversations.BATCH:
        pass


@app.periodic(cron="* * * * * */10")
@app.task(name="retry_stalled", queueing_lock="retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """Give the jobs of workers that went silent to others; without this they would stay "doing" for ever."""
    manager: JobManager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        await manager.retry_job(job)


@app.periodic(cron="* * * * *")
@app.task(name="look_after_notices", queueing_lock="look_after_notices", pass_context=False)
def look_after_notices(timestamp: int) -> None:
    """Every minute: notices whose gap can be filled now, and those no job queued."""
    notices.refill()
    notices.make_up()


@app.periodic(cron="*/5 * * * *")
@app.task(name="reckon_all_stock", queueing_lock="reckon_all_stock", pass_context=False)
def reckon_all_stock(timestamp: int) -> None:
    """Every five minutes: what is promised, sold, and left."""
    reckoning.reckon()


@app.periodic(cron="41 * * * *")
@app.task(name="watch_all_parcels", queueing_lock="watch_all_parcels", pass_context=False)
def watch_all_parcels(timestamp: int) -> None:
    """Every hour: what stands still, is late or waits."""
    parcels.watch()


@app.periodic(cron="*/10 * * * *")
@app.task(name="watch_deadlines", queueing_lock="watch_deadlines", pass_context=False)
def watch_deadlines(timestamp: int) -> None:
    """Every ten minutes: protection that ends with the parcel still moving."""
    sentinel.watch()


@app.periodic(cron="17 3 * * *")
@app.task(name="tidy", queueing_lock="tidy")
async def tidy(timestamp: int) -> None:
    """Every night: old jobs, raw bytes past their time, drafts nobody sent, who looked at what; how long parcels took."""
    await app.job_manager.delete_old_jobs(nb_hours=72, include_failed=True, include_cancelled=True, include_aborted=True)
    await asyncio.to_thread(_tidy_rows)


def _tidy_rows() -> None:
    due.tidy()
    outgoing.tidy()
    imports.tidy()
    conversations.tidy()
    transit.learn()
    team.tidy()
    orphans.sweep()  # the last: a bucket whose key may not list keeps nothing else from being tidied


def last_sign_of_life() -> datetime | None:
    """When a worker last said that it lives; None: none ever did (doctor asks)."""
    return ProcrastinateWorker.objects.order_by("-last_heartbeat").values_list("last_heartbeat", flat=True).first()


def alive(now: datetime) -> bool:
    """Whether a worker runs; `now` is the wall's time."""
    last = last_sign_of_life()
    return last is not None and last > now - timedelta(seconds=3 * HEARTBEAT + STALLED_AFTER)


class Fallen(RuntimeError):
    """The worker ended and nobody asked it to; whoever keeps it must see a failure."""


def work(concurrency: int = 8) -> None:
    """Run jobs until SIGTERM or SIGINT, then finish those begun and return. Fallen if it ends otherwise, as without a database."""
    stop = threading.Event()
    watcher = threading.Thread(target=watching.watch, args=(stop,), name="watch mailboxes", daemon=True)
    watcher.start()
    try:
        asyncio.run(_work(concurrency))
    finally:
        stop.set()
        watcher.join(timeout=5)


async def _work(concurrency: int) -> None:
    connector = app.connector
    worker = connector.get_worker_connector() if isinstance(connector, DjangoConnector) else connector
    with app.replace_connector(worker):
        async with app.open_async():
            await _until_asked_to_stop(
                app.run_worker_async(
                    concurrency=concurrency,
                    fetch_job_polling_interval=1.0,
                    delete_jobs="successful",
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=STALLED_AFTER,
                    install_signal_handlers=False,
                )
            )


async def _until_asked_to_stop(running: Coroutine[Any, Any, None]) -> None:
    """Fallen if it ends unasked; procrastinate only logs that it lost the database."""
    task, asked, loop = asyncio.ensure_future(running), asyncio.Event(), asyncio.get_running_loop()

    def stop() -> None:
        if not asked.is_set():  # a second signal must not break off what the first lets finish
            asked.set()
            task.cancel()

    for kind in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(kind, stop)
    await asyncio.wait([task])
    if not asked.is_set():
        raise Fallen("the worker ended unasked") from task.exception()
