"""One act makes the pack of an order."""

import io
import json
from dataclasses import asdict
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from bridgedesk.activity.actions import record
from bridgedesk.evidence import gathering, sealing, words
from bridgedesk.lib import clock
from bridgedesk.lib.storable import fit
from bridgedesk.orders.models import Order
from bridgedesk.remedies import labels
from bridgedesk.team.models import Agent

STYLE = settings.PACKAGE / "static" / "css" / "pack.css"


@login_required
@require_POST
def pack(request: HttpRequest, pk: int) -> FileResponse:
    """Everything about the order as one signed ZIP. It is written down who made one."""
    agent = cast(Agent, request.user)
    order = get_object_or_404(Order.objects.visible_to(agent).select_related("shop", "customer"), pk=pk if pk < 2**63 else 0)
    target = io.BytesIO()
    about = {
        "order": order.external_id,
        "shop": order.shop.name,
        "platform": order.shop.platform,
        "made_at": clock.now().isoformat(),
        "by": str(agent),
    }
    sealing.seal(target, _contents(order, about), about, sealing.private_key(settings.DATA))
    target.seek(0)
    record("made_pack", order, by=agent, shop=order.shop_id, order=order.external_id)
    return FileResponse(target, as_attachment=True, filename=f"evidence-{fit(order.external_id, 60)}.zip", content_type="application/zip")


def _contents(order: Order, about: dict[str, Any]) -> Any:
    kept = []
    for name, data in gathering.files(order):
        kept.append(name)
        yield name, data
    events = gathering.timeline(order, get_language() or "en")
    key = sealing.private_key(settings.DATA).public_key().public_bytes_raw()
    left_out = sorted({name for event in events for name in event.files} - set(kept))
    page = {
        "order": order, "events": events, "about": about, "kept": set(kept), "left_out": left_out, "said": words.said,
        "option": labels.option, "lines": list(order.lines.all()), "fingerprint": sealing.fingerprint(key), "made": clock.now(),
    }  # fmt: skip
    yield "index.html", render_to_string("evidence/pack.html", page).encode()
    yield "style.css", STYLE.read_bytes()
    rows = [asdict(event) | {"at": event.at.isoformat()} for event in events]
    yield "timeline.json", json.dumps(rows, ensure_ascii=False, indent=1, default=str).encode()
