import pytest

from bridgedesk.channels.events import Person
from bridgedesk.customers import actions, queries
from bridgedesk.customers.models import Customer, Identity

ANNA = Person("u-anna", name="Anna Kowalska")


def test_a_buyer_is_found_again_by_the_platforms_id(shop):
    assert actions.find_or_create(shop, ANNA) == actions.find_or_create(shop, ANNA)
    assert Customer.objects.count() == 1


def test_the_same_id_in_another_shop_may_be_somebody_else(shop, make_shop):
    assert actions.find_or_create(shop, ANNA) != actions.find_or_create(make_shop("Chairs"), ANNA)


def test_a_mail_address_is_the_same_in_any_case(shop):
    first = actions.find_or_create(shop, Person("Anna@Example.org", kind="email"))
    assert actions.find_or_create(shop, Person("anna@example.org", kind="email")) == first


def test_a_buyer_known_by_id_is_found_by_the_address_the_platform_named(shop):
    first = actions.find_or_create(shop, Person("u-anna", email="anna@example.org"))
    assert actions.find_or_create(shop, Person("anna@example.org", kind="email")) == first


def test_what_is_known_is_filled_in_but_not_overwritten(shop):
    actions.find_or_create(shop, ANNA)
    customer = actions.find_or_create(shop, Person("u-anna", name="A. K.", country="pl", language="pl"))
    assert (customer.name, customer.country, customer.language) == ("Anna Kowalska", "PL", "pl")
    customer.refresh_from_db()
    assert customer.country == "PL"


def test_a_buyer_merged_into_another_leads_to_the_other(shop):
    first = actions.find_or_create(shop, ANNA)
    survivor = actions.find_or_create(shop, Person("u-ania"))
    first.merged_into = survivor
    first.save()
    assert actions.find_or_create(shop, ANNA) == survivor


@pytest.mark.parametrize("odd", ["a\x00b", "a\ud800", "x" * 400])
def test_odd_ids_are_kept_apart(shop, odd):
    assert actions.find_or_create(shop, Person(odd)) == actions.find_or_create(shop, Person(odd))
    assert actions.find_or_create(shop, Person(odd + "1")) != actions.find_or_create(shop, Person(odd))


def test_an_agent_sees_only_the_ids_of_their_own_shops(shop, make_shop, bob, charlie):
    customer = actions.find_or_create(shop, ANNA)
    Identity.objects.create(customer=customer, shop=make_shop("Chairs"), kind="user", external_id="x")
    assert [identity.shop for identity in queries.identities(customer, bob)] == [shop]
    assert queries.identities(customer, charlie) == []


def test_a_note_on_a_buyer_is_for_who_may_write_and_sees_them(shop, bob, charlie, make_agent):
    from django.core.exceptions import PermissionDenied

    customer = actions.find_or_create(shop, ANNA)
    assert actions.note(customer, " Prefers mail ", by=bob).text == "Prefers mail"
    observer = make_agent("olga", "observer")
    shop.agents.add(observer)
    for agent in (charlie, observer):
        with pytest.raises(PermissionDenied):
            actions.note(customer, "x", by=agent)


def test_who_telephones_can_be_called_back_at_their_local_time(shop):
    customer = actions.find_or_create(shop, Person("+6591234567", kind="phone", country="SG"))
    assert (customer.phone, customer.timezone) == ("+6591234567", "Asia/Singapore")


def test_the_time_zone_is_learnt_with_the_country_and_a_known_one_stays(shop):
    customer = actions.find_or_create(shop, ANNA)
    assert customer.timezone == ""
    assert actions.find_or_create(shop, Person("u-anna", country="PL")).timezone == "Europe/Warsaw"
    assert actions.find_or_create(shop, Person("u-anna", country="JP")).timezone == "Europe/Warsaw"
