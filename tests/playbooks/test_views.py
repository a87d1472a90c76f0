"""The card over the composer."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bridgedesk.conversations.models import Conversation, Template
from bridgedesk.lib import clock
from bridgedesk.playbooks import actions, publishing, queries
from bridgedesk.playbooks.graph import draw
from bridgedesk.playbooks.models import Run, Version
from tests.conftest import NOON
from tests.playbooks.conftest import run_of
from tests.playbooks.test_actions import WANTS

pytestmark = pytest.mark.usefixtures("shelf", "order")


@pytest.fixture
def asked(writes: Callable[..., Conversation]) -> Conversation:
    return writes(WANTS)


def card(client, conversation: Conversation) -> str:
    answer = client.get(reverse("conversation-playbook", args=[conversation.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_card_names_the_playbook_the_suggested_branch_first_and_why(asked, sign_in, bob):
    page = card(sign_in(bob), asked)
    assert "Return without reason: three letters" in page
    buttons = [part.split("</span>")[0] for part in page.split('<span class="cut">')[1:]]
    assert buttons[0] == "Letter 1: freight and fee are the buyer&#39;s"
    assert "Suggested, because: in every other case" in page
    assert 'data-nth="1"' in page


def test_a_taken_branch_brings_its_message_in_the_buyers_language(asked, sign_in, bob):
    Conversation.objects.filter(pk=asked.pk).update(language="es")
    answer = sign_in(bob).post(reverse("run-take", args=[run_of(asked).pk]), {"to": "conditions"})
    page = answer.content.decode()
    assert "data-now" in page
    assert "Claro que puedes devolver el artículo del pedido ORD-1" in page
    assert "15 %" in page
    assert "data-now" not in card(sign_in(bob), asked)


def test_what_cannot_be_taken_says_why_on_the_card(asked, sign_in, bob):
    client, run = sign_in(bob), run_of(asked)
    client.post(reverse("run-take", args=[run.pk]), {"to": "conditions"})
    answer = client.post(reverse("run-take", args=[run.pk]), {"to": "fee-waived"})
    assert answer.status_code == 422
    assert "The step before has not been sent yet" in answer.content.decode()


def test_stepping_back_and_leaving(asked, sign_in, bob):
    client, run = sign_in(bob), run_of(asked)
    client.post(reverse("run-take", args=[run.pk]), {"to": "conditions"})
    assert "Step back" in card(client, asked)
    client.post(reverse("run-back", args=[run.pk]))
    client.post(reverse("run-leave", args=[run.pk]), {"reason": "Broken after all"})
    page = card(client, asked)
    assert "left: Broken after all" in page
    assert "Begin a playbook" in page


def test_an_agent_begins_a_playbook_by_hand(writes, sign_in, bob):
    talk = writes("Hello, good morning!")
    version = Version.objects.get(key="return-without-reason")
    assert "Begin a playbook" in card(sign_in(bob), talk)
    page = sign_in(bob).post(reverse("conversation-playbook-start", args=[talk.pk]), {"version": version.pk}).content.decode()
    assert "Letter 1" in page
    assert run_of(talk).started_by == bob


def test_evidence_that_is_missing_disables_a_branch(writes, sign_in, bob):
    version = Version.objects.get(key="return-without-reason")
    version.data["step"][2]["strategy"] = "locate_cause"
    version.save()
    page = card(sign_in(bob), writes(WANTS))
    assert "Not on file: a parcel event shows the cause" in page


def test_charlie_finds_neither_card_nor_run(asked, sign_in, charlie):
    client, run = sign_in(charlie), run_of(asked)
    assert client.get(reverse("conversation-playbook", args=[asked.pk])).status_code == 404
    for name in ("run-take", "run-back", "run-leave"):
        assert client.post(reverse(name, args=[run.pk]), {"to": "conditions", "reason": "x"}).status_code == 404
    assert Run.objects.get().step == ""


def test_an_observer_sees_where_it_stands_and_no_button(asked, sign_in, make_agent, shop):
    eve = make_agent("eve", "observer")
    shop.agents.add(eve)
    page = card(sign_in(eve), asked)
    assert "Return without reason" in page
    assert "<button" not in page


def test_a_conversation_without_a_playbook_in_an_empty_installation_shows_nothing(writes, sign_in, bob):
    Version.objects.all().delete()
    assert card(sign_in(bob), writes("Hello!")).strip() == ""


def test_the_card_costs_the_same_after_many_messages(asked, writes, answers, sign_in, bob, django_assert_max_num_queries):
    with clock.frozen(NOON + timedelta(minutes=1)):
        actions.take(run_of(asked), "conditions", by=bob)
    answers(asked, bob, at=NOON + timedelta(minutes=2))
    for n in range(5):
        writes(f"No, not acceptable. {n}", at=NOON + timedelta(hours=n + 1))
    client = sign_in(bob)
    with django_assert_max_num_queries(22):
        card(client, asked)


def test_the_list_and_the_page_of_a_playbook(asked, sign_in, bob, charlie):
    page = sign_in(bob).get(reverse("playbooks")).content.decode()
    assert "Return without reason: three letters" in page
    with clock.frozen(NOON + timedelta(minutes=1)):
        actions.take(run_of(asked), "conditions", by=bob)
    own = sign_in(bob).get(reverse("playbook", args=["return-without-reason"])).content.decode()
    assert "taken 1 times, 1 of them as suggested" in own
    assert "the buyer insists" in own
    assert own.count("<rect") >= 6
    assert "taken 1 times" not in sign_in(charlie).get(reverse("playbook", args=["return-without-reason"])).content.decode()
    assert sign_in(bob).get(reverse("playbook", args=["nothing"])).status_code == 404


def test_a_lead_brings_an_older_version_back_and_an_agent_does_not(sign_in, alice, bob):
    old = Version.objects.get(key="return-without-reason")
    publishing.store({**old.data, "topics": ["complaint"]}, origin="edited", note="tried", by=alice)
    address = reverse("playbook-restore", args=[old.key, 1])
    assert sign_in(bob).post(address).status_code == 403
    assert sign_in(alice).post(address, {"base": 2}).status_code == 302
    now = Version.objects.get(key=old.key, current=True)
    assert (now.number, now.topics, now.by) == (3, ["return_request"], alice)


def test_a_version_that_makes_no_sense_is_not_brought_back(sign_in, alice):
    old = Version.objects.get(key="return-without-reason")
    publishing.store(old.data, origin="edited", note="", by=alice)
    Template.objects.filter(key="return-letter-1").update(current=False)
    answer = sign_in(alice).post(reverse("playbook-restore", args=[old.key, 1]), {"base": 2}, follow=True)
    assert "there is no template return-letter-1" in answer.content.decode()
    assert Version.objects.get(key=old.key, current=True).number == 2


def test_every_shipped_playbook_can_be_drawn():
    for version in Version.objects.filter(current=True):
        playbook = queries.playbook_of(version)
        drawing = draw(playbook)
        assert {step.key for step in playbook.steps} <= {node.key for node in drawing.nodes}
        assert len({(node.x, node.y) for node in drawing.nodes}) == len(drawing.nodes)


def test_a_second_click_brings_nothing_back_twice_and_a_newer_version_is_looked_at_first(sign_in, alice):
    old, lead = Version.objects.get(key="return-without-reason"), sign_in(alice)
    publishing.store({**old.data, "topics": ["complaint"]}, origin="edited", note="tried", by=alice)
    address = reverse("playbook-restore", args=[old.key, 1])
    assert '<input type="hidden" name="base" value="2">' in lead.get(reverse("playbook", args=[old.key])).content.decode()
    lead.post(address, {"base": 2})
    for given in ({"base": 2}, {"base": "two"}, {}):
        assert "Alice published version 3 meanwhile" in lead.post(address, given, follow=True).content.decode()
    assert Version.objects.filter(key=old.key).count() == 3


def test_who_publishes_holds_the_playbook_until_it_is_done(alice):
    """Two leads at the same moment: the second waits for the first, and then reads what the first left."""
    old = Version.objects.get(key="return-without-reason")
    with CaptureQueriesContext(connection) as asked:
        publishing.restore(old, base=1, by=alice)
    said = [query["sql"] for query in asked.captured_queries]
    locked = next(place for place, sql in enumerate(said) if "pg_advisory_xact_lock" in sql)
    assert locked < next(place for place, sql in enumerate(said) if '"playbooks_version"' in sql)
    with pytest.raises(publishing.Newer):
        publishing.restore(old, base=1, by=alice)
