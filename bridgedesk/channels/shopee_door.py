"""How a seller lets us into a Shopee shop, or with a main account into several at once. Source: guide 20 [O]."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode, urlsplit

from bridgedesk.channels.base import NO_CODE, Account, Grant, GrantedShop, SendError
from bridgedesk.channels.shopee_api import call, host, pair, partner_of, signed_query
from bridgedesk.channels.shopee_values import Json, is_yes, rows

LINK_HOSTS = {
    "https://partner.shopeemobile.com": "https://open.shopee.com",
    "https://openplatform.shopee.cn": "https://open.shopee.cn",
    "https://openplatform.shopee.com.br": "https://open.shopee.com.br",
    "https://openplatform.sandbox.test-stable.shopee.sg": "https://open.sandbox.test-stable.shopee.com",
    "https://openplatform.sandbox.test-stable.shopee.cn": "https://open.sandbox.test-stable.shopee.cn",
}
"""Where a seller authorises, by API host [O guide 20]."""
LEGACY = "/api/v2/shop/auth_partner"
PAGES = 20


class ShopeeDoor:
    """channels.base.Door for Shopee: the code is good once, within ten minutes, for a shop or for all of a main account."""

    def link(self, account: Account, back: str, state: str) -> str:
        """The platform's page, or the older signed link where the host is not the platform's own."""
        partner, _ = partner_of(account)
        if link_host := LINK_HOSTS.get(host(account)):
            asked = {"partner_id": partner, "auth_type": "seller", "redirect_uri": back, "response_type": "code", "state": state}
            return f"{link_host}/auth?{urlencode(asked)}"
        back = f"{back}{'&' if urlsplit(back).query else '?'}{urlencode({'state': state})}"
        return f"{host(account)}{LEGACY}?{urlencode({**signed_query(account, LEGACY), 'redirect': back})}"

    def exchange(self, account: Account, given: Mapping[str, str], back: str) -> Grant:
        """The first pair of tokens; for a main account one pair that opens every shop named."""
        code, shop, main = given.get("code", ""), given.get("shop_id", ""), given.get("main_account_id", "")
        if not code or not (_is_id(shop) or _is_id(main)):
            raise SendError(NO_CODE, permanent=True, code="no_code")
        partner, _ = partner_of(account)
        owner = {"shop_id": int(shop)} if _is_id(shop) else {"main_account_id": int(main)}
        answer = call(account, "POST", "auth/token/get", level="public", body={"code": code, "partner_id": int(partner), **owner})
        return Grant(pair(answer), _shops(account, _ids(answer, "shop_id_list") or ((shop,) if shop else ())))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20


def _ids(answer: Json, name: str) -> tuple[str, ...]:
    value = answer.get(name)
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _shops(account: Account, ids: tuple[str, ...]) -> tuple[GrantedShop, ...]:
    """With their regions where there is a choice to make."""
    regions = _regions(account) if len(ids) > 1 else {}
    return tuple(GrantedShop(one, regions.get(one, "")) for one in ids)


def _regions(account: Account) -> dict[str, str]:
    """Of every shop that authorised the app; none if the platform does not tell: the ids are enough to choose by."""
    try:
        return {str(row.get("shop_id")): str(row.get("region") or "")[:8] for row in _authorised(account)}
    except SendError:
        return {}


def _authorised(account: Account) -> Iterator[Json]:
    for page in range(1, PAGES + 1):
        asked = {"page_no": page, "page_size": 100}
        answer = call(account, "GET", "public/get_shops_by_partner", params=asked, level="public")
        yield from rows(answer, "authed_shop_list")
        if not is_yes(answer.get("more")):
            return
