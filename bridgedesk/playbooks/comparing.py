"""Two versions beside each other: differences with their intervals. Pure; 95 % throughout."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance

from bridgedesk.playbooks.tallying import Between, Z, share

ENOUGH = 30
"""Ended cases on each side before a difference is spoken of."""


@dataclass(frozen=True)
class Side:
    """What the ended cases of one version came to: costs in minor units of one currency, letters, and how many had each ending."""

    costs: Sequence[int]
    letters: Sequence[int]
    ends: dict[str, int]

    @property
    def cases(self) -> int:
        """Ended ones."""
        return len(self.costs)


def of_shares(times: int, of: int, other_times: int, other_of: int) -> Between:
    """The difference of two shares with Newcombe's interval (Statistics in Medicine 17, 1998, 873, method 10: from Wilson's of each)."""
    one, other = share(times, of), share(other_times, other_of)
    gap = one.value - other.value
    below = sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    above = sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Between(gap, max(-1.0, gap - below), min(1.0, gap + above))


def of_means(ones: Sequence[float], others: Sequence[float]) -> Between:
    """The difference of two means with Welch's interval (Biometrika 34, 1947, 28–35). Two of each at least."""
    gap = fmean(ones) - fmean(others)
    one, other = variance(ones) / len(ones), variance(others) / len(others)
    if one + other == 0:
        return Between(gap, gap, gap)
    freedom = (one + other) ** 2 / (one**2 / (len(ones) - 1) + other**2 / (len(others) - 1))
    half = students_t(freedom) * sqrt(one + other)
    return Between(gap, gap - half, gap + half)


def students_t(freedom: float) -> float:
    """The 97.5 % point of Student's t (Abramowitz and Stegun 26.7.5); right to three decimals from 10 degrees of freedom on."""
    z, n = Z, freedom
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * n**4)
    )


def enough(*sides: Side) -> bool:
    """Whether there are cases enough on every side."""
    return all(side.cases >= ENOUGH for side in sides)
