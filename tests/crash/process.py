"""The processes the crash test starts and kills: `python -m tests.crash.process worker | seed | facts | …`; granian serves `application`.

They are the real worker and the real web application, with one more channel: a pretend platform reached over HTTP.
Every buyer's message is answered once, as if an agent had done so at once.
"""

import io
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bridgedesk.settings")

import django

django.setup()

from bridgedesk import jobs
from bridgedesk.asgi import application
from bridgedesk.channels.base import Account, CannotTell, Outgoing, Sent, Uncertain
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations import actions, sending
from bridgedesk.conversations.models import Message
from bridgedesk.imports import actions as imports
from bridgedesk.imports import running
from bridgedesk.imports.models import Table
from bridgedesk.lib import clock, http
from bridgedesk.orders.models import Line, Order
from bridgedesk.shops.models import Shop
from bridgedesk.sync import due, followup
from bridgedesk.sync.models import Delivery
from bridgedesk.team.models import Agent
from tests.pretend import Pretend

__all__ = ["application"]

CALLBACK = "https://desk.example/hook"


class Distant(Pretend):
    """The pretend platform on the other side of a slow wire."""

    polls = False

    def send(self, account: Account, message: Outgoing) -> Sent:
        try:
            answer = http.request("POST", f"{account.base_url}/send", json={"reference": message.reference}, timeout=30)
        except http.Unreachable as error:
            raise Uncertain(str(error)) from None
        return Sent(answer.json()["id"], datetime.now(UTC))

    def find_sent(self, account: Account, message: Outgoing) -> Sent | None:
        if account.options.get("tells") != "yes":
            raise CannotTell
        found = http.request("GET", f"{account.base_url}/find/{message.reference}", timeout=30).json()
        return Sent(found["id"], datetime.now(UTC)) if found else None


CHANNELS["pretend"] = Distant()
sending.LEASE = timedelta(seconds=3)
due._FOLLOW_UP_GRACE = timedelta(seconds=2)
running.QUIET = timedelta(seconds=2)


def answer(messages: Sequence[Message]) -> None:
    """Alice's answer to each of these messages, unless it is written already."""
    for message in messages:
        text = f"answer to {message.external_id}"
        if not Message.objects.filter(conversation=message.conversation_id, direction="out", text=text).exists():
            actions.reply(message.conversation, text, by=Agent.objects.get(username="alice"), although_answered=True)


followup.STEPS = (answer,)


def seed() -> None:
    """Two shops on the pretend platform: one can be asked what arrived, the other cannot."""
    alice = Agent.objects.create_user("alice", role=Agent.Role.LEAD)
    for name, tells in (("asked", "yes"), ("silent", "no")):
        options = {"callback_url": CALLBACK, "policy": "manual", "tells": tells, "send_per_second": 500, "send_burst": 500}
        url = os.environ["PLATFORM"]
        shop = Shop.objects.create(name=name, platform="pretend", external_id=name, base_url=url, options=options, created_at=clock.now())
        shop.agents.set([alice])
    say({shop.external_id: shop.pk for shop in Shop.objects.all()})


def facts() -> None:
    """What the database holds, and whether work is left."""
    waiting = Delivery.objects.filter(state__in=["new", "failed"]).count() + Delivery.objects.filter(followed_up=False).count()
    going = Message.objects.filter(state__in=["queued", "sending"]).count()
    rows = Message.objects.select_related("shop")
    say(
        {
            "waiting": waiting,
            "going": going,
            "received": [row.external_id for row in rows.filter(direction="in")],
            "sent": [[row.shop.external_id, row.reference, row.state, row.text] for row in rows.filter(direction="out")],
        }
    )


def table() -> None:
    """A table of 15,000 orders of two articles each, on its way."""
    lead = Agent.objects.create_user("lead", role=Agent.Role.ADMIN)
    shop = Shop.objects.create(name="by hand", platform="manual", external_id="by-hand", created_at=clock.now())
    rows = [f"N-{n},Shipped,{code},1" for n in range(15_000) for code in ("A", "B")]
    made = imports.upload(
        shop, io.BytesIO("\n".join(["Order ID,Status,SKU,Quantity", *rows]).encode()), "orders.csv", kind="orders", by=lead
    )
    imports.start(made, by=lead)


def taken() -> None:
    """How far the table came, and what became of it."""
    found = Table.objects.get()
    counts = {name: getattr(found, name) for name in ("state", "taken", "made", "bad")}
    say(counts | {"orders": Order.objects.count(), "lines": Line.objects.count()})


def lives() -> None:
    """Whether a worker said so."""
    say(jobs.last_sign_of_life() is not None)


def say(result: Any) -> None:
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    {"worker": lambda: jobs.work(concurrency=4), "seed": seed, "facts": facts, "table": table, "taken": taken, "lives": lives}[
        sys.argv[1]
    ]()
