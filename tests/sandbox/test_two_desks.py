"""Two desks that greet each other: it ends at once by the marks of automatic mail, and where somebody strips those, by the budget."""

from collections.abc import Callable

import pytest

from bridgedesk.conversations import greeting, sending
from bridgedesk.conversations.models import Conversation, Greeting, Message
from bridgedesk.lib import clock
from bridgedesk.sandbox import scenery, seed
from bridgedesk.sandbox.letters import Letter
from bridgedesk.sandbox.servers import Sandbox
from bridgedesk.shops.models import Shop
from bridgedesk.sync import followup, polling
from bridgedesk.sync.models import Delivery
from bridgedesk.team.models import Agent
from tests.sandbox.test_whole_way import apply_all, dora

__all__ = ["dora"]
pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8
MARKS = ("Auto-Submitted", "X-Auto-Response-Suppress", "X-Bridgedesk", "Precedence", "In-Reply-To", "References", "Message-ID")


@pytest.fixture
def desks(sandbox: Sandbox, settings: object, dora: Agent) -> list[Shop]:
    """Two shops that know nothing of each other, both greeting by mail. Threads and marks are signed with a key of each shop."""
    settings.ALLOW_PRIVATE = frozenset(f"127.0.0.1:{sandbox.port + n}" for n in range(3))  # type: ignore[attr-defined]
    made = [seed.open_shop(scenery.stage(address), sandbox.port, [dora]) for address in (scenery.OWN_SITE, scenery.AMAZON)]
    for shop in made:
        shop.options.pop("relay", None)
        shop.save(update_fields=["options"])
        Greeting.objects.update_or_create(shop=shop, language="en", defaults={"body": "Thank you, we answer soon.", "enabled": True})
        polling.poll(shop.pk)
    return made


def work(desks: list[Shop]) -> None:
    """What a worker does in one round: fetch, apply, greet, send."""
    for shop in desks:
        polling.poll(shop.pk)
    apply_all()
    for pk in Delivery.objects.filter(followed_up=False).values_list("pk", flat=True):
        followup.follow_up(pk)
    Message.objects.filter(state="queued").update(not_before=clock.now())
    for pk in Message.objects.filter(state="queued").order_by("pk").values_list("pk", flat=True):
        sending.send(pk)


def starts(sandbox: Sandbox) -> None:
    """A person at the second desk writes to the first, by hand, from that desk's address."""
    letter = Letter("Lumen EU", scenery.AMAZON, scenery.OWN_SITE, "A question", "Do you sell to shops?", "en", clock.now(), "plain")
    sandbox.do(lambda servers: servers.mail.buyer_writes(letter))


def greetings() -> list[Message]:
    return list(Message.objects.filter(automatic=True, state="sent"))


def test_a_greeting_is_not_greeted(sandbox: Sandbox, desks: list[Shop]) -> None:
    starts(sandbox)
    for _ in range(ROUNDS):
        work(desks)
    assert len(greetings()) == 1
    assert Conversation.objects.count() == 1, "the other desk took the greeting for what it is"


def test_where_every_mark_is_lost_the_budget_ends_it(sandbox: Sandbox, desks: list[Shop], monkeypatch: pytest.MonkeyPatch) -> None:
    _strip_marks(sandbox)
    starts(sandbox)
    for _ in range(ROUNDS):
        work(desks)
    of_each = [sum(message.shop_id == shop.pk for message in greetings()) for shop in desks]
    assert all(0 < count <= greeting.A_DAY for count in of_each), of_each
    before = len(sandbox.arrived)
    work(desks)
    assert len(sandbox.arrived) == before, "it is over"


def _strip_marks(sandbox: Sandbox) -> None:
    """A provider in between that rewrites mails into new ones of a person."""

    def between(servers: object) -> None:
        hand: Callable[..., None] = servers._post.hand  # type: ignore[attr-defined]
        mail = servers.mail  # type: ignore[attr-defined]

        def stripped(sender: str, recipient: str, letter: object) -> None:
            for name in MARKS:
                del letter[name]  # type: ignore[attr-defined]
            letter["Message-ID"] = mail.message_id()  # type: ignore[index]
            subject = f"A question {mail.world.serial()}"
            letter.replace_header("Subject", subject) if letter["Subject"] else letter.__setitem__("Subject", subject)  # type: ignore[attr-defined,index]
            hand(sender, recipient, letter)

        servers._post.hand = stripped  # type: ignore[attr-defined]

    sandbox.do(between)
