"""Money: an integer of minor units with its currency, never a float."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from babel.numbers import format_currency, get_currency_precision


@dataclass(frozen=True, order=False)
class Money:
    """`minor` units (cents; whole yen) of `currency` (ISO 4217)."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: str | Decimal, currency: str) -> "Money":
        """From a decimal amount in major units, rounded half to even."""
        scale = Decimal(10) ** get_currency_precision(currency)
        return cls(int((Decimal(amount) * scale).quantize(Decimal(1), ROUND_HALF_EVEN)), currency)

    @property
    def amount(self) -> Decimal:
        """In major units."""
        places = get_currency_precision(self.currency)
        return Decimal(self.minor).scaleb(-places)

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.minor + other.minor, self.currency)

    def shown(self, locale: str) -> str:
        """As a reader of `locale` (CLDR, "zh_Hans") writes it."""
        return _shown(self, locale)


@lru_cache(maxsize=5000)
def _shown(sum_: Money, locale: str) -> str:
    """A list of fifty rows is drawn again and again, with the same sums."""
    return format_currency(sum_.amount, sum_.currency, locale=locale)
