"""The connect form of an AliExpress shop."""

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Field

TEXT_LIMIT = "1000"
"""Unconfirmed, hence a setting."""

FIELDS: tuple[Field, ...] = (
    Field("app_key", noop("App key"), noop("Of the app in the AliExpress Open Platform console.")),
    Field("app_secret", noop("App secret"), noop("Beside the app key. It signs every call."), secret=True, kind="password"),
    Field(
        "external_id",
        noop("Seller ID"),
        noop("Known after the seller has authorised the shop; leave it empty until then."),
        required=False,
    ),
    Field(
        "decrypt_addresses",
        noop("Fetch full addresses of orders to ship"),
        noop("AliExpress gives addresses in cipher. The app needs a permission of its own to read them."),
        required=False,
        kind="check",
    ),
    Field(
        "text_limit",
        noop("Longest message"),
        noop("In characters. Unconfirmed: AliExpress does not publish it."),
        required=False,
        kind="number",
        default=TEXT_LIMIT,
    ),
    Field(
        "custom_base_url",
        noop("Other address"),
        noop("Instead of AliExpress's own, for a test server."),
        required=False,
        kind="url",
    ),
)
