"""Notices to buyers: by themselves where it is permitted, by a person's hand where one is wanted, not at all where it is forbidden."""

from datetime import timedelta

import pytest

from bridgedesk.activity.actions import record
from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import LineSeen, OrderSeen, ParcelSeen, Person
from bridgedesk.conversations import actions, notices, templates
from bridgedesk.conversations.actions import CannotWrite, Refused
from bridgedesk.conversations.models import Conversation, Message, Template
from bridgedesk.conversations.notice_models import Notice
from bridgedesk.customers.models import Customer, Identity
from bridgedesk.lib import clock
from bridgedesk.orders import actions as orders
from bridgedesk.orders import journeys
from bridgedesk.orders.models import Finding, PlatformAct
from tests.conftest import NOON
from tests.conversations.conftest import ANNA, heard

pytestmark = pytest.mark.usefixtures("at_noon")
PRODUCT = (LineSeen("l1", 1, "Lamp"),)


@pytest.fixture(autouse=True)
def _content(db):
    templates.load_content()


@pytest.fixture
def sell(make_shop, alice, bob):
    """Anna bought in a shop of that platform, wrote there, and the parcel left."""

    def make(platform: str, number: str = "ON-1", *, wrote: bool = True, **options: object):
        shop = make_shop(f"{platform} shop", platform, options=options)
        shop.agents.set([alice, bob])
        order = orders.see(shop, OrderSeen(number, state="shipped", status="SHIPPED", lines=PRODUCT, at=NOON))
        order.country = "DE"
        order.save()
        orders.see_parcel(shop, ParcelSeen(number, number="LX123456785CN", carrier="China Post", status="in_transit", at=NOON))
        if wrote:
            kind = "email" if platform == "email" else "user"
            buyer = Person("anna@example.org", "email", "Anna Kowalska") if kind == "email" else ANNA
            message = actions.receive(shop, heard(buyer=buyer, order=number))
            Conversation.objects.filter(pk=message.conversation_id).update(language="en", order_ref=number)
        return order

    return make


def queue(order, purpose="shipping_notice", **more):
    return notices.queue_notice(order.shop, order, purpose, **more)


def test_by_mail_the_notice_goes_by_itself(sell):
    notice = queue(sell("email"))
    assert (notice.state, notice.settled_by) == ("sent", None)
    message = notice.message
    assert (message.automatic, message.purpose, message.state) == (True, "shipping_notice", "queued")
    assert "LX123456785CN" in message.text
    assert "⟦" not in message.text


def test_an_automatic_notice_is_no_answer_to_what_the_buyer_asked(sell):
    message = queue(sell("email")).message
    actions.mark_sent(message, external_id="x", at=clock.now())
    assert message.conversation.windows.get().outcome == "open"


def test_on_amazon_it_is_blocked_with_reason_and_source(sell):
    notice = queue(sell("amazon"))
    rule = notices.rule_of(notice)
    assert notice.state == "blocked"
    assert "Amazon sends them itself" in rule.reason.en
    assert rule.source
    assert not Message.objects.filter(direction="out").exists()


def test_mail_of_amazons_relay_falls_under_amazons_rules(sell):
    assert queue(sell("email", relay="amazon")).state == "blocked"


def test_in_chat_a_person_releases_it_with_one_click(sell, bob):
    notice = queue(sell("shopee"), "delivery_notice")
    assert notice.state == "blocked"
    notice = queue(notice.order, "pickup_reminder", template="parcel-shipped")
    assert notice.state == "waiting"
    released = notices.release(notice, by=bob)
    message = released.message
    assert (released.state, released.settled_by) == ("sent", bob)
    assert (message.author, message.released_by, message.text, message.automatic) == (bob, bob, notice.text, False)
    assert message.conversation.assignee is None


def test_the_same_is_told_once_and_what_is_settled_never_comes_back(sell, bob):
    order = sell("shopee")
    notice = queue(order, "pickup_reminder", key="7")
    notices.dismiss(notice, by=bob)
    again = queue(order, "pickup_reminder", key="7")
    assert (again.pk, again.state) == (notice.pk, "dismissed")
    with pytest.raises(CannotWrite):
        notices.release(notice, by=bob)
    assert queue(order, "pickup_reminder", key="8").pk != notice.pk


def test_a_text_with_a_gap_is_never_sent(sell, bob):
    notice = queue(sell("email"), "shipping_notice", template="delay-with-cause")
    assert (notice.state, "⟦cause⟧" in notice.text) == ("waiting", True)
    with pytest.raises(Refused):
        notices.release(notice, by=bob)
    notice.refresh_from_db()
    assert notice.state == "waiting"


def test_a_shop_may_keep_its_notices_for_a_person(sell):
    assert queue(sell("email", notices="person")).state == "waiting"


def test_a_broken_shop_sends_nothing_by_itself(sell):
    order = sell("email")
    order.shop.state = "broken"
    order.shop.save()
    assert queue(order).state == "waiting"


def test_a_fourth_automatic_mail_of_the_day_waits_for_a_person(sell):
    order = sell("email")
    assert [queue(order, key=str(n)).state for n in range(4)] == ["sent", "sent", "sent", "waiting"]


def test_who_never_wrote_by_mail_is_written_to_and_answers_into_the_same_thread(sell):
    order = sell("email", wrote=False)
    order.customer = Customer.objects.create(name="Anna", country="DE", language="de", created_at=NOON)
    order.save()
    Identity.objects.create(customer=order.customer, shop=order.shop, kind="email", external_id="anna@example.org")
    notice = queue(order)
    talk = notice.conversation
    assert (notice.state, talk.address, talk.order_ref, notice.language) == ("sent", "anna@example.org", "ON-1", "de")
    actions.receive(order.shop, heard(thread=talk.external_id, buyer=Person("anna@example.org", "email")))
    assert Conversation.objects.count() == 1


def test_in_chat_nobody_is_written_to_who_did_not_write_first(sell, bob):
    notice = queue(sell("shopee", wrote=False), "pickup_reminder")
    assert (notice.state, notice.text, notice.conversation) == ("waiting", "", None)
    with pytest.raises(CannotWrite):
        notices.release(notice, by=bob)


def test_what_nobody_needs_any_more_goes_by_itself(sell):
    order = sell("shopee")
    waits = queue(order, "pickup_reminder")
    assert notices.tidy() == 0
    orders.see(order.shop, OrderSeen("ON-1", state="completed", status="COMPLETED", at=clock.now()))
    assert notices.tidy() == 1
    waits.refresh_from_db()
    assert (waits.state, waits.settled_by) == ("dismissed", None)


def test_what_a_person_wrote_in_the_conversation_needs_no_release(sell, bob):
    waits = queue(sell("shopee"), "pickup_reminder")
    with clock.frozen(NOON.replace(minute=30)):
        actions.reply(waits.conversation, "It waits for you at the shop.", by=bob, purpose="pickup_reminder", released=True)
    assert notices.tidy() == 1
    waits.refresh_from_db()
    assert (waits.state, waits.settled_by) == ("sent", bob)


def test_charlie_and_an_observer_release_nothing(sell, charlie, make_agent):
    from django.core.exceptions import PermissionDenied

    notice = queue(sell("shopee"), "pickup_reminder")
    for person in (charlie, make_agent("olga", "observer")):
        for act in (notices.release, notices.dismiss):
            with pytest.raises(PermissionDenied):
                act(notice, by=person)


def test_the_order_tells_what_became_of_it(sell, bob):
    order = sell("shopee")
    notices.release(queue(order, "pickup_reminder", template="parcel-shipped"), by=bob)
    told = Activity.objects.filter(subject_type="order", subject_id=order.pk, verb__startswith="notice").order_by("pk")
    assert [(row.verb, row.data["purpose"]) for row in told] == [
        ("notice_waits", "pickup_reminder"), ("notice_released", "pickup_reminder"),
    ]  # fmt: skip


def test_a_job_for_an_order_that_is_gone_does_nothing(db):
    notices.wanted(4711, "shipping_notice")
    assert not Notice.objects.exists()


def test_every_purpose_that_names_no_template_has_one_in_the_files(db):
    assert set(notices.TEMPLATES.values()) <= set(Template.objects.values_list("key", flat=True))


def numberless(sell, platform: str, **options):
    """An order whose parcel has no number yet, and a notice that waits for it."""
    order = sell(platform, **options)
    order.parcels.update(number="")
    return order, queue(order, template="parcel-shipped")


def numbered(order) -> None:
    order.parcels.update(number="LX123456785CN")


def test_a_notice_written_before_the_number_is_known_is_filled_when_it_comes(sell):
    order, waits = numberless(sell, "shopee", number="ON-7")
    Notice.objects.filter(pk=waits.pk).update(state="waiting", text="Your parcel ⟦tracking_number⟧ left.")
    assert notices.refill() == 0
    numbered(order)
    assert notices.refill() == 1
    waits.refresh_from_db()
    assert waits.state == "waiting"
    assert "LX123456785CN" in waits.text
    assert "⟦" not in waits.text
    assert notices.refill() == 0


def test_what_may_go_by_itself_goes_once_its_gap_is_filled(sell):
    order, waits = numberless(sell, "email")
    assert (waits.state, "⟦" in waits.text) == ("waiting", True)
    numbered(order)
    assert notices.refill() == 1
    waits.refresh_from_db()
    assert waits.state == "sent"
    assert "LX123456785CN" in waits.message.text
    assert notices.refill() == 0


def test_a_notice_nobody_could_be_told_is_written_when_the_buyer_writes(sell):
    order = sell("aliexpress", wrote=False)
    waits = queue(order, "pickup_reminder", template="parcel-shipped")
    assert (waits.state, waits.text, waits.conversation) == ("waiting", "", None)
    actions.receive(order.shop, heard(order="ON-1"))
    assert notices.refill() == 1
    waits.refresh_from_db()
    assert waits.conversation is not None
    assert "LX123456785CN" in waits.text


def test_what_was_settled_or_is_old_is_left_as_it_is(sell, bob):
    order, waits = numberless(sell, "shopee")
    numbered(order)
    for change in ({"state": "dismissed"}, {"state": "waiting", "created_at": clock.now() - notices.STALE * 2}):
        Notice.objects.filter(pk=waits.pk).update(text="⟦gap⟧", **change)
        assert notices.refill() == 0


def shipped(order, at, key="ship:5:0"):
    told = {"kind": "ShipParcel", "state": "done", "done_at": at, "created_at": at, "data": {}}
    return PlatformAct.objects.create(shop=order.shop, order=order, key=key, **told)


def test_a_lost_job_is_made_up_for_once(sell):
    order = sell("email")
    shipped(order, clock.now() - timedelta(minutes=10))
    assert (notices.make_up(), notices.make_up()) == (1, 0)
    notice = Notice.objects.get()
    assert (notice.purpose, notice.key, notice.state) == ("shipping_notice", "ship:5", "sent")


def test_a_job_is_given_its_time_and_the_past_is_left_alone(sell):
    order = sell("email")
    shipped(order, clock.now(), "ship:5:0")
    shipped(order, clock.now() - timedelta(days=9), "ship:6:0")
    assert notices.make_up() == 0


def test_a_parcel_of_an_own_shop_and_a_reminder_are_made_up_for_too(sell):
    order = sell("email")
    box = order.parcels.get()
    long_ago = clock.now() - timedelta(hours=3)
    order.parcels.update(packed_at=long_ago, shipped_at=long_ago)
    assert notices.make_up() == 0, "it left elsewhere"
    record("parcel_dispatched", order, by=None, shop=order.shop_id)
    Finding.objects.create(
        order=order, code=journeys.PICKUP, key=f"wait:{box.pk}", state="open", data={"reminded": True}, created_at=long_ago
    )
    assert notices.make_up() == 2
    assert set(Notice.objects.values_list("purpose", "key")) == {
        ("shipping_notice", f"ship:{box.pk}"), ("pickup_reminder", f"wait:{box.pk}"),
    }  # fmt: skip
