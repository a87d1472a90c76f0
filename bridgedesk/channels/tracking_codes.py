"""What trackers and platforms call the state of a parcel, in our words. The tables lie in content/tracking_codes.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.conf import settings

from bridgedesk.channels.events import TRACK_STATES


@dataclass(frozen=True)
class Codes:
    """The codes of one source, how well they are known, and from where."""

    codes: Mapping[str, str]
    sure: str
    source: str
    as_of: date

    def state(self, raw: str) -> str:
        """One of TRACK_STATES; "unknown" for a code nobody knows."""
        if raw in self.codes:
            return self.codes[raw]
        fitting = [known for known in self.codes if known.endswith("*") and raw.startswith(known[:-1])]
        return self.codes[max(fitting, key=len)] if fitting else "unknown"


def state_of(source: str, *raw: str) -> str:
    """Our word for a code of "17track", "aftership", "aliexpress" or "shopee"; of several the first that says something."""
    return next((state for code in raw if code and (state := tables()[source].state(code)) != "unknown"), "unknown")


@cache
def tables() -> dict[str, Codes]:
    """The table of every source. ValueError if one names a state that we have not."""
    data = tomllib.loads((settings.CONTENT / "tracking_codes.toml").read_text("utf-8"))
    for source, table in data.items():
        if strange := set(table["codes"].values()) - set(TRACK_STATES):
            raise ValueError(f"{source}: there is no state {', '.join(sorted(strange))}")
    return {source: Codes(table["codes"], table["sure"], table["source"], table["as_of"]) for source, table in data.items()}
