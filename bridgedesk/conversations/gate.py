"""The gate: may this text go to this buyer, for this purpose, under this platform's policy of that day?

Pure. What the platform says is data (channels/policy.py, content/policies); this finds it in the text. Each finding says
what, where, why, from which source and how sure, so that the composer can mark the words. Adding harmless words never
makes a forbidden text pass, nor does hiding a word behind spaces, wide letters or invisible characters.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import ceil
from typing import Protocol

from bridgedesk.channels.base import Limits
from bridgedesk.channels.policy import NOTHING, VERDICTS, Check, Policy, Verdict, Words
from bridgedesk.conversations import contacts
from bridgedesk.conversations.folding import Folded, fold
from bridgedesk.conversations.lexicons import lexicon
from bridgedesk.lib.languages import base
from bridgedesk.lib.written import chinese_script, written_in

LEXICONS = (
    "messengers",
    "outside_deal",
    "outside_payment",
    "review_reward",
    "review_praise",
    "review_change",
    "ask_cancel",
    "coupons",
    "promotion",
    "rude",
)
_UNFILLED = re.compile(r"⟦([^⟧\n]*)⟧|\{\{[^{}\n]{0,200}\}\}|\{%[^{}\n]{0,200}%\}|\{\{|\}\}")
_TAGS = re.compile(
    r"</?(?:a|b|i|u|p|br|hr|em|strong|div|span|img|font|table|tr|td|th|ul|ol|li|h[1-6]|style|script|center|html|body)\b[^<>]*>|&nbsp;", re.I
)
_EMOJI = re.compile("[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55\u2728\ufe0f]+")
_SENTENCES = re.compile(r"[.!?。！？\n]+")


class FileFacts(Protocol):
    """What the gate looks at of an attachment."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def type(self) -> str: ...


@dataclass(frozen=True)
class Finding:
    """One thing found. `start` and `end` are offsets in the text, −1 where it is about the whole. `detail` names what exactly."""

    code: str
    verdict: Verdict
    reason: Words
    source: str
    sure: str
    as_of: date
    start: int = -1
    end: int = -1
    detail: str = ""
    instead: Words = NOTHING


@dataclass(frozen=True)
class Ruling:
    """The verdict and what led to it, worst first."""

    verdict: Verdict
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Case:
    """One text under examination."""

    text: str
    purpose: str
    policy: Policy
    limits: Limits | None
    on: date
    automatic: bool
    language: str
    buyer_language: str
    country: str
    files: Sequence[FileFacts]

    @cached_property
    def folded(self) -> Folded:
        """The text as matchers read it."""
        return fold(self.text)

    def finding(self, code: str, start: int = -1, end: int = -1, *, detail: str = "", verdict: Verdict | None = None) -> Iterator[Finding]:
        """What the policy makes of it: nothing where it does not mind."""
        check = self.check(code)
        if check is None:
            return
        weighed = verdict or check.verdict_for(self.purpose)
        if weighed != "allowed":
            yield Finding(code, weighed, check.reason, check.source, check.sure, check.as_of, start, end, detail, check.instead)

    def marked(self, code: str, start: int, end: int, **more: str) -> Iterator[Finding]:
        """The same for a span of the folded text."""
        yield from self.finding(code, *self.folded.span(start, end), **more)  # type: ignore[arg-type]

    def check(self, code: str) -> Check | None:
        """The policy's word on findings of that kind."""
        return self.policy.check(code, self.on, self.country)


def examine(
    text: str, *, purpose: str, policy: Policy, limits: Limits | None, on: date, automatic: bool = False, released: bool = False,
    language: str = "", buyer_language: str = "", country: str = "", files: Sequence[FileFacts] = (),
) -> Ruling:  # fmt: skip
    """Whether `text` may go out. `language` is what it is written in, where known (else seen from the text); `released`: a person took what
    needs one upon themselves; `automatic`: nobody did. `country` (ISO) is the buyer's. KeyError for an unknown purpose.
    """
    case = Case(text, purpose, policy, limits, on, automatic, language, buyer_language, country, files)
    found = sorted({f for look in _LOOKS for f in look(case)}, key=lambda f: (-VERDICTS.index(f.verdict), f.start, f.end, f.code))
    return Ruling(_weigh(found, released and not automatic), tuple(found))


def _weigh(found: Iterable[Finding], released: bool) -> Verdict:
    worst = max((VERDICTS.index(finding.verdict) for finding in found), default=0)
    return "allowed" if worst == 1 and released else VERDICTS[worst]


def _purpose(case: Case) -> Iterator[Finding]:
    rule = case.policy.rule(case.purpose, case.on, case.country)
    if rule.verdict != "allowed":
        yield Finding("purpose", rule.verdict, rule.reason, rule.source, rule.sure, rule.as_of, instead=rule.instead)
    if case.automatic and not rule.automatic:
        yield from case.finding("automatic")


def _empty(case: Case) -> Iterator[Finding]:
    if not case.files and not any(unicodedata.category(c)[0] in "LNPS" for c in case.folded.text):
        yield from case.finding("empty")


def _unfilled(case: Case) -> Iterator[Finding]:
    for gap in _UNFILLED.finditer(case.text):
        yield from case.finding("unfilled", *gap.span(), detail=gap[1] or gap[0])


def _length(case: Case) -> Iterator[Finding]:
    check = case.check("length")
    if check is None or check.most is None or case.limits is None or not case.limits.text:
        return
    parts = ceil(len(case.text) / case.limits.text)
    if parts > check.most:
        yield from case.finding(
            "length", check.most * case.limits.text, len(case.text), detail=f"{len(case.text)} > {check.most} × {case.limits.text}"
        )


def _files(case: Case) -> Iterator[Finding]:
    limits = case.limits
    if limits is None or not case.files:
        return
    if len(case.files) > limits.files:
        yield from case.finding("files", detail=f"{len(case.files)} > {limits.files}")
    for file in case.files:
        if file.size > limits.file_bytes:
            yield from case.finding("files", detail=f"{file.name}: {file.size / 1e6:.1f} MB > {limits.file_bytes / 1e6:.1f} MB")
        if limits.file_types and file.type and not _type_fits(file.type, limits.file_types):
            yield from case.finding("files", detail=f"{file.name}: {file.type}")


def _type_fits(kind: str, types: tuple[str, ...]) -> bool:
    return kind in types or f"{kind.partition('/')[0]}/*" in types


def _language(case: Case) -> Iterator[Finding]:
    """Another language than the buyer's: the one it is said to be in, else the one it clearly is in."""
    if not case.buyer_language:
        return
    written = case.language or written_in(case.text, case.buyer_language)
    if written and written.partition("-")[0] != case.buyer_language.partition("-")[0]:
        yield from case.finding("language", detail=f"{written} ≠ {case.buyer_language}")


def _script(case: Case) -> Iterator[Finding]:
    """Simplified characters for a reader of Traditional ones, or the other way round."""
    if not case.buyer_language.startswith("zh-"):
        return
    script = case.language if case.language.startswith("zh-") else chinese_script(case.text)
    if script and script != base(case.buyer_language):
        yield from case.finding("script", detail=f"{script} ≠ {case.buyer_language}")


def _links(case: Case) -> Iterator[Finding]:
    check = case.check("links")
    if check is None:
        return
    for span, host in contacts.links(case.folded.text):
        if contacts.within(host, check.allow):
            continue
        carrier = check.tracking is not None and contacts.within(host, contacts.contexts().tracking_hosts)
        yield from case.finding("links", *case.folded.span(*span), detail=host, verdict=check.tracking if carrier else None)


def _emails(case: Case) -> Iterator[Finding]:
    check = case.check("emails")
    for span, domain in contacts.emails(case.folded.text) if check else ():
        if check and domain not in check.allow:
            yield from case.marked("emails", *span)


def _phones(case: Case) -> Iterator[Finding]:
    if case.check("phones"):
        for span in contacts.phones(case.folded.text, case.country):
            yield from case.marked("phones", *span)


def _cards(case: Case) -> Iterator[Finding]:
    for span in contacts.cards(case.folded.text):
        yield from case.marked("card_number", *span)


def _wordings(case: Case) -> Iterator[Finding]:
    for code in LEXICONS:
        if case.check(code):
            for span in lexicon(code).find(case.folded):
                yield from case.marked(code, *span)


def _review_beside_remedy(case: Case) -> Iterator[Finding]:
    """An invitation to review and a remedy in one message."""
    if case.check("review_beside_remedy") is None:
        return
    asked = lexicon("review_invitation").find(case.folded)
    if asked and lexicon("remedy").find(case.folded):
        for span in asked:
            yield from case.marked("review_beside_remedy", *span)


def _confirmation_only(case: Case) -> Iterator[Finding]:
    """Every sentence confirms, thanks, greets or offers help, and none says more."""
    if case.check("confirmation_only") is None:
        return
    said = [sentence for sentence in _SENTENCES.split(case.folded.text) if any(c.isalpha() for c in sentence)]
    courteous = [bool(lexicon("courtesy").find(fold(sentence))) for sentence in said]
    if any(courteous) and all(kind or _is_short(sentence) for kind, sentence in zip(courteous, said, strict=True)):
        yield from case.finding("confirmation_only", 0, len(case.text))


def _is_short(sentence: str) -> bool:
    said = sentence.strip()
    return len(said.split()) <= 3 and len(said) <= (24 if said.isascii() else 8)


def _markup(case: Case) -> Iterator[Finding]:
    for tag in _TAGS.finditer(case.text):
        yield from case.finding("html", *tag.span())


def _emojis(case: Case) -> Iterator[Finding]:
    for emoji in _EMOJI.finditer(case.text):
        yield from case.finding("emojis", *emoji.span())


_LOOKS = (_purpose, _empty, _unfilled, _length, _files, _language, _script, _links, _emails, _phones, _cards, _wordings,
          _review_beside_remedy, _confirmation_only, _markup, _emojis)  # fmt: skip
