"""What letters bring about: step by step and version by version, and how answers leave the templates behind."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from bridgedesk.conversations.models import Message, Template
from bridgedesk.lib.figures import figure
from bridgedesk.metrics import edits, rules
from bridgedesk.metrics.facts import Scope
from bridgedesk.metrics.filters import Filters, moment
from bridgedesk.metrics.losses import Rates, unite
from bridgedesk.metrics.rules import United
from bridgedesk.playbooks import queries
from bridgedesk.playbooks.models import Version
from bridgedesk.playbooks.rules import OUTCOMES

MOST_TEMPLATES = 30
OF_EACH = 100
"""Changed answers of a template in one language that are compared, the newest."""
COMPARED = 1500
"""Changed answers that are compared in all."""

_MOVES = """
with moves as (
  select r.version_id, t."to" as step, t.at, lead(t."to") over one as next,
    lead(t.silence) over one as silent, lead(t.facts) over one as said,
    r.state
  from playbooks_run r join playbooks_taken t on t.run_id = r.id
  where r.shop_id = any(%(shops)s) and r.started_at < %(until)s and (r.ended_at is null or r.ended_at >= %(since)s) and t.undone_at is null
  window one as (partition by r.id order by t.id)
)
select version_id, step, coalesce(next, ''), coalesce(silent, false), coalesce((said ->> 'accepts')::bool, false),
  coalesce((said ->> 'threatens_claim')::bool or (said ->> 'threatens_court')::bool or (said ->> 'case_open')::bool, false), state, count(*)
from moves where at >= %(since)s and at < %(until)s and step <> all(%(outcomes)s) group by 1, 2, 3, 4, 5, 6, 7
"""
_COSTS = """
select k.version_id, k.step, b.currency, sum(b.minor)
from remedies_booking b join remedies_case c on c.id = b.case_id left join orders_platformact a on a.id = b.act_id
  join lateral (select r.version_id, t."to" as step from playbooks_run r join playbooks_taken t on t.run_id = r.id
    where r.conversation_id = c.conversation_id and t.undone_at is null and t.at <= b.at and t."to" <> all(%(outcomes)s)
    order by t.at desc, t.id desc limit 1) k on true
where b.at >= %(since)s and b.at < %(until)s and c.shop_id = any(%(shops)s) and (a.id is null or a.state <> 'withdrawn')
group by 1, 2, 3
"""


@dataclass(frozen=True)
class Letter:
    """One step of a version: how often it was taken, what buyers did next (rules.ANSWERS), and what was booked while it was the last."""

    step: str
    name: str
    answers: Mapping[str, int]
    cost: United

    @property
    def count(self) -> int:
        """How often it was taken."""
        return sum(self.answers.values())

    @property
    def heard(self) -> int:
        """Of those, how many whose buyer answered, or stayed silent for as long as the step waits."""
        return sum(self.answers.get(name, 0) for name in rules.HEARD)

    def share(self, answer: str) -> float | None:
        """Of those heard, 0 to 1."""
        return self.answers.get(answer, 0) / self.heard if self.heard else None


@dataclass(frozen=True)
class Book:
    """A version of a playbook with its steps, in their order."""

    version: Version
    name: str
    letters: Sequence[Letter]


@dataclass(frozen=True)
class Topic:
    """Answers about a topic, how many without a template, and how many templates there are for it."""

    topic: str
    answers: int
    freehand: int
    templates: int

    @property
    def share(self) -> float:
        """Written freehand, 0 to 1."""
        return self.freehand / self.answers


@dataclass(frozen=True)
class Used:
    """A version of a template: answers made from it, those sent as it was, and how much was changed on average, 0 to 1."""

    template: Template
    answers: int
    unchanged: int
    changed: float


@dataclass(frozen=True)
class Suggestion:
    """What is always changed in a template, in one language."""

    template: Template
    language: str
    habits: Sequence[edits.Habit] = field(default_factory=list)


@figure
def letters(scope: Scope, filters: Filters, rates: Rates) -> list[Book]:
    """Every step that was taken in the period, by version: whether the buyer accepted, stayed silent, escalated (threatened or
    opened a claim, named a court, or went to the platform) or insisted, which is everything else that led on to another step.
    Shares are of those whose buyer was heard: letters still open, last letters of a playbook and cases an agent took out are
    counted beside them. The cost is what was booked in the period on the conversation's cases while that step was the last.
    """
    given = scope.between(filters.since, filters.until) | {"shops": _shops(scope, filters), "outcomes": list(OUTCOMES)}
    answers: defaultdict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for version, step, next_, silent, accepts, escalates, state, count in _rows(_MOVES, given):
        answers[version, step][rules.answer(next_, state, silent=silent, accepts=accepts, escalates=escalates)] += count
    costs: defaultdict[tuple[int, str], United] = defaultdict(United)
    for version, step, currency, minor in _rows(_COSTS, given):
        costs[version, step] += unite(currency, minor, filters.into, rates)
    return _books(answers, costs)


def _books(answers: Mapping[tuple[int, str], Counter[str]], costs: Mapping[tuple[int, str], United]) -> list[Book]:
    versions = Version.objects.filter(pk__in={version for version, _step in (*answers, *costs)})
    books = [_book(version, answers, costs) for version in versions]
    return sorted(books, key=lambda book: (-sum(letter.count for letter in book.letters), book.version.key, -book.version.number))


def _book(version: Version, answers: Mapping[tuple[int, str], Counter[str]], costs: Mapping[tuple[int, str], United]) -> Book:
    playbook, pk = queries.playbook_of(version), version.pk
    taken = [step for step in playbook.steps if (pk, step.key) in answers or (pk, step.key) in costs]
    found = [
        Letter(step.key, str(step.names), answers.get((pk, step.key), Counter()), costs.get((pk, step.key), United())) for step in taken
    ]
    return Book(version, str(playbook.names), found)


@figure
def freehand(scope: Scope, filters: Filters) -> list[Topic]:
    """Of the answers people sent in the period, by the topic of the conversation, how many were written without a template: the
    topic on top is the one whose next template saves most. Automatic messages do not count, an answer in parts counts once.
    """
    rows = _sent(scope, filters).order_by().values_list("conversation__topic").annotate(Count("pk"), Count("template"))
    kept = Template.objects.filter(current=True).order_by().values_list("topic").annotate(Count("pk"))
    shelf: dict[str, int] = dict(kept)
    found = [Topic(topic, all_, all_ - templated, shelf.get(topic, 0) if topic else 0) for topic, all_, templated in rows]
    return sorted(found, key=lambda row: (-row.freehand, row.topic))


@figure
def edited(scope: Scope, filters: Filters) -> list[Used]:
    """How far what was sent lies from the template it began as: the share of words changed, 0 % as it was, 100 % nothing left of
    it; on average by template and version. Those on which most was changed stand first.
    """
    rows = _sent(scope, filters).filter(template__isnull=False).order_by().values("template")
    counted = rows.annotate(
        answers=Count("pk"), unchanged=Count("pk", filter=Q(edited_share=0)), changed=Sum("edited_share", default=0.0)
    ).order_by("-changed", "template")[:MOST_TEMPLATES]
    found = list(counted)
    templates = Template.objects.in_bulk([row["template"] for row in found])
    return [Used(templates[row["template"]], row["answers"], row["unchanged"], row["changed"] / row["answers"]) for row in found]


@figure
def suggestions(scope: Scope, filters: Filters) -> list[Suggestion]:
    """What agents strike out of a template or add to it again and again before they send it: in at least four answers and a
    fifth of those they changed. Take it into the template, and nobody has to change it any more.
    """
    newest = Window(RowNumber(), partition_by=[F("template"), F("language")], order_by=[F("at").desc(), F("pk").desc()])
    rows = _sent(scope, filters).filter(template__isnull=False, edited_share__gt=0, meta__has_key="rendered").annotate(place=newest)
    kept = rows.filter(place__lte=OF_EACH).order_by("-at", "-pk").values_list("template", "language", "meta", "text")[:COMPARED]
    pairs: defaultdict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    for template, language, meta, text in kept:
        pairs[template, language].append((str(meta["rendered"]), str(meta.get("whole", text))))
    templates = Template.objects.in_bulk({template for template, _language in pairs})
    found = [Suggestion(templates[pk], language, edits.habits(some)) for (pk, language), some in pairs.items() if len(some) >= edits.LEAST]
    return sorted((one for one in found if one.habits), key=lambda one: (-one.habits[0].count, one.template.key, one.language))


def _sent(scope: Scope, filters: Filters) -> QuerySet[Message]:
    """Answers of people that left in the period."""
    since, until = moment(filters.since, scope.zone), moment(filters.until, scope.zone)
    rows = Message.objects.filter(direction="out", state="sent", automatic=False, part=0)
    return rows.filter(shop__in=_shops(scope, filters), at__gte=since, at__lt=until)


def _shops(scope: Scope, filters: Filters) -> list[int]:
    return [pk for pk in scope.shops if filters.shop in (None, str(pk))]


def _rows(statement: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())


def whole(books: Iterable[Book]) -> Fraction:
    """What all of them cost together."""
    return sum((letter.cost.minor for book in books for letter in book.letters), Fraction(0))
