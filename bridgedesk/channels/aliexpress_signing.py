"""AliExpress signatures (IOP, the gateway it shares with Lazada): pure. Source: the official SDK's executors and the Lazada guide [O].

Calls by name go to /sync and sign their parameters; calls by path go to /rest and sign the path before them.
"""

import hashlib
import hmac
from collections.abc import Mapping


def base(params: Mapping[str, str], path: str = "") -> str:
    """What is signed: the path of a /rest call, then every name and value in the order of ASCII names; empty ones and `sign` left out."""
    named = sorted((name, value) for name, value in params.items() if name and value and name != "sign")
    return path + "".join(name + value for name, value in named)


def sign(secret: str, params: Mapping[str, str], path: str = "") -> str:
    """Upper-case hex HMAC-SHA256 under the app's secret. `params` are those of the query and of the form together, without files."""
    return hmac.new(secret.encode(), base(params, path).encode(), hashlib.sha256).hexdigest().upper()
