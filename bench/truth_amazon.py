"""Amazon's own models and static sandbox cases: our requests carry only what a model knows, within its limits; answers are understood.

sandbox_cases.jsonl: {op, verb, path, status, request, response} a line; beside it the models (Swagger 2.0). Cases of calls that we
do not make are skipped.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx

from bench.truth import Score
from bridgedesk.channels import amazon_acts, amazon_messaging, amazon_orders
from bridgedesk.channels.acts import AskReview
from bridgedesk.channels.amazon_api import GET_ORDER, call, moment
from bridgedesk.channels.amazon_feeds import PERSONAL, PLAIN, orders
from bridgedesk.channels.amazon_places import MARKETPLACES
from bridgedesk.channels.base import Account, SendError
from bridgedesk.channels.events import File, OrderSeen
from bridgedesk.channels.values import load

Json = dict[str, Any]
ORDER = "111-2223334-5556667"
SPAN = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


class _Vault:
    """Secrets that never end."""

    def get(self, name: str) -> str:
        return f"a-{name}"

    def expires(self, name: str) -> None:
        return None

    def renew(self, name: str, refresh: object, *, stale: str = "") -> str:
        return self.get(name)


def account(region: str = "US") -> Account:
    """A shop of the marketplace."""
    return Account(1, "A1SELLER", region, "", {"client_id": "c"}, _Vault())


class Far:
    """The far side: answers by path, keeps what was asked."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers, self.asked = answers, list[tuple[str, str, Json, Any]]()

    def __call__(self, method: str, url: str, *, params: Any = None, json: Any = None, **_more: Any) -> httpx.Response:
        path = urlsplit(url).path
        self.asked.append((method, path, dict(params or {}), json))
        value = next((answer for end, answer in self.answers.items() if path.endswith(end)), None)
        return httpx.Response(404 if value is None else 200, json=value.pop(0) if isinstance(value, list) else value or {})


def measure(folder: Path) -> Score:
    """The cases, then the limits of every kind of message."""
    score, models = Score(), [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    for number, line in enumerate((folder / "sandbox_cases.jsonl").read_text().splitlines(), 1):
        case = json.loads(line)
        if (reader := READERS.get(case["op"])) is None or case["status"] not in ("200", "201"):
            score.skipped += 1
            continue
        far, problem = reader(case)
        score.count(not (found := [*problem, *faults(far, models)]), f"{number} {case['op']}: {'; '.join(found)[:300]}")
    for model in models:
        for name, fault in limits(model):
            score.count(not fault, f"{name}: {fault}")
    return score


def _search(case: Json) -> tuple[Far, list[str]]:
    far = Far({"/orders": case["response"]})
    shop = account(_region(case))
    with _answering(far):
        page = orders(shop, "")
    told = [amazon_orders.order(load(raw.body)["data"], shop) for raw in page.raws]
    return far, _differences(told, case["response"]["orders"]) + ([] if page.more == bool(case["response"].get("pagination")) else ["page"])


def _one(case: Json) -> tuple[Far, list[str]]:
    far = Far({"": case["response"]})
    with _answering(far):
        answer = call(account(), GET_ORDER, params={"includedData": (*PERSONAL, *PLAIN)}, order=ORDER)
    return far, _differences([amazon_orders.order(answer["order"], account())], [case["response"]["order"]])


def _region(case: Json) -> str:
    wanted = case["request"]["parameters"].get("marketplaceIds", {}).get("value", [""])
    return next((code for code, place in MARKETPLACES.items() if place.id in wanted), "US")


def _differences(told: list[OrderSeen], given: list[Json]) -> list[str]:
    return [f"{name} of {row['orderId']}" for event, row in zip(told, given, strict=True) for name, same in _agree(event, row) if not same]


def _agree(event: OrderSeen, row: Json) -> Iterator[tuple[str, bool]]:
    """What a reader of the order would look at."""
    fulfilment, address = row.get("fulfillment", {}), row.get("recipient", {}).get("deliveryAddress", {})
    yield "number", event.external_id == row["orderId"]
    yield "state", bool(event.state) or not fulfilment
    yield "time", (event.placed_at, event.at) == (moment(row["createdTime"]), moment(row["lastUpdatedTime"]))
    yield "ship by", event.ship_by == moment(fulfilment.get("shipByWindow", {}).get("latestDateTime"))
    yield "deliver by", event.deliver_by == moment(fulfilment.get("deliverByWindow", {}).get("latestDateTime"))
    yield (
        "articles",
        [(line.external_id, line.quantity) for line in event.lines or ()]
        == [(item["orderItemId"], item["quantityOrdered"]) for item in row["orderItems"]],
    )
    total = row.get("proceeds", {}).get("grandTotal")
    shown = event.total and (event.total.amount, event.total.currency)
    yield "sum", shown == (total and (type(event.total.amount)(total["amount"]), total["currencyCode"]) if event.total else None)
    yield "address", (event.address is None) == (not address)
    if event.address:
        yield "postcode", (event.address.postcode, event.address.country) == (address["postalCode"], address["countryCode"])
        yield "kind of address", bool(event.address.kind) == bool(address.get("addressType"))
    yield "buyer", bool(event.buyer) == bool(row.get("buyer", {}).get("buyerEmail"))
    yield "parcels", len(event.parcels) == len(row.get("packages", ()))


def _kinds(case: Json) -> tuple[Far, list[str]]:
    far = Far({"": case["response"]})
    with _answering(far):
        found = {kind.name for kind in amazon_messaging.kinds(account(), ORDER)}
    names = {link["name"] for link in case["response"]["_links"]["actions"]}
    return far, [f"{name} is not offered" for name in names & set(amazon_messaging.KINDS) - found]


def _attributes(case: Json) -> tuple[Far, list[str]]:
    far = Far({"": case["response"]})
    with _answering(far):
        locale = amazon_messaging.buyers_locale(account(), ORDER)
    return far, [] if locale == case["response"]["buyer"]["locale"] else ["language"]


def _message(case: Json) -> tuple[Far, list[str]]:
    """The same message, written by us: attachments go by the Uploads API first."""
    kind = amazon_messaging.KINDS[case["path"].rsplit("/", 1)[1]]
    given = case["request"]["parameters"].get("body", {}).get("value", {})
    files = given.get("attachments") or ([{"uploadDestinationId": "u", "fileName": "f.pdf"}] if kind.files[0] else [])
    places = [{"payload": {"uploadDestinationId": one["uploadDestinationId"], "url": "https://files.example/put"}} for one in files]
    offered = {"_links": {"actions": [{"name": kind.name}]}}
    path = f"/messages/{kind.name}"
    far = Far({"/put": {}, f"uploadDestinations/messaging/v1/orders/{ORDER}{path}": places, path: case["response"], ORDER: offered})
    with _answering(far):
        amazon_messaging.write(
            account(), ORDER, kind, given.get("text", ""), [File(one["fileName"], b"x") for one in files], SPAN if kind.coverage else None
        )
    sent = far.asked[-1][3]
    return far, [name for name in ("text", "attachments") if name in given and sent.get(name) != given[name]]


def _solicitation(case: Json) -> tuple[Far, list[str]]:
    far = Far({"": case["response"]})
    with _answering(far):
        amazon_acts.ask_review(account(), AskReview(ORDER))
    return far, [] if len(far.asked) == 2 else ["not asked"]


def _answering(far: Far) -> Any:
    return patch("bridgedesk.lib.http.request", far)


MESSAGES = (
    "confirmCustomizationDetails", "createConfirmDeliveryDetails", "createLegalDisclosure", "createConfirmOrderDetails",
    "createConfirmServiceDetails", "CreateWarranty", "createDigitalAccessKey", "createUnexpectedProblem", "sendInvoice",
)  # fmt: skip
READERS: Mapping[str, Callable[[Json], tuple[Far, list[str]]]] = {
    "searchOrders": _search,
    "getOrder": _one,
    "getMessagingActionsForOrder": _kinds,
    "GetAttributes": _attributes,
    "getSolicitationActionsForOrder": _solicitation,
    **dict.fromkeys(MESSAGES, _message),
}


def faults(far: Far, models: list[Json]) -> Iterator[str]:
    """What a model does not know of the requests that were made; calls of which no model is at hand are not looked at."""
    for method, path, params, body in far.asked:
        for model in models:
            for pattern, verbs in model["paths"].items():
                if method.lower() in verbs and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
                    yield from _request_faults(verbs[method.lower()], params, body, model["definitions"])


def _request_faults(operation: Json, params: Json, body: Any, definitions: Json) -> Iterator[str]:
    known = {one["name"]: one for one in operation.get("parameters", ()) if one["in"] == "query"}
    yield from (f"parameter {name} is unknown" for name in set(params) - set(known))
    yield from (f"parameter {name} is missing" for name, one in known.items() if one.get("required") and name not in params)
    for name in set(params) & set(known):
        value = str(params[name])
        read = value.split(",") if known[name]["type"] == "array" else int(value) if known[name]["type"] == "integer" else value
        yield from schema_faults(read, known[name], definitions, name)
    wanted = next((one for one in operation.get("parameters", ()) if one["in"] == "body"), None)
    if wanted:
        yield from schema_faults(body, wanted["schema"], definitions, "body")
    elif body is not None:
        yield "a body is not wanted"


def schema_faults(value: Any, schema: Json, definitions: Json, at: str) -> Iterator[str]:
    """Unknown and missing fields, wrong types, lengths, words that are not in a list. Lengths on lists count their items."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    kind = {"object": dict, "array": list, "string": str, "integer": int}.get(schema.get("type", "object"), object)
    if not isinstance(value, kind):
        yield f"{at} is not of type {schema.get('type')}"
        return
    if isinstance(value, dict):
        known = schema.get("properties", {})
        yield from (f"{at}.{name} is unknown" for name in set(value) - set(known))
        yield from (f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value)
        for name in set(value) & set(known):
            yield from schema_faults(value[name], known[name], definitions, f"{at}.{name}")
    elif isinstance(value, list | str):
        most, least = schema.get("maxItems", schema.get("maxLength")), schema.get("minItems", schema.get("minLength", 0))
        if not (least or 0) <= len(value) <= (len(value) if most is None else most):
            yield f"{at} has {len(value)}"
        for item in value if isinstance(value, list) else ():
            yield from schema_faults(item, schema.get("items", {}), definitions, at)
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is no word of the list"
    if schema.get("format") == "date-time" and moment(value) is None:
        yield f"{at} is no time"


def limits(model: Json) -> Iterator[tuple[str, str]]:
    """Each kind of message of the model: known to us, as long as it may be, refused beyond."""
    for path, verbs in model["paths"].items():
        if "/messages/" not in path or "post" not in verbs:
            continue
        name = path.rsplit("/", 1)[1]
        kind = amazon_messaging.KINDS.get(name)
        body = next(one for one in verbs["post"]["parameters"] if one["in"] == "body")["schema"]["$ref"].rsplit("/", 1)[1]
        known = model["definitions"][body]["properties"]
        yield f"limits of {name}", "no such kind" if kind is None else _limit_fault(kind, known)


def _limit_fault(kind: amazon_messaging.Kind, known: Json) -> str:
    longest, most = known.get("text", {}).get("maxLength", 0), known.get("attachments", {}).get("maxLength", 0)
    if (kind.text, kind.files[1]) != (longest, most):
        return f"text {kind.text}, files {kind.files[1]}, the model says {longest}, {most}"
    for text, files in (("x" * (longest + 1), most), ("x" * longest, most + 1)):
        try:
            amazon_messaging.check(kind, text, files, (SPAN[0], SPAN[0] + timedelta(days=1)))
        except SendError:
            continue
        return "too much is not refused"
    return ""
