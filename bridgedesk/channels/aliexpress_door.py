"""How a seller lets us into an AliExpress shop. The exact form of the page's address is unconfirmed [?]; the exchange is the SDK's [O]."""

from collections.abc import Mapping
from urllib.parse import urlencode

from bridgedesk.channels.aliexpress_api import app_of, host, pair, system
from bridgedesk.channels.aliexpress_values import told
from bridgedesk.channels.base import NO_CODE, Account, Grant, GrantedShop, SendError


class AliExpressDoor:
    """channels.base.Door for AliExpress: one seller's account at a time."""

    def link(self, account: Account, back: str, state: str) -> str:
        """The platform's page where the seller says yes."""
        asked = {"response_type": "code", "force_auth": "true", "redirect_uri": back, "client_id": app_of(account)[0], "state": state}
        return f"{host(account)}/oauth/authorize?{urlencode(asked)}"

    def exchange(self, account: Account, given: Mapping[str, str], back: str) -> Grant:
        """The first pair of tokens, and whose account it opens."""
        if not given.get("code"):
            raise SendError(NO_CODE, permanent=True, code="no_code")
        answer = system(account, "/auth/token/create", {"code": given["code"]})
        seller = next(filter(None, (told(answer.get(name)) for name in ("seller_id", "user_id"))), "")
        return Grant(pair(answer), (GrantedShop(seller, name=told(answer.get("account"))),) if seller else ())
