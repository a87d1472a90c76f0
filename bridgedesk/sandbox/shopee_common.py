"""What the files of the pretend Shopee share: spans of time, how it writes moments, how it refuses."""

from datetime import datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Refused(Exception):
    """An error of the platform: `code` is its word, `word` its message."""

    def __init__(self, code: str, word: str) -> None:
        super().__init__(word)
        self.code = code
        self.word = word


def seconds(at: datetime) -> int:
    """A time as the platform writes it."""
    return int(at.timestamp())
