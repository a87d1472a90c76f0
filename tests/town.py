"""A whole installation as `bridgedesk up` runs it, in a folder of its own, beside the suite's database.

`python -m tests.town SPEC` runs inside it and opens the shops of a specification (JSON, see `build`).
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
ALONE = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGEDESK_") and name != "DATABASE_URL"}
PASSWORD = "a good long password"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Town:
    """The processes of one installation. `env` adds to what they are started with."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    allowed: Iterable[str] = ()
    port: int = field(default_factory=free_port)
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its public address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What every process of it sees."""
        own = {"BRIDGEDESK_DATA": str(self.folder / "d"), "BRIDGEDESK_URL": self.url, "BRIDGEDESK_ALLOW_PRIVATE": ",".join(self.allowed)}
        return ALONE | own | {"PYTHONPATH": str(ROOT)} | self.env

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        """A `bridgedesk` command that stays; what it says goes to the log."""
        with open(self.folder / "log", "ab") as log:
            made = subprocess.Popen([sys.executable, "-m", "bridgedesk", *words], env=self.environment, cwd=ROOT, stdout=log, stderr=log)
        self.processes.append(made)
        return made

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """A `bridgedesk` command that ends."""
        command = [sys.executable, "-m", "bridgedesk", *words]
        return subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180)

    def open_shops(self, **spec: Any) -> None:
        """See `build`."""
        self._inside(json.dumps(spec))

    def facts(self) -> dict[str, Any]:
        """See `facts`."""
        return dict(json.loads(self._inside("facts")))

    def _inside(self, words: str) -> str:
        command = [sys.executable, "-m", "tests.town", words]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def up(self) -> None:
        """`bridgedesk up`, and wait until it serves."""
        tree = self.start("up", "--port", str(self.port))
        await_answer(f"{self.url}/account/login/", tree, self.folder / "log")

    def log(self) -> str:
        """The last of what its processes said."""
        return (self.folder / "log").read_text(errors="replace")[-6000:]

    def stop(self) -> None:
        """End everything, the last started first."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                process.wait(60)


@contextmanager
def running(folder: Path, **more: Any) -> Iterator[Town]:
    """A town with `bridgedesk up` in it, as long as the block runs."""
    town = Town(folder, **more)
    try:
        town.up()
        yield town
    finally:
        town.stop()


def await_answer(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until something answers there."""
    for _ in range(400):
        assert process.poll() is None, log.read_text(errors="replace")
        try:
            httpx.get(url, timeout=20)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text(errors="replace"))


def build(spec: dict[str, Any]) -> None:
    """Dora, Alice and Bob, and their shops: `stages` of the sandbox on `port`, `mailboxes` by their options and `password`."""
    from bridgedesk.sandbox import scenery, seed
    from bridgedesk.shops import actions as shops
    from bridgedesk.shops import vault
    from bridgedesk.team.models import Agent

    roles = {"dora": Agent.Role.ADMIN, "alice": Agent.Role.LEAD, "bob": Agent.Role.AGENT}
    team = [Agent.objects.create_user(n, password=PASSWORD, role=r, language="en", shown_name=n.title()) for n, r in roles.items()]
    for key in spec.get("stages", ()):
        seed.open_shop(scenery.stage(key), spec["port"], team)
    for options in spec.get("mailboxes", ()):
        shop = shops.create(options["from_name"], "email", by=team[0], external_id=options["address"], language="en", options=options)
        vault.store(shop.pk, {"password": (spec["password"], None)})
        shops.assign(shop, team[1:], by=team[0])


def facts() -> dict[str, Any]:
    """What the installation holds; every file is opened and compared with its digest."""
    import hashlib

    from bridgedesk.conversations import attachments
    from bridgedesk.conversations.models import Attachment, Conversation, Message
    from bridgedesk.shops.models import Shop
    from bridgedesk.shops.vault import account_of

    files = Attachment.objects.filter(state=Attachment.State.STORED)
    whole = [hashlib.sha256(attachments.open_bytes(file)).hexdigest() == file.sha256 for file in files]
    secrets = [bool(account_of(shop).vault.get("partner_key")) for shop in Shop.objects.filter(platform="shopee")]
    texts = list(Message.objects.order_by("pk").values_list("text", flat=True))
    return {"conversations": Conversation.objects.count(), "texts": texts, "files": whole, "secrets": secrets}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bridgedesk.settings")
    import django

    django.setup()
    if sys.argv[1] == "facts":
        print(json.dumps(facts()))  # noqa: T201
    else:
        build(json.loads(sys.argv[1]))
