"""`bridgedesk demo-data`: fill an empty installation with the demo's shops, people and history."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bridgedesk.sandbox import seed


class Command(BaseCommand):
    """Runs once, on an empty database."""

    help = "Fill an empty installation with six demo shops, a team and some weeks of conversations."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where the sandbox will listen, and chance."""
        parser.add_argument("--port", type=int, default=9000, help="HTTP port of the sandbox the shops speak to")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill and print the log-ins."""
        try:
            people = seed.build(port=options["port"], seed=options["seed"])
        except seed.AlreadySeeded:
            raise CommandError("There are shops already; the demo's data goes into an empty installation only.") from None
        for role, name, password in people:
            self.stdout.write(f"{role:10} {name:8} {password}")
