"""A shop as a channel sees it, without a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bridgedesk.channels.base import Account, Refresh
from bridgedesk.lib import clock


@dataclass
class MemoryVault:
    """channels.base.Vault in a dict."""

    kept: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)
    renewals: int = 0

    def get(self, name: str) -> str:
        return self.kept.get(name, ("", None))[0]

    def expires(self, name: str) -> datetime | None:
        return self.kept.get(name, ("", None))[1]

    def renew(self, name: str, refresh: Refresh, *, stale: str = "") -> str:
        value, ends = self.kept.get(name, ("", None))
        if not value or value == stale or (ends and ends <= clock.now()):
            self.renewals += 1
            self.kept |= refresh({key: secret for key, (secret, _) in self.kept.items()})
        return self.get(name)


def account(
    external_id: str = "947042923",
    *,
    region: str = "ID",
    base_url: str = "",
    options: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Account:
    """A shop with these options and secrets."""
    vault = MemoryVault({name: (value, None) for name, value in (secrets or {}).items()})
    return Account(key=1, external_id=external_id, region=region, base_url=base_url, options=options or {}, vault=vault)
