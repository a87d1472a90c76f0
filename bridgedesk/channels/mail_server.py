"""Connections to the seller's mail servers: the checked address is the one connected to, TLS verifies the name, errors in plain words."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Account, NeedsReconnect, SendError
from bridgedesk.lib.addresses import Blocked, resolve_public

UNKNOWN_NAME = noop("this name is not known, check the spelling of the server")
BAD_CERTIFICATE = noop("the certificate is not valid")
NO_TLS = noop("does not speak TLS this way, try another security setting")
TOO_SLOW = noop("does not answer in time")
CANNOT_BE_REACHED = noop("cannot be reached")

TIMEOUT = 20.0
PORTS = {
    ("imap", "ssl"): 993,
    ("imap", "starttls"): 143,
    ("imap", "plain"): 143,
    ("smtp", "ssl"): 465,
    ("smtp", "starttls"): 587,
    ("smtp", "plain"): 25,
}


@dataclass(frozen=True)
class Server:
    """Where and how to log in. `security` is ssl, starttls or plain; `password` never leaves this object in a message."""

    kind: str
    host: str
    port: int
    security: str
    user: str
    password: str

    def __repr__(self) -> str:
        return f"<Server {self.kind} {self.host}:{self.port}>"


def server(account: Account, kind: str) -> Server:
    """The shop's IMAP or SMTP server as configured; NeedsReconnect when nothing is."""
    options = account.options
    host = str(options.get(f"{kind}_host", "")).strip()
    security = str(options.get(f"{kind}_security", "") or "ssl")
    port = str(options.get(f"{kind}_port", "") or PORTS.get((kind, security), 0))
    if not host or (kind, security) not in PORTS or not port.isascii() or not port.isdigit():
        raise NeedsReconnect(noop("The mail server is not set up."))
    user = str(options.get(f"{kind}_user", "") or options.get("user", "") or options.get("address", ""))
    password = account.vault.get(f"{kind}_password") or account.vault.get("password")
    made = Server(kind, host, int(port), security, user, password)
    if security == "plain" and not _is_loopback(made) and not is_on(account, "allow_plain"):
        raise SendError(noop("A connection without encryption is only made to this machine."), permanent=True, code="plain")
    return made


def is_on(account: Account, option: str) -> bool:
    """Whether a check box of the connect form is ticked."""
    return str(account.options.get(option, "")).lower() in ("1", "yes", "true", "on")


def _is_loopback(made: Server) -> bool:
    try:
        return all(ip_address(found).is_loopback for found in resolve_public(made.host, made.port))
    except (OSError, Blocked, ValueError):
        return False


def dial(host: str, port: int, timeout: float) -> socket.socket:
    """A TCP connection to one of the host's checked addresses."""
    last: OSError = OSError("no address")
    for address in resolve_public(host, port):
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            last = error
    raise last


def trust() -> ssl.SSLContext:
    """The system's authorities; names are verified."""
    return ssl.create_default_context()


@contextmanager
def plainly(made: Server) -> Iterator[None]:
    """What can go wrong before anything was sent, as SendError that tells an agent what to do."""
    try:
        yield
    except Blocked as error:
        raise SendError(str(error), permanent=True, code="blocked") from None
    except socket.gaierror:
        raise SendError(f"{made.host}: {UNKNOWN_NAME}", permanent=False, code="dns") from None
    except ssl.SSLCertVerificationError as error:
        raise SendError(f"{made.host}: {BAD_CERTIFICATE} ({error.verify_message})", permanent=True, code="certificate") from None
    except ssl.SSLError:
        raise SendError(f"{made.host}:{made.port}: {NO_TLS}", permanent=True, code="tls") from None
    except TimeoutError:
        raise SendError(f"{made.host}:{made.port}: {TOO_SLOW}", permanent=False, code="timeout") from None
    except (OSError, EOFError) as error:
        raise SendError(
            f"{made.host}:{made.port}: {CANNOT_BE_REACHED} ({type(error).__name__})", permanent=False, code="unreachable"
        ) from None
