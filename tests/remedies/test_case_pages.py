"""The pages of a case: opened by one act, the ladder with its breakdown, everything done with it; nobody else's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bridgedesk.channels.events import File, MessageReceived, Person, ReturnSeen
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations.models import Conversation
from bridgedesk.remedies import actions
from bridgedesk.remedies.models import Case, Offer

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def act(client, case, name, **more):
    return client.post(f"/remedies/{case.pk}/do/{name}", more, follow=True)


def test_from_the_conversation_to_the_ladder_by_one_act(shop, order, bob, sign_in, noon):
    photo = File(name="broken.png", data=PICTURE)
    conversations.receive(shop, MessageReceived("t", "m", Person("anna"), noon, "It is broken!", order="A1", files=(photo,)))
    c, client = Conversation.objects.get(), sign_in(bob)
    card = client.get(f"/remedies/of-order?number=A1&shop={shop.pk}&conversation={c.pk}").content.decode()
    assert f"/remedies/open?order={order.pk}&amp;conversation={c.pk}" in card
    form = client.get(f"/remedies/open?order={order.pk}&conversation={c.pk}").content.decode()
    assert "broken.png" in form
    file = c.messages.get(direction="in").attachments.get()
    page = client.post("/remedies/open", {"order": order.pk, "conversation": c.pk, "fault": "damaged", "evidence": [file.pk]}, follow=True)
    case = Case.objects.get()
    assert (case.fault, case.conversation, case.evidence, case.carrier) == ("damaged", c, [file.pk], "Post")
    told = page.content.decode()
    assert "Cheapest that satisfies" in told
    assert "How the expected cost is made up" in told
    assert file.token in told


def test_a_case_opened_from_the_order_alone_is_of_the_conversation_about_it(shop, order, bob, sign_in, noon):
    for thread, about in (("t", "A1"), ("other", "A2")):
        conversations.receive(shop, MessageReceived(thread, thread, Person("anna"), noon, "It is broken!", order=about))
    sign_in(bob).post("/remedies/open", {"order": order.pk, "fault": "damaged"})
    assert Case.objects.get().conversation == Conversation.objects.get(external_id="t")


def test_an_offer_is_chosen_answered_and_paid_on_the_page(case, bob, sign_in):
    client = sign_in(bob)
    page = act(client, case, "choose", option="partial_20").content.decode()
    assert "The buyer gets $10.00 back." in page
    page = act(client, case, "answer", id=Offer.objects.get().pk, answer="accepted").content.decode()
    assert "refund the buyer" in page
    assert "money is still to move" in page
    assert "$9.20" in page


def test_what_does_not_fit_is_said_and_changes_nothing(case, bob, sign_in):
    client = sign_in(bob)
    assert "This cannot be offered now." in act(client, case, "choose", option="nonsense").content.decode()
    assert "Sums are zero or more" in act(client, case, "correct", goods="a lot").content.decode()
    assert act(client, case, "nonsense").status_code == 404
    assert not Offer.objects.exists()


def test_a_lead_is_asked_on_the_page(shop, case, alice, bob, sign_in):
    page = act(sign_in(bob), case, "choose", option="return_label").content.decode()
    assert "a lead must release it before the buyer is told" in page
    assert "Release" not in page
    page = act(sign_in(alice), case, "release", id=Offer.objects.get().pk).content.decode()
    assert Offer.objects.get().state == "made"
    assert "Accepts" in page


def test_a_return_the_platform_told_of_is_looked_at_first(shop, order, bob, sign_in):
    case, client = actions.see(shop, ReturnSeen("R1", "A1", state="asked", reason="ITEM_DAMAGED")), sign_in(bob)
    assert "Show what can be offered" in client.get(f"/remedies/{case.pk}").content.decode()
    assert "Cheapest that satisfies" in act(client, case, "look", fault="damaged").content.decode()


def test_a_fault_must_be_named(order, bob, sign_in):
    page = sign_in(bob).post("/remedies/open", {"order": order.pk, "fault": ""}, follow=True).content.decode()
    assert "Say what went wrong." in page
    assert not Case.objects.exists()


@pytest.mark.parametrize("path", ["/remedies/{pk}", "/remedies/open?order={order}"])
def test_who_sees_the_shop_sees_its_cases(case, alice, bob, charlie, sign_in, path):
    asked = path.format(pk=case.pk, order=case.order_id)
    assert [sign_in(who).get(asked).status_code for who in (alice, bob, charlie)] == [200, 200, 404]
    assert act(sign_in(charlie), case, "close").status_code == 404
    assert "A case is opened for an order" in sign_in(charlie).get(f"/remedies/of-order?order={case.order_id}").content.decode()


def test_an_observer_looks_and_does_nothing(shop, case, make_agent, sign_in):
    eve = make_agent("eve", "observer")
    shop.agents.add(eve)
    client = sign_in(eve)
    page = client.get(f"/remedies/{case.pk}").content.decode()
    assert "Cheapest that satisfies" in page
    assert "Open the case" not in page
    assert act(client, case, "close").status_code == 403


def test_the_page_costs_the_same_after_many_cases(shop, order, case, bob, sign_in):
    client, costs = sign_in(bob), []
    for turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/remedies/{case.pk}")
        costs.append(len(queries))
        for number in range(5):
            made = Case.objects.create(
                shop=shop,
                order=order,
                external_id=f"R{turn}{number}",
                fault="damaged",
                first_seen_at=case.first_seen_at,
                closed_at=case.first_seen_at,
            )
            Offer.objects.create(
                case=made, option="partial_20", kind="partial", state="accepted", cost_minor=1, accept=0.3, made_at=case.first_seen_at
            )
    assert costs[0] == costs[1] - 1  # the offers of the cases it learnt from, in one
