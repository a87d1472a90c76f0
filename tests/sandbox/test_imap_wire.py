"""The IMAP command reader takes what clients send and refuses the rest in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.sandbox.imap_wire import Bad, announced, numbers, parse, text


def test_a_fetch_with_a_section_keeps_its_brackets_together():
    command = parse([b"A7 UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (FROM TO)]<0.100>)"], [])
    assert (command.tag, command.name) == ("A7", "UID FETCH")
    assert command.args == ("1:*", ["UID", "BODY.PEEK[HEADER.FIELDS (FROM TO)]<0.100>"])


def test_a_literal_stands_where_it_was_announced():
    command = parse([b"A1 APPEND Sent (\\Seen) {5}", b""], [b"a\r\n\0b"])
    assert command.args == ("Sent", ["\\Seen"], b"a\r\n\0b")


def test_quoted_strings_lose_their_backslashes():
    assert parse([rb'A1 LOGIN "a\"b" "c\\d"'], []).args == ('a"b', "c\\d")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"A1",
        b"A1 ",
        b"A1 LOGIN (",
        b'A1 LOGIN "x',
        b"A1 FETCH 1 BODY[",
        b"A1 NOOP  ",
        b"A1 NOOP )",
        b"() NOOP",
        b"A1 UID",
        b"A1 X {3}",
    ],
)
def test_broken_lines_are_refused(line):
    with pytest.raises(Bad):
        parse([line], [])


def test_lists_nested_beyond_reason_are_refused():
    with pytest.raises(Bad):
        parse([b"A1 X " + b"(" * 5000], [])


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=3), st.lists(st.binary(max_size=8), max_size=2))
def test_any_bytes_give_a_command_or_bad(lines, literals):
    try:
        parse(lines, literals)
    except Bad:
        return


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=20), max_size=5))
def test_quoted_words_come_back_as_they_were(words):
    line = "A1 X" + "".join(' "' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
    assert [text(arg) for arg in parse([line.encode()], []).args] == words


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), min_size=1), st.integers(1, 50))
def test_a_sequence_set_is_the_union_of_its_ranges(ranges, number):
    word = ",".join(f"{a}:{b}" for a, b in ranges)
    assert (number in numbers(word, 50)) == any(min(r) <= number <= max(r) for r in ranges)


def test_a_star_means_the_last():
    assert 9 in numbers("*", 9)
    assert 9 in numbers("12:*", 9)
    assert 3 not in numbers("5:*", 9)


@pytest.mark.parametrize("word", ["", "0", "a", "1:2:3", "1,,2", "-1", "1:", "٣"])
def test_bad_sequence_sets_are_refused(word):
    with pytest.raises(Bad):
        numbers(word, 9)


def test_literals_are_announced_at_the_end_of_a_line_only():
    assert announced(b"A1 APPEND x {12}") == (12, False)
    assert announced(b"A1 APPEND x {12+}") == (12, True)
    assert announced(b"A1 X {12} y") is None
