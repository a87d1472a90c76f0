"""AliExpress's error words: what each means for us.

IllegalAccessToken, IncompleteSignature, ApiCallLimit: the SDK's guide [O]. IllegalTimestamp: third-party clients [C]. The others, and
the numbers of the older gateway, are unconfirmed [?]: a word nobody knows goes by its `type` (ISP, SYSTEM: the platform stumbled).
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import NeedsReconnect, NotPermitted, SendError
from bridgedesk.lib.secrets import mask

TOKEN_ENDED = frozenset({"IllegalAccessToken", "26", "27", "invalid-sessionkey"})
"""The access token opens nothing: renewed once, then a person must connect again."""
CLOCK = frozenset({"IllegalTimestamp", "InvalidTimestamp", "30", "31"})
LIMITS = frozenset({"ApiCallLimit", "AppCallLimit", "SellerCallLimit", "7", "accesscontrol.limited-by-api-access-count"})
NOT_ALLOWED = frozenset({"InsufficientPermission", "AppWithoutPermission", "11", "12", "insufficient-isv-permissions"})
STUMBLED = frozenset({"ServiceTimeout", "ServiceUnavailable", "InternalError", "SystemError", "15"})
LONGEST = timedelta(hours=6)


@dataclass(frozen=True)
class Failure:
    """What a refusal said. `kind` is its `type`: ISV (ours), ISP or SYSTEM (theirs)."""

    code: str
    words: str = ""
    kind: str = ""
    sub: str = ""

    def among(self, codes: frozenset[str]) -> bool:
        """Whether its code, or the finer one, is one of these."""
        plain = self.sub.removeprefix("isv.").removeprefix("isp.")
        return self.code in codes or bool(plain and plain in codes)

    @property
    def is_theirs(self) -> bool:
        """The platform stumbled: what was asked may have been done all the same."""
        return self.among(STUMBLED) or self.kind.upper() in ("ISP", "SYSTEM") or self.sub.startswith("isp.")


RECONNECT = noop("AliExpress's authorisation has ended. Connect the shop again.")
BUSY = noop("AliExpress is busy. It is tried again.")
OFTEN = noop("Too many calls in a short time. It is tried again.")
ALLOWED = noop("AliExpress does not allow this app to do that. Ask for the permission in the app's console, then authorise the shop again.")
UNREADABLE = noop("AliExpress gave no readable answer.")
UNREACHABLE = noop("AliExpress cannot be reached.")
REFUSED = noop("AliExpress refused.")
WORDS = {
    "IncompleteSignature": noop("AliExpress rejects the signature: the app secret does not fit the app key."),
    "25": noop("AliExpress rejects the signature: the app secret does not fit the app key."),
    "InvalidAppKey": noop("AliExpress does not know this app key."),
    "29": noop("AliExpress does not know this app key."),
    "InvalidCode": noop("The code of the authorisation is wrong, used or too old. Authorise the shop again."),
    "IllegalRefreshToken": RECONNECT,
}


def error_for(failure: Failure) -> SendError:
    """The exception for a refusal. What the platform said is added, masked and short."""
    said = mask(" ".join(failure.words.split()))[:160]
    named = failure.sub or failure.code

    def word(meaning: str) -> str:
        return f"{meaning} ({named}{': ' + said if said else ''})"

    if failure.among(TOKEN_ENDED) or failure.code == "IllegalRefreshToken":
        return NeedsReconnect(word(RECONNECT))
    if failure.among(LIMITS):
        return SendError(word(OFTEN), permanent=False, retry_after=pause(failure.words), code="rate")
    if failure.among(NOT_ALLOWED):
        return NotPermitted(word(ALLOWED), code=named)
    if failure.is_theirs:
        return SendError(word(BUSY), permanent=False, code=named)
    return SendError(word(WORDS.get(failure.code, REFUSED)), permanent=True, code=named)


def refusal(code: str, words: str, meaning: str = REFUSED) -> SendError:
    """The exception for an inner answer that is no success: its codes are those of the call, not of the gateway."""
    said = mask(" ".join(words.split()))[:160]
    told = ": ".join(filter(None, (code, said)))
    return SendError(f"{meaning} ({told})" if told else meaning, permanent=True, code=code or "refused")


def pause(words: str) -> timedelta:
    """Until the next call is allowed: as the refusal says ("… 7 more seconds"), else a minute."""
    found = re.search(r"(\d{1,6})\s*(?:more\s*)?second", words)
    return min(LONGEST, timedelta(seconds=int(found[1]) if found else 60))
