"""A version on trial: who takes it, how the two compare, and the end of it."""

from collections import Counter
from datetime import timedelta

import pytest
from django.urls import reverse

from bridgedesk.conversations.models import Conversation
from bridgedesk.lib import clock
from bridgedesk.playbooks import comparing, drafts, publishing, queries, trials
from bridgedesk.playbooks.comparing import Side
from bridgedesk.playbooks.draft_models import Draft
from bridgedesk.playbooks.loading import PlaybookError
from bridgedesk.playbooks.models import Run, Version
from bridgedesk.shops.models import Shop
from tests.conftest import NOON
from tests.playbooks.test_actions import WANTS
from tests.playbooks.test_editor import KEY, form


def test_the_interval_of_a_difference_of_shares_is_newcombes():
    """Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10."""
    for given, low, high in (((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090), ((10, 10, 0, 10), 0.6075, 1.0)):
        found = comparing.of_shares(*given)
        assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_students_t_is_that_of_the_tables():
    assert [round(comparing.students_t(n), 3) for n in (10, 30, 58, 120)] == [2.228, 2.042, 2.002, 1.98]


def test_the_interval_of_a_difference_of_means_is_welchs():
    """By hand: means 15 and 12, variances 14 and 0.8; standard error √(14/6 + 0.8/6) = 1.5706, ν = 5.57, t = 2.494, so 3 ± 3.92."""
    ones, others = [10.0, 12.0, 14.0, 16.0, 18.0, 20.0], [11.0, 11.0, 12.0, 12.0, 13.0, 13.0]
    found = comparing.of_means(ones, others)
    assert (round(found.value, 3), round(found.low, 2), round(found.high, 2)) == (3.0, -0.92, 6.92)
    assert comparing.of_means([1, 1], [1, 1]) == comparing.Between(0, 0, 0)


def test_a_difference_is_not_spoken_of_before_there_are_cases_enough():
    few, many = Side([0] * 29, [1] * 29, {}), Side([0] * 30, [1] * 30, {})
    assert not comparing.enough(few, many)
    assert comparing.enough(many, many)


@pytest.fixture
def draft(shelf, alice) -> Draft:
    return drafts.begin(KEY, by=alice)


@pytest.fixture
def trial(draft, shop, alice) -> Version:
    with clock.frozen(NOON - timedelta(days=1)):
        return trials.begin(draft, 30, [shop], note="Kinder", base=1, by=alice)


def drawn_for(talks: list[Conversation]) -> Counter[int]:
    """By number: the version each takes."""
    versions = queries.published()
    return Counter(found.number for talk in talks if (found := queries.chosen(KEY, versions, talk.pk)))


def talks_of(shop: Shop, talk: Conversation, many: int) -> list[Conversation]:
    copies = (
        Conversation(shop=shop, customer=talk.customer, external_id=f"c{n}", address="x", last_at=NOON, created_at=NOON)
        for n in range(many)
    )
    return Conversation.objects.bulk_create(copies)


def test_a_share_of_the_new_cases_of_its_shops_takes_the_trial_version(trial, shop, make_shop, writes):
    talk = writes("Hello")
    inside, outside = talks_of(shop, talk, 400), talks_of(make_shop("Kite shop"), talk, 40)
    drawn = drawn_for(inside)
    assert 0.2 < drawn[2] / 400 < 0.4
    assert drawn_for(inside) == drawn
    assert drawn_for(outside) == {1: 40}


def test_new_cases_are_drawn_as_they_begin(trial, writes):
    for talk in [writes(WANTS, thread=f"t{n}") for n in range(12)]:
        assert Run.objects.get(conversation=talk).version == queries.chosen(KEY, queries.published(), talk.pk)


def test_the_current_version_stays_while_one_is_on_trial(trial):
    assert Version.objects.get(key=KEY, current=True).number == 1
    assert (trial.share, trial.current, trial.against.number) == (30, False, 1)
    assert not Draft.objects.exists()


def test_nothing_else_is_published_until_the_trial_has_ended(trial, alice):
    with pytest.raises(PlaybookError, match="End the trial first"):
        publishing.publish(trial.data, note="", by=alice)
    trials.end(trial, keep=False, by=alice)
    assert publishing.publish(trial.data, note="", by=alice).number == 3


@pytest.mark.parametrize(("keep", "number"), [("1", 2), ("0", 1)])
def test_a_lead_ends_it_by_choosing_one(keep, number, trial, sign_in, alice, shop, writes):
    client = sign_in(alice)
    assert "Not enough cases yet" in client.get(reverse("playbook-trial", args=[KEY])).content.decode()
    assert "30 %" in client.get(reverse("playbook", args=[KEY])).content.decode()
    assert client.post(reverse("playbook-trial-end", args=[KEY]), {"keep": keep}).status_code == 302
    assert Version.objects.get(key=KEY, current=True).number == number
    assert set(drawn_for(talks_of(shop, writes("Hello"), 50))) == {number}
    assert "End the trial" not in client.get(reverse("playbook-trial", args=[KEY])).content.decode()


def test_the_two_are_compared_by_the_cases_that_ended_since(trial, sign_in, alice, writes):
    versions = [trial, trial.against]
    for n in range(80):
        talk = writes("Hello", thread=f"t{n}")
        Run.objects.create(conversation=talk, shop=talk.shop, version=versions[n % 2], state="ended",
                           outcome="accepted" if n % 4 else "refunded", started_at=NOON)  # fmt: skip
    page = sign_in(alice).get(reverse("playbook-trial", args=[KEY])).content.decode()
    assert "Not enough cases yet" not in page
    assert "-50.0%" in page.replace("−", "-")


def test_a_draft_goes_on_trial_from_the_editor(draft, shop, sign_in, alice):
    client, path = sign_in(alice), reverse("playbook-edit", args=[KEY])
    for wrong in ({}, {"share": 0, "trial-shops": shop.pk}, {"share": 100, "trial-shops": shop.pk}, {"share": "x", "trial-shops": "y"}):
        assert client.post(path, form(draft.data, do="trial", **wrong)).status_code == 422
    answer = client.post(path, form(draft.data, do="trial", share=20, **{"trial-shops": shop.pk}))
    assert answer.headers["location"] == reverse("playbook-trial", args=[KEY])
    assert Version.objects.get(share=20).trial_shops == [shop.pk]


def test_only_leads_see_and_end_trials(trial, sign_in, bob):
    client = sign_in(bob)
    assert client.get(reverse("playbook-trial", args=[KEY])).status_code == 403
    assert client.post(reverse("playbook-trial-end", args=[KEY]), {"keep": "1"}).status_code == 403
    assert Version.objects.get(pk=trial.pk).share == 30
