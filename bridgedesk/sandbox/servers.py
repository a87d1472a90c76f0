"""All pretend servers in one loop, and `Sandbox`: the same in a thread of a test, on free ports."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from bridgedesk.lib import clock
from bridgedesk.sandbox import imap, scenery, web
from bridgedesk.sandbox.aliexpress import AliExpress
from bridgedesk.sandbox.amazon import Amazon
from bridgedesk.sandbox.cast import Cast, Key, handle, person
from bridgedesk.sandbox.control import control
from bridgedesk.sandbox.mail import Mail
from bridgedesk.sandbox.people import Buyer, Story
from bridgedesk.sandbox.scenery import Stage
from bridgedesk.sandbox.shopee import Shopee
from bridgedesk.sandbox.shopee_trade import seed
from bridgedesk.sandbox.smtp import Post
from bridgedesk.sandbox.trackers import Trackers
from bridgedesk.sandbox.world import Arrived, Chaos, Fault, World

T = TypeVar("T")


class Servers:
    """The pretend platforms. Everything here runs on one event loop."""

    def __init__(self, world: World, *, find_callback: Callable[[int], str] | None = None,
                 known: Mapping[Key, tuple[Stage, Buyer, Story]] | None = None) -> None:  # fmt: skip
        self.world = world
        self.shopee = Shopee(world, scenery.SHOPEE, find_callback)
        self.amazon = Amazon(world)
        self.aliexpress = AliExpress(world)
        self.trackers = Trackers(world)
        self.mail = Mail(world, scenery.MAILBOXES)
        self.cast = Cast(world, self.shopee, self.aliexpress, self.mail, known or {})
        for shop in scenery.SHOPEE:
            seed(self.shopee.trade, shop, [bought for key, bought in _bought(known or {}) if key == str(shop.shop_id)], world.now())
        bought = [buyer for place, buyer, _story in (known or {}).values() if place.kind == "aliexpress"]
        self.aliexpress.remember([(person(buyer), buyer.order) for buyer in bought])
        self._post = Post(world, self.mail.boxes, self.mail.hand)
        self._listening: list[asyncio.Server] = []

    async def start(self, port: int) -> None:
        """Listen: HTTP on `port`, SMTP on the next, IMAP on the one after."""
        self.world.base_url = f"http://127.0.0.1:{port}"
        loop = asyncio.get_running_loop()
        self._listening = [
            await web.serve(self.answer, port, self.world.now),
            await loop.create_server(self._post.connection, "127.0.0.1", port + 1),
            await imap.serve(self.world, self.mail.boxes, port + 2),
        ]

    async def stop(self) -> None:
        """Stop listening and acting."""
        for server in self._listening:
            server.close()
        await self.world.end()
        await self.shopee.pushes.end()
        for protocol in self._post.talking:
            if protocol.transport:
                protocol.transport.close()
        await _cancel_the_rest()

    async def answer(self, request: web.Request) -> web.Answer:
        """One HTTP call, with the faults that wait for its path (or the method it names, where all calls share one path)."""
        if request.path.startswith("/sandbox"):
            return control(self, request)
        place = request.query.get("method") or request.path
        if fault := self.world.trouble(place, "status", "lose_request", "slow"):
            if fault.kind != "slow":
                return web.Answer(fault.status, b"{}", cut=fault.kind == "lose_request")
            await asyncio.sleep(fault.seconds)
        others = (self.trackers, self.amazon, self.aliexpress)
        answer = next(filter(None, (one.answer(request) for one in others)), None) or self.shopee.answer(request)
        return web.Answer(cut=True) if self.world.trouble(place, "lose_answer") else answer


def _bought(known: Mapping[Key, tuple[Stage, Buyer, Story]]) -> list[tuple[str, tuple[int, str, str]]]:
    """What the people of the seeded past bought on Shopee: the shop's id, and user id, name and order."""
    people = [(place, buyer) for place, buyer, _story in known.values() if place.kind == "shopee"]
    return [(place.key, (buyer.user_id, handle(buyer), buyer.order)) for place, buyer in people]


class Sandbox:
    """The servers in a thread: `with Sandbox() as sandbox: …`. Sped up and without chaos unless told otherwise."""

    def __init__(self, *, seed: int = 1, speed: float = 600.0, chaos: Chaos = Chaos(), now: Callable[[], datetime] = clock.now) -> None:
        self._make: Callable[[], Servers] = lambda: Servers(World(seed=seed, speed=speed, chaos=chaos, now=now))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)
        self.port = 0
        self.servers: Servers

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = free_ports(3)
        self.servers = self._await(self._begin())
        return self

    async def _begin(self) -> Servers:
        servers = self._make()
        await servers.start(self.port)
        return servers

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._await(self.servers.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def do(self, act: Callable[[Servers], T]) -> T:
        """Run `act` on the sandbox's own loop and give its value."""

        async def inside() -> T:
            return act(self.servers)

        return self._await(inside())

    @property
    def url(self) -> str:
        """Base URL of the pretend Shopee."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def smtp_port(self) -> int:
        """Where our mail goes out."""
        return self.port + 1

    @property
    def imap_port(self) -> int:
        """Where our mail is read."""
        return self.port + 2

    @property
    def arrived(self) -> list[Arrived]:
        """Everything our side sent that arrived."""
        return self.do(lambda servers: list(servers.world.arrived))

    def fault(self, where: str, kind: str, **more: Any) -> None:
        """Let a trouble happen (see `world.Fault`)."""
        self.do(lambda servers: servers.world.faults.append(Fault(where, kind, **more)))

    def tokens(self, shop_id: int = scenery.TAIWAN.shop_id) -> dict[str, Any]:
        """A fresh pair of Shopee tokens."""
        return self.do(lambda servers: servers.shopee.tokens.pair(shop_id, servers.world.now()))

    def push_to(self, url: str) -> None:
        """Set the callback of all Shopee shops."""
        self.do(lambda servers: setattr(servers.shopee.pushes, "callback", url))


async def _cancel_the_rest() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)


def free_ports(count: int) -> int:
    """The first of `count` ports in a row that are free on loopback."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = int(probe.getsockname()[1])
        if first + count < 65536 and all(_free(port) for port in range(first, first + count)):
            return first


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


async def run(port: int, *, speed: float, seed: int, every: float, find_callback: Callable[[int], str] | None,
              known: Mapping[Key, tuple[Stage, Buyer, Story]]) -> None:  # fmt: skip
    """The demo's sandbox, until cancelled; `every` minutes a new buyer writes (0: none by themselves)."""
    servers = Servers(World(seed=seed, speed=speed), find_callback=find_callback, known=known)
    await servers.start(port)
    try:
        await (asyncio.gather(servers.cast.keep_coming(every), servers.cast.keep_buying(2 * every)) if every else asyncio.Event().wait())
    finally:
        await servers.stop()
