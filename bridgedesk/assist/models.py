"""What the small models saw in a message, what agents taught them, and translations already made."""

from django.db import models

from bridgedesk.conversations.models import Message
from bridgedesk.team.models import Agent


class Triage(models.Model):
    """The first look at a buyer's message. Every result carries its reason; a correction replaces it and names who."""

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.CASCADE, related_name="triage")
    language = models.CharField(max_length=16, blank=True)  # "" when undetermined
    language_sure = models.FloatField(default=0)
    language_because = models.JSONField(default=list)  # [reason, words…], see assist.language.Guess
    topics = models.JSONField(default=list)  # [{topic, score, example}] best first, at most three
    rude = models.CharField(max_length=10, blank=True)  # "", accusation, strong
    shouting = models.BooleanField(default=False)
    evidence = models.JSONField(default=list)  # [[start, end, "rude" | "accusation" | "caps"]] in message.text
    entities = models.JSONField(default=list)  # [{kind, value, start, end, carrier?, valid?}]
    corrected = models.JSONField(default=dict)  # what a person named: {"topic", "language", "mood"}
    corrected_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")


class Example(models.Model):
    """A message whose topic an agent named: the classifier learns it at once."""

    topic = models.CharField(max_length=40)
    language = models.CharField(max_length=16, blank=True)
    text = models.TextField()
    message = models.OneToOneField(Message, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()


class Translation(models.Model):
    """A translation kept. `key` hashes the text; ids, links and names survived (checked) or `flawed` says what did not."""

    key = models.CharField(max_length=64)
    source = models.CharField(max_length=16)
    target = models.CharField(max_length=16)
    engine = models.CharField(max_length=24)
    text = models.TextField()
    flawed = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "source", "target", "engine"], name="translation_once")]


class Engine(models.Model):
    """The translation service in use: one row. The key is encrypted. `options`: json_mode (openai), formality (deepl)."""

    name = models.CharField(max_length=24)  # deepl, libretranslate, openai
    base_url = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=80, blank=True)
    sealed_key = models.TextField(blank=True)
    options = models.JSONField(default=dict, blank=True)
    enabled = models.BooleanField(default=True)
