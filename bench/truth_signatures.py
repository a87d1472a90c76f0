"""Signature examples of the platforms we sign for. vectors.json: {group: [{name, key?, base, parts?, expected?}]}.

Names of other platforms are skipped until we speak to them.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.truth import Score
from bridgedesk.channels import aliexpress_signing, shopee_signing

Vector = Mapping[str, Any]


def _shopee(vector: Vector) -> bool:
    """The base from its parts, and the digest of the base; a push's base is the callback, a bar and the body."""
    base, expected = str(vector["base"]), vector.get("expected")
    if parts := vector.get("parts"):
        owner = parts.get("shop_id", parts.get("merchant_id", ""))
        made = shopee_signing.request_base(
            str(parts["partner_id"]), parts["path"], parts["timestamp"], parts.get("access_token", ""), str(owner)
        )
        if made != base:
            return False
    if expected is None:
        return bool(parts)
    if "|" in base:
        callback, body = base.split("|", 1)
        return shopee_signing.push_signature(vector["key"], callback, body.encode()) == expected
    return shopee_signing.sign(vector["key"], base) == expected


def _iop(vector: Vector) -> bool:
    """The base from the parameters, and its digest; the path comes first where there is one."""
    params, path = vector["params"], vector.get("path", "")
    made = aliexpress_signing.base(params, path)
    return made == vector["base"] and aliexpress_signing.sign(vector["key"], params, path) == vector["expected"]


SIGNERS: Mapping[str, Callable[[Vector], bool]] = {"shopee": _shopee, "aliexpress": _iop, "iop": _iop}


def measure(folder: Path) -> Score:
    """Every example of a platform we sign for."""
    score = Score()
    groups = json.loads((folder / "vectors.json").read_text()) if (folder / "vectors.json").exists() else {}
    for vector in (vector for group in groups.values() for vector in group):
        signer = SIGNERS.get(str(vector.get("name", "")).split("_")[0])
        if signer is None:
            score.skipped += 1
        else:
            score.count(signer(vector), str(vector["name"]))
    return score
