"""What a lead writes down of products: their articles, what is true of them, and which listing sells which article."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bridgedesk.activity.actions import record
from bridgedesk.lib import clock
from bridgedesk.lib.languages import RECOGNISED
from bridgedesk.lib.live import announce
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.storable import plain
from bridgedesk.products.models import Fact, Listing, Product, Sku
from bridgedesk.team.models import Agent

SKU_FIELDS = (
    "name", "barcode", "options", "cost_minor", "cost_currency", "weight_g", "length_mm", "width_mm", "height_mm", "image", "fragile",
    "photo_needed", "reserve", "low_at",
)  # fmt: skip
LANGUAGES = (*RECOGNISED, "pt-BR")
MOST_ADOPTED = 500


@transaction.atomic
def create(name: str, *, by: Agent, category: str = "", code: str = "") -> Product:
    """A product, and its first article where a `code` is given. ValidationError."""
    _leads(by)
    made = Product.objects.create(name=_named(name), category=plain(category).strip()[:120], created_at=clock.now())
    if code:
        add_sku(made, code, by=by)
    tell(made, "product_added", by=by)
    return made


@transaction.atomic
def change(product: Product, *, by: Agent, name: str, category: str) -> Product:
    """Name it otherwise. ValidationError."""
    _leads(by)
    product.name, product.category = _named(name), plain(category).strip()[:120]
    product.save(update_fields=["name", "category"])
    tell(product, "product_changed", by=by)
    return product


@transaction.atomic
def add_sku(product: Product, code: str, *, by: Agent, **fields: Any) -> Sku:
    """One more article of it; listings with that code are its own from now on. ValidationError when the code is taken."""
    _leads(by)
    code = plain(code).strip()[:120]
    if not code:
        raise ValidationError(_("An article needs a code."))
    if Sku.objects.filter(code=code).exists():
        raise ValidationError(_("The code %(code)s is taken.") % {"code": code})
    made = Sku.objects.create(product=product, code=code, created_at=clock.now(), **_known(fields))
    Listing.objects.filter(sku=None, code=code).update(sku=made)
    tell(product, "sku_added", by=by, code=code)
    enqueue("reckon_stock", once="reckon_stock")
    return made


@transaction.atomic
def change_sku(sku: Sku, *, by: Agent, **fields: Any) -> Sku:
    """Correct an article; only SKU_FIELDS. Counting is another act (counting.count)."""
    _leads(by)
    row = Sku.objects.select_for_update(of=("self",)).select_related("product").get(pk=sku.pk)
    for name, value in _known(fields).items():
        setattr(row, name, value)
    if row.cost_minor is not None and len(row.cost_currency) != 3:
        raise ValidationError(_("A cost needs its currency, such as CNY."))
    row.save(update_fields=list(SKU_FIELDS))
    tell(row.product, "sku_changed", by=by, code=row.code)
    return row


@transaction.atomic
def say(
    product: Product, text: str, *, by: Agent, kind: str = Fact.Kind.FACT, language: str = "en", question: str = "",
    sku: Sku | None = None, origin: Fact | None = None,
) -> Fact:  # fmt: skip
    """Write down what is true of it, or the same in another language (`origin`). Answers by whoever writes, the rest by leads."""
    if not by.may_write or (kind != Fact.Kind.ANSWER and not by.leads):
        raise PermissionDenied
    root = origin and (origin.origin or origin)
    about = _fact(product, root, kind, language, text, question, sku)
    try:
        with transaction.atomic():
            made = Fact.objects.create(product=product, origin=root, author=by, changed_at=clock.now(), **about)
    except IntegrityError as error:
        raise ValidationError(_("That language is written down already: change it there.")) from error
    tell(product, "fact_said", by=by, text=made.text[:200])
    return made


@transaction.atomic
def correct(fact: Fact, text: str, *, by: Agent, question: str = "") -> Fact:
    """Say it better. ValidationError when nothing is said."""
    _leads(by)
    if not text.strip():
        raise ValidationError(_("Say what is true of it."))
    fact.text, fact.question = plain(text.strip())[:4000], plain(question.strip())[:300] if fact.kind == Fact.Kind.ANSWER else ""
    fact.author, fact.changed_at = by, clock.now()
    fact.save(update_fields=["text", "question", "author", "changed_at"])
    tell(fact.product, "fact_said", by=by, text=fact.text[:200])
    return fact


@transaction.atomic
def unsay(fact: Fact, *, by: Agent) -> None:
    """It is not true (any more); its other languages go with it."""
    _leads(by)
    tell(fact.product, "fact_unsaid", by=by, text=fact.text[:200])
    fact.delete()


@transaction.atomic
def link(listing: Listing, sku: Sku | None, *, by: Agent) -> Listing:
    """That listing sells this article (None: no article that we know)."""
    _leads(by)
    listing.sku = sku
    listing.save(update_fields=["sku"])
    if sku:
        tell(sku.product, "listing_linked", by=by, shop=listing.shop_id, code=sku.code, title=listing.title[:120])
    enqueue("reckon_stock", once="reckon_stock")
    return listing


@transaction.atomic
def adopt(listings: Iterable[Listing], *, by: Agent) -> int:
    """Make articles of listings that have a code and belong to none: one product a listing, one article a code. How many were made."""
    _leads(by)
    made = 0
    products: dict[tuple[int, str], Product] = {}
    for row in list(listings)[:MOST_ADOPTED]:
        known = Sku.objects.filter(code=row.code).select_related("product").first() if row.code else None
        if known is None and row.code:
            product = products.get((row.shop_id, row.item)) or create(row.title or row.code, by=by)
            known, made = add_sku(product, row.code, by=by, options=row.options, image=row.image), made + 1
        if known:
            products.setdefault((row.shop_id, row.item), known.product)
            Listing.objects.filter(pk=row.pk, sku=None).update(sku=known)
    return made


def tell(product: Product, verb: str, *, by: Agent | None, shop: int | None = None, **more: Any) -> None:
    """A line in the log, and to open screens."""
    record(verb, product, by=by, shop=shop, name=product.name[:120], **more)
    announce("product", shop=shop, product=product.pk)


def _leads(by: Agent) -> None:
    if not by.leads:
        raise PermissionDenied


def _named(name: str) -> str:
    if not name.strip():
        raise ValidationError(_("A product needs a name."))
    return plain(name.strip())[:300]


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in SKU_FIELDS if name in fields}


def _fact(product: Product, root: Fact | None, kind: str, language: str, text: str, question: str, sku: Sku | None) -> dict[str, Any]:
    kind, sku = (root.kind, root.sku) if root else (kind, sku)
    if kind not in Fact.Kind.values or not text.strip():
        raise ValidationError(_("Say what is true of it."))
    if kind == Fact.Kind.ANSWER and not question.strip():
        raise ValidationError(_("Write the question that is answered."))
    if language not in LANGUAGES or (root and (root.language == language or root.product_id != product.pk)):
        raise ValidationError(_("Choose another language."))
    if sku and sku.product_id != product.pk:
        raise ValidationError(_("That article belongs to another product."))
    asked = plain(question.strip())[:300] if kind == Fact.Kind.ANSWER else ""
    return {"kind": kind, "language": language, "text": plain(text.strip())[:4000], "question": asked, "sku": sku}
