"""A playbook as a drawing: steps in columns, each right of those that lead to it, endings last. Pure; units are SVG's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bridgedesk.playbooks.rules import OUTCOMES, Playbook, targets

WIDE, HIGH, ACROSS, DOWN, EDGE = 176, 40, 64, 20, 12
BEGIN = ""


@dataclass(frozen=True)
class Node:
    """A box. `kind`: begin, step or end."""

    key: str
    kind: str
    x: int
    y: int


@dataclass(frozen=True)
class Way:
    """A line from box to box; `path` is SVG's, `back` leads to an earlier column."""

    path: str
    silence: bool
    back: bool


@dataclass(frozen=True)
class Drawing:
    """All of it."""

    nodes: Sequence[Node]
    ways: Sequence[Way]
    width: int
    height: int


def draw(playbook: Playbook) -> Drawing:
    """Place every step that can be reached and every ending that is led to."""
    edges = [(key, branch.to, False) for key, branch in targets(playbook) if not _silence(playbook, key, branch.to)]
    edges += [(step.key, step.timeout_to, True) for step in playbook.steps if step.timeout_to]
    edges += [(step.key, step.ends, False) for step in playbook.steps if step.ends]
    nodes = _placed(_columns(playbook, [(key, to) for key, to, _silent in edges]))
    ways = [_way(nodes[key], nodes[to], silence) for key, to, silence in dict.fromkeys(edges) if key in nodes and to in nodes]
    width = max(node.x for node in nodes.values()) + WIDE + EDGE
    height = max(node.y for node in nodes.values()) + HIGH + EDGE + DOWN
    return Drawing(list(nodes.values()), ways, width, height)


def _silence(playbook: Playbook, key: str, to: str) -> bool:
    """Whether only silence leads there from that step."""
    step = playbook.step(key)
    return step is not None and step.timeout_to == to and to not in {branch.to for branch in step.branches}


def _columns(playbook: Playbook, edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Each step one column right of the last step before it in the file that leads to it; endings in a column of their own."""
    place = {BEGIN: 0}
    for step in playbook.steps:
        place[step.key] = 1 + max((place[key] for key, to in edges if to == step.key and key in place), default=0)
    columns = [[key for key in place if place[key] == across] for across in range(max(place.values()) + 1)]
    return [*columns, list(dict.fromkeys(to for _key, to in edges if to in OUTCOMES))]


def _placed(columns: Sequence[Sequence[str]]) -> Mapping[str, Node]:
    tallest = max(len(column) for column in columns)
    nodes: dict[str, Node] = {}
    for across, column in enumerate(column for column in columns if column):
        top = (tallest - len(column)) * (HIGH + DOWN) // 2
        for down, key in enumerate(column):
            kind = "begin" if key == BEGIN else "end" if key in OUTCOMES else "step"
            nodes[key] = Node(key, kind, EDGE + across * (WIDE + ACROSS), EDGE + top + down * (HIGH + DOWN))
    return nodes


def _way(a: Node, b: Node, silence: bool) -> Way:
    if b.x > a.x:
        x1, y1, x2, y2 = a.x + WIDE, a.y + HIGH // 2, b.x, b.y + HIGH // 2
        bend = (x2 - x1) // 2
        return Way(f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}", silence, back=False)
    x1, x2, low = a.x + WIDE // 2, b.x + WIDE // 2, max(a.y, b.y) + HIGH + DOWN
    return Way(f"M{x1} {a.y + HIGH}C{x1} {low} {x2} {low} {x2} {b.y + HIGH}", silence, back=True)
