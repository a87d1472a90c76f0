"""What came of a played script, read from the rows, against its right end and against what is never to happen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bench._desk import Desk
from bench._letters import moves_of
from bench._scripts import ACTS, OFFERS, Script
from bridgedesk.channels.policy import policy
from bridgedesk.conversations.models import Conversation
from bridgedesk.conversations.templates import LANGUAGES
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order, PlatformAct
from bridgedesk.playbooks.models import Run
from bridgedesk.remedies.figures import held
from bridgedesk.remedies.models import Offer

REVIEW = re.compile(
    r"\breviews?\b|\bratings?\b|\bstars?\b|bewertung|rese[nñ]a|valoraci|avalia|\bavis\b|recension"
    r"|отзыв|opini|レビュー|리뷰|รีวิว|đánh giá|ulasan|评价|評價",
    re.I,
)
CANCEL = re.compile(
    r"please cancel|cancel (?:it|the order) yourself|stornieren sie|bitte stornier|cancele el pedido|cancele o pedido|annulez la commande"
    r"|annulla l|отмените заказ|anuluj zam|キャンセルしてください|주문을 취소해|กรุณายกเลิก|vui lòng hủy|silakan batalkan|请取消|請取消", re.I
)  # fmt: skip
CONTACT = re.compile(r"[\w.]+@[\w-]+\.\w+|whats\s?app|telegram|we\s?chat|微信|\bline id\b|\+\d[\d ]{8,}", re.I)
LINK = re.compile(r"https?://|www\.", re.I)


@dataclass(frozen=True)
class Played:
    """One script once played: what is wrong with its end, which forbidden acts happened, and what there was to see on the way."""

    script: Script
    wrong: tuple[str, ...]
    forbidden: tuple[str, ...]
    playbook: str
    way: tuple[str, ...]
    gaps: int
    letters: int

    @property
    def right(self) -> bool:
        return not self.wrong and not self.forbidden


def judge(desk: Desk, conversation: Conversation, on_the_way: Sequence[str]) -> Played:
    """Everything that can be read from the rows when nobody has anything to add."""
    conversation.refresh_from_db()
    script, runs = desk.buyer.script, list(Run.objects.filter(conversation=conversation).select_related("version").order_by("pk"))
    acts = _acts(desk.buyer.order)
    wrong = [*_ends(script, conversation, runs), *_act_faults(script, acts, desk.buyer.order), *_letter_faults(script, desk), *desk.stuck]
    forbidden = [*on_the_way, *_texts(desk), *_money(desk.buyer.order), *_never(script, desk, acts)]
    way = [f"{run.version.key}: {' > '.join(run.taken.filter(undone_at=None).values_list('to', flat=True))}" for run in runs]
    begun, gaps = runs[0].version.key if runs else "none", sum(len(letter.gaps) for letter in desk.letters)
    way.append(f"acts: {', '.join(acts) or 'none'}")
    return Played(script, tuple(wrong), tuple(dict.fromkeys(forbidden)), begun, tuple(way), gaps, len(desk.letters))


def _ends(script: Script, conversation: Conversation, runs: list[Run]) -> list[str]:
    right, last = script.right, runs[-1] if runs else None
    end = "none" if last is None else last.outcome or {"left": "left"}.get(last.state, "open")
    lead = "lead" in conversation.tags
    found = [] if end in right.ends else [f"ended {end}, not {' or '.join(right.ends)}"]
    if right.playbook and (runs[0].version.key if runs else "none") not in right.playbook:
        found.append(f"playbook {runs[0].version.key if runs else 'none'}, not {' or '.join(right.playbook)}")
    if right.lead is not None and lead != right.lead:
        found.append("a lead was called in" if lead else "no lead was called in")
    return found


def _acts(order: Order | None) -> list[str]:
    """What was set going with money and goods."""
    if order is None:
        return []
    found = []
    for act in order.acts.exclude(state=PlatformAct.State.WITHDRAWN).order_by("pk"):
        if act.kind == "RefundBuyer":
            found.append("refund" if act.data["minor"] >= (order.total_minor or 0) else "part")
        elif act.kind == "AnswerCancellation":
            found += ["cancel"] if act.data["agree"] else []
        else:
            found.append({"SendReturnLabel": "label", "CancelOrder": "cancel"}.get(act.kind, ""))
        if act.kind == "SendAgain":
            found[-1] = "resend_part" if act.data["part"] else "resend"
    kinds = Offer.objects.filter(case__order=order, state=Offer.State.ACCEPTED).values_list("kind", flat=True)
    found += [{"return_buyer": "return", "coupon": "coupon"}.get(kind, "") for kind in kinds]
    return [act for act in found if act in ACTS]


def _act_faults(script: Script, acts: list[str], order: Order | None) -> list[str]:
    right, left = script.right, list(acts)
    found = []
    for wanted in right.acts:
        hit = next((act for act in left if act in wanted.rstrip("?").split("|")), None)
        if hit:
            left.remove(hit)
        elif not wanted.endswith("?"):
            found.append(f"no {wanted}")
    found += [f"{act} was not called for" for act in left]
    if order is not None and right.hold is not None and bool(order.hold) != right.hold:
        found.append("the order is on hold" if order.hold else "the order is not on hold")
    if order is not None and order.total_minor and _refunds(order) * 100 > right.most * order.total_minor:
        found.append(f"{round(100 * _refunds(order) / order.total_minor)} % given back, at most {right.most} %")
    return found


def _letter_faults(script: Script, desk: Desk) -> list[str]:
    found, place = [], 0
    for wanted in script.right.sent:
        ahead = [n for n, letter in enumerate(desk.letters) if n >= place and set(moves_of(letter)) & set(wanted.split("|"))]
        if not ahead:
            found.append(f"no letter “{wanted}” there")
        place = ahead[0] + 1 if ahead else place
    if len(desk.letters) > script.right.letters:
        found.append(f"{len(desk.letters)} letters, at most {script.right.letters}")
    return found


def _refunds(order: Order) -> int:
    rows = order.acts.filter(kind="RefundBuyer").exclude(state=PlatformAct.State.WITHDRAWN)
    return sum(int(act.data["minor"]) for act in rows)


def _texts(desk: Desk) -> list[str]:
    script, found = desk.buyer.script, []
    links = policy(script.platform).check("links", clock.now().date(), script.country)
    wanted = script.language.lower() if script.language in LANGUAGES else "en"
    for letter in desk.letters:
        if LINK.search(letter.text) and links and links.verdict_for(letter.purpose) == "forbidden" and not links.tracking:
            found.append(f"link ({letter.template})")
        if CONTACT.search(letter.text):
            found.append(f"contact ({letter.template})")
        if REVIEW.search(letter.text) and set(moves_of(letter)) & set(OFFERS) and "review" not in moves_of(letter):
            found.append(f"review_tied ({letter.template})")
        if CANCEL.search(letter.text):
            found.append(f"asked_to_cancel ({letter.template})")
        if letter.language.lower() != wanted:
            found.append(f"wrong_language ({letter.language} for {script.language})")
    pairs = zip(desk.letters, desk.letters[1:], strict=False)
    found += ["two_answers" for one, two in pairs if one.heard == two.heard and two.at - one.at < timedelta(days=1)]
    return found


def _money(order: Order | None) -> list[str]:
    if order is None:
        return []
    found = ["over_paid"] if _refunds(order) > (order.total_minor or 0) else []
    dear = Offer.objects.filter(case__order=order, state=Offer.State.ACCEPTED, released_by=None).select_related("case__shop")
    limits = [held(offer.case.shop, order.currency, clock.now()).money("approval") for offer in dear]
    return found + ["over_cap" for offer, most in zip(dear, limits, strict=True) if offer.cost_minor > most]


def _never(script: Script, desk: Desk, acts: list[str]) -> list[str]:
    moves = [move for letter in desk.letters for move in moves_of(letter)]
    return [
        f"never: {name}"
        for name in script.never
        if name in acts or (name not in ACTS and name in moves) or (name in OFFERS and name in moves)
    ]
