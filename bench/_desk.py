"""Our side of a played script: an agent who always takes the suggested branch, chooses the suggested remedy, and sends the draft.

What the agent adds is only what a person must: the gaps a draft leaves are filled in the buyer's language, a lead releases what waits
for one, and of two things offered the one the buyer named is done.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from bench._buyers import Buyer
from bridgedesk.channels.acts import Act, Performed
from bridgedesk.channels.base import Account, Channel, Outgoing, Sent
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations import sending
from bridgedesk.conversations.actions import Refused
from bridgedesk.conversations.models import Conversation, Message, Template
from bridgedesk.lib import clock
from bridgedesk.orders import actions as orders
from bridgedesk.orders import performing
from bridgedesk.orders.models import Order, PlatformAct
from bridgedesk.playbooks import actions as playbooks
from bridgedesk.playbooks import queries, shown
from bridgedesk.playbooks.gathering import gather
from bridgedesk.playbooks.models import Run
from bridgedesk.playbooks.rules import MONEY, Step
from bridgedesk.remedies import actions as remedies
from bridgedesk.remedies import case_views, reckoning
from bridgedesk.remedies.models import Case, Offer
from bridgedesk.remedies.rulebook import book
from bridgedesk.team.models import Agent

GAP = re.compile("⟦([^⟧\n]*)⟧")
PROSE = {
    "en": "We have looked into it and are working on it now.", "de": "Wir haben es geprüft und kümmern uns jetzt darum.",
    "es": "Lo hemos revisado y estamos trabajando en ello ahora.", "pt": "Já verificamos e estamos cuidando disso agora.",
    "fr": "Nous avons vérifié et nous nous en occupons maintenant.", "it": "Abbiamo verificato e ce ne stiamo occupando ora.",
    "ru": "Мы всё проверили и сейчас этим занимаемся.", "pl": "Sprawdziliśmy to i właśnie się tym zajmujemy.",
    "ja": "確認のうえ、ただいま対応しております。", "ko": "확인했으며 지금 처리하고 있습니다.", "th": "เราตรวจสอบแล้วและกำลังดำเนินการให้ค่ะ",
    "vi": "Chúng tôi đã kiểm tra và đang xử lý ngay bây giờ.", "id": "Kami sudah memeriksanya dan sedang menanganinya sekarang.",
    "zh-hans": "我们已经核实，正在为您处理。", "zh-hant": "我們已經確認，正在為您處理。",
}  # fmt: skip
"""What is typed where a draft leaves a gap for words: true of every case, and in the buyer's language."""
FIGURES = {"hours": "24", "refund.days": "5", "quantity": "10", "fee.percent": "15", "item.stock": "40"}
CARRIES_OUT = {"refund": "refund_keep", "resend": "resend", "label": "return_label"}
"""Steps that do one certain thing, and the option of the ladder that is."""


class Recorder:
    """A channel whose platform takes everything: what was sent and done is kept, the rest is the real one's."""

    def __init__(self, real: Channel) -> None:
        self.real = real
        self.acts = real.acts

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def send(self, account: Account, message: Outgoing) -> Sent:
        return Sent(f"sent-{message.reference}", clock.now())

    def perform(self, account: Account, act: Act) -> Performed:
        return Performed(reference="recorded")


@contextmanager
def recorded() -> Iterator[None]:
    """The far side of every channel is a recorder."""
    real = dict(CHANNELS)
    try:
        CHANNELS.update({name: cast(Channel, Recorder(channel)) for name, channel in real.items()})
        yield
    finally:
        CHANNELS.update(real)


def _suggested(found: reckoning.Reckoned) -> str:
    """The cheapest course that begins with an offer; explaining is what the playbook's own letters did before."""
    return next((rung.choice.option.key for rung in found.rungs if rung.plan and rung.choice.option.kind in book().letters), "")


def _tells(template: int) -> bool:
    """Whether that letter offers something: purposes that are about a remedy."""
    return Template.objects.filter(pk=template, purpose__in=["remedy_offer", "order_problem", "review_recovery"]).exists()


@dataclass
class Letter:
    """One answer of ours, and the buyer's order as it stood when it left."""

    template: str
    text: str
    language: str
    purpose: str
    gaps: tuple[str, ...]
    offer: str
    share: int
    at: datetime
    heard: int  # messages of the buyer before it


@dataclass
class Desk:
    """An agent, and the lead beside them."""

    agent: Agent
    lead: Agent
    buyer: Buyer
    letters: list[Letter] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    def act(self, conversation: Conversation) -> Letter | None:
        """Do what is suggested until a letter has left or nothing more is suggested; the letter."""
        for _step in range(5):
            run = queries.open_run(conversation) or self._begun(conversation)
            if run is None:
                return None
            self._note_answer(conversation, run)
            card = shown.card(conversation, run, self.agent)
            move = next((move for move in card.moves if move.suggested), None)
            if move is None:
                return None
            playbooks.take(run, move.to, by=self.agent)
            run.refresh_from_db()
            if letter := self._carry_on(conversation, run, move.to):
                return letter
        return None

    def _begun(self, conversation: Conversation) -> Run | None:
        """The playbook the screen offers where the first look is not sure."""
        version = None if queries.last_run(conversation) else shown.likely(conversation)
        return playbooks.start(conversation, version, by=self.agent) if version else None

    def _carry_on(self, conversation: Conversation, run: Run, to: str) -> Letter | None:
        step = queries.playbook_of(run.version).step(to)
        if step is None:
            return None
        case = self._remedy(conversation, step, run) if step.does in MONEY else None
        conversation = Conversation.objects.select_related("shop", "customer").get(pk=conversation.pk)
        draft = shown.card(conversation, run, self.agent).draft
        if case and case.state == Offer.State.MADE and not (draft and _tells(draft.template)):
            case = self._untold(case)
        if draft is None:
            self.stuck += [] if step.ends else [f"{step.key}: nothing to send"]
            return None
        return self._send(conversation, draft, case)

    def _send(self, conversation: Conversation, draft: Any, offer: Offer | None) -> Letter | None:
        template, gaps = Template.objects.get(pk=draft.template), tuple(dict.fromkeys(GAP.findall(draft.text)))
        text = GAP.sub(lambda gap: self._fill(gap[1], draft.language, offer), draft.text)
        heard = conversation.messages.filter(direction=Message.Direction.IN).count()
        try:
            sent = conversations.reply(
                conversation, text, by=self.agent, purpose=draft.purpose, template=template, rendered=draft.text, language=draft.language,
                released=True,
            )  # fmt: skip
        except Refused as refused:
            self.stuck.append(f"{template.key}: the gate: {', '.join(finding.code for finding in refused.ruling.findings)}")
            return None
        self._leaves(sent)
        paid = (self.buyer.order.total_minor if self.buyer.order else 0) or 0
        share = round(100 * offer.refund_minor / paid) if offer and paid else 0
        self.letters.append(
            Letter(template.key, text, draft.language, draft.purpose, gaps, offer.kind if offer else "", share, clock.now(), heard)
        )
        return self.letters[-1]

    def _leaves(self, sent: list[Message]) -> None:
        with clock.frozen(clock.now() + timedelta(minutes=1)):
            for message in sent:
                sending.send(message.pk)
            for act in PlatformAct.objects.filter(shop=self.buyer.shop, state=PlatformAct.State.QUEUED):
                performing.perform(act.pk)

    def _fill(self, name: str, language: str, offer: Offer | None) -> str:
        order = self.buyer.order
        if name == "order.address" and order:
            orders.remark(order, "free", "A new address, as the buyer wrote it", by=self.agent)
        if name in FIGURES:
            return FIGURES[name]
        if name == "refund.amount" and offer:
            return f"{offer.refund_minor / 100:.2f} {offer.case.currency}"
        if name in ("refund.amount", "price") and order and order.total:
            return f"{order.total.amount} {order.currency}"
        if name in ("eta", "order.ship_by", "item.back_on", "refund.made_on", "pickup.until"):
            return f"{clock.now() + timedelta(days=7):%Y-%m-%d}"
        return PROSE.get(language.lower(), PROSE["en"])

    def _note_answer(self, conversation: Conversation, run: Run) -> None:
        """What the buyer said to the offer that stands, as the facts read it."""
        offer = Offer.objects.filter(case__order=self.buyer.order, state=Offer.State.MADE).first() if self.buyer.order else None
        if offer is None:
            return
        known = gather(conversation, run, queries.playbook_of(run.version).topics).facts
        if known["accepts"]:
            remedies.answered(self._as_picked(offer), Offer.State.ACCEPTED, by=self.agent)
        elif known["asks_part"]:
            self._untold(offer)
        elif known["insists"]:
            remedies.answered(offer, Offer.State.REFUSED, by=self.agent)
        elif offer.state == Offer.State.MADE and known.get("silent_days"):
            remedies.answered(offer, Offer.State.SILENT, by=self.agent)

    def _as_picked(self, offer: Offer) -> Offer:
        """Of several things the letter offered, the one the buyer named."""
        if not self.buyer.picked or offer.kind == self.buyer.picked:
            return offer
        rungs = reckoning.reckon(offer.case).rungs
        key = next((rung.choice.option.key for rung in rungs if rung.choice.option.kind == self.buyer.picked and rung.plan), None)
        if key is None:
            return offer
        remedies.take_back(offer, by=self.agent)
        return self._released(remedies.choose(offer.case, key, by=self.agent))

    def _remedy(self, conversation: Conversation, step: Step, run: Run) -> Offer | None:
        """The case of the order with the offer the ladder suggests; a step that does one certain thing does that."""
        known = gather(conversation, run, queries.playbook_of(run.version).topics)
        order = known.order
        if order is None:
            return None
        case = self._case(conversation, order, shown.fault(run, known.facts))
        certain = CARRIES_OUT.get(step.does, "")
        if case.offers.filter(state__in=[Offer.State.ACCEPTED]).exists() or case.closed_at:
            return None
        if standing := case.offers.filter(state=Offer.State.MADE).first():
            if not certain or standing.kind == certain:
                return standing
            remedies.answered(standing, Offer.State.REFUSED, by=self.agent)
        found = reckoning.reckon(case)
        option = certain if certain and found.rung(certain) else _suggested(found)
        if not option:
            self.stuck.append(f"{step.key}: nothing is left to offer")
            return None
        offer = self._released(remedies.choose(case, option, by=self.agent))
        if certain and step.ends:
            remedies.answered(offer, Offer.State.ACCEPTED, by=self.agent)
        return offer

    def _untold(self, offer: Offer) -> None:
        """A letter that offers nothing leaves the case open without an offer; so does a buyer who would rather have less."""
        remedies.take_back(offer, by=self.agent)

    def _released(self, offer: Offer) -> Offer:
        return remedies.release(offer, by=self.lead) if offer.state == Offer.State.WAITING else offer

    def _case(self, conversation: Conversation, order: Order, fault: str) -> Case:
        fault = fault or case_views.TOPICS.get(
            conversation.topic, "changed_mind" if conversation.topic == "return_request" else "not_as_described"
        )
        tone = case_views._tone(conversation)
        return remedies.open_case(order, fault, by=self.agent, tone=tone, conversation=conversation)
