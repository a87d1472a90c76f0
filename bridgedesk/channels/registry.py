"""Every platform we speak, by name. A new one is one line here."""

from bridgedesk.channels.aliexpress import AliExpress
from bridgedesk.channels.amazon import Amazon
from bridgedesk.channels.base import Channel
from bridgedesk.channels.email import Email
from bridgedesk.channels.manual import Manual
from bridgedesk.channels.phone import Phone
from bridgedesk.channels.shopee import Shopee
from bridgedesk.channels.sms import Sms

CHANNELS: dict[str, Channel] = {
    "email": Email(),
    "shopee": Shopee(),
    "amazon": Amazon(),
    "aliexpress": AliExpress(),
    "sms": Sms(),
    "phone": Phone(),
    "manual": Manual(),
}


def channel(name: str) -> Channel:
    """The channel of that name; KeyError if there is none."""
    return CHANNELS[name]
