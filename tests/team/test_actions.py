from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from bridgedesk.activity.models import Activity
from bridgedesk.lib import clock
from bridgedesk.team import actions
from bridgedesk.team.actions import NotPossible
from bridgedesk.team.models import Agent, ApiToken, Invitation
from tests.conftest import NOON

GOOD = "correct horse battery"


def test_a_new_colleague_sets_a_password_once(admin):
    agent, token = actions.invite("mei", Agent.Role.AGENT, by=admin, shown_name="小梅")
    assert not agent.has_usable_password()
    assert actions.accept(token, GOOD).check_password(GOOD)
    with pytest.raises(NotPossible):
        actions.accept(token, "another good one")


def test_a_link_ends_after_three_days(admin):
    with clock.frozen(NOON):
        _, token = actions.invite("mei", Agent.Role.AGENT, by=admin)
    with clock.frozen(NOON + timedelta(days=3)), pytest.raises(NotPossible):
        actions.accept(token, GOOD)


def test_a_newer_link_ends_the_older_one(admin):
    agent, first = actions.invite("mei", Agent.Role.AGENT, by=admin)
    actions.new_link(agent, by=admin)
    assert actions.invitation(first) is None


def test_an_empty_or_guessed_link_opens_nothing(admin):
    actions.invite("mei", Agent.Role.AGENT, by=admin)
    assert actions.invitation("") is None
    assert actions.invitation(Invitation.objects.get().token_hash) is None, "the stored hash is no key"


def test_a_weak_password_is_named(admin):
    _, token = actions.invite("mei", Agent.Role.AGENT, by=admin)
    with pytest.raises(ValidationError):
        actions.accept(token, "password12")
    assert actions.invitation(token)


def test_a_new_password_ends_open_sessions(admin, bob, sign_in):
    browser = sign_in(bob)
    actions.accept(actions.new_link(bob, by=admin), GOOD)
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize("role", [Agent.Role.LEAD, Agent.Role.AGENT, Agent.Role.OBSERVER])
def test_only_an_admin_changes_people(role, make_agent, bob):
    who = make_agent("who", role)
    for act in (
        lambda: actions.invite("x", Agent.Role.AGENT, by=who),
        lambda: actions.set_role(bob, Agent.Role.ADMIN, by=who),
        lambda: actions.lock(bob, by=who),
        lambda: actions.unlock(bob, by=who),
        lambda: actions.new_link(bob, by=who),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_nobody_changes_their_own_role_or_locks_themselves_out(admin):
    for act in (lambda: actions.set_role(admin, Agent.Role.AGENT, by=admin), lambda: actions.lock(admin, by=admin)):
        with pytest.raises(PermissionDenied):
            act()


@pytest.mark.parametrize("fact", ["role", "is_superuser", "is_active", "password", "username"])
def test_a_person_cannot_change_more_of_themselves_than_their_settings(fact, bob):
    with pytest.raises(PermissionDenied):
        actions.change_own(bob, {fact: "admin"})


def test_a_token_is_kept_as_a_hash_and_ends_when_revoked(bob):
    token, secret = actions.new_token(bob, "erp", ["read"], by=bob)
    assert secret not in str(ApiToken.objects.values().get())
    assert actions.token_of(secret) == token
    actions.revoke_token(token, by=bob)
    assert actions.token_of(secret) is None


def test_a_token_ends_after_its_year(bob):
    with clock.frozen(NOON):
        _, secret = actions.new_token(bob, "erp", ["read"], by=bob)
    with clock.frozen(NOON + timedelta(days=365)):
        assert actions.token_of(secret) is None


def test_nobody_makes_a_token_that_acts_for_another(bob, admin):
    with pytest.raises(PermissionDenied):
        actions.new_token(bob, "spy", ["read"], by=admin)


def test_a_lock_ends_tokens_and_links_at_once(bob, admin, sign_in):
    browser = sign_in(bob)
    _, secret = actions.new_token(bob, "erp", ["read"], by=bob)
    link = actions.new_link(bob, by=admin)
    actions.lock(bob, by=admin)
    assert actions.token_of(secret) is None
    assert actions.invitation(link) is None
    assert browser.get("/").status_code == 302


def test_every_act_on_people_stands_in_the_log(admin, bob):
    actions.set_role(bob, Agent.Role.LEAD, by=admin)
    line = Activity.objects.get(verb="changed_role")
    assert (line.by, line.subject_id, line.data["role"]) == (admin, bob.pk, "lead")


def test_leads_plan_shifts_and_agents_do_not(alice, bob):
    actions.plan_shift(bob, NOON, NOON + timedelta(hours=8), by=alice)
    with pytest.raises(PermissionDenied):
        actions.plan_shift(bob, NOON, NOON + timedelta(hours=8), by=bob)
    with pytest.raises(NotPossible):
        actions.plan_shift(bob, NOON, NOON, by=alice)
