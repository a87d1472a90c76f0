"""What the receiving server found out about a mail's sender (RFC 8601), and what that means."""

import re

from bridgedesk.channels.mail_parsing import Mail

_METHOD = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*(pass|fail|softfail|none|neutral|temperror|permerror|policy)\b", re.I)


def results(mail: Mail, server: str = "") -> dict[str, str]:
    """spf, dkim and dmarc as the newest Authentication-Results says; {} if there is none.

    Only the topmost header counts: those below came with the mail and may be forged. `server` (an authserv-id) restricts
    it further to the seller's own provider.
    """
    top = next(iter(mail.headers.all("authentication-results")), "")
    if not top or (server and not top.strip().lower().startswith(server.lower())):
        return {}
    found: dict[str, str] = {}
    for method, result in _METHOD.findall(top):
        found.setdefault(method.lower(), result.lower())
    return found


def is_spoofed(found: dict[str, str]) -> bool:
    """The sender's domain says this mail is not its own: DMARC failed, or SPF failed and nothing was signed."""
    if found.get("dmarc") == "fail":
        return True
    return found.get("dmarc", "none") != "pass" and found.get("spf") == "fail" and found.get("dkim", "none") != "pass"
