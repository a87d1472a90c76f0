import pytest

from bridgedesk.channels.events import Person
from bridgedesk.conversations import actions
from bridgedesk.conversations.models import AddressBudget, Greeting
from bridgedesk.lib import clock
from tests.conversations.conftest import after, heard, typed

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def shop(make_shop):
    """By mail: a pasted thread cannot greet by itself."""
    return make_shop(platform="email")


@pytest.fixture(autouse=True)
def _words(shop):
    for language, body in (("en", "Hello! We answer soon."), ("pl", "Dzień dobry! Wkrótce odpowiemy.")):
        Greeting.objects.create(shop=shop, language=language, body=body, enabled=True)


def test_a_buyer_is_greeted_at_once_and_the_clock_runs_on(write):
    conversation = write().conversation
    message = actions.greet(conversation)
    assert (message.text, message.automatic, message.purpose, message.author) == ("Hello! We answer soon.", True, "greeting", None)
    actions.mark_sent(message, external_id="g1", at=after(1))
    conversation.refresh_from_db()
    assert conversation.due_at
    assert conversation.windows.get().outcome == "open"


def test_a_buyer_is_greeted_in_their_language_and_never_in_another(write):
    conversation = write().conversation
    conversation.language = "pl-PL"
    conversation.save()
    assert actions.greet(conversation).language == "pl"
    other = write(thread="t2", buyer=Person("u-linh")).conversation
    other.language = "vi"
    other.save()
    assert actions.greet(other) is None


def test_a_buyer_is_greeted_once_a_conversation(write):
    conversation = write().conversation
    assert actions.greet(conversation)
    assert actions.greet(conversation) is None
    write("Hello?", at=after(1))
    assert actions.greet(conversation) is None


def test_nobody_is_greeted_after_an_answer(write, shop):
    conversation = write().conversation
    actions.record_sent(shop, typed())
    assert actions.greet(conversation) is None


def test_history_that_is_read_in_is_not_greeted(write):
    conversation = write(at=after(-60)).conversation
    assert actions.greet(conversation) is None


def test_an_address_gets_three_a_day_so_that_robots_do_not_talk_for_ever(write):
    greeted = [actions.greet(write(thread=f"t{n}").conversation) is not None for n in range(5)]
    assert greeted == [True, True, True, False, False]
    assert AddressBudget.objects.get().used == 3
    with clock.frozen(after(24 * 60)):
        assert actions.greet(write(thread="next", at=after(24 * 60)).conversation)


def test_without_words_of_its_own_a_shop_greets_nobody(write, shop):
    Greeting.objects.update(enabled=False)
    assert actions.greet(write().conversation) is None


def test_a_paused_shop_greets_nobody(write, shop):
    conversation = write().conversation
    shop.state = "paused"
    shop.save()
    assert actions.greet(conversation) is None


def test_where_the_platform_forbids_a_greeting_none_is_sent(make_shop):
    amazon = make_shop("Amazon lamps", platform="email", options={"relay": "amazon"})
    Greeting.objects.create(shop=amazon, language="en", body="Hello!", enabled=True)
    conversation = actions.receive(amazon, heard()).conversation
    assert actions.greet(conversation) is None
    assert not AddressBudget.objects.exists()
