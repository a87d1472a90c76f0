from datetime import timedelta

import pytest

from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations import templates
from bridgedesk.conversations.models import Message, Template
from bridgedesk.metrics import letters, rules
from bridgedesk.playbooks.models import Run, Taken, Version
from bridgedesk.remedies.models import Case
from tests.conftest import NOON


@pytest.fixture
def goes(shop, conversation, shelf):
    """A case goes through the three letters: steps with what was known at each."""

    def make(*moves, state="open", shop_of=None, talk=None):
        version = Version.objects.get(key="return-without-reason", current=True)
        run = Run.objects.create(
            conversation=talk or conversation, shop=shop_of or shop, version=version, state=state, started_at=NOON - timedelta(days=6),
            ended_at=None if state == "open" else NOON,
        )  # fmt: skip
        before = ""
        for n, (to, facts) in enumerate(moves):
            silence = facts == "silent"
            Taken.objects.create(
                run=run, before=before, to=to, silence=silence, facts={} if silence else facts, at=NOON - timedelta(days=5 - n)
            )
            before = to
        return run

    return make


@pytest.mark.parametrize(("given", "became"), [
    (("", "open", False, False, False), "open"), (("", "ended", False, False, False), "last"), (("", "left", False, False, False), "left"),
    (("gave_up", "ended", True, False, False), "silent"), (("accepted", "ended", False, True, False), "accepts"),
    (("label-at-once", "ended", False, True, True), "escalates"), (("escalated", "ended", False, False, False), "escalates"),
    (("fee-waived", "open", False, False, False), "insists"),
])  # fmt: skip
def test_what_becomes_of_a_letter(given, became):
    next_, state, silent, accepts, escalates = given
    assert rules.answer(next_, state, silent=silent, accepts=accepts, escalates=escalates) == became


def test_each_step_counts_what_buyers_did_next(goes, asks):
    goes(("conditions", {}), ("fee-waived", {"insists": True}), ("accepted", {"accepts": True}), state="ended")
    goes(("conditions", {}), ("gave_up", "silent"), state="ended")
    goes(("conditions", {}), ("label-at-once", {"threatens_claim": True}), state="ended")
    goes(("conditions", {}))
    asked = asks()
    (book,) = letters.letters(asked.scope, asked.filters, asked.rates)
    found = {letter.step: dict(letter.answers) for letter in book.letters}
    assert found == {
        "conditions": {"insists": 1, "silent": 1, "escalates": 1, "open": 1}, "fee-waived": {"accepts": 1}, "label-at-once": {"last": 1},
    }  # fmt: skip
    first = book.letters[0]
    assert (first.count, first.heard, first.share("silent")) == (4, 3, pytest.approx(1 / 3))


def test_what_a_step_cost_is_what_was_booked_while_it_was_the_last(goes, conversation, shop, make_sku, ship, lose, asks):
    goes(("conditions", {}), ("label-at-once", {"threatens_court": True}), state="ended")
    case = lose(ship(shop, (make_sku("LAMP", 2000), 1, 5000)), "changed_mind", coupon=100, at=NOON - timedelta(days=4, hours=12))
    lose(case.order, "changed_mind", case=case, refund=5000, at=NOON - timedelta(hours=1))
    Case.objects.update(conversation=conversation)
    asked = asks()
    (book,) = letters.letters(asked.scope, asked.filters, asked.rates)
    assert {letter.step: letter.cost.minor for letter in book.letters} == {"conditions": 100, "label-at-once": 5000}


def test_a_step_taken_back_was_never_taken_and_another_shop_is_not_read(goes, make_shop, asks, make_agent):
    run = goes(("conditions", {}))
    assert [book.letters[0].count for book in letters.letters(*scoped(asks()))] == [1]
    assert letters.letters(*scoped(asks(make_agent("sam", "lead")))) == []
    run.taken.update(undone_at=NOON)
    assert letters.letters(*scoped(asks())) == []


def scoped(asked):
    return asked.scope, asked.filters, asked.rates


@pytest.fixture
def said(shop, conversation):
    def make(text, template=None, rendered="", **more):
        number = Message.objects.count()
        share = templates.edited_share(rendered, text) if template else None
        return Message.objects.create(
            conversation=conversation, shop=shop, direction="out", state="sent", reference=f"r{number}", text=text, template=template,
            edited_share=share, meta={"rendered": rendered} if share else {}, language="en", at=NOON - timedelta(days=1), created_at=NOON,
            **more,
        )  # fmt: skip

    return make


@pytest.fixture
def template(db):
    return Template.objects.create(key="broken", topic="damaged", names={"en": "Broken"}, created_at=NOON)


def test_the_topic_most_is_written_about_freehand_stands_first(said, template, asks):
    said("Sorry.", template, "Sorry.")
    said("My own words.")
    said("By itself.", automatic=True)
    asked = asks()
    (row,) = letters.freehand(asked.scope, asked.filters)
    assert (row.topic, row.answers, row.freehand, row.templates, row.share) == ("damaged", 2, 1, 1, 0.5)


def test_how_far_answers_lie_from_their_template(said, template, asks):
    said("We are sorry.", template, "We are sorry.")
    said("We are very sorry indeed.", template, "We are sorry.")
    asked = asks()
    (row,) = letters.edited(asked.scope, asked.filters)
    assert (row.template, row.answers, row.unchanged) == (template, 2, 1)
    assert 0 < row.changed < 0.5


def test_a_template_that_is_always_edited_the_same_way_is_named(said, template, asks):
    for name in ("Anna", "Ben", "Cleo", "Dan"):
        said(f"Hi {name}, we are sorry. A new one leaves tomorrow.", template, f"Hi {name}, we are sorry.")
    asked = asks()
    (one,) = letters.suggestions(asked.scope, asked.filters)
    assert (one.template, one.language, one.habits[0].added) == (template, "en", "A new one leaves tomorrow")


def test_an_edited_answer_keeps_what_its_template_gave(shop, conversation, alice, template):
    kept = conversations.reply(conversation, "We are very sorry.", by=alice, template=template, rendered="We are sorry.", released=True)[0]
    assert kept.meta["rendered"] == "We are sorry."
    plain = conversations.reply(
        conversation, "We are sorry.", by=alice, template=template, rendered="We are sorry.", although_answered=True
    )[0]
    assert "rendered" not in plain.meta


@pytest.mark.parametrize("path", ["/figures/letters", "/figures/letters/edits"])
def test_letters_are_for_leads(sign_in, shop, alice, bob, charlie, path, noon):
    assert [sign_in(agent).get(path).status_code for agent in (alice, bob, charlie)] == [200, 403, 403]


def test_the_page_of_letters(sign_in, alice, goes, said, template, django_assert_max_num_queries, noon):
    goes(("conditions", {}), ("fee-waived", {"insists": True}))
    for name in ("Anna", "Ben", "Cleo", "Dan"):
        said(f"Hi {name}, we are sorry. A new one leaves tomorrow.", template, f"Hi {name}, we are sorry.")
    lead = sign_in(alice)
    with django_assert_max_num_queries(20):
        page = lead.get("/figures/letters?days=7").content.decode()
    assert "Letter 1: freight and fee are the buyer" in page
    assert "What needs a template next" in page
    assert "<ins>A new one leaves tomorrow</ins>" in lead.get("/figures/letters/edits?days=7").content.decode()
