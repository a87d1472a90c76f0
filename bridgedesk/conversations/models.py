"""Conversations, their messages, and the ledger of answers owed."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from bridgedesk.conversations.notice_models import Notice  # noqa: F401 (an app's models are found here)
from bridgedesk.customers.models import Customer
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, agent: Agent) -> "ConversationQuerySet":
        """Conversations of shops the agent may see."""
        return self if agent.sees_all_shops else self.filter(shop__in=Shop.objects.visible_to(agent))


class Conversation(models.Model):
    """One thread with one buyer in one shop. `due_at` is when the open answer window ends; null: nothing is owed.

    `risk_at` is from when that answer counts as at risk (the shop's `warn_hours` before its end).

    `external_id` is the platform's thread id (for mail: the root Message-ID, or the order of a relay mail).
    """

    class State(models.TextChoices):
        OPEN = "open"
        SNOOZED = "snoozed"
        CLOSED = "closed"

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="conversations", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="conversations", db_index=False)
    external_id = models.CharField(max_length=255)
    address = models.CharField(max_length=254)  # where an answer goes: buyer's user id, mail address, phone number
    subject = models.CharField(max_length=250, blank=True)
    order_ref = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    snoozed_until = models.DateTimeField(null=True)
    assignee = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="conversations", db_index=False)
    language = models.CharField(max_length=16, blank=True)
    topic = models.CharField(max_length=40, blank=True)
    mood = models.CharField(max_length=12, blank=True)  # "", accusing, rude, shouting
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    due_at = models.DateTimeField(null=True)
    risk_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField()
    last_text = models.CharField(max_length=200, blank=True)
    last_kind = models.CharField(max_length=12, default="text")
    last_direction = models.CharField(max_length=4, default="in")
    trouble = models.BooleanField(default=False)  # a message of ours failed or is uncertain
    merged_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="merged", db_index=False)
    followers = models.ManyToManyField(Agent, blank=True, related_name="followed")
    created_at = models.DateTimeField()

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="conversation_once")]
        indexes = [  # each list of the inbox ends in one of these, so that a page costs the same at any size of the archive
            models.Index(fields=["due_at", "-last_at", "-id", "risk_at"], condition=models.Q(state="open"), name="conversation_due"),
            models.Index(fields=["-last_at", "-id"], name="conversation_newest"),
            models.Index(fields=["state", "-last_at", "-id"], name="conversation_state"),
            models.Index(fields=["shop", "-last_at", "-id"], name="conversation_shop_last"),
            models.Index(fields=["shop", "due_at", "-last_at"], condition=models.Q(state="open"), name="conversation_shop_due"),
            models.Index(fields=["assignee", "due_at", "-last_at", "-id"], condition=models.Q(state="open"), name="conversation_whose"),
            models.Index(fields=["assignee", "-last_at", "-id"], name="conversation_assignee"),
            models.Index(fields=["customer", "-last_at"], name="conversation_customer"),
            models.Index(fields=["topic", "-last_at", "-id"], condition=~models.Q(topic=""), name="conversation_topic"),
            models.Index(fields=["language", "-last_at", "-id"], name="conversation_language"),
            models.Index(fields=["mood", "-last_at", "-id"], condition=~models.Q(mood=""), name="conversation_mood"),
            models.Index(fields=["-last_at", "-id"], condition=models.Q(trouble=True), name="conversation_trouble"),
            models.Index(fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="conversation_merged"),
            models.Index(fields=["snoozed_until"], condition=models.Q(state="snoozed"), name="conversation_snoozed"),
            GinIndex(fields=["tags"], name="conversation_tags"),
            models.Index(fields=["-last_at"], condition=~models.Q(tags=[]), name="conversation_tagged"),
            models.Index(fields=["order_ref"], condition=~models.Q(order_ref=""), name="conversation_order"),
            models.Index(fields=["address"], name="conversation_address"),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id}/{self.external_id}"


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, agent: Agent) -> "MessageQuerySet":
        """Messages of shops the agent may see."""
        return self if agent.sees_all_shops else self.filter(shop__in=Shop.objects.visible_to(agent))


class Message(models.Model):
    """Something said: by the buyer ("in"), by us ("out"), or among ourselves ("note").

    An outgoing row is the truth about its sending: queued (until `not_before`: undo) -> sending (lease) -> sent, failed
    (a person must act), unsure (it may have arrived; an agent must look), or withdrawn. `text` is what was newly said.
    """

    class Direction(models.TextChoices):
        IN = "in"
        OUT = "out"
        NOTE = "note"

    class State(models.TextChoices):
        RECEIVED = "received"
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        UNSURE = "unsure"
        WITHDRAWN = "withdrawn"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="+")
    direction = models.CharField(max_length=4, choices=Direction.choices)
    kind = models.CharField(max_length=12, default="text")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    external_id = models.CharField(max_length=255, null=True)
    reference = models.CharField(max_length=64, unique=True)  # ours, random: Message-ID, idempotency key, URL of attachments
    author = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    sender = models.CharField(max_length=200, blank=True)
    automatic = models.BooleanField(default=False)
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)  # cleaned
    quoted = models.TextField(blank=True)
    language = models.CharField(max_length=16, blank=True)
    meta = models.JSONField(default=dict)
    thread = models.CharField(max_length=255, blank=True)  # the platform's, where it is not the conversation's own (merged, split)
    address = models.CharField(max_length=254, blank=True)  # likewise where an answer goes
    at = models.DateTimeField()  # when the platform says it was said
    created_at = models.DateTimeField()
    # outgoing only
    purpose = models.CharField(max_length=24, blank=True)
    released_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    template = models.ForeignKey("Template", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    edited_share = models.FloatField(null=True)  # 0 sent as rendered … 1 nothing left of the template
    part = models.PositiveSmallIntegerField(default=0)  # of a split answer
    in_reply_to = models.CharField(max_length=255, blank=True)
    not_before = models.DateTimeField(null=True)
    first_try_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "external_id"], condition=models.Q(external_id__isnull=False), name="message_once")
        ]
        indexes = [
            models.Index(fields=["conversation", "at", "id"], name="message_thread"),
            models.Index(fields=["not_before"], condition=models.Q(state__in=["queued", "sending"]), name="message_outbox"),
            models.Index(
                fields=["at"], include=("template", "edited_share"), condition=models.Q(template__isnull=False), name="message_templated"
            ),
            models.Index(
                fields=["shop", "at"],
                include=("template", "edited_share"),
                condition=models.Q(direction="out", state="sent", automatic=False, part=0),
                name="message_answers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.reference}"

    @property
    def marked_by_hand(self) -> bool:
        """Whether a person said that it was sent: the platform gave it no id."""
        return self.direction == self.Direction.OUT and self.state == self.State.SENT and not self.external_id and not self.automatic


class Attachment(models.Model):
    """A file of a message, stored under a random name. `type` was read from its bytes, never from its name."""

    class State(models.TextChoices):
        STORED = "stored"
        WAITING = "waiting"  # to be fetched from `url`
        FAILED = "failed"

    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="attachments")
    uploaded_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")  # a draft's, until sent
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=43, unique=True)  # in URLs
    storage_key = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(default=0)
    type = models.CharField(max_length=80, default="application/octet-stream")
    sha256 = models.CharField(max_length=64, blank=True)
    content_id = models.CharField(max_length=255, blank=True)
    inline = models.BooleanField(default=False)
    url = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.STORED)
    error = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], condition=models.Q(state="waiting"), name="attachment_waiting"),
            models.Index(fields=["created_at"], condition=models.Q(message=None), name="attachment_draft"),
        ]


class Window(models.Model):
    """The ledger of answers owed: from a buyer's first unanswered message until a person answered. Closed once, never rewritten.

    The rule of the day is copied in, so any period can be counted under it or under another.
    """

    class Outcome(models.TextChoices):
        OPEN = "open"
        ANSWERED = "answered"
        NO_ANSWER_NEEDED = "no_answer_needed"  # marked by an agent, or by the platform
        SUPERSEDED = "superseded"  # struck out: something older came to light, the right row was entered beside it

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="windows")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="windows", db_index=False)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()
    risk_at = models.DateTimeField()
    hours = models.DecimalField(max_digits=6, decimal_places=2)
    source = models.CharField(max_length=200)
    sure = models.CharField(max_length=16)
    outcome = models.CharField(max_length=18, choices=Outcome.choices, default=Outcome.OPEN)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")
    agent = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation"], condition=models.Q(outcome="open"), name="one_open_window")]
        indexes = [models.Index(fields=["shop", "opened_at"], name="window_period")]


class SearchEntry(models.Model):
    """The searchable words of one message (lib/text.py makes the tokens); a table of its own so that the thread stays small."""

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.CASCADE, related_name="search")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+", db_index=False)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    words = SearchVectorField()

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="search_words", fastupdate=False),
            models.Index(fields=["-at"], name="search_newest"),
            models.Index(fields=["shop", "-at"], name="search_shop_newest"),
        ]


class Template(models.Model):
    """A reply template, one version. `key` is its name in content/templates; an edit on screen makes the next version."""

    key = models.SlugField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    current = models.BooleanField(default=True)
    topic = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=24, default="answer")
    names = models.JSONField(default=dict)  # interface language -> name in the list
    origin = models.CharField(max_length=8, default="shipped")  # shipped, edited
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="template_version_once"),
            models.UniqueConstraint(fields=["key"], condition=models.Q(current=True), name="template_current_once"),
        ]


class TemplateText(models.Model):
    """A template in one language (BCP 47), Liquid source."""

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=16)
    body = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "language"], name="template_language_once")]


class Greeting(models.Model):
    """The automatic first words of a shop in one language, sent where the platform permits it."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="greetings")
    language = models.CharField(max_length=16)
    body = models.TextField()
    enabled = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "language"], name="greeting_once")]


class SavedView(models.Model):
    """A named filter of the inbox; `owner` None: everybody's."""

    owner = models.ForeignKey(Agent, null=True, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=400)  # checked query string of the inbox
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]


class Mention(models.Model):
    """A colleague told of a message: named in a note, or following the conversation; unseen until `seen_at`."""

    class Reason(models.TextChoices):
        NAMED = "named"
        FOLLOWS = "follows"

    reason = models.CharField(max_length=8, choices=Reason.choices, default=Reason.NAMED)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="mentions")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="mentions")
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "agent"], name="mention_once")]
        indexes = [models.Index(fields=["agent"], condition=models.Q(seen_at__isnull=True), name="mention_unseen")]


class Presence(models.Model):
    """Who looks at a conversation or types in it, until `until`."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="presences")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    typing = models.BooleanField(default=False)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "agent"], name="presence_once")]


class AddressBudget(models.Model):
    """How many automatic replies an address got on a day, so that two robots cannot write each other for ever."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=254)
    day = models.DateField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "address", "day"], name="budget_once")]
