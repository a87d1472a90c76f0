"""The connect form of an Amazon shop: one shop is one marketplace of a seller."""

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.amazon_places import HOSTS, MARKETPLACES
from bridgedesk.channels.base import Field

FIELDS: tuple[Field, ...] = (
    Field(
        "region",
        noop("Marketplace"),
        kind="choice",
        choices=tuple((code, f"{code} · amazon.{m.domain}") for code, m in MARKETPLACES.items()),
    ),
    Field(
        "external_id",
        noop("Merchant token"),
        noop("Seller Central → Settings → Account info → Your merchant token. It begins with A."),
    ),
    Field(
        "client_id",
        noop("Client ID"),
        noop("Of the app in the Solution Provider Portal: View next to LWA credentials. It begins with amzn1.application-oa2-client."),
    ),
    Field(
        "client_secret", noop("Client secret"), noop("Beside the client ID. Amazon ends it after 180 days."), secret=True, kind="password"
    ),
    Field(
        "refresh_token",
        noop("Refresh token"),
        noop("Authorise the app for this seller account and copy the token shown. It begins with Atzr."),
        secret=True,
        kind="password",
    ),
    Field(
        "base_url",
        noop("Platform"),
        noop("Leave it to the marketplace, unless you test."),
        required=False,
        kind="choice",
        choices=(("", noop("By the marketplace")), *HOSTS.items()),
    ),
    Field(
        "custom_base_url",
        noop("Other address"),
        noop("Instead of the platform chosen above, for a test server."),
        required=False,
        kind="url",
    ),
)
