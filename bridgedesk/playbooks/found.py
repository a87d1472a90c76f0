"""What a simulation found, as its page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bridgedesk.conversations.composing import name_of
from bridgedesk.conversations.models import Template
from bridgedesk.playbooks import loading, queries, tallying
from bridgedesk.playbooks.draft_models import Parted, Simulation
from bridgedesk.playbooks.labels import OUTCOME_WORDS, WHY_WORDS
from bridgedesk.playbooks.models import Run
from bridgedesk.playbooks.replaying import LEFT, UNKNOWN
from bridgedesk.playbooks.rules import OUTCOMES, Playbook
from bridgedesk.playbooks.tallying import Between, share
from bridgedesk.team.models import Agent

SHOWN = 100


@dataclass(frozen=True)
class End:
    """An ending: how many cases of those whose way is known really ended so, and would; of those whose way is unknown, really did."""

    word: str
    then: int
    now: int
    unknown: int


@dataclass(frozen=True)
class Silence:
    """A letter whose answer is unknown: for how many cases, and what buyers did after it in this history, with the interval of a yes."""

    step: str
    letter: str
    cases: int
    answered: int
    accepts: Between | None


def of(row: Simulation, agent: Agent) -> dict[str, Any]:
    """Everything the page says."""
    tally, draft = row.tally, loading.take_apart(row.data)[0]
    cases, silent = tallying.cost_of_moved(tally)
    ends = _ends(tally)
    return {
        "playbook": draft,
        "tally": tally,
        "counted": tally["same"] + tally["other"] + tally["unknown"],
        "known": tally["same"] + tally["other"],
        "other_share": share(tally["other"], tally["same"] + tally["other"]),
        "ends": ends,
        "bars": _bars(ends),
        "letters": _letters(tally),
        "sums": _sums(tally, cases),
        "unpriced": silent,
        "estimated": bool(tallying.priced(tally)),
        "whys": [(WHY_WORDS[why], times) for why, times in tally["why"].items()],
        "silences": _silences(tally, draft),
        "parted": _parted(row, draft, agent),
        "shops": row.shops.order_by("name"),
    }


def _ends(tally: Mapping[str, Any]) -> list[End]:
    counts = tally["ends"]
    lines = []
    for end in (*OUTCOMES, LEFT):
        then = counts.get(f"{end}-same", 0) + counts.get(f"{end}-other", 0)
        line = End(_end(end), then, counts.get(f"{end}-draft", 0), counts.get(f"{end}-unknown", 0))
        if line.then or line.now or line.unknown:
            lines.append(line)
    return lines


def _bars(ends: Sequence[End]) -> dict[str, Any]:
    """The plot: per ending one bar of what was and one of what would be, 300 wide at most."""
    most = max((max(line.then, line.now) for line in ends), default=0) or 1
    rows = [(line, 26 * nth, round(300 * line.then / most, 1), round(300 * line.now / most, 1)) for nth, line in enumerate(ends)]
    return {"rows": rows, "height": 26 * len(ends) + 2}


def _letters(tally: Mapping[str, Any]) -> dict[str, int]:
    counts = tally["letters"]
    return {
        "then": counts.get("same-real", 0) + counts.get("other-real", 0),
        "now": counts.get("same-draft", 0) + counts.get("other-draft", 0),
        "unknown": counts.get("unknown-draft", 0),
    }


def _sums(tally: Mapping[str, Any], moved: Between) -> dict[str, int]:
    """Really, and with the draft, of the same cases: what goes the same way is exact, what moves is estimated. Minor units."""
    same, other = tally["cost"].get("same", 0), sum(tally["cost"].get(f"other-{end}", 0) for end in tallying.priced(tally))
    return {"then": same + other, "now": same + round(moved.value), "low": same + round(moved.low), "high": same + round(moved.high)}


def _silences(tally: Mapping[str, Any], draft: Playbook) -> list[Silence]:
    found = []
    for key, cases in sorted(tally["unanswered"].items(), key=lambda pair: -pair[1]):
        step = draft.step(key)
        said = tally["answers"].get(step.template, {}) if step and step.template else {}
        answered = sum(said.values())
        accepts = share(said.get("accepts", 0), answered) if answered else None
        found.append(Silence(queries.name_of(draft, key), _letter(step.template) if step else "", cases, answered, accepts))
    return found


def _letter(key: str) -> str:
    row = Template.objects.filter(key=key, current=True).first() if key else None
    return name_of(row) if row else ""


def _parted(row: Simulation, draft: Playbook, agent: Agent) -> list[dict[str, Any]]:
    seen = Run.objects.visible_to(agent)
    rows = Parted.objects.filter(simulation=row, run__in=seen).select_related("run__conversation__customer", "run__shop")
    return [
        {
            "parted": each,
            "conversation": each.run.conversation,
            "shop": each.run.shop,
            "then": _end(LEFT if each.run.state == Run.State.LEFT else each.run.outcome),
            "now": _end(each.end),
            "why": WHY_WORDS.get(each.why, ""),
            "step": queries.name_of(draft, each.step) if each.step else "",
        }
        for each in rows[:SHOWN]
    ]


def _end(end: str) -> str:
    if end == UNKNOWN:
        return _("unknown from here")
    return str(OUTCOME_WORDS.get(end, _("Left by an agent")))
