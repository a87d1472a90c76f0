"""Whether a playbook makes sense, in words of a team lead: nothing misspelt, nothing dead, no circle without a way out,
every template there in every language, nothing the platform forbids, no claim without evidence."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from bridgedesk.activity.coded import TOPICS
from bridgedesk.channels.policy import Check, policy
from bridgedesk.channels.policy import names as policies
from bridgedesk.conversations import labels, liquid
from bridgedesk.conversations.templates import missing_languages
from bridgedesk.lib import clock
from bridgedesk.playbooks.expressions import ExpressionError, facts_of, implies, parse
from bridgedesk.playbooks.facts import EVIDENCE, FACTS
from bridgedesk.playbooks.rules import MONEY, OUTCOMES, Branch, Playbook, Step, targets

STARS = {"stars", "threatens_review"}
"""Facts of which no money may depend."""


class Problem(str):
    """A sentence for the author. `step` is where it belongs: a step's key, "" the beginning, None the playbook as a whole;
    `bare` is the sentence without the place, for where the place can be seen."""

    step: str | None
    bare: str

    def __new__(cls, text: str, step: str | None = None, bare: str = "") -> "Problem":
        made = super().__new__(cls, text)
        made.step, made.bare = step, bare or text
        return made


@dataclass(frozen=True)
class Shelf:
    """The templates there are: key -> purpose and languages."""

    templates: Mapping[str, tuple[str, frozenset[str]]]


def problems(playbook: Playbook, shelf: Shelf, on: date | None = None) -> list[Problem]:
    """Everything that is wrong, each in a sentence that names the step; nothing: it may be published."""
    on = on or clock.now().date()
    found = [*_names(playbook), *untraceable(playbook)]
    found += [wrong for step in playbook.steps for wrong in _step(playbook, step, shelf, on)]
    if not found:
        found = [*_unreached(playbook), *_trapped(playbook), *_unproven(playbook), *_bargains(playbook, shelf, on)]
    return found


def untraceable(playbook: Playbook) -> list[Problem]:
    """What keeps a case from being led through it: conditions that cannot be read, branches that lead nowhere."""
    return [*_conditions(playbook), *_ways(playbook)]


def _names(playbook: Playbook) -> Iterator[Problem]:
    keys = [step.key for step in playbook.steps]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Problem(_("Two steps are called %(step)s.") % {"step": key}, key)
    for key in keys:
        if key in OUTCOMES:
            yield Problem(_("%(step)s is the name of an ending: call the step something else.") % {"step": key}, key)
    for topic in playbook.topics:
        if topic not in TOPICS:
            yield Problem(_("There is no topic “%(topic)s”.") % {"topic": topic})
    for platform in playbook.platforms:
        if platform not in policies():
            yield Problem(_("There is no platform “%(platform)s”.") % {"platform": platform})
    if not playbook.topics and not playbook.events:
        yield Problem(_("Nothing starts this playbook: name a topic or an event."))


def _conditions(playbook: Playbook) -> Iterator[Problem]:
    for key, branch in targets(playbook):
        try:
            if branch.when:
                parse(branch.when)
        except ExpressionError as error:
            yield _at(key, _("the branch to %(to)s cannot be read. %(reason)s") % {"to": branch.to, "reason": error})


def _ways(playbook: Playbook) -> Iterator[Problem]:
    keys = {step.key for step in playbook.steps}
    for key, branch in targets(playbook):
        if branch.to not in keys and branch.to not in OUTCOMES:
            yield _at(key, _("a branch leads to “%(to)s”, which is neither a step nor an ending.") % {"to": branch.to})
    yield from _hidden("", playbook.begin)
    if all(branch.when for branch in playbook.begin):
        yield Problem(_("The beginning needs a branch without a condition, for every other case."), "")
    for step in playbook.steps:
        yield from _hidden(step.key, step.branches)


def _hidden(key: str, branches: tuple[Branch, ...]) -> Iterator[Problem]:
    """A branch behind one that is always taken, or that asks the same."""
    seen: set[str] = set()
    for branch in branches:
        if "" in seen:
            yield _at(key, _("the branch to %(to)s is never reached: one before it is always taken.") % {"to": branch.to})
        elif branch.when in seen:
            yield _at(key, _("the branch to %(to)s is never taken: one before it has the same condition.") % {"to": branch.to})
        seen.add(branch.when)


def _step(playbook: Playbook, step: Step, shelf: Shelf, on: date) -> Iterator[Problem]:
    if step.ends and (step.branches or step.timeout_to):
        yield _at(step.key, _("it ends the playbook, so nothing can follow it."))
    if not step.ends and not step.timeout_to:
        yield _at(step.key, _("say what happens when the buyer stays silent."))
    if step.timeout_to and not step.timeout_days:
        yield _at(step.key, _("say after how many days of silence."))
    if not step.template and step.does == "reply":
        yield _at(step.key, _("it says nothing and does nothing: choose a template."))
    if step.template:
        yield from _said(playbook, step, shelf, on)
    if step.automatic and step.does in (*MONEY, "cancel"):
        yield _at(step.key, _("money and goods are moved by a person: it cannot be automatic."))
    for name in step.values:
        if name not in liquid.variables():
            yield _at(step.key, _("There is no variable %(name)s.") % {"name": name})


def _said(playbook: Playbook, step: Step, shelf: Shelf, on: date) -> Iterator[Problem]:
    if step.template not in shelf.templates:
        yield _at(step.key, _("there is no template %(template)s.") % {"template": step.template})
        return
    purpose, languages = shelf.templates[step.template]
    if missing := missing_languages(languages):
        yield _at(step.key, _("the template %(template)s lacks %(languages)s.") % {
            "template": step.template, "languages": ", ".join(missing)})  # fmt: skip
    yield from _permitted(playbook, step, step.purpose or purpose, on)


def _permitted(playbook: Playbook, step: Step, purpose: str, on: date) -> Iterator[Problem]:
    for platform in playbook.platforms or policies():
        if platform not in policies():
            continue
        rules = policy(platform)
        rule = rules.rule(purpose, on)
        if rule.verdict == "forbidden":
            said = {"platform": rules.title, "purpose": labels.purpose(purpose), "reason": rule.reason}
            yield _at(step.key, _("%(platform)s forbids messages of the purpose “%(purpose)s”: %(reason)s") % said)
        elif step.automatic and not rule.automatic:
            yield _at(step.key, _("on %(platform)s a person has to send it: it cannot be automatic.") % {"platform": rules.title})


def _unreached(playbook: Playbook) -> Iterator[Problem]:
    reached = _closure({""}, ((key, branch.to) for key, branch in targets(playbook)))
    for step in playbook.steps:
        if step.key not in reached:
            yield _at(step.key, _("no branch leads to it."))


def _trapped(playbook: Playbook) -> Iterator[Problem]:
    """Steps from which no ending can be reached."""
    ending = {step.key for step in playbook.steps if step.ends} | set(OUTCOMES)
    out = _closure(ending, ((branch.to, key) for key, branch in targets(playbook)))
    for step in playbook.steps:
        if step.key not in out:
            yield _at(step.key, _("the case goes round in a circle: no way leads to an ending."))


def _closure(begin: set[str], edges: Iterable[tuple[str, str]]) -> set[str]:
    ways = list(edges)
    found, more = set(begin), True
    while more:
        new = {to for key, to in ways if key in found} - found
        found |= new
        more = bool(new)
    return found


def _unproven(playbook: Playbook) -> Iterator[Problem]:
    """Steps that state a cause or a quality, on ways that do not ask whether it is on file."""
    for key, branch in targets(playbook):
        step = playbook.step(branch.to)
        needed = EVIDENCE.get(step.strategy, "") if step else ""
        if needed and not implies(branch.condition, needed):
            said = {"to": branch.to, "fact": needed, "about": FACTS[needed].about}
            wrong = _("the branch to %(to)s must ask for %(fact)s (%(about)s): its step states something that has to be on file.")
            yield _at(key, wrong % said)


def _bargains(playbook: Playbook, shelf: Shelf, on: date) -> Iterator[Problem]:
    """Money or goods for a review: given because of stars or a threat with them, for a good review, or beside the wish for one."""
    law = _law_on_rewards(playbook, on)
    for key, branch in targets(playbook):
        step = playbook.step(branch.to)
        asked = set(facts_of(branch.condition)) if branch.condition else set()
        if law and step and step.does in MONEY and (asked & STARS or _wants_a_review(playbook, step, shelf)):
            said = {"to": branch.to, "reason": law.reason, "source": law.source}
            yield _at(key, _("the branch to %(to)s gives money or goods for a review. %(reason)s (%(source)s)") % said)


def _wants_a_review(playbook: Playbook, step: Step, shelf: Shelf) -> bool:
    purpose = step.purpose or shelf.templates.get(step.template, ("", frozenset()))[0]
    return purpose in ("review_request", "review_thanks") or "review_good" in playbook.events


def _law_on_rewards(playbook: Playbook, on: date) -> Check | None:
    """What forbids it on one of the platforms, that day; None where nothing does."""
    named = [platform for platform in playbook.platforms or policies() if platform in policies()]
    checks = (policy(platform).check("review_reward", on) for platform in named)
    return next((check for check in checks if check and check.verdict == "forbidden"), None)


def _at(key: str, wrong: str) -> Problem:
    where = _("Step %(step)s") % {"step": key} if key else _("The beginning")
    return Problem(f"{where}: {wrong}", key, wrong)
