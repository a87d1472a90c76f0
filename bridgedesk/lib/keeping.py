"""Staying known as alive while something slow runs outside any transaction."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connections


@contextmanager
def kept(extend: Callable[[], object], every: float, name: str) -> Iterator[None]:
    """Call `extend` every so many seconds, in a thread of that name, as long as the block runs. A database that is away is waited for."""
    done = threading.Event()

    def go_on() -> None:
        while not done.wait(every):
            try:
                extend()
            except DatabaseError:
                continue
            finally:
                connections.close_all()

    keeper = threading.Thread(target=go_on, name=name, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
