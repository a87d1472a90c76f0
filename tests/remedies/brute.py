"""Every ladder there is, written out and reckoned buyer by buyer: slow, and by another way than the engine."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise, permutations

from bridgedesk.remedies.ladder import Course, Offer


def ladders(offers: Sequence[Offer], course: Course, refused: Fraction, sent: int) -> Iterator[tuple[Offer, ...]]:
    """Sequences in which every offer is one that more buyers take, the last may end it, and which are not too long."""
    most = max(course.letters, sent + 1) - sent
    for length in range(1, min(most, len(offers)) + 1):
        for steps in permutations(offers, length):
            shares = [refused, *(offer.accept for offer in steps)]
            if steps[-1].ends and all(less < more for less, more in pairwise(shares)):
                yield steps


def reckon(steps: Sequence[Offer], course: Course, refused: Fraction, sent: int) -> tuple[Fraction, Fraction]:
    """Expected cost and share of content buyers: every end with its chance and its whole cost."""
    ends: list[tuple[Fraction, Fraction, Fraction]] = []  # chance, cost, content
    still, below, spent = Fraction(1), refused, Fraction(0)
    for number, offer in enumerate(steps):
        spent += course.letter
        takes = still * (offer.accept - below) / (1 - below)
        ends.append((takes * (1 - offer.bad), spent + offer.cost, Fraction(1)))
        ends.append((takes * offer.bad, spent + offer.cost + course.review, Fraction(0)))
        still -= takes
        letter = min(sent + number, len(course.escalates) - 1)
        sues, mute = still * course.escalates[letter], still * course.silent[min(sent + number, len(course.silent) - 1)]
        still -= sues + mute
        if offer is steps[-1]:
            sues, mute, still = sues + still * course.at_the_end, mute + still * (1 - course.at_the_end), Fraction(0)
        for chance, bad, cost in ((sues, course.bad_escalated, course.escalation), (mute, course.bad_silent, 0)):
            ends.append((chance * bad, spent + cost + course.review, Fraction(0)))
            ends.append((chance * (1 - bad), spent + cost, Fraction(0)))
        below = offer.accept
    assert sum(chance for chance, _cost, _content in ends) == 1
    return sum((chance * cost for chance, cost, _c in ends), Fraction(0)), sum(
        (chance * content for chance, _c, content in ends), Fraction(0)
    )


def best(offers: Sequence[Offer], course: Course, refused: Fraction = Fraction(0), sent: int = 0) -> tuple[Fraction, Fraction] | None:
    """Cost and content of the cheapest that holds the floor; else of the most satisfying."""
    found = [reckon(steps, course, refused, sent) for steps in ladders(offers, course, refused, sent)]
    enough = [each for each in found if each[1] >= course.floor]
    if enough:
        return min(enough, key=lambda each: (each[0], -each[1]))
    return min(found, key=lambda each: (-each[1], each[0]), default=None)
