"""What a message names, with its place: order and tracking numbers, addresses of web and mail, money, dates, phones.

Found in that order; a place once taken is not read again, so nothing overlaps. Only explicit substrings are read:
"today" is no date, a bare number no price.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import phonenumbers
from django.conf import settings

from bridgedesk.lib import tracking


@dataclass(frozen=True)
class Entity:
    """One thing named. `value` is its plain form; `carrier`, `valid`, `currency`, `sure` where they apply."""

    kind: str  # order, tracking, email, url, money, date, phone
    value: str
    start: int
    end: int
    platform: str = ""
    carrier: str = ""
    valid: bool | None = None
    currency: str = ""
    sure: str = ""

    def as_json(self) -> dict[str, object]:
        """For the Triage row: only what is set."""
        return {name: value for name, value in vars(self).items() if value not in ("", None)}


@dataclass(frozen=True)
class OrderForm:
    """A form of order number on one platform."""

    platform: str
    pattern: re.Pattern[str]
    weak: bool
    needs_digit: bool
    sure: str


_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'）】」]+", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24}(?![\w-])", re.ASCII)
_CODE = re.compile(r"(?<![A-Za-z0-9])#?[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){3,38}(?![A-Za-z0-9])")
_SPACED_CODE = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z]{1,4} ?)?\d{2,5}(?: [A-Za-z0-9]{1,6}){2,9}(?![A-Za-z0-9])")
_ABOUT_ORDERS = re.compile(
    r"order|purchase|bestell|auftrag|pedido|compra|commande|ordine|acquisto|zam[oó]wien|bestelling|pesanan|orderan|sipariş|"
    r"siparis|заказ|замовлен|"
    r"注文|オーダー|주문|订单|訂單|单号|đơn|คำสั่งซื้อ|ออเดอร์|طلب|הזמנ|objedn|comand|rendel|παραγγ|beställning|bestilling|tilau|ऑर्डर|n[°ºo]\.?\s|#",
    re.IGNORECASE,
)
_ABOUT_PARCELS = re.compile(
    r"track|parcel|package|shipment|courier|carrier|awb|waybill|consignment|sendung|paket|rastre|seguimiento|env[ií]o|"
    r"paquete|encomenda|suivi|colis|spedizione|pacco|tracciat|"
    r"przesyłk|paczk|zending|pakket|kargo|takip|resi|kurir|penghantaran|vận đơn|mã vận|трек|посылк|відправлен|追踪|追蹤|物流|快递|"
    r"快遞|运单|單號|運單|伝票|追跡|荷物|송장|운송장|택배|พัสดุ|"
    r"شحن|تتبع|מעקב|משלוח|balík|zásilk|colet|csomag|dhl|fedex|ups|usps|dpd|purolator|canada post",
    re.IGNORECASE,
)
_AMOUNT = r"\d{1,3}(?:[.,\u00a0' ]\d{3})+(?:[.,]\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?"
_SIGNS = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "bucks": "USD", "dólares": "USD",
    "dolares": "USD", "美元": "USD", "美金": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "欧元": "EUR", "歐元": "EUR", "£": "GBP", "gbp": "GBP", "pounds": "GBP",
    "¥": "CNY", "￥": "CNY", "rmb": "CNY", "cny": "CNY",
    "元": "CNY", "块": "CNY", "人民币": "CNY", "円": "JPY", "jpy": "JPY", "yen": "JPY", "₩": "KRW", "원": "KRW", "krw": "KRW",
    "r$": "BRL", "brl": "BRL", "reais": "BRL", "₽": "RUB",
    "руб": "RUB", "рублей": "RUB", "rub": "RUB", "zł": "PLN", "zl": "PLN", "pln": "PLN", "₺": "TRY", "tl": "TRY", "try": "TRY",
    "฿": "THB", "บาท": "THB", "thb": "THB", "₫": "VND",
    "đ": "VND", "vnd": "VND", "rp": "IDR", "idr": "IDR", "rm": "MYR", "myr": "MYR", "₱": "PHP", "php": "PHP", "piso": "PHP",
    "sgd": "SGD", "s$": "SGD", "nt$": "TWD", "ntd": "TWD",
    "twd": "TWD", "台币": "TWD", "hk$": "HKD", "hkd": "HKD", "aud": "AUD", "a$": "AUD", "cad": "CAD", "c$": "CAD", "mxn": "MXN",
    "₴": "UAH", "грн": "UAH", "kč": "CZK", "czk": "CZK",
    "kr": "", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "ft": "HUF", "huf": "HUF", "lei": "RON", "ron": "RON", "₪": "ILS",
    "ils": "ILS", "₹": "INR", "inr": "INR", "aed": "AED", "sar": "SAR",
}  # fmt: skip
_SIGN = "|".join(sorted((re.escape(sign) for sign in _SIGNS), key=len, reverse=True))
_MONEY = re.compile(
    rf"(?<![A-Za-z0-9.,])(?P<before>{_SIGN})\.?\s?(?P<first>{_AMOUNT})(?![\d-])|"
    rf"(?<![A-Za-z0-9_.,#-])(?P<second>{_AMOUNT})\s?(?P<after>{_SIGN})(?![A-Za-z\u00c0-\u024f\u0400-\u04ff$])",
    re.IGNORECASE,
)
_MONTH = (
    "jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|mar(?:ch|zo|s)?|apr(?:il)?|may|mai|june?|juni?|july?|juli?|aug(?:ust)?|"
    "sep(?:t(?:ember)?)?|oct(?:ober)?|okt(?:ober)?|nov(?:ember)?|dec(?:ember)?|dez(?:ember)?|"
    "enero|febrero|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janeiro|fevereiro|março|maio|junho|"
    "julho|setembro|outubro|novembro|dezembro|"
    "février|avril|juin|juillet|août|septembre|octobre|novembre|décembre|gennaio|febbraio|aprile|maggio|giugno|luglio|"
    "settembre|ottobre|novembre|dicembre|"
    "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
)
_DATE = re.compile(
    rf"(?<![\w-])(?:20\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:3[01]|[12]\d|0?[1-9])|(?:3[01]|[12]\d|0?[1-9])[-/.](?:3[01]|[12]\d|"
    rf"0?[1-9])[-/.](?:20)?\d\d"
    rf"|(?:{_MONTH})\.? (?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?:,? 20\d\d)?|(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|"
    rf"\.)? (?:de |of )?(?:{_MONTH})(?:,? (?:de )?20\d\d)?)(?![\w-])"
    r"|(?:20\d\d\s?[年년]\s?)?(?:1[0-2]|0?[1-9])\s?[月월]\s?(?:3[01]|[12]\d|0?[1-9])\s?[日号號일]",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w.-])\+?\(?\d[\d\s().-]{5,18}\d(?![\w-])")


def entities(text: str, *, platform: str = "", country: str = "") -> list[Entity]:
    """Everything named in `text`, by place. `platform` is the shop's, `country` (ISO) where its phone numbers are at home."""
    taken = bytearray(len(text))
    found: list[Entity] = []
    for reader in (_urls, _emails, _dates, lambda rest: _codes(rest, platform), _money, lambda rest: _phones(rest, country)):
        rest = "".join("\x00" if used else sign for sign, used in zip(text, taken, strict=True))
        for entity in reader(rest):
            if not any(taken[entity.start : entity.end]):
                taken[entity.start : entity.end] = b"\x01" * (entity.end - entity.start)
                found.append(entity)
    return sorted(found, key=lambda entity: entity.start)


def _urls(text: str) -> Iterator[Entity]:
    for hit in _URL.finditer(text):
        value = hit[0].rstrip(".,;:!?)]}，。；！？")
        yield Entity("url", value, hit.start(), hit.start() + len(value))


def _emails(text: str) -> Iterator[Entity]:
    for hit in _EMAIL.finditer(text):
        yield Entity("email", hit[0], *hit.span())


def _dates(text: str) -> Iterator[Entity]:
    for hit in _DATE.finditer(text):
        yield Entity("date", hit[0], *hit.span())


def _codes(text: str, platform: str) -> Iterator[Entity]:
    """Order and tracking numbers: strong forms first, then plain digits as far as platform or words nearby support them."""
    parcels, orders = bool(_ABOUT_PARCELS.search(text)), bool(_ABOUT_ORDERS.search(text))
    for hit in _CODE.finditer(text):
        if entity := _code(hit[0], platform, parcels=parcels, orders=orders, text=text, at=hit.start()):
            yield replace(entity, start=hit.start(), end=hit.end())
    for hit in _SPACED_CODE.finditer(text):
        matches = [match for match in tracking.recognise(hit[0]) if match.checked]
        if matches and (parcels or not matches[0].weak):
            yield Entity(
                "tracking", matches[0].number, *hit.span(), carrier=matches[0].carrier.code, valid=True, sure=matches[0].format.sure
            )


def _code(code: str, platform: str, *, parcels: bool, orders: bool, text: str, at: int) -> Entity | None:
    plain = code.upper()
    form = next(
        (form for form in _order_forms() if form.pattern.fullmatch(plain) and (not form.needs_digit or re.search(r"\d", plain))), None
    )
    if form and not form.weak:
        return Entity("order", code.lstrip("#"), 0, 0, platform=form.platform, sure=form.sure)
    matches = tracking.recognise(plain)
    strong = [match for match in matches if not match.weak]
    if strong:
        return Entity(
            "tracking", plain, 0, 0, carrier=strong[0].carrier.code, valid=True if strong[0].checked else None, sure=strong[0].format.sure
        )
    wrong = tracking.wrong_check(plain)
    if wrong and parcels:
        return Entity("tracking", plain, 0, 0, carrier=wrong[0].code, valid=False, sure="third_party")
    if matches and parcels and not _beside_order(text, at):
        return Entity("tracking", plain, 0, 0, carrier=matches[0].carrier.code, valid=True, sure="unconfirmed")
    if form and _supported(form, plain, platform, orders=orders, beside=_beside_order(text, at)):
        return Entity("order", code.lstrip("#"), 0, 0, platform=form.platform, sure=form.sure)
    return None


def _supported(form: OrderForm, code: str, platform: str, *, orders: bool, beside: bool) -> bool:
    if form.platform == platform and platform != "own":
        return True
    return beside and orders


def _beside_order(text: str, at: int) -> bool:
    """Whether a word about orders stands shortly before the code, or the code is marked with #."""
    return bool(_ABOUT_ORDERS.search(text[max(0, at - 30) : at + 1]))


def _money(text: str) -> Iterator[Entity]:
    for hit in _MONEY.finditer(text):
        sign = (hit["before"] or hit["after"]).lower()
        yield Entity("money", hit["first"] or hit["second"], *hit.span(), currency=_SIGNS[sign])


def _phones(text: str, country: str) -> Iterator[Entity]:
    """After the ids: bare digits are a phone number only where the country's own numbering says so."""
    for hit in _PHONE.finditer(text):
        if not country and not hit[0].startswith("+"):
            continue
        for match in phonenumbers.PhoneNumberMatcher(hit[0], country or None):
            start = hit.start() + match.start
            value = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            yield Entity("phone", value, start, start + len(match.raw_string))


@cache
def _order_forms() -> tuple[OrderForm, ...]:
    data = tomllib.loads((settings.CONTENT / "order_numbers.toml").read_text("utf-8"))
    return tuple(
        OrderForm(each["platform"], re.compile(each["pattern"]), each.get("weak", False), each.get("needs_digit", False), each["sure"])
        for each in data["form"]
    )
