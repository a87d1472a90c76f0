"""What we do at Amazon: ship, set stock, ask for a review, write a message of a kind."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bridgedesk.channels.acts import AskReview, CancelOrder, Level, PushStock, ShipParcel
from bridgedesk.channels.amazon import Amazon
from bridgedesk.channels.amazon_messaging import KINDS, buyers_locale, check, write
from bridgedesk.channels.base import Account, ByHand, CannotTell, Outgoing, SendError, Uncertain
from bridgedesk.channels.events import File
from bridgedesk.lib import clock
from bridgedesk.sandbox.amazon_orders import AmazonOrder
from bridgedesk.sandbox.servers import Sandbox
from tests.channels.conftest import Later

AMAZON = Amazon()
DHL = "00340434161094015902"


def ship(order: AmazonOrder, number: str = DHL, **more: object) -> ShipParcel:
    return replace(ShipParcel(order.id, number=number, carrier="dhl"), **more)  # type: ignore[arg-type]


def packages(sandbox: Sandbox, order: AmazonOrder) -> list[tuple[str, str, str]]:
    return sandbox.do(lambda servers: [(p.number, p.carrier, p.tracking) for p in servers.amazon.orders[order.id].packages.values()])


def test_a_shipment_is_confirmed_with_every_article_left(germany: Account, sandbox: Sandbox, open_order: AmazonOrder, later: Later) -> None:
    done = AMAZON.perform(germany, ship(open_order))
    assert packages(sandbox, open_order) == [("1", "DHL", DHL)]
    assert done.reference == "1"
    assert sandbox.do(lambda servers: servers.amazon.orders[open_order.id].status(later.now())) == "SHIPPED"


def test_told_twice_it_stays_one_package(germany: Account, sandbox: Sandbox, open_order: AmazonOrder) -> None:
    for _ in range(2):
        assert AMAZON.perform(germany, ship(open_order)).reference == "1"
    assert len(packages(sandbox, open_order)) == 1


def test_a_parcel_of_some_articles_leaves_the_rest_open(germany: Account, sandbox: Sandbox, later: Later) -> None:
    order = sandbox.do(lambda servers: servers.amazon.place_order(placed=later.now() - timedelta(hours=2)))
    line = order.lines[0][0]
    sandbox.do(lambda servers: setattr(servers.amazon.orders[order.id], "lines", ((line, order.lines[0][1], 3),)))
    AMAZON.perform(germany, ship(order, lines=((line, 1),)))
    AMAZON.perform(germany, ship(order, number="OTHER-2", carrier="Dove Post"))
    assert packages(sandbox, order) == [("1", "DHL", DHL), ("2", "Dove Post", "OTHER-2")]
    assert sandbox.do(lambda servers: servers.amazon.orders[order.id].shipped()) == {line: 3}


@pytest.mark.parametrize("lacks", [{"number": ""}, {"carrier": ""}])
def test_without_number_or_carrier_nothing_is_told(germany: Account, open_order: AmazonOrder, lacks: dict[str, str]) -> None:
    with pytest.raises(SendError) as caught:
        AMAZON.perform(germany, ship(open_order, **lacks))
    assert caught.value.permanent


def test_an_order_that_is_wholly_shipped_is_not_shipped_again(germany: Account, open_order: AmazonOrder) -> None:
    AMAZON.perform(germany, ship(open_order))
    with pytest.raises(SendError, match="shipped") as caught:
        AMAZON.perform(germany, ship(open_order, number="X2"))
    assert caught.value.permanent


def test_a_lost_answer_is_unsure_and_a_second_try_harmless(germany: Account, sandbox: Sandbox, open_order: AmazonOrder) -> None:
    sandbox.fault(f"/orders/v0/orders/{open_order.id}/shipmentConfirmation", "lose_answer")
    with pytest.raises(Uncertain):
        AMAZON.perform(germany, ship(open_order))
    assert AMAZON.perform(germany, ship(open_order)).reference == "1"
    assert len(packages(sandbox, open_order)) == 1


def test_stock_is_set_and_what_is_not_taken_is_named(germany: Account, sandbox: Sandbox) -> None:
    levels = (Level("B0SANDBX01", "", "LH-LAMP-01", 4), Level("B0UNKNOWN", "", "NO-SUCH", 1), Level("B0NOSKU", "", "", 1))
    done = AMAZON.perform(germany, PushStock(levels))
    assert sandbox.do(lambda servers: servers.amazon.stock["LH-LAMP-01"]) == 4
    assert [place for place, _reason in done.failures] == [("B0UNKNOWN", ""), ("B0NOSKU", "")]


def test_trouble_that_would_hit_every_listing_is_raised(germany: Account, sandbox: Sandbox) -> None:
    sandbox.fault("/listings/2021-08-01/items/A1SANDBOXSELLER/LH-LAMP-01", "status", status=503)
    with pytest.raises(SendError) as caught:
        AMAZON.perform(germany, PushStock((Level("B0SANDBX01", "", "LH-LAMP-01", 4),)))
    assert not caught.value.permanent


def test_a_review_is_asked_for_once_and_only_when_amazon_offers_it(
    germany: Account, sandbox: Sandbox, open_order: AmazonOrder, later: Later
) -> None:
    def ask() -> str:
        with pytest.raises(SendError) as caught:
            AMAZON.perform(germany, AskReview(open_order.id))
        return caught.value.code

    assert ask() == "not_offered"
    AMAZON.perform(germany, ship(open_order))
    later.let_pass(days=11)
    AMAZON.perform(germany, AskReview(open_order.id))
    assert [arrived.kind for arrived in sandbox.arrived] == ["solicitation"]
    assert ask() == "not_offered"


def test_what_amazon_has_no_call_for_is_done_by_hand(germany: Account, open_order: AmazonOrder) -> None:
    assert CancelOrder not in AMAZON.acts
    with pytest.raises(ByHand):
        AMAZON.perform(germany, CancelOrder(open_order.id, "out_of_stock"))


def test_the_screen_offers_what_amazon_offers_now(germany: Account, open_order: AmazonOrder) -> None:
    before = [kind.name for kind in AMAZON.kinds(germany, open_order.id)]
    assert before == ["confirmOrderDetails", "confirmDeliveryDetails", "unexpectedProblem", "confirmCustomizationDetails"]
    AMAZON.perform(germany, ship(open_order))
    after = {kind.name for kind in AMAZON.kinds(germany, open_order.id)}
    assert after == {"unexpectedProblem", "legalDisclosure", "warranty", "invoice"}


def test_a_delay_is_told_as_an_unexpected_problem(germany: Account, sandbox: Sandbox, open_order: AmazonOrder) -> None:
    sent = AMAZON.send(germany, outgoing(open_order, purpose="delay_notice"))
    assert [(a.to, a.kind, a.text) for a in sandbox.arrived] == [
        (open_order.id, "unexpectedProblem", "Das Paket braucht zwei Tage länger.")
    ]
    assert sent.external_id == "unexpectedProblem:ref-1"
    with pytest.raises(CannotTell):
        AMAZON.find_sent(germany, outgoing(open_order))


def outgoing(about: AmazonOrder, **more: object) -> Outgoing:
    made = Outgoing("ref-1", "t", "k@marketplace.amazon.de", "Das Paket braucht zwei Tage länger.", order=about.id)
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "code"),
    [({}, "no_chat"), ({"purpose": "marketing"}, "no_chat"), ({"purpose": "order_problem", "order": ""}, "no_order"),
     ({"purpose": "order_problem", "text": "x" * 2001}, "letter"), ({"purpose": "order_problem", "text": " "}, "letter")],
)  # fmt: skip
def test_there_is_no_free_chat(germany: Account, sandbox: Sandbox, open_order: AmazonOrder, more: dict[str, str], code: str) -> None:
    with pytest.raises(SendError) as caught:
        AMAZON.send(germany, outgoing(open_order, **more))
    assert (caught.value.code, caught.value.permanent) == (code, True)
    assert sandbox.arrived == []


def test_a_kind_not_offered_now_is_not_tried(germany: Account, open_order: AmazonOrder) -> None:
    AMAZON.perform(germany, ship(open_order))
    with pytest.raises(SendError) as caught:
        AMAZON.send(germany, outgoing(open_order, purpose="confirm_order"))
    assert caught.value.code == "not_offered"


def test_a_warranty_goes_with_its_file_and_days(germany: Account, sandbox: Sandbox, open_order: AmazonOrder) -> None:
    AMAZON.perform(germany, ship(open_order))
    span = (clock.now(), clock.now() + timedelta(days=730))
    write(germany, open_order.id, KINDS["warranty"], files=[File("garantie.pdf", b"%PDF-1.7 two years")], coverage=span)
    assert [(a.kind, a.files) for a in sandbox.arrived] == [("warranty", (("garantie.pdf", 18),))]


@pytest.mark.parametrize(
    ("kind", "text", "files"),
    [("warranty", "", 1), ("invoice", "", 0), ("invoice", "", 6), ("unexpectedProblem", "Hallo", 1), ("digitalAccessKey", "k" * 401, 0),
     ("confirmCustomizationDetails", "k" * 801, 0), ("legalDisclosure", "Text", 1)],
)  # fmt: skip
def test_a_message_must_fit_its_kind(kind: str, text: str, files: int) -> None:
    with pytest.raises(SendError):
        check(KINDS[kind], text, files, None)


def test_the_buyers_language_is_known(germany: Account, open_order: AmazonOrder) -> None:
    assert buyers_locale(germany, open_order.id) == "de-DE"


def test_doctor_sees_a_shop_that_is_well(germany: Account) -> None:
    assert [(finding.name, finding.ok) for finding in AMAZON.check(germany)] == [
        ("App", True), ("Authorisation", True), ("Marketplace", True), ("Messages", True),
    ]  # fmt: skip


def test_doctor_sees_the_wrong_marketplace(germany: Account) -> None:
    assert not AMAZON.check(replace(germany, region="JP"))[-1].ok


def test_doctor_names_what_is_missing(germany: Account) -> None:
    found = AMAZON.check(replace(germany, options={}))
    assert [finding.ok for finding in found] == [False]
