"""The demo opens on a lively inbox."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from bridgedesk.conversations.models import Conversation, Message, Window
from bridgedesk.lib import clock
from bridgedesk.metrics import letters, losses, reading
from bridgedesk.playbooks.checking import untraceable
from bridgedesk.playbooks.draft_models import Draft
from bridgedesk.playbooks.loading import take_apart
from bridgedesk.playbooks.models import Run
from bridgedesk.products import knowledge, shelf
from bridgedesk.products.models import Listing, Product
from bridgedesk.sandbox import history, scenery, seed
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
HOURS = {stage.key: 24.0 if stage.kind == "relay" else 12.0 for stage in scenery.STAGES}


def test_the_plan_is_the_same_under_the_same_seed():
    assert history.plan(NOW, HOURS, 3) == history.plan(NOW, HOURS, 3)
    assert history.plan(NOW, HOURS, 3) != history.plan(NOW, HOURS, 4)


def test_nothing_of_the_plan_lies_in_the_future_and_all_is_in_order():
    times = [step.at for step in history.plan(NOW, HOURS)]
    assert times == sorted(times)
    assert times[-1] <= NOW
    assert times[0] > NOW - timedelta(days=history.DAYS + 4)


def test_every_thread_begins_with_the_buyer():
    first: dict[int, str] = {}
    for step in history.plan(NOW, HOURS):
        first.setdefault(step.thread, step.act)
    assert set(first.values()) == {"hear"}
    assert len(first) == history.THREADS


def test_the_servers_know_everybody_the_seed_knows():
    assert len(history.known()) == history.THREADS


@pytest.fixture
def demo(db, settings, tmp_path, monkeypatch):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }
    monkeypatch.setattr(history, "THREADS", 140)
    monkeypatch.setattr(seed, "DETAILED", 60)
    return seed.build(port=9000)


@pytest.mark.slow
def test_every_message_of_a_buyer_was_looked_at_the_old_ones_too(demo):
    heard = Message.objects.filter(direction="in").exclude(text="")
    assert not heard.filter(triage=None).exists()
    past = Conversation.objects.exclude(state="open")
    assert past.exclude(topic="").exclude(language="").count() > past.count() * 0.8, "short thanks have no topic"
    assert len(set(past.values_list("language", flat=True))) >= 10
    assert past.exclude(mood="").exists()


@pytest.mark.slow
def test_the_inbox_is_lively(demo):
    open_ones = Conversation.objects.filter(state="open")
    owed = [due - clock.now() for due in open_ones.filter(due_at__isnull=False).values_list("due_at", flat=True)]
    assert sum(left < timedelta(0) for left in owed) >= 2
    assert sum(timedelta(0) < left < timedelta(hours=1) for left in owed) >= 3
    assert sum(left < timedelta(hours=3) for left in owed) >= 8
    assert open_ones.filter(trouble=True).exists()
    assert Shop.objects.count() == 6
    assert Counter(Agent.objects.values_list("role", flat=True)) == {"admin": 1, "lead": 1, "agent": 2}


@pytest.mark.slow
def test_the_past_was_answered_mostly_in_time_and_nothing_waits_to_be_sent(demo):
    outcomes = Counter(Window.objects.values_list("outcome", flat=True))
    assert outcomes["answered"] > 30
    assert not Message.objects.filter(state__in=["queued", "sending"]).exists()
    assert Message.objects.filter(direction="note").exists()
    with pytest.raises(CommandError):
        call_command("demo-data")


def test_the_shelves_hold_facts_and_differ_from_the_shops(demo):
    agent = Agent.objects.get(username="lead")
    assert Product.objects.visible_to(agent).count() == 5
    assert Listing.objects.filter(sku=None, shop__platform="shopee").count() == 0
    assert shelf.counts(agent)["over"] > 0
    assert shelf.counts(agent)["under"] > 0
    told = knowledge.spoken_of(
        agent, Listing.objects.filter(title__contains="陶瓷").first().shop_id, "請問陶瓷檯燈電線多長？", language="zh-Hant"
    )
    assert told[0].facts[0].text == "1.5 公尺，線上有開關。"


@pytest.mark.slow
def test_a_draft_waits_to_be_tried_on_past_returns(demo):
    draft = Draft.objects.get()
    assert untraceable(take_apart(draft.data)[0]) == []
    returns = Run.objects.filter(version__key=draft.key, state="ended")
    assert returns.count() == Conversation.objects.filter(pk__in=returns.values("conversation"), topic="return_request").count() > 0
    assert not returns.filter(taken=None).exists()


@pytest.mark.slow
def test_the_figures_live(demo):
    asked = reading.reader(Agent.objects.get(username="lead"), {"days": "180"})
    now, _before = losses.return_loss_rate(asked.scope, asked.filters, asked.rates, losses.goods(asked.scope, asked.filters))
    assert 0 < (now.rate or 0) < 1
    assert now.without is not None
    assert now.without < (now.rate or 0)
    books = letters.letters(asked.scope, asked.filters, asked.rates)
    assert sum(letter.heard for book in books for letter in book.letters) > 10
    assert sum(row.answers for row in letters.edited(asked.scope, asked.filters)) > 10
