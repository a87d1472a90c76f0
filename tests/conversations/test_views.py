"""The workbench over HTTP: who sees what, how many queries it costs, what each act answers."""

from datetime import timedelta

import pytest
from django.urls import reverse

from bridgedesk.conversations import actions
from bridgedesk.conversations.models import Conversation, Message, SavedView
from bridgedesk.conversations.urls import workbench
from bridgedesk.lib import clock
from tests.conversations.conftest import arrives

WORKBENCH = {pattern.name for pattern in workbench} - {"conversations-of-order", "conversation-about"}  # of orders: tests/orders


def address_of(name, talk, message):
    args = {"view-remove": [1], "conversation-act": [talk.pk, "close"], "message-act": [message.pk, "retry"], "message-html": [message.pk]}
    own = [] if name.startswith("inbox") or name in ("palette", "view-save", "conversations-said") else [talk.pk]
    return reverse(name, args=args.get(name, own))


@pytest.mark.parametrize("name", sorted(WORKBENCH))
def test_no_page_of_the_workbench_opens_without_a_log_in(client, talk, name):
    answer = client.get(address_of(name, talk, talk.messages.get()))
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/account/login/")


POSTS = {"conversation-act", "message-act", "conversation-reply", "conversation-note", "conversation-check", "view-remove"}


@pytest.mark.parametrize(
    "name", sorted(name for name in WORKBENCH if name.startswith(("conversation-", "message-")) or name == "conversation")
)
def test_charlie_finds_nothing_of_a_shop_that_is_not_his(sign_in, charlie, talk, name):
    session, address = sign_in(charlie), address_of(name, talk, talk.messages.get())
    answer = session.post(address, {"text": "hello"}) if name in POSTS else session.get(address)
    assert answer.status_code == 404
    assert Conversation.objects.get(pk=talk.pk).state == "open"


@pytest.mark.parametrize("name", sorted(WORKBENCH - POSTS - {"inbox-bulk", "view-save"}))
def test_alice_and_bob_open_every_page_of_their_shop(sign_in, alice, bob, talk, name):
    for agent in (alice, bob):
        assert sign_in(agent).get(address_of(name, talk, talk.messages.get())).status_code == 200


def test_charlies_inbox_does_not_name_alices_buyer(sign_in, charlie, alice, talk):
    assert "Zoe" in sign_in(alice).get("/").content.decode()
    assert "Zoe" not in sign_in(charlie).get("/").content.decode()
    assert "Zoe" not in sign_in(charlie).get("/palette?q=zoe").content.decode()
    assert "Zoe" not in sign_in(charlie).get(f"/inbox/rows?ids={talk.pk}").content.decode()


def test_an_observer_looks_and_is_offered_no_composer(sign_in, make_agent, shop, talk):
    oscar = make_agent("oscar", "observer")
    shop.agents.add(oscar)
    page = sign_in(oscar).get(f"/conversations/{talk.pk}").content.decode()
    assert 'id="composer"' not in page
    assert sign_in(oscar).post(f"/conversations/{talk.pk}/reply", {"text": "hello"}).status_code == 403
    assert sign_in(oscar).post(f"/conversations/{talk.pk}/do/close").status_code == 403


@pytest.mark.parametrize(
    ("path", "htmx", "most"),
    [
        ("/", False, 11),
        ("/inbox/rows", True, 8),
        ("/inbox/rows?state=closed", True, 8),
        ("/conversations/{talk}", True, 15),
        ("/conversations/{talk}", False, 23),
    ],
)
def test_a_hundred_conversations_cost_no_more_queries_than_one(path, htmx, most, sign_in, alice, shop, talk, django_assert_max_num_queries):
    session, headers = sign_in(alice), {"HX-Request": "true"} if htmx else {}
    address = path.format(talk=talk.pk)
    session.get(address, headers=headers)
    with django_assert_max_num_queries(most) as before:
        session.get(address, headers=headers)
    for number in range(40):
        arrives(shop, buyer=f"buyer {number}")
        arrives(shop, f"and another thing {number}")
    with django_assert_max_num_queries(len(before)):
        session.get(address, headers=headers)


def test_a_long_thread_costs_no_more_queries_than_a_short_one(
    sign_in, alice, talk, shop, django_assert_num_queries, django_assert_max_num_queries
):
    session = sign_in(alice)
    session.get(f"/conversations/{talk.pk}/thread")
    with django_assert_max_num_queries(22) as before:
        session.get(f"/conversations/{talk.pk}/thread")
    for number in range(45):
        arrives(shop, f"and another thing {number}")
    with django_assert_num_queries(len(before)):
        session.get(f"/conversations/{talk.pk}/thread")


def test_older_messages_come_page_by_page_and_none_twice(sign_in, alice, talk, shop):
    for number in range(70):
        arrives(shop, f"line {number}.")
    session = sign_in(alice)
    first = session.get(f"/conversations/{talk.pk}/thread").content.decode()
    before = first.split("before=")[1].split('"')[0]
    second = session.get(f"/conversations/{talk.pk}/thread?before={before}").content.decode()
    shown = [number for number in range(70) if f"line {number}." in second]
    assert shown
    assert not [number for number in shown if f"line {number}." in first]


def test_rows_asked_by_id_are_those_that_still_fit_the_filter(sign_in, alice, bob, shop):
    mine, other = arrives(shop, buyer="ann"), arrives(shop, buyer="ben")
    actions.assign(mine, alice, by=alice)
    page = sign_in(alice).get(f"/inbox/rows?assignee=me&ids={mine.pk},{other.pk}").content.decode()
    assert f'id="entry-{mine.pk}"' in page
    assert f'id="entry-{other.pk}"' not in page
    assert 'id="counters"' in page


@pytest.mark.parametrize("ids", ["", "x", "1,", "٣", "9" * 30])
def test_odd_ids_are_passed_over(sign_in, alice, talk, ids):
    assert sign_in(alice).get("/inbox/rows", {"ids": ids}).status_code == 200


def test_a_colleague_takes_puts_off_and_closes(sign_in, bob, talk):
    session = sign_in(bob)
    session.post(f"/conversations/{talk.pk}/do/assign", {"agent": bob.pk})
    session.post(f"/conversations/{talk.pk}/do/tag", {"tag": "resend"})
    session.post(f"/conversations/{talk.pk}/do/snooze", {"until": (clock.now() + timedelta(days=1)).isoformat()})
    talk.refresh_from_db()
    assert (talk.assignee, talk.tags, talk.state) == (bob, ["resend"], "snoozed")
    answer = session.post(f"/conversations/{talk.pk}/do/close")
    talk.refresh_from_db()
    assert talk.state == "closed"
    assert "changed" in answer.headers["HX-Trigger"]


def test_an_act_that_cannot_be_says_why(sign_in, bob, talk):
    answer = sign_in(bob).post(f"/conversations/{talk.pk}/do/snooze", {"until": "yesterday"})
    assert answer.status_code == 409
    assert answer.content.decode() == "Say until when."


def test_a_local_time_to_wake_at_is_in_the_agents_own_zone(sign_in, bob, talk):
    sign_in(bob).post(f"/conversations/{talk.pk}/do/no_answer_needed")
    sign_in(bob).post(f"/conversations/{talk.pk}/do/snooze", {"until": "2099-01-05T09:00"})
    talk.refresh_from_db()
    assert talk.snoozed_until.isoformat() == "2099-01-05T01:00:00+00:00"


def test_charlie_cannot_be_given_what_he_may_not_see(sign_in, alice, charlie, talk):
    assert sign_in(alice).post(f"/conversations/{talk.pk}/do/assign", {"agent": charlie.pk}).status_code == 404


def test_acts_on_many_pass_over_what_the_agent_does_not_see(sign_in, alice, talk, make_shop):
    hidden = arrives(make_shop("Secret shop"), buyer="hidden")
    answer = sign_in(alice).post("/inbox/bulk", {"act": "take", "ids": [talk.pk, hidden.pk]})
    assert "1 conversation changed" in answer.headers["HX-Trigger"]
    hidden.refresh_from_db()
    talk.refresh_from_db()
    assert (talk.assignee, hidden.assignee) == (alice, None)


def test_many_are_given_to_a_colleague_reopened_and_untagged(sign_in, alice, bob, talk, shop):
    other = arrives(shop, buyer="yan")
    ids, session = {"ids": [talk.pk, other.pk]}, sign_in(alice)
    page = session.get("/").content.decode()
    assert f'value="assign:{bob.pk}"' in page
    for act, more in ((f"assign:{bob.pk}", {}), ("tag", {"tag": "vip"}), ("close", {})):
        assert "2 conversations changed" in session.post("/inbox/bulk", ids | more | {"act": act}).headers["HX-Trigger"]
    assert set(Conversation.objects.values_list("assignee", "state")) == {(bob.pk, "closed")}
    for act, more in (("assign:", {}), ("untag", {"tag": "vip"}), ("reopen", {})):
        session.post("/inbox/bulk", ids | more | {"act": act})
    assert [(row.assignee, row.state, row.tags) for row in Conversation.objects.all()] == [(None, "open", [])] * 2


def test_many_are_given_to_nobody_who_may_not_answer_them(sign_in, alice, charlie, make_agent, shop, talk):
    observer = make_agent("olga", role="observer")
    shop.agents.add(observer)
    session = sign_in(alice)
    assert session.post("/inbox/bulk", {"act": f"assign:{charlie.pk}", "ids": [talk.pk]}).status_code == 404
    assert session.post("/inbox/bulk", {"act": f"assign:{observer.pk}", "ids": [talk.pk]}).status_code == 409
    assert f"assign:{observer.pk}" not in session.get("/").content.decode()
    talk.refresh_from_db()
    assert talk.assignee is None


def test_a_note_stays_among_colleagues_and_tells_who_is_named(sign_in, alice, bob, talk):
    assert sign_in(bob).post(f"/conversations/{talk.pk}/note", {"text": "@alice please look"}).status_code == 201
    assert alice.mentions.count() == 1
    sign_in(alice).get(f"/conversations/{talk.pk}")
    assert not alice.mentions.filter(seen_at=None).exists()


def test_a_view_is_saved_with_what_the_inbox_understands_and_removed_by_its_owner_only(sign_in, alice, bob):
    sign_in(bob).post("/inbox/views", {"name": "Angry", "query": "mood=rude&evil=1"})
    view = SavedView.objects.get()
    assert (view.owner, view.query) == (bob, "mood=rude")
    assert sign_in(alice).post(f"/inbox/views/{view.pk}/remove").status_code == 404
    assert sign_in(bob).post(f"/inbox/views/{view.pk}/remove").status_code == 200
    assert not SavedView.objects.exists()


def test_who_else_looks_is_shown_to_the_others(sign_in, alice, bob, talk):
    address = f"/conversations/{talk.pk}/presence"
    sign_in(bob).post(address, {"typing": "1"})
    assert "Bob is typing" in sign_in(alice).get(address).content.decode()
    sign_in(bob).delete(address)
    assert "Bob" not in sign_in(alice).get(address).content.decode()


def test_a_laid_out_mail_runs_nothing_and_loads_nothing_until_asked(sign_in, bob, talk):
    message = talk.messages.get()
    Message.objects.filter(pk=message.pk).update(html='<p>Hello</p><img src="https://spy.example/p.gif">')
    quiet = sign_in(bob).get(f"/messages/{message.pk}/html")
    asked = sign_in(bob).get(f"/messages/{message.pk}/html?images=1")
    assert "sandbox" in quiet.headers["Content-Security-Policy"]
    assert "script-src" not in quiet.headers["Content-Security-Policy"]
    assert "https:" not in quiet.headers["Content-Security-Policy"]
    assert "https:" in asked.headers["Content-Security-Policy"]
    assert quiet.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_buyers_markup_stays_text_everywhere(sign_in, bob, shop):
    evil = '<img src=x onerror=alert(1)>"><script>alert(2)</script>'
    talk = arrives(shop, evil, subject=evil)
    talk.customer.name = evil
    talk.customer.save()
    for address in ("/", f"/conversations/{talk.pk}", f"/customers/{talk.customer_id}/card", "/palette?q=script"):
        page = sign_in(bob).get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_bobs_card_of_a_buyer_names_no_identity_of_another_shop(sign_in, bob, talk, make_shop):
    secret = arrives(make_shop("Secret shop"), buyer="zoe-elsewhere")
    secret.customer.identities.update(customer=talk.customer)
    page = sign_in(bob).get(f"/customers/{talk.customer_id}/card").content.decode()
    assert "zoe" in page
    assert "zoe-elsewhere" not in page


def test_charlie_sees_neither_the_buyer_nor_the_orders(sign_in, charlie, bob, talk, shop):
    shop.orders.create(external_id="A-77", customer=talk.customer, first_seen_at=clock.now())
    assert sign_in(charlie).get(f"/customers/{talk.customer_id}/card").status_code == 404
    query = f"/orders/card?customer={talk.customer_id}&shop={shop.pk}"
    assert "A-77" in sign_in(bob).get(query).content.decode()
    assert "A-77" not in sign_in(charlie).get(query).content.decode()


def test_a_logged_call_says_who_called_how_it_ended_and_when_it_was_there(sign_in, bob, talk, noon):
    talk.customer.timezone = "Europe/Warsaw"
    talk.customer.save()
    sign_in(bob).post(
        reverse("conversation-act", args=[talk.pk, "log_call"]), {"ended": "voicemail", "minutes": "2", "text": "Left a word"}
    )
    shown = sign_in(bob).get(reverse("conversation", args=[talk.pk])).content.decode()
    for word in ("We called · Voicemail · 2 min", "where the buyer is", "5:00", "Left a word"):
        assert word in shown


def test_what_needs_no_answer_says_so_in_the_thread(sign_in, bob, talk):
    actions.no_answer_needed(talk, by=bob)
    page = sign_in(bob).get(f"/conversations/{talk.pk}/thread").content.decode()
    assert "Needs no answer" in page
    assert "Note, colleagues only" not in page
