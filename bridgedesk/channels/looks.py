"""How a channel is looked over for `doctor` and the connect wizard: one thing after the other, in the order in which it is put right."""

from collections.abc import Callable, Collection, Sequence

from bridgedesk.channels.base import Account, Check, SendError

Look = Callable[[Account], Check]


def findings(account: Account, looks: Sequence[tuple[str, str, Look]], first: Collection[Look]) -> list[Check]:
    """Every finding of (name, advice, look) up to the first of `first` that fails: it makes the next ones pointless."""
    found: list[Check] = []
    for name, advice, look in looks:
        try:
            found.append(look(account))
        except SendError as error:
            found.append(Check(name, ok=False, word=str(error), advice=advice))
        if not found[-1].ok and look in first:
            break
    return found
