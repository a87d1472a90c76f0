"""Topics: external.tsv (topic[/topic], language, text) and bitext_*.csv (Bitext's intents, mapped to our topics below).

A case passes when our first topic is one the set accepts; top-3, order numbers and rude words are further figures.
"""

import csv
from collections import Counter
from pathlib import Path
from time import perf_counter

from bench.truth import Score
from bridgedesk.assist import rudeness, topics, triage
from bridgedesk.assist.entities import entities

# external.tsv was labelled before some topics were split: what of ours answers each label.
FINER = {
    "payment_problem": {"payment_methods"},
    "return_request": {"refund_policy"},
    "refund_request": {"refund_policy"},
    "greeting": {"how_to_order"},
}
BITEXT = {
    "cancel_order": {"cancel_order"},
    "change_order": {"change_item"},
    "change_shipping_address": {"change_address"},
    "set_up_shipping_address": {"change_address"},
    "check_cancellation_fee": {"cancellation_terms"},
    "check_invoice": {"invoice_vat"},
    "get_invoice": {"invoice_vat"},
    "check_payment_methods": {"payment_methods"},
    "payment_issue": {"payment_problem"},
    "check_refund_policy": {"refund_policy"},
    "get_refund": {"refund_request"},
    "track_refund": {"refund_status"},
    "complaint": {"complaint"},
    "contact_customer_service": {"no_reply"},
    "contact_human_agent": {"no_reply"},
    "create_account": {"account"},
    "delete_account": {"account"},
    "edit_account": {"account"},
    "switch_account": {"account"},
    "recover_password": {"account"},
    "registration_problems": {"account"},
    "delivery_options": {"shipping_cost"},
    "delivery_period": {"delivery_time", "wismo"},
    "newsletter_subscription": {"newsletter"},
    "place_order": {"how_to_order"},
    "review": {"leave_review"},
    "track_order": {"wismo"},
}


def measure(folder: Path) -> Score:
    score = Score()
    begun, asked = perf_counter(), 0
    figures: dict[str, object] = {"examples": len(topics.shipped_examples())}
    for path in sorted([*folder.glob("external*.tsv"), *folder.glob("bitext*.csv")]):
        cases = _external(path) if path.suffix == ".tsv" else _bitext(path)
        figures[path.stem] = _measure(score, path.stem, cases)
        asked += len(cases)
    figures["ms_per_message"] = round((perf_counter() - begun) / max(1, asked) * 1000, 2)
    for path in sorted(folder.glob("bitext*.csv")):
        figures[f"{path.stem} more"] = _more(path)
    score.figures = figures
    return score


def _external(path: Path) -> list[tuple[set[str], str, str]]:
    rows = [line.split("\t", 2) for line in path.read_text("utf-8").splitlines() if line.count("\t") >= 2]
    return [(_accepted(label), language, text) for label, language, text in rows]


def _accepted(label: str) -> set[str]:
    named = set(label.split("/"))
    return named.union(*(FINER.get(each, set()) for each in named))


def _bitext(path: Path) -> list[tuple[set[str], str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(BITEXT[row["intent"]], "en", row["utterance"]) for row in csv.DictReader(file) if row["intent"] in BITEXT]


def _measure(score: Score, name: str, cases: list[tuple[set[str], str, str]]) -> dict[str, object]:
    first = third = 0
    for accepted, language, text in cases:
        found = [each.topic for each in triage.topics_of(text)]
        right = bool(found) and found[0] in accepted
        first += right
        third += bool(accepted & set(found[:3]))
        score.count(right, f"{name} {'/'.join(sorted(accepted))} -> {' '.join(found[:3])}: ({language}) {text}")
    return {"cases": len(cases), "top1": _share(first, len(cases)), "top3": _share(third, len(cases))}


def _more(path: Path) -> dict[str, object]:
    """Order numbers at the right place, and the offensive register (tag W)."""
    seen: Counter[str] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            text = row["utterance"]
            if row["entity_type"] == "order_id":
                seen["orders"] += 1
                wanted = (int(row["start_offset"]), int(row["end_offset"]))
                seen["orders_found"] += any(
                    each.kind == "order" and (each.start, each.end) == wanted for each in entities(text, platform="own")
                )
            offensive = bool(rudeness.rude_words(text, "en"))
            seen["offensive" if "W" in row["tags"] else "civil"] += 1
            seen["offensive_found" if "W" in row["tags"] else "civil_called_rude"] += offensive
    return dict(seen)


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0
