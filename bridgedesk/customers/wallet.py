"""What buyers pay with in own shops, and what is left on their gift cards."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.activity.actions import record
from bridgedesk.customers.models import Customer, PaymentMethod
from bridgedesk.customers.rules import WrongFacts
from bridgedesk.lib.storable import fit, plain
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

GIFT_CARD = PaymentMethod.Kind.GIFT_CARD


@transaction.atomic
def keep(customer: Customer, shop: Shop, external_id: str, kind: str, *, by: Agent, brand: str = "", last_four: str = "",
         balance_minor: int | None = None, currency: str = "") -> PaymentMethod:  # fmt: skip
    """Note a payment method of the buyer, or what changed of it. The balance is the gift card's, in minor units of `currency`.

    WrongFacts names what cannot be. By a lead of the shop: a balance is money.
    """
    if not (by.leads and Shop.objects.visible_to(by).filter(pk=shop.pk).exists()):
        raise PermissionDenied("Only a lead of the shop keeps payment methods.")
    if wrong := _wrong(kind, last_four, balance_minor, currency):
        raise WrongFacts(wrong)
    facts = {"kind": kind, "brand": plain(brand)[:40], "last_four": last_four, "balance_minor": balance_minor, "currency": currency}
    row, new = PaymentMethod.objects.select_for_update().get_or_create(
        shop=shop, external_id=fit(external_id, 80), defaults={"customer": customer, **facts}
    )
    if row.customer_id != customer.pk:
        raise WrongFacts({"external_id": _("This payment method is another buyer's.")})
    before = row.balance_minor
    if not new:
        PaymentMethod.objects.filter(pk=row.pk).update(**facts)
        row.refresh_from_db()
    record("kept_payment_method", customer, by=by, shop=shop.pk, kind=kind, before=None if new else before, after=balance_minor)
    return row


def _wrong(kind: str, last_four: str, balance: int | None, currency: str) -> dict[str, str]:
    wrong = {}
    if kind not in PaymentMethod.Kind.values:
        wrong["kind"] = _("There is no such kind of payment method.")
    if last_four and not (len(last_four) == 4 and last_four.isascii() and last_four.isdecimal()):
        wrong["last_four"] = _("Only the last four digits of a card are kept.")
    if (kind == GIFT_CARD) != (balance is not None) or (balance or 0) < 0 or (balance or 0) >= 2**53:
        wrong["balance_minor"] = _("A gift card has a balance of zero or more; nothing else has one.")
    if kind == GIFT_CARD and not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        wrong["currency"] = _("A balance needs its currency, such as EUR.")
    return wrong


def locked(pks: set[int]) -> dict[int, PaymentMethod]:
    """Those rows, locked in one order for all, so that two who pay at once wait and never embrace."""
    return {row.pk: row for row in PaymentMethod.objects.select_for_update().filter(pk__in=pks).order_by("pk")}


def move(method: PaymentMethod, minor: int) -> None:
    """Put `minor` onto a gift card (below 0: take off) whose row the caller holds locked; other kinds keep no balance with us."""
    if method.kind == GIFT_CARD:
        method.balance_minor = (method.balance_minor or 0) + minor
        method.save(update_fields=["balance_minor"])
