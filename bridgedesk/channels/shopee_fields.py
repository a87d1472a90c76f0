"""The connect form of a Shopee shop."""

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Field
from bridgedesk.channels.shopee_api import HOSTS

REGIONS = ("SG", "MY", "TH", "VN", "ID", "PH", "TW", "BR", "MX", "CO", "CL")
TEXT_LIMIT = "1000"
"""Unconfirmed, hence a setting."""

FIELDS: tuple[Field, ...] = (
    Field(
        "external_id",
        noop("Shop ID"),
        noop("Shown in the Shopee console; filled in when you authorise the shop. With a main account you choose the shop then."),
        required=False,
        kind="number",
    ),
    Field("region", noop("Region"), kind="choice", choices=tuple((region, region) for region in REGIONS)),
    Field(
        "partner_id",
        noop("Partner ID"),
        noop("From the app in the Shopee console. Register it as Seller In-house System: only that type has chat."),
        kind="number",
    ),
    Field("partner_key", noop("Partner key"), secret=True, kind="password"),
    Field(
        "push_key",
        noop("Push partner key"),
        noop("Only if the console shows a separate key for pushes."),
        secret=True,
        required=False,
        kind="password",
    ),
    Field("base_url", noop("Platform"), kind="choice", choices=tuple(HOSTS.items()), default=next(iter(HOSTS))),
    Field(
        "custom_base_url",
        noop("Other address"),
        noop("Instead of the platform chosen above, for a test server."),
        required=False,
        kind="url",
    ),
    Field(
        "callback_url",
        noop("Callback address"),
        noop("Exactly as typed in the Shopee console. Leave empty to use the address shown here."),
        required=False,
        kind="url",
    ),
    Field(
        "merchant_id",
        noop("Merchant ID"),
        noop("Only for cross-border merchants who authorise all their shops at once."),
        required=False,
        kind="number",
    ),
    Field(
        "user_id",
        noop("User ID of the shop"),
        noop("Tells your own messages from the buyer's where Shopee leaves out the shop."),
        required=False,
        kind="number",
    ),
    Field(
        "text_limit",
        noop("Longest message"),
        noop("In characters. Unconfirmed: Shopee does not publish it."),
        required=False,
        kind="number",
        default=TEXT_LIMIT,
    ),
)
