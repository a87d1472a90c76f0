from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.lib.storable import deep, fit, plain

ANY = st.text(st.characters(), max_size=80)


@given(ANY, st.integers(40, 60))
def test_an_id_fits_and_a_short_one_stays_as_it_is(text, most):
    fitted = fit(text, most)
    assert len(fitted) <= most
    assert fitted == plain(text) or len(plain(text)) > most
    assert fit(fitted, most) == fitted


@given(ANY)
def test_what_is_plain_can_be_stored(text):
    assert "\x00" not in plain(text)
    assert plain(text).encode("utf-8").decode("utf-8") == plain(text)
    assert deep({text: [text, 1, None, {"a": (text,)}]}) == {plain(text): [plain(text), 1, None, {"a": [plain(text)]}]}


def test_two_long_ids_that_differ_only_at_the_end_stay_two():
    assert fit("x" * 300 + "1", 255) != fit("x" * 300 + "2", 255)


def test_a_lone_surrogate_becomes_a_mark():
    assert plain("a\ud800b") == "a?b"
