import pytest
from django.core.exceptions import PermissionDenied

from bridgedesk.activity.models import Activity
from bridgedesk.conversations import actions
from bridgedesk.conversations.models import Conversation, Window
from bridgedesk.lib import clock
from bridgedesk.team import queries as team
from bridgedesk.team.models import Shift
from tests.conversations.conftest import after, heard

pytestmark = pytest.mark.usefixtures("at_noon")


def test_alice_gives_it_to_bob(conversation, alice, bob):
    actions.assign(conversation, bob, by=alice)
    conversation.refresh_from_db()
    assert conversation.assignee == bob
    line = Activity.objects.get(verb="assigned")
    assert (line.by_id, line.data["name"], line.conversation_id) == (alice.pk, "Bob", conversation.pk)
    actions.assign(conversation, bob, by=alice)
    assert Activity.objects.filter(verb="assigned").count() == 1
    actions.assign(conversation, None, by=alice)
    conversation.refresh_from_db()
    assert conversation.assignee is None


def test_nobody_gets_what_they_cannot_see_or_answer(conversation, alice, charlie, make_agent, shop):
    observer = make_agent("olga", "observer")
    shop.agents.add(observer)
    for agent in (charlie, observer):
        with pytest.raises(actions.CannotWrite):
            actions.assign(conversation, agent, by=alice)


def test_round_robin_goes_to_the_one_served_longest_ago(write, alice, bob):
    for agent in (alice, bob):
        agent.on_duty = True
        agent.save()
    got = []
    for n in range(4):
        conversation = write(thread=f"t{n}").conversation
        with clock.frozen(after(n)):
            got.append(actions.assign_round_robin(conversation))
    assert got == [alice, bob, alice, bob]


def test_who_has_a_planned_shift_is_on_duty(shop, alice, bob, make_agent):
    Shift.objects.create(agent=bob, starts_at=after(-60), ends_at=after(60))
    Shift.objects.create(agent=alice, starts_at=after(60), ends_at=after(120))
    observer = make_agent("olga", "observer", on_duty=True)
    gone = make_agent("greta", on_duty=True, is_active=False)
    shop.agents.add(observer, gone)
    assert list(team.on_duty(shop.pk, after(0))) == [bob]
    assert list(team.on_duty(shop.pk, after(60))) == [alice]


def test_a_snoozed_conversation_wakes_before_the_clock_runs_out(conversation, bob):
    wakes = actions.snooze(conversation, after(60 * 48), by=bob)
    conversation.refresh_from_db()
    assert wakes == conversation.snoozed_until == conversation.risk_at == after(20 * 60)
    with pytest.raises(actions.CannotWrite):
        actions.snooze(conversation, after(-1), by=bob)


def test_closing_what_is_owed_says_no_answer_was_needed(conversation, bob):
    actions.close(conversation, by=bob)
    conversation.refresh_from_db()
    window = Window.objects.get()
    assert (conversation.state, conversation.due_at, window.outcome, window.agent) == ("closed", None, "no_answer_needed", bob)
    actions.reopen(conversation, by=bob)
    conversation.refresh_from_db()
    assert (conversation.state, conversation.due_at) == ("open", None)


def test_thanks_needs_no_answer(conversation, bob):
    actions.no_answer_needed(conversation, by=bob)
    actions.no_answer_needed(conversation, by=bob)
    conversation.refresh_from_db()
    assert (conversation.state, conversation.due_at) == ("open", None)
    assert conversation.messages.filter(kind="mark").count() == 1


def test_tags_are_kept_once_and_come_off(conversation, bob):
    for name in ("vip", " vip ", "late", ""):
        actions.tag(conversation, name, by=bob)
    actions.untag(conversation, "late", by=bob)
    conversation.refresh_from_db()
    assert conversation.tags == ["vip"]


def test_a_language_set_by_hand_is_learned_for_the_buyer(conversation, bob):
    actions.set_language(conversation, "pt-BR", by=bob)
    conversation.refresh_from_db()
    assert (conversation.language, conversation.customer.language) == ("pt-BR", "pt-BR")


def test_a_follower_is_told_once_until_they_looked(write, conversation, bob):
    actions.follow(conversation, by=bob)
    write("one", at=after(1))
    write("two", at=after(2))
    assert bob.mentions.filter(seen_at=None).count() == 1
    actions.see(conversation, by=bob)
    write("three", at=after(3))
    assert bob.mentions.filter(seen_at=None).count() == 1
    actions.unfollow(conversation, by=bob)
    actions.see(conversation, by=bob)
    write("four", at=after(4))
    assert bob.mentions.filter(seen_at=None).count() == 0


def test_a_follower_who_lost_the_shop_is_told_no_more(write, conversation, shop, bob):
    actions.follow(conversation, by=bob)
    shop.agents.remove(bob)
    write("one", at=after(1))
    assert bob.mentions.count() == 0


def test_many_at_once_but_only_what_one_sees(write, make_shop, bob):
    mine = [write(thread=f"t{n}").conversation for n in range(3)]
    foreign = actions.receive(make_shop("Chair shop"), heard()).conversation
    assert actions.bulk(bob, [*(c.pk for c in mine), foreign.pk, 10**12], "close") == 3
    assert set(Conversation.objects.filter(state="closed")) == set(mine)
    assert actions.bulk(bob, [c.pk for c in mine], "tag", name="done") == 3
    with pytest.raises(actions.CannotWrite):
        actions.bulk(bob, [mine[0].pk], "delete")


def test_two_hundred_cost_no_more_statements_than_two(write, bob, alice):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def statements(act: str, ids: list[int], **more: object) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert actions.bulk(bob, ids, act, **more) == len(ids)
        return len(seen)

    few, more = ([write(thread=f"{name}{n}").conversation.pk for n in range(size)] for name, size in (("f", 2), ("m", 12)))
    for act, arguments in (
        ("tag", {"name": "x"}),
        ("assign", {"agent": alice}),
        ("snooze", {"until": after(60)}),
        ("close", {}),
        ("reopen", {}),
    ):
        assert statements(act, few, **arguments) == statements(act, more, **arguments) <= 15
    assert Window.objects.filter(outcome="no_answer_needed", agent=bob, closed_at=after(0)).count() == 14
    assert Activity.objects.filter(verb="closed", by=bob).count() == 14


def test_a_mark_does_not_answer_what_a_clock_ahead_of_ours_says_was_written_later(write, shop, bob):
    actions.receive(shop, heard("and?", at=after(3)))
    conversation = Conversation.objects.get()
    actions.close(conversation, by=bob)
    conversation.refresh_from_db()
    assert conversation.windows.get().outcome == "open"
    assert conversation.due_at


ACTS = {
    "assign": lambda c, by: actions.assign(c, None, by=by),
    "snooze": lambda c, by: actions.snooze(c, after(60), by=by),
    "close": lambda c, by: actions.close(c, by=by),
    "reopen": lambda c, by: actions.reopen(c, by=by),
    "no_answer_needed": lambda c, by: actions.no_answer_needed(c, by=by),
    "tag": lambda c, by: actions.tag(c, "vip", by=by),
    "untag": lambda c, by: actions.untag(c, "vip", by=by),
    "set_language": lambda c, by: actions.set_language(c, "pl", by=by),
    "follow": lambda c, by: actions.follow(c, by=by),
    "unfollow": lambda c, by: actions.unfollow(c, by=by),
    "note": lambda c, by: actions.note(c, "look", by=by),
    "log_call": lambda c, by: actions.log_call(c, by=by),
    "reply": lambda c, by: actions.reply(c, "It left today.", by=by),
    "withdraw": lambda c, by: actions.withdraw(c.messages.get(), by=by),
    "retry": lambda c, by: actions.retry(c.messages.get(), by=by),
    "not_sent": lambda c, by: actions.not_sent(c.messages.get(), by=by),
    "settle": lambda c, by: actions.settle(c.messages.get(), True, by=by),
    "merge": lambda c, by: actions.merge(c, c, by=by),
    "split": lambda c, by: actions.split(c.messages.get(), by=by),
    "be_present": lambda c, by: actions.be_present(c, by=by),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_charlie_cannot_act_on_a_foreign_shop(conversation, charlie, act):
    before = Activity.objects.count()
    with pytest.raises(PermissionDenied):
        act(conversation, charlie)
    assert Activity.objects.count() == before


@pytest.mark.parametrize(
    "act", [act for name, act in ACTS.items() if name != "be_present"], ids=[name for name in ACTS if name != "be_present"]
)
def test_an_observer_writes_nothing(conversation, shop, make_agent, act):
    observer = make_agent("olga", "observer")
    shop.agents.add(observer)
    before = Activity.objects.count()
    with pytest.raises(PermissionDenied):
        act(conversation, observer)
    assert Activity.objects.count() == before


def test_an_observer_changes_nothing_in_bulk_and_saves_no_view(conversation, make_agent):
    observer = make_agent("olga", "observer")
    with pytest.raises(PermissionDenied):
        actions.bulk(observer, [conversation.pk], "close")
    with pytest.raises(PermissionDenied):
        actions.save_view("Mine", "assignee=me", by=observer)


def test_a_view_keeps_only_what_the_inbox_understands(bob, alice, charlie):
    view = actions.save_view("Rude", "mood=rude&shop__credentials__sealed=x&state=all&after=1_2_3", by=bob)
    assert (view.query, view.owner) == ("state=all&mood=rude", bob)
    assert actions.save_view("Rude", "mood=shouting", by=bob).pk == view.pk
    with pytest.raises(PermissionDenied):
        actions.save_view("All", "", by=bob, shared=True)
    shared = actions.save_view("All", "", by=alice, shared=True)
    for agent, theirs in ((charlie, view), (bob, shared)):
        with pytest.raises(PermissionDenied):
            actions.delete_view(theirs, by=agent)
    actions.delete_view(view, by=bob)
    actions.delete_view(shared, by=alice)
