"""`python -m bench NAME …`: runs `main(arguments)` of the file of that name in this folder, and ends with what it returns."""

import importlib
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
BESIDE = ("truth_", "_")  # truth sets are measured by `truth`


def names() -> list[str]:
    """What can be measured: every file here but the sets of `truth`."""
    return sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith(BESIDE))


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in names():
        print(f"usage: bin/bench {{{','.join(names())}}} …", file=sys.stderr)
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bridgedesk.settings")
    return int(importlib.import_module(f"bench.{arguments[0]}").main(arguments[1:]))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
