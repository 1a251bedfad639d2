"""The key of a picture: the meaning of its boxes and lines. It is drawn in an empty corner, if there is one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

from ..diagram import Area, Diagram
from .layout import WIDTH, Layout, text_width

_WORDS: Final = {
    Area.OUTSIDE: "callers, and the internet",
    Area.REGION: "AWS, outside the VPC",
    Area.VPC: "in the VPC",
}
_ROW: Final = 22
_SWATCH: Final = 30
_MARGIN: Final = 24
_Rectangle = tuple[float, float, float, float]


def key(drawn: Layout, diagram: Diagram) -> Iterator[str]:
    """The parts of the key as SVG. None if no corner has room for it."""
    rows = list(_rows(diagram))
    width = _SWATCH + 10 + max(text_width(text) for _, text in rows)
    if (corner := _corner(drawn, width, _ROW * len(rows))) is None:
        return
    x, y = corner
    for kind, text in rows:
        if kind in ("certain", "uncertain"):
            yield f'<path class="sample {kind}" d="M{x:g} {y + 8:g}h{_SWATCH}"/>'
        else:
            round_ = 8 if kind == "outside" else 4
            yield f'<rect class="swatch {kind}" x="{x:g}" y="{y:g}" width="{_SWATCH}" height="16" rx="{round_}"/>'
        yield f'<text class="traffic" x="{x + _SWATCH + 10:g}" y="{y + 12:g}">{text}</text>'
        y += _ROW


def _rows(diagram: Diagram) -> Iterator[tuple[str, str]]:
    """Kind and words of each row."""
    for area, words in _WORDS.items():
        if any(node.place is area for node in diagram.nodes.values()):
            yield area.name.lower(), words
    yield "certain", "allowed"
    if not all(edge.certain for edge in diagram.edges):
        yield "uncertain", "cannot tell"


def _corner(drawn: Layout, width: float, height: float) -> tuple[float, float] | None:
    """Where a free rectangle of this size begins: at the bottom or the top, on the left or the right."""
    taken = list(_taken(drawn))
    right, bottom = drawn.width - _MARGIN - width, drawn.height - _MARGIN - height
    for x, y in ((_MARGIN, bottom), (right, bottom), (_MARGIN, _MARGIN), (right, _MARGIN)):
        wanted = (x - _MARGIN, y - _MARGIN, x + width + _MARGIN, y + height + _MARGIN)
        if x >= _MARGIN and y >= _MARGIN and not any(_meet(wanted, one) for one in taken):
            return x, y
    return None


def _taken(drawn: Layout) -> Iterator[_Rectangle]:
    for box in drawn.boxes:
        yield box.x, box.y, box.x + WIDTH, box.y + box.height
    for frame in drawn.frames:
        yield frame.x, frame.y, frame.x + frame.width, frame.y + frame.height
    for arrow in drawn.arrows:
        for (x1, y1), (x2, y2) in itertools.pairwise(arrow.corners):
            yield min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
        yield arrow.label_x, arrow.label_y - 12, arrow.label_x + text_width(arrow.label), arrow.label_y + 4


def _meet(one: _Rectangle, other: _Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
