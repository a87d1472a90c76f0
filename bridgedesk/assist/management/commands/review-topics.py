"""`bridgedesk review-topics`: find what reviews speak of, where nobody has looked yet."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bridgedesk.assist.reviewing import look_back_at_reviews


class Command(BaseCommand):
    """May run beside everything else, and again."""

    help = "Find what reviews speak of: quality, size, colour, damage and so on. New reviews are looked at as they arrive."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which ones."""
        parser.add_argument("--again", action="store_true", help="every review anew, after the words in content/review_topics.toml changed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, and say at how many."""
        self.stdout.write(f"{look_back_at_reviews(again=options['again'])} reviews looked at")
