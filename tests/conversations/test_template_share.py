"""How much of the answering is done with templates: the figure on the templates page."""

from datetime import timedelta
from itertools import count

import pytest

from bridgedesk.channels.events import MessageReceived, Person
from bridgedesk.conversations import actions, template_share, templates
from bridgedesk.conversations.models import Message
from bridgedesk.conversations.template_share import Share

_ids = count(1)
pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def lamp(alice):
    return templates.save("lamp-leaves", {"en": "It leaves today."}, by=alice, purpose="answer", names={"en": "Leaves"})


@pytest.fixture
def said(noon):
    """Something our side said in a shop, so many days ago."""

    def make(shop, days=1.0, **more):
        n = next(_ids)
        talk = actions.receive(shop, MessageReceived(f"t{n}", f"m{n}", Person(f"b{n}"), noon, text="hello")).conversation
        at = noon - timedelta(days=days)
        facts = {"direction": "out", "state": "sent", "at": at, "created_at": at, "reference": f"r{n}"} | more
        return Message.objects.create(conversation=talk, shop=shop, **facts)

    return make


def counted(shop, noon, days=30):
    return template_share.template_share([shop], noon - timedelta(days=days), noon).get(shop.pk)


def test_of_four_answers_two_came_from_a_template_and_one_of_them_as_it_was(shop, lamp, said, bob, noon):
    said(shop, template=lamp, edited_share=0.0, author=bob)
    said(shop, template=lamp, edited_share=0.5, author=bob)
    said(shop, author=bob)
    said(shop)  # typed on the platform's own page
    found = counted(shop, noon)
    assert (found.answers, found.templated, found.share, found.edited, found.as_it_was) == (4, 2, 0.5, 0.25, 0.5)


def test_parts_greetings_notes_and_what_did_not_go_out_are_no_answers(shop, lamp, said, noon):
    said(shop, template=lamp, edited_share=0.0)
    said(shop, template=lamp, edited_share=0.0, part=1)
    said(shop, automatic=True)
    said(shop, direction="note", state="received")
    for state in ("queued", "failed", "unsure", "withdrawn"):
        said(shop, template=lamp, edited_share=1.0, state=state)
    assert counted(shop, noon) == Share(1, 1, 1, 0.0)


def test_only_the_period_counts(shop, said, noon):
    said(shop, days=6)
    said(shop, days=20)
    assert [counted(shop, noon, days).answers for days in (7, 30)] == [1, 2]


def test_where_nobody_answered_there_is_no_share():
    nothing = Share()
    assert (nothing.share, nothing.edited, nothing.as_it_was) == (None, None, None)


def test_bob_sees_the_figure_of_his_shops_with_its_definition_and_charlie_none_of_it(shop, make_shop, lamp, said, bob, charlie, sign_in):
    hall = make_shop("Hall shop")
    hall.agents.add(bob)
    said(shop, template=lamp, edited_share=0.0)
    said(hall)
    page = sign_in(bob).get("/templates/share").content.decode()
    assert "50.0%" in page
    assert page.index("Hall shop") < page.index("Lamp shop")
    assert "An answer in several parts counts once." in page
    other = sign_in(charlie).get("/templates/share").content.decode()
    assert "Lamp shop" not in other
    assert "0 of 0 answers" in other


def test_the_period_is_one_of_three(shop, said, bob, sign_in):
    said(shop, days=20)
    session = sign_in(bob)
    assert "0 of 0 answers" in session.get("/templates/share?days=7").content.decode()
    for asked in ("30", "3000000000", "x", ""):
        assert "0 of 1 answers" in session.get(f"/templates/share?days={asked}").content.decode()


def test_the_card_costs_the_same_for_any_number_of_shops(make_shop, bob, said, sign_in, django_assert_max_num_queries):
    for n in range(6):
        shop = make_shop(f"Shop {n}")
        shop.agents.add(bob)
        said(shop)
    session = sign_in(bob)
    with django_assert_max_num_queries(6):
        session.get("/templates/share")


def test_the_definition_is_told_in_chinese_too(make_agent, sign_in):
    page = sign_in(make_agent("mei", language="zh-Hans")).get("/templates/share").content.decode()
    assert "多段的回复只算一次" in page
