"""Bounces and automatic mail (expected.json names file, reason and hard/soft): none may open a conversation.

A case passes when our channel takes it for automatic. How often the reason and hard/soft agree stands beside it. A folder
`mail` beside the set serves as the control: how many of its mails (written by people, mostly) are taken for automatic.
"""

import json
from pathlib import Path

from bench.truth import Score
from bridgedesk.channels.mail_automatic import Own, judge
from bridgedesk.channels.mail_parsing import parse

OWN = Own(addresses=("help@shop.invalid",), mark="")
SAME = {
    "userunknown": "unknown_address",
    "hostunknown": "unknown_domain",
    "mailboxfull": "full",
    "hasmoved": "moved",
    "notaccept": "takes_no_mail",
    "suspend": "suspended",
    "mesgtoobig": "too_big",
    "exceedlimit": "too_big",
    "spamdetected": "refused_content",
    "virusdetected": "refused_content",
    "contenterror": "refused_content",
    "filtered": "refused_policy",
    "rejected": "refused_policy",
    "blocked": "refused_policy",
    "authfailure": "refused_policy",
    "requireptr": "refused_policy",
    "policyviolation": "refused_policy",
    "securityerror": "refused_policy",
    "badreputation": "refused_policy",
    "notcompliantrfc": "refused_policy",
    "norelaying": "refused_policy",
    "expired": "delayed",
    "networkerror": "delayed",
    "toomanyconn": "delayed",
    "speeding": "delayed",
    "systemerror": "delayed",
    "systemfull": "delayed",
    "mailererror": "delayed",
    "onhold": "other",
    "undefined": "other",
    "syntaxerror": "other",
}


def measure(folder: Path) -> Score:
    score = Score()
    reasons = hard = known = 0
    wrong: list[str] = []
    for case in json.loads((folder / "expected.json").read_text("utf-8")):
        verdict = judge(parse((folder / case["file"]).read_bytes()), OWN)
        name = Path(case["file"]).stem
        score.count(verdict is not None, name)
        wanted = case["expect"][0]["reason"]
        if wanted in SAME and verdict and verdict.bounce:
            known += 1
            reasons += any(verdict.bounce.reason == SAME.get(each["reason"]) for each in case["expect"])
            hard += any(verdict.bounce.permanent == each["hard"] for each in case["expect"])
            if verdict.bounce.reason != SAME[wanted]:
                wrong.append(f"{name}: {verdict.bounce.reason} for {wanted}")
    score.figures = {"reported": known, "reason_agrees": reasons, "hard_or_soft_agrees": hard, "other_reason": wrong} | _control(
        folder.parent / "mail"
    )
    return score


def _control(folder: Path) -> dict[str, object]:
    mails = sorted(folder.glob("*.eml"))
    taken = {path.stem: found.reason for path in mails if (found := judge(parse(path.read_bytes()), OWN))}
    return {"control_mails": len(mails), "control_taken": taken}
