"""The diagram as SVG: columns from left to right, boxes in their place, arrows with what travels on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from ..diagram import Area, Diagram, Edge, Node

_WIDTH, _HEIGHT = 170, 54
_GAP_X, _GAP_Y = 84, 30
_MARGIN: Final = 28
_LETTER: Final = 6.2
"""Width of a small letter, for cutting what would not fit."""


@dataclass(frozen=True)
class _Box:
    x: float
    y: float


def svg(diagram: Diagram) -> str:
    """A self-contained drawing; empty where there is nothing to draw. Its text can be searched and read aloud."""
    if not diagram.edges:
        return ""
    boxes = _placed(diagram)
    width = max(box.x for box in boxes.values()) + _WIDTH + _MARGIN
    height = max(box.y for box in boxes.values()) + _HEIGHT + _MARGIN
    parts = [
        f'<svg class="diagram" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="who calls whom">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" class="tip"/></marker></defs>',
        *_frame(diagram, boxes),
        *(_arrow(edge, boxes) for edge in diagram.edges),
        *(_box(node, boxes[node.id]) for node in diagram.nodes.values()),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def _placed(diagram: Diagram) -> dict[str, _Box]:
    """Each column from the top, with the VPC's boxes below the others, so that one frame holds them all."""
    ranks = diagram.ranks()
    columns: dict[int, list[Node]] = defaultdict(list)
    for node in diagram.nodes.values():
        columns[ranks[node.id]].append(node)
    outside_rows = max((sum(node.place is not Area.VPC for node in column) for column in columns.values()), default=0)
    boxes: dict[str, _Box] = {}
    for rank, column in columns.items():
        x = _MARGIN + rank * (_WIDTH + _GAP_X)
        above = [node for node in column if node.place is not Area.VPC]
        inside = [node for node in column if node.place is Area.VPC]
        for row, node in enumerate(above):
            boxes[node.id] = _Box(x, _MARGIN + row * (_HEIGHT + _GAP_Y))
        for row, node in enumerate(inside):
            boxes[node.id] = _Box(x, _MARGIN * 2 + (outside_rows + row) * (_HEIGHT + _GAP_Y))
    return boxes


def _frame(diagram: Diagram, boxes: dict[str, _Box]) -> Iterator[str]:
    inside = [boxes[node.id] for node in diagram.nodes.values() if node.place is Area.VPC]
    if not inside:
        return
    left, top = min(box.x for box in inside) - 16, min(box.y for box in inside) - 24
    right, bottom = max(box.x for box in inside) + _WIDTH + 16, max(box.y for box in inside) + _HEIGHT + 14
    yield f'<rect class="frame" x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}" rx="10"/>'
    yield f'<text class="place" x="{left + 10:g}" y="{top + 16:g}">VPC</text>'


def _box(node: Node, box: _Box) -> str:
    round_ = _HEIGHT / 2 if node.place is Area.OUTSIDE else 8
    middle = box.x + _WIDTH / 2
    kind = node.place.name.lower()
    shape = (
        f'<rect class="node {kind}" x="{box.x:g}" y="{box.y:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="{round_:g}"/>'
    )
    first = box.y + (24 if node.detail else 32)
    label = f'<text class="label" x="{middle:g}" y="{first:g}">{_cut(node.label, _WIDTH - 16, 7.4)}</text>'
    detail = ""
    if node.detail:
        detail = f'<text class="detail" x="{middle:g}" y="{box.y + 41:g}">{_cut(node.detail, _WIDTH - 12, 5.8)}</text>'
    told = escape(f"{node.label}: {node.detail}" if node.detail else node.label)
    return f"<g><title>{told}</title>{shape}{label}{detail}</g>"


def _arrow(edge: Edge, boxes: dict[str, _Box]) -> str:
    source, target = boxes[edge.source], boxes[edge.target]
    forward = target.x > source.x
    x1, y1 = source.x + (_WIDTH if forward else _WIDTH / 2), source.y + (_HEIGHT / 2 if forward else _HEIGHT)
    x2, y2 = target.x + (0 if forward else _WIDTH / 2), target.y + (_HEIGHT / 2 if forward else _HEIGHT)
    bend = max((x2 - x1) / 2, 30) if forward else 0
    drop = 0 if forward else 40
    curve = f"M{x1:g} {y1:g}C{x1 + bend:g} {y1 + drop:g} {x2 - bend:g} {y2 + drop:g} {x2:g} {y2:g}"
    path = f'<path class="arrow{"" if edge.certain else " uncertain"}" d="{curve}" marker-end="url(#tip)"/>'
    if not edge.text:
        return path
    x, y = (x1 + x2) / 2, (y1 + y2) / 2 - 6 + drop * 0.75
    room = max(abs(x2 - x1) - 8, _GAP_X - 8)
    return f'{path}<text class="traffic" x="{x:g}" y="{y:g}">{_cut(edge.text, room, _LETTER)}</text>'


def _cut(text: str, room: float, letter: float) -> str:
    longest = max(int(room / letter), 4)
    return escape(text if len(text) <= longest else text[: longest - 1] + "…")
