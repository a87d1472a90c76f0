from bridgedesk.activity import queries
from bridgedesk.activity.actions import record


def test_a_timeline_shows_the_last_lines_of_a_conversation_and_of_those_merged_into_it(shop, bob):
    for verb, conversation in (("received", 1), ("received", 2), ("merged", 1), ("received", 3)):
        record(verb, None, by=bob, shop=shop.pk, conversation=conversation)
    assert [(line.verb, line.conversation_id) for line in queries.timeline([1, 2])] == [("received", 1), ("received", 2), ("merged", 1)]
    assert [line.verb for line in queries.timeline([1, 2], most=1)] == ["merged"]


def test_a_feed_goes_on_where_it_stopped_and_stays_in_its_shops(shop, make_shop, bob):
    first = record("received", None, by=None, shop=shop.pk)
    record("received", None, by=None, shop=make_shop("Chairs").pk)
    record("saved_view", None, by=bob)
    last = record("closed", None, by=bob, shop=shop.pk)
    assert list(queries.feed([shop.pk])) == [first, last]
    assert list(queries.feed([shop.pk], first.pk)) == [last]
    assert list(queries.feed([shop.pk], verbs=["received"])) == [first]
    assert list(queries.feed([])) == []
    assert queries.feed(None).count() == 4
