"""A pretend Amazon: log-in, orders, messages, review requests, uploads, reports and stock, as the Selling Partner API answers.

Requests are held against what the real one takes; refusals look like its own. One seller, one marketplace (Germany).
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import parse_qs

from bridgedesk.sandbox import amazon_orders as orders
from bridgedesk.sandbox import amazon_reports as reports
from bridgedesk.sandbox.amazon_orders import AmazonOrder, Package, stamp
from bridgedesk.sandbox.web import Answer, Request, as_json
from bridgedesk.sandbox.world import Arrived, World

CLIENT_ID = "amzn1.application-oa2-client.sandbox"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105 - the demo's
REFRESH_TOKEN = "Atzr|sandbox-refresh-token"  # noqa: S105 - the demo's
SELLER = "A1SANDBOXSELLER"
MARKETPLACE = "A1PA6795UKMFR9"
TOKEN_LIFE = 3600
PAGE = 5
"""Orders on one page, so that pages are turned in the demo too."""
TEXTS = {"confirmOrderDetails": 2000, "confirmDeliveryDetails": 2000, "unexpectedProblem": 2000, "confirmCustomizationDetails": 800}
WITH_FILES = ("confirmCustomizationDetails", "warranty", "invoice", "legalDisclosure")
BEFORE = ("confirmCustomizationDetails", "confirmDeliveryDetails", "confirmOrderDetails", "negativeFeedbackRemoval", "unexpectedProblem")
AFTER = ("invoice", "legalDisclosure", "unexpectedProblem", "warranty")
FIVE_DAYS, THIRTY_DAYS = timedelta(days=5), timedelta(days=30)


class Refused(Exception):
    """Answered with Amazon's error list."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = as_json({"errors": [{"code": code, "message": message, "details": ""}]}, status)


class Amazon:
    """One seller's account."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.random = Random(7)  # noqa: S311 - pretend orders; of its own, so that the buyers of other platforms stay as they are
        self.orders: dict[str, AmazonOrder] = orders.made(world.now(), self.random)
        self.stock = {sku: 12 + 9 * place for place, (sku, *_rest) in enumerate(orders.GOODS)}
        self.files: dict[str, bytes] = {}
        self.made: dict[str, reports.Made] = {}
        self.may_see_buyers = True

    def answer(self, request: Request) -> Answer | None:
        """The answer to a call of this API, None for a path of somebody else's."""
        for verb, path, act in CALLS:
            if request.method == verb and (found := re.fullmatch(path, request.path)):
                try:
                    if path not in OPEN:
                        self._known(request)
                    return act(self, request, *found.groups())
                except Refused as error:
                    return error.answer
        return None

    def token(self, request: Request) -> Answer:
        """Login with Amazon."""
        form = {name: values[0] for name, values in parse_qs(request.body.decode("latin-1")).items()}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return as_json({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != REFRESH_TOKEN:
            return as_json(
                {"error": "invalid_grant", "error_description": "The request has an invalid grant parameter : refresh_token"}, 400
            )
        token = {"access_token": self.access_token(), "token_type": "bearer", "expires_in": TOKEN_LIFE, "refresh_token": REFRESH_TOKEN}
        return as_json(token)

    def access_token(self) -> str:
        """Good for an hour from now; carries its own end, so that it survives a restart."""
        return f"Atza|{int(self.world.now().timestamp()) + TOKEN_LIFE}"

    def _known(self, request: Request) -> None:
        kind, _, end = request.headers.get("x-amz-access-token", "").partition("|")
        if kind != "Atza" or not end.isdigit():
            raise Refused(403, "Unauthorized", "Access to requested resource is denied. The access token is missing or invalid.")
        if int(end) <= self.world.now().timestamp():
            raise Refused(403, "Unauthorized", "The access token you provided has expired.")

    def _order(self, number: str) -> AmazonOrder:
        if number not in self.orders:
            raise Refused(404, "NotFound", "The requested order was not found.")
        return self.orders[number]

    def _here(self, request: Request) -> None:
        if request.query.get("marketplaceIds") != MARKETPLACE:
            raise Refused(400, "InvalidInput", "Missing or invalid request parameters: [marketplaceIds]")

    def _included(self, request: Request) -> set[str]:
        wanted = set(filter(None, request.query.get("includedData", "").split(",")))
        if wanted & {"BUYER", "RECIPIENT"} and not self.may_see_buyers:
            raise Refused(403, "Unauthorized", "Access to requested resource is denied.")
        return wanted

    def search(self, request: Request) -> Answer:
        """Orders changed since a moment, oldest change first."""
        self._here(request)
        included, now = self._included(request), self.world.now()
        if ("createdAfter" in request.query) == ("lastUpdatedAfter" in request.query):
            raise Refused(400, "InvalidInput", "Provide exactly one of createdAfter and lastUpdatedAfter.")
        begun, _, upto = request.query.get("paginationToken", "0|").partition("|")
        if not begun.isdigit():
            raise Refused(400, "InvalidInput", "The paginationToken is not valid.")
        since, until = request.query.get("lastUpdatedAfter", ""), upto or stamp(now - timedelta(minutes=2))
        changed = sorted((stamp(order.updated(now)), number) for number, order in self.orders.items())
        found = [number for at, number in changed if since <= at <= until]
        place = int(begun)
        answer: dict[str, Any] = {"orders": [self.orders[number].told(now, included) for number in found[place : place + PAGE]]}
        if place + PAGE < len(found):
            answer["pagination"] = {"nextToken": f"{place + PAGE}|{until}"}
        return as_json(answer | {"lastUpdatedBefore": until})

    def order(self, request: Request, number: str) -> Answer:
        """One order."""
        return as_json({"order": self._order(number).told(self.world.now(), self._included(request))})

    def confirm_shipment(self, request: Request, number: str) -> Answer:
        """Pieces on their way; the same package number again corrects it."""
        order, body = self._order(number), request.json()
        detail = body.get("packageDetail")
        if body.get("marketplaceId") != MARKETPLACE or not isinstance(detail, dict):
            raise Refused(400, "InvalidInput", "packageDetail and marketplaceId are required.")
        items = tuple((str(item["orderItemId"]), int(item["quantity"])) for item in detail.get("orderItems") or ())
        open_ = {line: pieces for line, _goods, pieces in order.lines}
        named = all(detail.get(name) for name in ("packageReferenceId", "carrierCode", "trackingNumber", "shipDate"))
        if not named or not items or not str(detail["packageReferenceId"]).isdigit() or any(line not in open_ for line, _n in items):
            raise Refused(400, "InvalidInput", "The package is not described in full.")
        if detail["carrierCode"] == "Other" and not detail.get("carrierName"):
            raise Refused(400, "InvalidInput", "carrierName is required when carrierCode is Other.")
        now, reference = self.world.now(), str(detail["packageReferenceId"])
        if order.status(now) == "SHIPPED" and reference not in order.packages:
            raise Refused(400, "InvalidInput", "The order is shipped already.")
        order.packages[reference] = Package(
            reference, detail.get("carrierName") or detail["carrierCode"], detail["trackingNumber"], now, items
        )
        order.touched = now
        for line, pieces in items:
            sku = next(goods[0] for place, goods, _n in order.lines if place == line)
            self.stock[sku] = max(self.stock.get(sku, 0) - pieces, 0)
        return Answer(204)

    def messaging_actions(self, request: Request, number: str) -> Answer:
        """What may be written now."""
        self._here(request)
        return self._links("messaging", number, "messages", self._messages(number))

    def _messages(self, number: str) -> tuple[str, ...]:
        order, now = self._order(number), self.world.now()
        arrived = order.delivered_at(now)
        if order.fba or order.status(now) == "PENDING" or (arrived and arrived + THIRTY_DAYS < now):
            return ()
        return AFTER if order.status(now) == "SHIPPED" else BEFORE

    def _links(self, api: str, number: str, below: str, names: tuple[str, ...]) -> Answer:
        place, here = f"/{api}/v1/orders/{number}", f"?marketplaceIds={MARKETPLACE}"
        links = [{"href": f"{place}/{below}/{name}{here}", "name": name} for name in names]
        return as_json({"_links": {"self": {"href": place + here}, "actions": links}, "_embedded": {"actions": []}})

    def attributes(self, request: Request, number: str) -> Answer:
        """The buyer's language."""
        self._here(request)
        self._order(number)
        return as_json({"buyer": {"locale": "de-DE"}})

    def message(self, request: Request, number: str, kind: str) -> Answer:
        """A message of a kind: held against its limits."""
        self._here(request)
        if kind not in self._messages(number) or kind == "negativeFeedbackRemoval":
            raise Refused(403, "Unauthorized", f"{kind} is not available for this order.")
        body = request.json()
        text, files = str(body.get("text", "")), body.get("attachments") or []
        if set(body) - {"text", "attachments", "coverageStartDate", "coverageEndDate"} or bool(text) != (kind in TEXTS):
            raise Refused(400, "InvalidInput", "The body does not fit this kind of message.")
        if len(text) > TEXTS.get(kind, 0) or len(files) > (5 if kind in WITH_FILES else 0):
            raise Refused(400, "InvalidInput", "The text or the list of attachments is too long.")
        if any(self.files.get(file.get("uploadDestinationId", "")) in (None, b"") for file in files):
            raise Refused(400, "InvalidInput", "Attachment with ID does not exist.")
        shown = tuple((str(file["fileName"]), len(self.files[file["uploadDestinationId"]])) for file in files)
        self.world.arrived.append(Arrived("amazon", SELLER, number, text, self.world.now(), kind=kind, files=shown))
        return as_json({}, 201)

    def solicitations(self, request: Request, number: str) -> Answer:
        """Whether a review may be asked for now."""
        self._here(request)
        return self._links("solicitations", number, "solicitations", ("productReviewAndSellerFeedback",) if self._may_ask(number) else ())

    def _may_ask(self, number: str) -> bool:
        order, now = self._order(number), self.world.now()
        arrived = order.delivered_at(now)
        return bool(arrived) and not order.asked and FIVE_DAYS <= now - (arrived or now) <= THIRTY_DAYS

    def solicit(self, request: Request, number: str) -> Answer:
        """Ask for a review, once."""
        self._here(request)
        if not self._may_ask(number):
            raise Refused(403, "Unauthorized", "You cannot solicit this order.")
        self._order(number).asked = True
        self.world.arrived.append(Arrived("amazon", SELLER, number, "", self.world.now(), kind="solicitation"))
        return as_json({}, 201)

    def destination(self, request: Request, number: str, kind: str) -> Answer:
        """Where to put a file for a message."""
        self._here(request)
        self._order(number)
        sum_ = request.query.get("contentMD5", "")
        if not sum_ or kind not in WITH_FILES:
            raise Refused(400, "InvalidInput", "Missing or invalid request parameters: [contentMD5]")
        place = f"upload-{self.world.serial()}"
        self.files[place] = b""
        given = {"uploadDestinationId": place, "url": f"{self.world.base_url}/amazon-files/{place}", "headers": {"Content-MD5": sum_}}
        return as_json({"payload": given}, 201)

    def put_file(self, request: Request, place: str) -> Answer:
        """A file for a message arrives; its digest must fit."""
        digest = b64encode(hashlib.md5(request.body, usedforsecurity=False).digest()).decode()
        if place not in self.files or request.headers.get("content-md5") != digest:
            return Answer(400, b"<Error><Code>InvalidDigest</Code></Error>", "application/xml")
        self.files[place] = request.body
        return Answer(200)

    def get_file(self, request: Request, place: str) -> Answer:
        """A report's document."""
        return Answer(200, self.files[place], "text/plain; charset=UTF-8") if place in self.files else Answer(404)

    def create_report(self, request: Request) -> Answer:
        """Have a report made."""
        body = request.json()
        if body.get("reportType") not in reports.CONTENT or body.get("marketplaceIds") != [MARKETPLACE]:
            raise Refused(400, "InvalidInput", "Report type or marketplace is not valid.")
        number = str(self.world.serial())
        self.made[number] = reports.Made(body["reportType"], self.world.now())
        return as_json({"reportId": number}, 202)

    def report(self, request: Request, number: str) -> Answer:
        """How far it is."""
        if number not in self.made:
            raise Refused(404, "NotFound", "The report does not exist.")
        return as_json(self.made[number].told(number, self.world.now()))

    def document(self, request: Request, number: str) -> Answer:
        """Where its text is."""
        made = self.made.get(number.removeprefix("document-"))
        if made is None:
            raise Refused(404, "NotFound", "The document does not exist.")
        self.files[number] = reports.packed(made.kind, self.orders, self.stock, self.world.now())
        url = f"{self.world.base_url}/amazon-files/{number}"
        return as_json({"reportDocumentId": number, "url": url, "compressionAlgorithm": "GZIP"})

    def patch_listing(self, request: Request, seller: str, sku: str) -> Answer:
        """Set the pieces of a listing."""
        self._here(request)
        if seller != SELLER or sku not in self.stock:
            raise Refused(404, "NotFound", f"SKU '{sku}' not found in marketplace {MARKETPLACE}")
        patches = request.json().get("patches") or [{}]
        value = patches[0].get("value") or [{}]
        if patches[0].get("path") != "/attributes/fulfillment_availability" or not isinstance(value[0].get("quantity"), int):
            issue = {"code": "90220", "message": "'quantity' is required but missing.", "severity": "ERROR"}
            return as_json({"sku": sku, "status": "INVALID", "submissionId": "0", "issues": [issue]})
        self.stock[sku] = value[0]["quantity"]
        return as_json({"sku": sku, "status": "ACCEPTED", "submissionId": str(self.world.serial()), "issues": []})

    def fba_stock(self, request: Request) -> Answer:
        """What lies in Amazon's warehouse."""
        self._here(request)
        return as_json({"pagination": {}, "payload": {"inventorySummaries": reports.fba_summaries(self.stock, self.world.now())}})

    def participations(self, request: Request) -> Answer:
        """Where the seller sells."""
        sells = {"marketplace": {"id": MARKETPLACE, "countryCode": "DE", "name": "Amazon.de"}, "storeName": "Lumen Home",
                 "participation": {"isParticipating": True, "hasSuspendedListings": False}}  # fmt: skip
        return as_json({"payload": [sells]})

    def place_order(self, *, fba: bool = False, placed: datetime | None = None) -> AmazonOrder:
        """Somebody buys."""
        order = orders.new(placed or self.world.now(), self.random, fba=fba)
        self.orders[order.id] = order
        return order


LOGIN, FILES = "/auth/o2/token", r"/amazon-files/([\w-]+)"
OPEN = (LOGIN, FILES)
CALLS: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("POST", LOGIN, Amazon.token),
    ("PUT", FILES, Amazon.put_file),
    ("GET", FILES, Amazon.get_file),
    ("GET", "/orders/2026-01-01/orders", Amazon.search),
    ("GET", r"/orders/2026-01-01/orders/([\d-]+)", Amazon.order),
    ("POST", r"/orders/v0/orders/([\d-]+)/shipmentConfirmation", Amazon.confirm_shipment),
    ("GET", r"/messaging/v1/orders/([\d-]+)", Amazon.messaging_actions),
    ("GET", r"/messaging/v1/orders/([\d-]+)/attributes", Amazon.attributes),
    ("POST", r"/messaging/v1/orders/([\d-]+)/messages/(\w+)", Amazon.message),
    ("GET", r"/solicitations/v1/orders/([\d-]+)", Amazon.solicitations),
    ("POST", r"/solicitations/v1/orders/([\d-]+)/solicitations/productReviewAndSellerFeedback", Amazon.solicit),
    ("POST", r"/uploads/2020-11-01/uploadDestinations/messaging/v1/orders/([\d-]+)/messages/(\w+)", Amazon.destination),
    ("POST", "/reports/2021-06-30/reports", Amazon.create_report),
    ("GET", r"/reports/2021-06-30/reports/(\w+)", Amazon.report),
    ("GET", r"/reports/2021-06-30/documents/([\w-]+)", Amazon.document),
    ("PATCH", r"/listings/2021-08-01/items/(\w+)/([\w%-]+)", Amazon.patch_listing),
    ("GET", "/fba/inventory/v1/summaries", Amazon.fba_stock),
    ("GET", "/sellers/v1/marketplaceParticipations", Amazon.participations),
)
