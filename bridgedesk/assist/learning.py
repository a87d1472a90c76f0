"""The topic index of this process: the content files and every example agents taught, in any process, up to now."""

from threading import Lock

from django.db.models import Count, Max

from bridgedesk.assist import topics
from bridgedesk.assist.models import Example

MOST_TAUGHT = 2000  # the newest; more would slow every look


class _Learnt:
    """An index and the state of the Example table it stands for."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.index: topics.Index | None = None
        self.version: tuple[int, int] = (0, 0)


_learnt = _Learnt()


def index() -> topics.Index:
    """Up to date: one small query asks whether anything was taught or unlearnt since."""
    state = Example.objects.aggregate(last=Max("id"), rows=Count("id"))
    version = (state["last"] or 0, state["rows"])
    with _learnt.lock:
        if _learnt.index is None or version != _learnt.version:
            _learnt.index = _grown(version) or _rebuilt()
            _learnt.version = version
        return _learnt.index


def _grown(version: tuple[int, int]) -> topics.Index | None:
    """The present index with the new examples added; None if rows also went away or there is no index yet."""
    present, (last, rows) = _learnt.index, _learnt.version
    if present is None:
        return None
    fresh = list(Example.objects.filter(id__gt=last).order_by("id").values_list("topic", "text"))
    if rows + len(fresh) != version[1] or not fresh:
        return None
    for topic, text in fresh:
        present.learn(topic, text)
    return present


def _rebuilt() -> topics.Index:
    taught = Example.objects.order_by("-id").values_list("topic", "text")[:MOST_TAUGHT]
    built = topics.Index(topics.shipped_examples())
    for topic, text in reversed(taught):
        built.learn(topic, text)
    return built
