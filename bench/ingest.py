"""`bin/bench ingest`: from the wire to the screen, with a web process and a worker on an embedded database that keeps what it was given.

1. signed Shopee pushes from several clients at once, answered when they are stored: pushes/s and milliseconds of the answer;
2. how fast the worker turns them into conversations, the first look (language, topic, mood) included;
3. mails from a real IMAP mailbox, and as raw bytes: from the first one stored to the last one applied;
4. from the push to the event that names the message on an open screen, with one screen and with many.

Everything, the clients too, shares the machine. Prints a table and one JSON line; budgets are those of the design.
"""

import argparse
import http.client
import json
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bench import _stage
from bench._listeners import Screens

PORT = 8792
WARM_UP = 40
PACE = 0.1  # seconds between two pushes while screens are watched
BUDGET = {"mails from IMAP": "> 150/s", "mails as raw bytes": "> 150/s"}
WORDS = (
    "Hello, where is my parcel? The tracking number has not moved for nine days and I need it before Friday.",
    "請問這個燈泡有附電池嗎？什麼時候可以出貨？我想要白色的，謝謝",
    "Buenas tardes, la lámpara llegó rota. ¿Me pueden enviar otra o devolver el dinero?",
    "Paket saya belum sampai sudah dua minggu, tolong dicek ya kak",
    "Ich möchte meine Bestellung ändern: bitte zwei Stück statt einem, Lieferadresse bleibt gleich.",
    "สินค้าชำรุดค่ะ ขอเปลี่ยนได้ไหมคะ",
    "Can I change the delivery address of order 2611220ABCDEFG? I moved last week.",
)


@dataclass
class Figures:
    """Lines of the table: what, figure, budget; and the same for machines."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def rate(self, name: str, count: int, seconds: float) -> None:
        """So many a second."""
        self.rows.append((name, f"{count / seconds:.0f}/s", BUDGET.get(name, "")))
        self.values[name] = round(count / seconds, 1)

    def times(self, name: str, seconds: list[float], budget: str = "") -> None:
        """Milliseconds of many."""
        shares = [_stage.quantile(seconds, share) * 1000 for share in (0.5, 0.95, 0.99)]
        self.rows.append((name, " · ".join(f"{value:.0f}" for value in shares) + " ms", budget))
        self.values[name] = [round(value, 1) for value in shares]

    def size(self, name: str, megabytes: int, budget: str = "") -> None:
        """Memory."""
        self.rows.append((name, f"{megabytes} MB", budget))
        self.values[name] = megabytes


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("bin/bench ingest")
    parser.add_argument("--pushes", type=int, default=2000)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--screens", type=int, default=200)
    parser.add_argument("--workers", type=int, default=1, help="worker processes")
    asked = parser.parse_args(arguments)
    figures = Figures()
    from bridgedesk.sandbox.servers import Sandbox

    with _stage.database(), Sandbox() as sandbox:
        scene = Scene(sandbox)
        with _stage.process(*_stage.web(PORT), port=PORT) as web:
            _pushes(figures, scene, asked)
            with _workers(asked.workers, sandbox) as workers:
                _applied(figures, scene, asked.pushes)
                _mails(figures, scene, asked.mails)
                _to_screen(figures, scene, web.pid, asked.screens)
                figures.size("worker", max(_stage.memory(worker.pid) for worker in workers))
    _report(figures, asked)
    return 0


class Scene:
    """The shops, an agent who is logged in, and the pretend mail server."""

    def __init__(self, sandbox: Any) -> None:
        from bench.inbox import session_of
        from bridgedesk.sandbox import scenery
        from bridgedesk.shops.models import Shop
        from bridgedesk.team.models import Agent

        self.sandbox, self.mailbox, self.serial = sandbox, scenery.OWN_SITE, 0
        Agent.objects.create_user("admin", password="bench bench bench", role=Agent.Role.ADMIN)
        self.cookie = session_of("admin")
        options = {"address": self.mailbox, "imap_host": "127.0.0.1", "imap_port": str(sandbox.imap_port), "imap_security": "plain"}
        self.mail_shop = _shop("Mail", "email", {"password": scenery.MAIL_PASSWORD}, state=Shop.State.PAUSED, options=options)
        self.raw_shop = _shop("Raw mail", "email", {}, state=Shop.State.PAUSED, options=options | {"address": "raw@shop.example"})
        self.shopee = [_shop(f"Shopee {number}", "shopee", {"push_key": "k" * 32}, external_id=str(700 + number)) for number in range(20)]

    def push(self) -> tuple[str, dict[str, str], bytes]:
        """Address, headers and body of the next push; three messages a conversation on average."""
        from bridgedesk.channels.shopee_signing import push_signature
        from bridgedesk.shops.vault import account_of

        self.serial += 1
        shop, talk, now = self.shopee[self.serial % 20], self.serial % 20 + 20 * random.randint(1, 1 + self.serial // 60), time.time()
        buyer = 500_000 + talk
        content = {
            "message_id": f"{now:.0f}{self.serial:08}", "message_type": "text", "from_id": buyer, "to_id": 9, "from_shop_id": 0,
            "to_shop_id": int(shop.external_id), "from_user_name": f"buyer{talk}", "conversation_id": str(9_000_000 + talk),
            "created_timestamp": int(now), "region": "TW", "content": {"text": random.choice(WORDS)}, "status": "normal",
        }  # fmt: skip
        told = {"type": "message", "region": "TW", "content": content}
        body = json.dumps({"code": 10, "shop_id": int(shop.external_id), "timestamp": int(now), "data": told}).encode()
        signature = push_signature("k" * 32, account_of(shop).options["callback_url"], body)
        return f"/in/shopee/{shop.pk}", {"Authorization": signature, "Content-Type": "application/json"}, body

    def mail(self, to: str) -> bytes:
        """The next mail, with HTML beside the text; one in three answers into its thread's history."""
        from bridgedesk.lib import clock
        from bridgedesk.sandbox.letters import Letter, compose

        self.serial += 1
        writer = random.randint(1, 1 + self.serial // 2)
        letter = Letter(
            f"Buyer {writer}", f"buyer{writer}@mail.example", to, f"Question {writer}", f"{random.choice(WORDS)}\n\n{self.serial}", "en",
            clock.now(), random.choice(("gmail", "outlook", "apple", "plain")),
        )  # fmt: skip
        return compose(letter, f"<{self.serial}.{random.getrandbits(40):x}@mail.example>")


def _shop(name: str, platform: str, secrets: dict[str, str], **more: Any) -> Any:
    """A shop that nobody polls before we say so."""
    from bridgedesk.lib import clock
    from bridgedesk.shops import vault
    from bridgedesk.shops.models import Shop
    from bridgedesk.sync.models import Cursor

    shop = Shop.objects.create(name=name, platform=platform, created_at=clock.now(), **more)
    vault.store(shop.pk, {key: (value, None) for key, value in secrets.items()})
    Cursor.objects.create(shop=shop, next_poll_at=clock.now() + timedelta(days=9))
    return shop


@contextmanager
def _workers(count: int, sandbox: Any) -> Iterator[list[Any]]:
    allowed = f"127.0.0.1:{sandbox.imap_port},127.0.0.1:{sandbox.smtp_port}"
    with ExitStack() as stack:
        yield [stack.enter_context(_stage.process("bridgedesk", "worker", BRIDGEDESK_ALLOW_PRIVATE=allowed)) for _ in range(count)]


def _pushes(figures: Figures, scene: Scene, asked: argparse.Namespace) -> None:
    """Stored and acknowledged, nobody applying yet."""
    _post([scene.push() for _ in range(WARM_UP)])
    shares = [[scene.push() for _ in range(asked.pushes // asked.clients)] for _ in range(asked.clients)]
    begun = time.perf_counter()
    taken = _at_once(shares)
    figures.rate("pushes stored", len(taken), time.perf_counter() - begun)
    figures.times(f"answer to a push, {asked.clients} clients (p50 · p95 · p99)", taken, "2000 ms")


def _at_once(shares: list[list[tuple[str, dict[str, str], bytes]]]) -> list[float]:
    taken: list[float] = []
    threads = [threading.Thread(target=lambda share=share: taken.extend(_post(share))) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def _post(pushes: list[tuple[str, dict[str, str], bytes]]) -> list[float]:
    taken = []
    client = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    for path, headers, body in pushes:
        begun = time.perf_counter()
        client.request("POST", path, body, headers)
        answer = client.getresponse()
        answer.read()
        taken.append(time.perf_counter() - begun)
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
    client.close()
    return taken


def _applied(figures: Figures, scene: Scene, count: int) -> None:
    figures.rate("messages applied", count, _settled(scene.shopee, count + WARM_UP, WARM_UP))


def _mails(figures: Figures, scene: Scene, count: int) -> None:
    from bridgedesk.channels.base import Inbound
    from bridgedesk.channels.registry import CHANNELS
    from bridgedesk.lib import clock
    from bridgedesk.shops.models import Shop
    from bridgedesk.shops.vault import account_of
    from bridgedesk.sync.actions import accept
    from bridgedesk.sync.models import Cursor

    letters = [scene.mail(scene.mailbox) for _ in range(count + WARM_UP)]
    scene.sandbox.do(lambda servers: [servers.mail.deliver(scene.mailbox, letter) for letter in letters])
    Shop.objects.filter(pk=scene.mail_shop.pk).update(state=Shop.State.CONNECTED)
    Cursor.objects.filter(shop=scene.mail_shop).update(next_poll_at=clock.now())
    figures.rate("mails from IMAP", count, _settled([scene.mail_shop], count + WARM_UP, WARM_UP))
    Shop.objects.filter(pk=scene.mail_shop.pk).update(state=Shop.State.PAUSED)

    account, channel = account_of(scene.raw_shop), CHANNELS["email"]
    raws = [channel.raw_of(account, Inbound("", {}, scene.mail("raw@shop.example"))) for _ in range(count)]
    begun = time.perf_counter()
    for raw in raws:
        accept(scene.raw_shop, raw)
    _settled([scene.raw_shop], count, 0)
    figures.rate("mails as raw bytes", count, time.perf_counter() - begun)


def _settled(shops: list[Any], count: int, first: int) -> float:
    """Seconds from the `first`th delivery done to the `count`th, the first look included."""
    from bridgedesk.sync.models import Delivery

    done, begun = 0, 0.0
    for _ in range(60_000):
        done = Delivery.objects.filter(shop__in=shops, applied_at__isnull=False, followed_up=True).count()
        begun = begun or (time.perf_counter() if done >= first else 0.0)
        if done >= count:
            return time.perf_counter() - begun
        time.sleep(0.05)
    raise SystemExit(f"only {done} of {count} were applied")


def _to_screen(figures: Figures, scene: Scene, web: int, many: int) -> None:
    """Milliseconds from the push to the event: on one screen, and on the last of many."""
    figures.size("web process", _stage.memory(web), "150 MB")
    for screens in (1, many):
        with Screens(PORT, scene.cookie, screens) as listening:
            time.sleep(1)
            posted = _paced(scene, 60)
            listening.wait(len(posted))
            if screens > 1:
                figures.size(f"web process with {screens} screens", _stage.memory(web))
        name = "push to screen" if screens == 1 else f"push to the last of {screens} screens"
        figures.times(f"{name} (p50 · p95 · p99)", _last_heard(posted, listening, screens), "1000 ms")


def _paced(scene: Scene, count: int) -> dict[str, float]:
    """Pushes one after the other; when each message's was sent."""
    posted: dict[str, float] = {}
    for _ in range(count):
        push = scene.push()
        posted[json.loads(push[2])["data"]["content"]["message_id"]] = time.perf_counter()
        _post([push])
        time.sleep(PACE)
    return posted


def _last_heard(posted: dict[str, float], listening: Screens, screens: int) -> list[float]:
    from bridgedesk.conversations.models import Message

    known = dict(Message.objects.filter(external_id__in=posted).values_list("external_id", "pk"))
    missed = [name for name in posted if len(listening.heard.get(known.get(name, 0), ())) != screens]
    if missed:
        raise SystemExit(f"{len(missed)} of {len(posted)} messages did not reach every screen")
    return [max(listening.heard[known[name]]) - begun for name, begun in posted.items()]


def _report(figures: Figures, asked: argparse.Namespace) -> None:
    load = os.getloadavg()[0]
    print(f"\n{asked.workers} worker(s) · {_stage.machine()} · load {load:.1f} at the end\n\n| what | measured | budget |\n|---|--:|--:|")
    for row in figures.rows:
        print(f"| {' | '.join(row)} |")
    print("\n" + json.dumps({"bench": "ingest", "machine": _stage.machine(), "load": load, "workers": asked.workers, **figures.values}))
