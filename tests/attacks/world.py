"""One shop full of secrets: every row a person of another shop must never see, with a marker in every text of it."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from bridgedesk.activity.models import Activity
from bridgedesk.assist import actions as assist
from bridgedesk.channels.events import File, MessageReceived, Person, ReturnSeen, ReviewSeen
from bridgedesk.conversations import actions, attachments
from bridgedesk.conversations.models import Conversation, Message, SavedView, Template, TemplateText
from bridgedesk.conversations.notice_models import Notice
from bridgedesk.customers.models import Note, PaymentMethod
from bridgedesk.imports.models import BadRow, Table
from bridgedesk.lib import clock
from bridgedesk.orders.models import Finding, Line, Order, Parcel, Payment, PlatformAct, Remark, Return, Scan
from bridgedesk.orders.stockout_models import ShortLine, Stockout
from bridgedesk.playbooks import loading, publishing, tallying
from bridgedesk.playbooks.draft_models import Simulation
from bridgedesk.playbooks.models import Run
from bridgedesk.products.models import Fact, Listing, Movement, Product, Restock, Sku
from bridgedesk.remedies import actions as remedies
from bridgedesk.reviews import actions as reviews
from bridgedesk.shops.models import Shop
from bridgedesk.sync.models import Cursor, Delivery, Endpoint
from bridgedesk.team import actions as team
from bridgedesk.team.models import Agent

MARKER = "Zanzibarsecret"
MACHINE = {
    "platform", "external_id", "region", "language", "timezone", "color", "country", "state", "direction", "kind", "reference", "token",
    "storage_key", "type", "sha256", "content_id", "purpose", "topic", "mood", "outcome", "sure", "key", "verb", "actor", "subject_type",
    "url", "sealed_secret", "order_ref", "thread", "in_reply_to", "last_kind", "last_direction", "query",
    "changeable", "next_clock", "currency", "step",
}  # fmt: skip
"""Columns that hold a key or a word of our own: a marker there would break the row, not hide in it."""


class World:
    """Alice's shop, and all that hangs on it."""

    def __init__(self, shop: Shop, alice: Agent, bob: Agent, marker: str = MARKER) -> None:
        now, self.marker = clock.now(), marker
        self.shop, self.alice, self.bob = shop, alice, bob
        anna = Person("anna", "user", "Anna")
        file = File(name="plan.txt", data=b"the plan of the lamp")
        came = MessageReceived("t1", "m1", anna, now, "lamp", subject="lamp", html="<b>lamp</b>", files=(file,))
        self.message = _there(actions.receive(shop, came))
        self.conversation = Conversation.objects.get(shop=shop)
        self.customer = self.conversation.customer
        assist.look(self.message)
        self.answer = actions.reply(self.conversation, "It left today.", by=bob)[0]
        self.note = actions.note(self.conversation, "@bob look", by=alice)
        Note.objects.create(customer=self.customer, author=bob, text="x", created_at=now)
        Conversation.objects.filter(pk=self.conversation.pk).update(order_ref="ORD-1")
        self.order = Order.objects.create(shop=shop, customer=self.customer, external_id="ORD-1", first_seen_at=now)
        self.review = reviews.see(shop, ReviewSeen("rev-1", order="ORD-1", stars=1, text="lamp"))
        self.case = remedies.see(shop, ReturnSeen("ret-1", "ORD-1", state="asked", reason="x", text="lamp"))
        self.parcel = Parcel.objects.create(order=self.order, number="N", status="returned", pickup_code="x")
        Scan.objects.create(parcel=self.parcel, at=now, text="lamp", place="x")
        self.trouble = Finding.objects.create(order=self.order, parcel=self.parcel, code="parcel_returned", created_at=now, due_at=now)
        method = PaymentMethod.objects.create(customer=self.customer, shop=shop, external_id="visa-1", kind="card")
        self.payment = Payment.objects.create(order=self.order, kind="payment", minor=1, currency="EUR", source=method, at=now)
        self.returned = Return.objects.create(order=self.order, kind="refund", state="asked", source=method, currency="EUR", asked_at=now)
        self.product = Product.objects.create(name="lamp", created_at=now)
        self.sku = sku = Sku.objects.create(product=self.product, code="LAMP", created_at=now, on_hand=3)
        self.restock = Restock.objects.create(sku=sku, quantity=3, asked_at=now, changed_at=now, note="x")
        listing = Listing.objects.create(shop=shop, sku=sku, item="100", title="lamp", listed=5, seen_at=now)
        fact = Fact.objects.create(product=self.product, language="en", text="lamp", changed_at=now)
        movement = Movement.objects.create(sku=sku, kind="count", change=3, after=3, by=bob, note="x", at=now)
        line = Line.objects.create(order=self.order, external_id="1", quantity=1, sku=sku)
        self.stockout = Stockout.objects.create(sku=sku, at=now, note="x")
        self.short = ShortLine.objects.create(stockout=self.stockout, line=line, due_at=now, created_at=now, note="x")
        self.remark = Remark.objects.create(order=self.order, kind="free", text="x", created_at=now)
        self.act = PlatformAct.objects.create(
            shop=shop, order=self.order, kind="WriteNote", key="k", data={"order": "ORD-1", "text": "x"}, state="failed", created_at=now
        )
        level = {"item": "100", "model": "", "sku": marker, "quantity": 3}
        told = {"levels": [level]}
        self.push = PlatformAct.objects.create(shop=shop, kind="PushStock", key="s", data=told, state="failed", created_at=now)
        self.notice = Notice.objects.create(
            shop=shop, order=self.order, purpose="pickup_reminder", conversation=self.conversation, text=marker, created_at=now
        )
        self.delivery = Delivery.objects.create(shop=shop, key="k", kind="push", body=marker.encode(), received_at=now, state="stuck")
        Cursor.objects.create(shop=shop, error="x")
        sheet = {"name": "", "number": 0, "headings": ["Order ID"], "line": 1, "rows": 1}
        said = {"zone": "UTC", "currency": "", "weight": "g", "length": "cm", "dates": ""}
        self.table = Table.objects.create(
            shop=shop, by=alice, kind="orders", name="x", sheets=[sheet], columns={"number": 0}, options=said, state="done", created_at=now
        )
        BadRow.objects.create(table=self.table, line=2, cells=[marker], errors=[["number", marker]])
        self.view = SavedView.objects.create(owner=alice, name="x", query="tag=lamp")
        self.shift = team.plan_shift(bob, now, now + timedelta(hours=4), by=alice)
        self.token = team.new_token(alice, "x", ["read"], by=alice)[0]
        self.file = self.message.attachments.get()
        self.draft = attachments.draft("draft.txt", b"draft", by=alice)
        self.endpoint = Endpoint.objects.create(owner=alice, url="https://hook.example/x", sealed_secret="x", created_at=now)
        template, new = Template.objects.get_or_create(key="a-b", defaults={"names": {"en": "lamp"}, "created_at": now})
        if new:
            TemplateText.objects.create(template=template, language="en", body="lamp")
        playbook = publishing.store({**loading.shipped()[0], "key": "a-b"}, origin="shipped", note="", by=None)
        self.run = Run.objects.create(conversation=self.conversation, shop=shop, version=playbook, started_at=now)
        _plant(self.run, marker)
        self.simulation = Simulation.objects.create(
            key="a-b",
            data=playbook.data,
            revision=1,
            since=now,
            until=now,
            currency="EUR",
            tally=tallying.empty(),
            created_at=now,
            moved_at=now,
        )
        self.simulation.shops.add(shop)
        for row in (
            shop,
            self.customer,
            self.conversation,
            self.message,
            self.answer,
            self.note,
            self.order,
            self.review,
            self.case,
            self.parcel,
            self.delivery,
            self.view,
            self.table,
        ):
            _plant(row, marker)
        for row in (
            method,
            self.payment,
            self.returned,
            line,
            self.product,
            sku,
            listing,
            fact,
            movement,
            self.restock,
            self.stockout,
            self.short,
        ):
            _plant(row, marker)
        scans, cursors = Scan.objects.filter(parcel=self.parcel), Cursor.objects.filter(shop=shop)
        for rows in (self.customer.notes.all(), self.customer.identities.all(), cursors, scans):
            _plant(rows.get(), marker)
        for row in (self.file, self.draft, self.token):
            _plant(row, marker)
        Activity.objects.filter(Q(shop=shop.pk) | Q(shop=None)).update(data={"name": marker, "text": marker})


def _plant(row: models.Model, marker: str) -> None:
    texts = [f for f in row._meta.concrete_fields if isinstance(f, models.CharField | models.TextField) and not f.choices]
    planted = {f.attname: marker[: f.max_length or None] for f in texts if f.name not in MACHINE and (f.max_length or 99) >= len(marker)}
    if isinstance(row, Conversation):
        planted["tags"] = [marker]
    if isinstance(row, Message):
        planted["html"] = f"<b>{marker}</b>"
    type(row)._default_manager.filter(pk=row.pk).update(**planted)
    row.refresh_from_db()


def _there(message: Message | None) -> Message:
    assert message
    return message


def rows_of_everything(models_of: list[type[models.Model]]) -> dict[tuple[str, Any], tuple[Any, ...]]:
    """Every row of these tables by table and key, to be compared with the same a moment later."""
    return {
        (model._meta.label, row[0]): row
        for model in models_of
        for row in model._default_manager.order_by().values_list("pk", *(f.attname for f in model._meta.concrete_fields))
    }
