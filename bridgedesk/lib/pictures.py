"""Addresses of pictures that others name: encrypted ones on the public web, or none."""

from urllib.parse import urlsplit

from bridgedesk.lib.storable import plain

LONGEST = 500


def secure(address: str) -> str:
    """The address as https, where a shortened or an unencrypted one means the same; "" for what is no address of the web."""
    address = plain(address).strip()
    if address.startswith("//"):
        address = f"https:{address}"
    if address[:7].lower() == "http://":
        address = f"https://{address[7:]}"
    return address if len(address) <= LONGEST and _is_secure(address) else ""


def _is_secure(address: str) -> bool:
    if not address.isprintable() or any(sign in address for sign in " \"'<>\\`{}|^"):
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and "." in (parts.hostname or "") and parts.username is None and parts.port in (None, 443)
    except ValueError:
        return False
