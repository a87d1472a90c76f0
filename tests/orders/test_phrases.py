import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.channels.events import TRACK_STATES
from bridgedesk.channels.tracking_codes import state_of, tables
from bridgedesk.conversations.templates import LANGUAGES
from bridgedesk.orders import phrases


def test_every_state_can_be_told_in_every_language_that_we_write():
    known = {phrase.key: phrase for phrase in phrases.phrases()}
    assert set(TRACK_STATES) <= set(known)
    assert {key: set(LANGUAGES) - set(phrase.texts) for key, phrase in known.items() if set(LANGUAGES) - set(phrase.texts)} == {}
    assert all(not text.endswith((".", "。")) for phrase in known.values() for text in phrase.texts.values())


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Arrived at convenience store, ready for pickup", "pickup_ready"),
        ("包裹已配達取件門市", "pickup_ready"),
        ("Objeto aguardando retirada no endereço indicado", "pickup_ready"),
        ("Sendung ist abholbereit", "pickup_ready"),
        ("พัสดุพร้อมรับที่จุดบริการ", "pickup_ready"),
        ("Held by customs, additional information required", "customs"),
        ("Customs clearance completed", "in_transit"),
        ("Item returned to sender", "returned"),
        ("Delivery attempt failed, recipient not available", "attempt_failed"),
        ("包裹正退回物流中心", ""),  # back to the depot, not to the sender
        ("Delivered", ""),  # of its own words alone nothing counts as delivered
        ("what the carrier mumbles", ""),
    ],
)
def test_a_scan_says_by_its_words_what_the_tracker_has_no_code_for(text, state):
    assert phrases.meant(text) == state


def test_a_scan_never_overrules_a_tracker_that_is_sure():
    assert phrases.refined("delivered", "returned to sender") == "delivered"
    assert phrases.refined("in_transit", "ready for pickup") == "pickup_ready"
    assert phrases.refined("in_transit", "nothing known") == "in_transit"


def test_what_is_delivered_to_a_carrier_is_not_told_as_delivered():
    assert phrases.said("in_transit", "Delivered to carrier facility", "en") == "the parcel is on its way"
    assert phrases.said("delivered", "Delivered, left with neighbour", "de") == "das Paket wurde zugestellt"


def test_a_language_without_words_of_ours_is_told_in_english():
    assert phrases.said("customs", "", "sv") == "the parcel is with customs"


@given(st.text(max_size=600), st.sampled_from(TRACK_STATES), st.sampled_from([*LANGUAGES, "", "xx"]))
def test_whatever_a_carrier_writes_the_buyer_reads_a_sentence_of_ours(text, status, language):
    texts = {text for phrase in phrases.phrases() for text in phrase.texts.values()}
    assert phrases.said(status, text, language) in texts


def test_expressions_stay_quick_on_made_up_scans():
    for phrase in phrases.phrases():
        assert not phrase.words or not re.search(r"\.\*|\.\+|\([^)]*[+*]\)[+*]", phrase.words.pattern), phrase.key


@pytest.mark.parametrize(
    ("source", "raw", "state"),
    [
        ("17track", ("InTransit_CustomsReleased", "InTransit"), "in_transit"),
        ("17track", ("InTransit_CustomsSomethingNew", "InTransit"), "in_transit"),
        ("17track", ("Exception_Returning", "Exception"), "returned"),
        ("17track", ("BrandNew", ""), "unknown"),
        ("aftership", ("Exception_011", "Exception"), "returned"),
        ("aftership", ("AvailableForPickup_001",), "pickup_ready"),
        ("aliexpress", ("GTMS_WAIT_SELF_PICK",), "pickup_ready"),
        ("aliexpress", ("CC_IM_START",), "customs"),
        ("shopee", ("LOGISTICS_DELIVERY_FAILED",), "attempt_failed"),
        ("shopee", ("SOMETHING_ELSE",), "unknown"),
    ],
)
def test_a_raw_code_becomes_one_of_our_states(source, raw, state):
    assert state_of(source, *raw) == state


def test_every_table_says_where_it_is_from():
    assert all(table.source and table.as_of and table.sure in ("official", "third_party", "unconfirmed") for table in tables().values())
