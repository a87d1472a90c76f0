"""Names to addresses we may connect to: nothing of this machine, its network, or a cloud's metadata service."""

import ipaddress
import socket

from django.conf import settings
from django.utils.translation import gettext_noop as noop

NO_ADDRESS = noop("has no address")
NOT_PUBLIC = noop("not a public address")
NOT_A_NAME = noop("not a host name")

GLOBAL_V6 = ipaddress.ip_network("2000::/3")  # the only unicast space IANA has handed out
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
NEVER = (
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's machine service lives on a public address
    ipaddress.ip_network("192.88.99.0/24"),  # RFC 7526: retired relay anycast
    ipaddress.ip_network("3fff::/20"),  # RFC 9637: documentation
)

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Blocked(Exception):
    """The address is not one we connect to. The message names the host, never a path or query."""


def resolve_public(host: str, port: int) -> list[str]:
    """The addresses of `host` to connect to, all of them public; settings.ALLOW_PRIVATE lists "host:port" exceptions.

    Connect to one of these, not to the name: the name may answer differently the next time.
    Blocked if any address is not public; OSError if the name does not resolve.
    """
    found = list(dict.fromkeys(str(entry[4][0]) for entry in _lookup(host, port)))
    if not found:
        raise OSError(f"{host}: {NO_ADDRESS}")
    if f"{host.lower()}:{port}" not in settings.ALLOW_PRIVATE and not all(is_public(address) for address in found):
        raise Blocked(f"{host}: {NOT_PUBLIC}")
    return found


def is_public(address: str) -> bool:
    """Whether `address`, or the IPv4 address carried in it, is reachable on the open internet."""
    try:
        parsed = _carried(ipaddress.ip_address(address))
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and (parsed.scope_id or parsed not in GLOBAL_V6):
        return False
    return parsed.is_global and not parsed.is_multicast and not any(parsed in network for network in NEVER)


def shortened(address: str) -> str:
    """An address as the log keeps it: its network (/24 of IPv4, /48 of IPv6), which tells places apart and no person; "" for none."""
    try:
        parsed = _carried(ipaddress.ip_address(address))
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv4Address):
        return f"{str(parsed).rpartition('.')[0]}.x"
    return str(ipaddress.ip_network(f"{parsed}/48", strict=False))


def _carried(address: IPAddress) -> IPAddress:
    """The IPv4 address inside a mapped, 6to4 or NAT64 one, else `address`."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _lookup(host: str, port: int) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)  # type: ignore[return-value]
    except UnicodeError as error:
        raise OSError(f"{host[:60]!r}: {NOT_A_NAME}") from error
