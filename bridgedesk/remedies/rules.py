"""Which clock of a case runs now. Pure."""

from datetime import datetime

ENDED = ("closed", "withdrawn")


def next_clock(
    state: str,
    *,
    answer_by: datetime | None = None,
    buyer_ships_by: datetime | None = None,
    check_by: datetime | None = None,
    goods_come_back: bool | None = None,
    shipped: bool = False,
) -> tuple[str, datetime | None]:
    """Its name ("answer", "buyer_ships", "check", "" for none) and its end, if known.

    Asked for: the shop answers. Agreed and goods come back: the buyer sends them, then the shop checks them.
    """
    if state in ("asked", ""):
        return ("answer", answer_by)
    if state in ENDED or state == "judged" or goods_come_back is False:
        return ("", None)
    return ("check", check_by) if shipped else ("buyer_ships", buyer_ships_by)
