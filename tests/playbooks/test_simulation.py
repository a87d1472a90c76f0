"""Past cases through a draft: one case at a time, what many come to, and the job with its page."""

import copy
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from bridgedesk.customers.actions import find_or_create
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order, Payment
from bridgedesk.playbooks import actions, drafts, loading, simulation, tallying
from bridgedesk.playbooks.draft_models import Draft, Parted, Simulation
from bridgedesk.playbooks.models import Run, Version
from bridgedesk.playbooks.replaying import LEFT, Past, Replayed, Turn, replay
from bridgedesk.playbooks.rules import Playbook
from tests.conftest import NOON
from tests.playbooks.conftest import BUYER
from tests.playbooks.test_actions import WANTS
from tests.playbooks.test_rules import return_letters, step_of

KEY = "return-without-reason"
FIRST = {"has_order": True, "order_value": 49.9, "currency": "USD"}
INSISTS = FIRST | {"replied": True, "insists": True}
ACCEPTS = FIRST | {"replied": True, "accepts": True}
SILENT = FIRST | {"silent_days": 5.0}


def changed(**steps: dict[str, Any]) -> Playbook:
    """The three letters, with some steps changed: fee_waived={"timeout": …}."""
    data = return_letters()
    for key, fields in steps.items():
        step_of(data, key.replace("_", "-")).update(fields)
    return loading.read(data)


OLD = changed()


def past(*turns: tuple[Any, ...], end: str, answered: float | None = 2, seen: float = 60) -> Past:
    """A case by (to, facts) or (to, facts, silence)."""
    made, before = [], ""
    for to, facts, *silence in turns:
        made.append(Turn(before, to, facts, bool(silence), answered, seen))
        before = to
    return Past(OLD, made, end)


ACCEPTED = past(("conditions", FIRST), ("accepted", ACCEPTS), end="accepted")
THREE = past(("conditions", FIRST), ("fee-waived", INSISTS), ("label-and-refund", INSISTS), end="refunded")
QUIET = past(("conditions", FIRST), ("gave_up", SILENT, True), end="gave_up", answered=None)


@pytest.mark.parametrize("case", [ACCEPTED, THREE, QUIET])
def test_through_its_own_version_every_case_goes_the_way_it_went(case):
    again = replay(case, OLD)
    assert (again.way, again.end, again.letters, again.parted) == (tuple(turn.to for turn in case.turns), case.end, case.letters, "")


def test_a_letter_the_buyer_never_got_has_no_answer_in_history():
    generous = changed(conditions={"branch": [{"when": "insists", "to": "label-at-once"}, {"when": "accepts", "to": "accepted"}]})
    assert replay(THREE, generous) == Replayed(("conditions", "label-at-once"), "refunded", 2, parted="label-at-once")
    other = changed(fee_waived={"template": "return-letter-1"})
    assert replay(THREE, other) == Replayed(("conditions", "fee-waived"), "unknown", 2, parted="fee-waived", why="answer")
    assert replay(ACCEPTED, other).end == "accepted"


def test_the_same_letter_under_another_name_is_the_same_letter():
    data = return_letters()
    step_of(data, "conditions")["key"] = "letter-one"
    data["begin"][-1]["to"] = "letter-one"
    for branch in step_of(data, "which-order")["branch"]:
        branch["to"] = branch["to"].replace("conditions", "letter-one")
    again = replay(THREE, loading.read(data))
    assert (again.way, again.end, again.parted) == (("letter-one", "fee-waived", "label-and-refund"), "refunded", "")


def test_an_agent_who_chose_otherwise_chooses_so_again_where_the_draft_suggests_the_same():
    chose = past(("fee-waived", FIRST), ("accepted", ACCEPTS), end="accepted")  # letter 1 was suggested
    assert replay(chose, OLD).way == ("fee-waived", "accepted")
    begins = return_letters()
    begins["begin"].insert(0, {"when": "order_value >= 40", "to": "label-at-once"})
    assert replay(chose, loading.read(begins)).way == ("label-at-once",)


def test_where_no_branch_fits_a_person_would_choose():
    unsure = past(("conditions", FIRST), ("fee-waived", FIRST | {"replied": True}), ("accepted", ACCEPTS), end="accepted")
    assert replay(unsure, OLD).way == ("conditions", "fee-waived", "accepted")  # nobody was suggested anything then either
    stricter = changed(conditions={"branch": [{"when": "accepts", "to": "accepted"}, {"when": "angry", "to": "label-at-once"}]})
    told = replay(THREE, stricter)
    assert (told.end, told.why) == ("unknown", "person")


@pytest.mark.parametrize(("days", "answered", "seen", "end", "why"), [
    (3, None, 60, "gave_up", ""),  # silent for longer than the draft waits
    (9, None, 60, "gave_up", ""),
    (9, None, 7, "unknown", "time"),  # nobody knows yet
    (9, 7.0, 60, "unknown", "answer"),  # the buyer wrote meanwhile, and what they said to it was not judged
    (9, 20.0, 60, "gave_up", ""),
])  # fmt: skip
def test_silence_is_known_for_as_long_as_there_is_history(days, answered, seen, end, why):
    case = past(("conditions", FIRST), ("gave_up", SILENT, True), end="gave_up", answered=answered, seen=seen)
    told = replay(case, changed(conditions={"timeout": {"days": days, "to": "gave_up"}}))
    assert (told.end, told.why) == (end, why)


def test_who_answers_after_the_drafts_patience_got_its_next_letter_first():
    late = past(("conditions", FIRST), ("accepted", ACCEPTS), end="accepted", answered=4)
    hasty = changed(conditions={"timeout": {"days": 3, "to": "fee-waived"}})
    assert replay(late, hasty) == Replayed(("conditions", "fee-waived"), "unknown", 2, parted="fee-waived", why="answer")
    ending = changed(conditions={"timeout": {"days": 3, "to": "gave_up"}})  # their word takes the case up again
    assert replay(late, ending).end == "accepted"


def test_a_case_an_agent_left_is_left_again():
    left = past(("conditions", FIRST), end=LEFT)
    assert replay(left, OLD) == Replayed(("conditions",), LEFT, 1)


def weighed(case: Past, draft: Playbook, cost: int = 0, value: int | None = 4990) -> tallying.Weighed:
    return tallying.Weighed(case, replay(case, draft), cost, value)


def test_the_interval_of_a_share_is_wilsons():
    """Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    for times, of, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)):
        found = tallying.share(times, of)
        assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert tallying.share(0, 0) == tallying.Between(0, 0, 1)


def test_a_new_ending_costs_what_it_cost_in_this_history():
    """Worked by hand: five refunds cost 0.8, 0.9, 1.0, 1.1, 1.2 of their order, mean 1, variance 0.025. One case of 50.00 moves to
    “refunded”: 50.00, with a variance of 0.025 × (5000² / 5 + 5000²) = 750 000, so ± 1.96 × 866.03."""
    tally = tallying.empty()
    for cost in (4000, 4500, 5000, 5500, 6000):
        tallying.add(tally, weighed(THREE, OLD, cost, 5000))
    generous = changed(conditions={"branch": [{"when": "accepts", "to": "label-at-once"}]})
    tallying.add(tally, weighed(ACCEPTED, generous, 0, 5000))
    found, silent = tallying.cost_of_moved(tally)
    assert (round(found.value), round(found.low), round(found.high), silent) == (5000, 3303, 6697, 0)
    assert (tally["same"], tally["other"], tally["cost"]) == (5, 1, {"same": 25_000, "other-refunded": 0})


def test_what_cannot_be_estimated_is_counted_not_guessed():
    generous = changed(conditions={"branch": [{"when": "accepts", "to": "label-at-once"}]})
    tally = tallying.empty()
    tallying.add(tally, weighed(ACCEPTED, generous))  # no refund in this history
    tallying.add(tally, weighed(ACCEPTED, generous, value=None))
    assert tallying.cost_of_moved(tally) == (tallying.Between(0, 0, 0), 2)


def test_answers_to_each_letter_are_counted_for_what_is_unknown():
    other = changed(label_and_refund={"ends": "", "timeout": {"days": 3, "to": "gave_up"}})
    tally = tallying.empty()
    for case in (THREE, ACCEPTED, QUIET):
        tallying.add(tally, weighed(case, other))
    assert tally["answers"] == {"return-letter-1": {"insists": 1, "accepts": 1, "silent": 1}, "return-letter-2": {"insists": 1}}
    assert (tally["unknown"], tally["unanswered"], tally["why"]) == (1, {"label-and-refund": 1}, {"answer": 1})


@pytest.fixture
def history(shelf, order, writes, answers, bob) -> list[Run]:
    """Two cases: one buyer accepts after letter 1, one is refunded after three."""
    made = []
    for number, said in (("t1", ["Yes, that is fine, thank you."]), ("t2", ["No, I do not accept that. I want to return it."] * 2)):
        talk = writes(WANTS, thread=number)
        run = Run.objects.get(conversation=talk)
        for nth, to in enumerate(["conditions", "fee-waived", "label-and-refund"][: len(said) + (number == "t2")]):
            _take(run, to, nth, bob)
            answers(talk, bob, at=NOON + timedelta(days=nth, minutes=2))
            if nth < len(said):
                writes(said[nth], thread=number, at=NOON + timedelta(days=nth, hours=4))
        if number == "t1":
            _take(run, "accepted", 1, bob)
        made.append(run)
    Payment.objects.create(order=order, kind="refund", minor=-4990, currency="USD", at=NOON + timedelta(days=3))
    return made


def _take(run: Run, to: str, day: int, by: Any) -> None:
    with clock.frozen(NOON + timedelta(days=day, minutes=1)):
        actions.take(run, to, by=by)


@pytest.fixture
def draft(history, alice) -> Draft:
    """Who insists gets the label at once."""
    made = drafts.begin(KEY, by=alice)
    data = copy.deepcopy(made.data)
    step_of(data, "conditions")["branch"] = [{"when": "accepts", "to": "accepted"}, {"when": "insists", "to": "label-at-once"}]
    step_of(data, "which-order")["branch"].append({"when": "case_open", "to": "fee-waived"})
    return drafts.save(made, data, revision=1, by=alice)


@pytest.fixture
def ran(draft, shop, alice) -> Simulation:
    with clock.frozen(NOON + timedelta(days=30)):
        row = simulation.begin(draft, [shop], NOON.date(), NOON.date() + timedelta(days=20), by=alice)
        simulation.run(row.pk)
    row.refresh_from_db()
    return row


def test_a_simulation_counts_the_cases_of_the_shops_and_days(ran, history):
    assert (ran.state, ran.done, ran.total, ran.still_open, ran.currency) == ("done", 2, 2, 0, "USD")
    assert (ran.tally["same"], ran.tally["other"], ran.tally["unknown"]) == (1, 1, 0)
    assert ran.tally["letters"] == {"same-real": 1, "same-draft": 1, "other-real": 3, "other-draft": 2}
    [parted] = Parted.objects.all()
    assert (parted.run, parted.step, parted.end, parted.letters, parted.letters_then) == (history[1], "label-at-once", "refunded", 2, 3)


def test_batches_come_to_the_same_as_one_go(draft, shop, alice, ran, monkeypatch):
    monkeypatch.setattr(simulation, "BATCH", 1)
    with clock.frozen(NOON + timedelta(days=30)):
        again = simulation.begin(draft, [shop], NOON.date(), NOON.date() + timedelta(days=20), by=alice)
        assert simulation.advance(again.pk)
        again.refresh_from_db()
        assert (again.done, again.state) == (1, "running")
        simulation.run(again.pk)
    again.refresh_from_db()
    assert (again.tally, again.state) == (ran.tally, "done")


def test_a_batch_asks_the_database_as_often_for_many_cases_as_for_one(ran, draft, shop, alice, django_assert_num_queries):
    with clock.frozen(NOON + timedelta(days=30)):
        row = simulation.begin(draft, [shop], NOON.date(), NOON.date() + timedelta(days=20), by=alice)
        with django_assert_num_queries(13):
            simulation.advance(row.pk)


def test_what_a_crash_left_is_found(ran, draft, shop, alice):
    row = simulation.begin(draft, [shop], NOON.date(), NOON.date(), by=alice)
    assert row.state == "running"
    Simulation.objects.filter(pk=row.pk).update(moved_at=clock.now() - timedelta(hours=1))
    simulation.sweep()
    simulation.run(row.pk)
    row.refresh_from_db()
    assert row.state == "done"


def test_the_page_says_what_really_happened_and_what_would_have(ran, sign_in, alice, history):
    page = sign_in(alice).get(reverse("simulation", args=[ran.pk])).content.decode()
    assert "Would go another way" in page
    assert "50.0% of the known ones, 95 % between 9.5% and 90.5%" in page
    assert reverse("conversation", args=[history[1].conversation_id]) in page
    assert "without one case, whose cost cannot be estimated" in page
    assert "estimated, 95 %" not in page  # there is nothing to estimate it from, so both sums are of the other case
    assert page.count("$49.90") == 2
    assert "How this was reckoned" in page
    assert "hx-trigger" not in page.split('id="result"')[1][:200]


def test_while_it_runs_the_page_asks_again_and_it_can_be_stopped(draft, shop, alice, sign_in):
    row = simulation.begin(draft, [shop], NOON.date(), NOON.date() + timedelta(days=20), by=alice)
    client = sign_in(alice)
    inside = client.get(reverse("simulation", args=[row.pk]), headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in inside
    assert "<html" not in inside
    assert client.post(reverse("simulation-stop", args=[row.pk])).status_code == 302
    assert "Stopped: only 0 of 2 cases are counted." in client.get(reverse("simulation", args=[row.pk])).content.decode()
    assert simulation.advance(row.pk) is False


def test_a_lead_chooses_shops_and_days(draft, shop, alice, sign_in):
    client, path = sign_in(alice), reverse("playbook-simulate", args=[KEY])
    assert "Lamp shop" in client.get(path).content.decode()
    for given in ({}, {"shops": shop.pk}, {"shops": shop.pk, "since": "2026-11-20", "until": "2026-11-01"}, {"shops": "x", "since": "\0"}):
        assert client.post(path, given).status_code == 422
    assert client.post(path, {"shops": shop.pk, "since": "0001-01-01", "until": "9999-12-31"}).status_code == 422
    with clock.frozen(NOON + timedelta(days=30)):
        made = client.post(path, {"shops": shop.pk, "since": "2026-11-01", "until": "2026-11-30"})
    assert made.headers["location"] == reverse("simulation", args=[Simulation.objects.get().pk])


def test_nobody_sees_figures_of_shops_they_do_not_see(ran, sign_in, bob, make_agent):
    stranger = make_agent("stella", "lead")
    assert sign_in(stranger).get(reverse("simulation", args=[ran.pk])).status_code == 404
    assert sign_in(bob).get(reverse("simulation", args=[ran.pk])).status_code == 403
    assert sign_in(bob).get(reverse("playbook-simulate", args=[KEY])).status_code == 403
    assert sign_in(stranger).post(reverse("simulation-stop", args=[ran.pk])).status_code == 404


def test_a_new_playbook_is_tried_on_cases_of_its_topics(history, shop, alice):
    source = Version.objects.get(key=KEY, current=True).data
    made = drafts.begin_new("returns-of-lamps", {"en": "Returns"}, by=alice, source=source)
    with clock.frozen(NOON + timedelta(days=30)):
        row = simulation.begin(made, [shop], NOON.date(), NOON.date() + timedelta(days=20), by=alice)
    assert row.total == 2


def test_an_order_of_another_buyer_costs_nothing_here(ran, shop, draft, alice):
    other = Order.objects.create(shop=shop, customer=find_or_create(shop, BUYER), external_id="ORD-2", first_seen_at=NOON)
    Payment.objects.create(order=other, kind="refund", minor=-99_900, currency="USD", at=NOON + timedelta(days=3))
    with clock.frozen(NOON + timedelta(days=30)):
        row = simulation.begin(draft, [shop], NOON.date(), NOON.date() + timedelta(days=20), by=alice)
        simulation.run(row.pk)
    row.refresh_from_db()
    assert row.tally["cost"] == ran.tally["cost"]
