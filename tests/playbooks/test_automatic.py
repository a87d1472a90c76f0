"""Steps that are taken without a person: only marked ones, only where the shop lets it, only what the gate passes unread."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from bridgedesk.activity.models import Activity
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import clock
from bridgedesk.playbooks import actions, automatic, due, loading, publishing
from bridgedesk.playbooks.checking import problems
from bridgedesk.playbooks.models import Run, Taken, Version
from bridgedesk.shops.models import Shop
from tests.conftest import NOON
from tests.playbooks.conftest import run_of

pytestmark = pytest.mark.usefixtures("shelf", "order", "noon")
WANTS = "I want to return this item, how do I return it?"
NAMES = {"en": "x", "zh-Hans": "x", "zh-Hant": "x"}


def process(**step):
    """A process whose first step is marked: a letter that says where the parcel is."""
    first = {"key": "tell", "name": NAMES, "template": "parcel-delivered", "automatic": True, "timeout": {"days": 2, "to": "lead"}}
    lead = {"key": "lead", "name": NAMES, "does": "lead", "automatic": True, "ends": "handed_over"}
    return {
        "key": "tells-alone", "name": NAMES, "about": NAMES, "topics": ["return_request"], "platforms": ["email"],
        "begin": [{"to": "tell"}], "step": [first | step, lead],
    }  # fmt: skip


@pytest.fixture
def shop(make_our_shop) -> Shop:
    """A shop with its own mailbox: there delivery notices may go by themselves."""
    return make_our_shop("Lamp mail", "email")


@pytest.fixture
def alone(shop, alice):
    """The process is published and the switch is on."""
    publishing.publish(process(), note="", by=alice)
    Version.objects.filter(key="return-without-reason").update(current=False)
    automatic.set_automatic(shop, on=True, by=alice)
    shop.refresh_from_db()


def hears(conversation: Conversation) -> None:
    automatic.heard(list(conversation.messages.filter(direction="in").select_related("shop")))


def test_a_marked_step_goes_by_itself_with_its_reason_in_the_timeline(alone, writes):
    talk = writes(WANTS)
    hears(talk)
    hears(talk)
    letter = talk.messages.get(direction="out")
    assert (letter.automatic, letter.state, letter.purpose, letter.template.key) == (True, "queued", "delivery_notice", "parcel-delivered")
    assert (run_of(talk).step, Taken.objects.get().by) == ("tell", None)
    line = Activity.objects.get(verb="playbook_step")
    assert (line.actor, line.data["why"]["en"]) == ("system", "in every other case")


def test_without_the_switch_nothing_goes_by_itself(writes, shop, alice):
    publishing.publish(process(), note="", by=alice)
    talk = writes(WANTS)
    hears(talk)
    assert not automatic.go(run_of(talk))
    assert not talk.messages.filter(direction="out").exists()


def test_a_paused_shop_says_nothing_by_itself(alone, writes, shop):
    talk = writes(WANTS)
    Shop.objects.update(state="paused")
    assert not automatic.go(Run.objects.get())
    assert not Taken.objects.exists()
    assert talk.messages.count() == 1


def test_what_the_gate_holds_back_waits_for_a_person_and_says_why(alone, writes):
    writes(WANTS)
    Shop.objects.update(options=Shop.objects.get().options | {"policy": "amazon"})
    hears(Conversation.objects.get())
    held = Activity.objects.get(verb="playbook_held")
    assert "need a person" in held.data["why"]["en"]
    assert not Taken.objects.exists()


def test_a_letter_with_a_gap_waits_for_a_person(alone, writes, order):
    order.delete()
    talk = writes(WANTS)
    Conversation.objects.update(order_ref="")
    hears(talk)
    assert not Message.objects.filter(direction="out").exists()
    assert Activity.objects.get(verb="playbook_held").data["why"]["en"] == "something in the letter is not known"


def test_a_buyer_who_got_enough_automatic_letters_today_gets_no_other(alone, writes, monkeypatch):
    monkeypatch.setattr(automatic.greeting, "spend", lambda conversation: False)
    talk = writes(WANTS)
    hears(talk)
    assert "enough" in Activity.objects.get(verb="playbook_held").data["why"]["en"]
    assert not talk.messages.filter(direction="out").exists()


def test_silence_hands_it_to_a_lead_by_itself(alone, writes):
    talk = writes(WANTS)
    hears(talk)
    with clock.frozen(NOON + timedelta(days=2, minutes=1)):
        due.sweep()
    talk.refresh_from_db()
    run = run_of(talk)
    assert (run.state, run.outcome, talk.tags) == ("ended", "handed_over", ["lead"])


def test_silence_waits_for_a_person_where_the_switch_is_off(alone, writes, shop, alice):
    talk = writes(WANTS)
    hears(talk)
    automatic.set_automatic(shop, on=False, by=alice)
    with clock.frozen(NOON + timedelta(days=2, minutes=1)):
        due.sweep()
    talk.refresh_from_db()
    assert (run_of(talk).state, talk.tags) == ("open", [])


def test_an_agent_who_has_chosen_a_step_is_not_overtaken(alone, writes, bob):
    talk = writes(WANTS)
    actions.take(run_of(talk), "tell", by=bob)
    hears(talk)
    assert Taken.objects.get().by == bob
    assert not talk.messages.filter(direction="out").exists()


@pytest.mark.parametrize("does", ["remedy", "refund", "resend", "label"])
def test_money_never_moves_by_itself(does):
    wrong = problems(loading.read(process(does=does)), loading.shelf_of_files())
    assert any("moved by a person" in str(problem) for problem in wrong)


def test_the_switch_is_for_leads_and_says_since_when_and_by_whom(shop, alice, bob, charlie, sign_in):
    address = f"/shops/{shop.pk}/automatic"
    with pytest.raises(PermissionDenied):
        automatic.set_automatic(shop, on=True, by=bob)
    assert sign_in(charlie).get(address).status_code == 404
    assert sign_in(bob).post(address, {"on": "1"}).status_code == 403
    page = sign_in(alice).post(address, {"on": "1"}).content.decode()
    assert "switched on by Alice" in page
    assert Activity.objects.filter(verb="automatic_steps_on").count() == 1
    assert "switched on by" not in sign_in(alice).post(address, {"on": "0"}).content.decode()
    assert "Switch off" not in sign_in(bob).get(address).content.decode()


def test_the_card_says_which_steps_it_is_about_and_which_a_person_sends_all_the_same(alone, shop, bob, sign_in):
    page = sign_in(bob).get(f"/shops/{shop.pk}/automatic").content.decode()
    assert "Hand it to a lead" in page
    assert "may go by itself" in page
