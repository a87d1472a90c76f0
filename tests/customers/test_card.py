"""The buyer's card: their clock, how sure it is, and what an agent corrects."""

import pytest

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import Person
from bridgedesk.customers import actions
from bridgedesk.customers.models import Customer

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def joe(shop):
    """A buyer in the United States, of whom nothing more is known."""
    return actions.find_or_create(shop, Person("joe", name="Joe", country="US"))


def card(session, customer):
    return session.get(f"/customers/{customer.pk}/card").content.decode()


def test_an_assumed_clock_is_marked_and_says_what_it_may_be(sign_in, bob, joe):
    page = card(sign_in(bob), joe)
    assert "~11:00\u202fPM" in page
    assert "several clocks, from 6:00\u202fPM to 11:00\u202fPM. Assumed: America/New_York." in page


def test_bob_sets_the_zone_and_the_number_and_the_mark_is_gone(sign_in, bob, joe):
    session = sign_in(bob)
    answer = session.post(f"/customers/{joe.pk}/facts", {"timezone": "America/Chicago", "phone": "312 555 0100"})
    assert answer.status_code == 200
    joe.refresh_from_db()
    assert (joe.timezone, joe.phone) == ("America/Chicago", "+13125550100")
    assert "~" not in answer.content.decode()
    assert Activity.objects.get(verb="corrected_customer").data == {"fields": ["phone", "timezone"], "timezone": "America/Chicago"}


def test_a_number_alone_tells_the_zone(sign_in, bob, joe):
    sign_in(bob).post(f"/customers/{joe.pk}/facts", {"timezone": "", "phone": "+1 415 555 0100"})
    joe.refresh_from_db()
    assert joe.timezone == "America/Los_Angeles"


@pytest.mark.parametrize(
    ("field", "typed"), [("timezone", "Mars/Olympus"), ("timezone", "../../etc/passwd"), ("phone", "call me"), ("phone", "12")]
)
def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_kept(sign_in, bob, joe, field, typed):
    answer = sign_in(bob).post(f"/customers/{joe.pk}/facts", {"timezone": "", "phone": ""} | {field: typed})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert f'value="{typed}"' in answer.content.decode()
    joe.refresh_from_db()
    assert (joe.timezone, joe.phone) == ("", "")


def test_a_number_kept_before_in_another_form_does_not_stop_a_zone_from_being_set(bob, joe):
    Customer.objects.filter(pk=joe.pk).update(phone="ext. 7")
    actions.correct(joe, timezone="America/Denver", phone="ext. 7", by=bob)
    joe.refresh_from_db()
    assert (joe.timezone, joe.phone) == ("America/Denver", "ext. 7")


def test_charlie_and_an_observer_change_nothing(sign_in, charlie, make_agent, shop, joe):
    observer = make_agent("olga", role="observer")
    shop.agents.add(observer)
    facts = {"timezone": "America/Chicago", "phone": ""}
    assert sign_in(charlie).post(f"/customers/{joe.pk}/facts", facts).status_code == 404
    assert sign_in(observer).post(f"/customers/{joe.pk}/facts", facts).status_code == 403
    assert "Time zone and telephone" not in card(sign_in(observer), joe)
    joe.refresh_from_db()
    assert joe.timezone == ""
