"""`bridgedesk sandbox`: the pretend marketplaces and mail world, on loopback."""

import asyncio
import contextlib
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bridgedesk.sandbox import history, seed, servers


class Command(BaseCommand):
    """Serves until stopped."""

    help = "Serve a pretend Shopee (HTTP on PORT), SMTP (PORT+1) and IMAP (PORT+2) with buyers who act, on 127.0.0.1."

    def add_arguments(self, parser: CommandParser) -> None:
        """Ports, pace and chance."""
        parser.add_argument("--port", type=int, default=9000)
        parser.add_argument("--speed", type=float, default=20.0, help="how much faster than people the buyers are")
        parser.add_argument("--every", type=float, default=15.0, help="minutes (before speed) between new buyers; 0: none")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--callback", default="", help="where pushes go; default: this installation's hooks of the demo shops")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the loop."""
        given, known = options["callback"], seed.callbacks()
        self.stdout.write(f"sandbox: HTTP {options['port']}, SMTP {options['port'] + 1}, IMAP {options['port'] + 2} on 127.0.0.1")
        serving = servers.run(
            options["port"], speed=options["speed"], seed=options["seed"], every=options["every"],
            find_callback=lambda shop: given or known.get(shop, ""), known=history.known(options["seed"]),
        )  # fmt: skip
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serving)
