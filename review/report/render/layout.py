"""Where the boxes, frames and arrows of a diagram go, in pixels.

Calls of the backend are drawn back to the left, further down. Arrows run in lanes of their own: vertical ones between
columns, horizontal ones between rows. A label is at the end of its arrow, between the lanes and the box, where no lane
is. So nothing is struck through, however many boxes there are.
"""

import itertools
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ...graph.graph import grouped
from ..diagram import Diagram, Edge, Node
from .costs import money
from .grid import Grid

WIDTH: Final = 156
LINE: Final = 16
"""Height of a line of text of 12 pixels."""
TITLE: Final = 18
"""Height of a line of a name."""
_PORT: Final = 24
"""From one arrow's end at a box to the next; a label fits between."""
_LANE: Final = 10
_NUDGE: Final = 6
_NUDGES: Final = tuple(
    (_NUDGE * start, _NUDGE * end) for start, end in ((0, 0), (1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, -1))
)
_GAP: Final = 14
_MARGIN: Final = 12
_PAD: Final = 10
_LABEL_LETTER, _DETAIL_LETTER, _TRAFFIC_LETTER = 8.8, 6.6, 6.6
"""Widths of an average letter, on the safe side: of a box's name, of its other lines, of a label."""


@dataclass
class Box:
    node: Node
    lines: list[str]
    x: float = 0
    y: float = 0
    height: float = 0
    left: list[tuple[int, bool]] = field(default_factory=list)
    """Arrows at its left side: number, and whether they end there."""
    right: list[tuple[int, bool]] = field(default_factory=list)

    @property
    def titles(self) -> list[str]:
        """Its name, in up to three lines."""
        return _wrapped(self.node.label, _LABEL_LETTER)

    @property
    def text_height(self) -> float:
        return TITLE * len(self.titles) + LINE * len(self.lines)


@dataclass(frozen=True)
class Frame:
    """The VPC, or subnets in it: title and small boxes in its head."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    title: str
    chips: tuple[tuple[float, float, str], ...] = ()
    """Left, top and text of each."""


@dataclass(frozen=True)
class Arrow:
    """An edge: its corners, and where its label begins."""

    edge: Edge
    corners: tuple[tuple[float, float], ...]
    label_x: float
    label_y: float


def cut(text: str, room: float, letter: float = _DETAIL_LETTER) -> str:
    """As much of a text as fits."""
    longest = max(int(room / letter), 4)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _middle_cut(text: str, room: int) -> str:
    """Beginning and end of a text that is too long: IDs often begin alike."""
    end = (room - 1) // 2
    return text if len(text) <= room else f"{text[: room - 1 - end]}…{text[-end:]}"


def text_width(text: str, letter: float = _TRAFFIC_LETTER) -> float:
    """Pixels that a text takes at most."""
    return len(text) * letter


class Layout:
    """A whole picture: everything of a diagram in its place."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.grid = Grid(diagram)
        zones = len({zone for node in diagram.nodes.values() for zone in node.zones})
        self.boxes = {node.id: Box(node, _lines(node, zones)) for node in diagram.nodes.values()}
        self.routes = [self._route(number, edge) for number, edge in enumerate(diagram.edges)]
        self._order_ends()
        lane_x = self._across()
        gap_y = self._down()
        self.arrows: list[Arrow] = []
        for number in range(len(diagram.edges)):
            # One of two arrows that would share a piece of a line starts or ends a little further down.
            made = [self._arrow(number, lane_x, gap_y, nudge) for nudge in _NUDGES]
            free = (arrow for arrow in made if not any(_shared(arrow, other) for other in self.arrows))
            self.arrows.append(next(free, made[0]))

    def _route(self, number: int, edge: Edge) -> tuple[list[int], int | None]:
        """Channels that an arrow turns in, and the gap between rows that it takes from one to the other.

        Channel n is left of column n. Adds the arrow's ends to the boxes.
        """
        start, end = self.grid.ranks[edge.source], self.grid.ranks[edge.target]
        source, target = self.boxes[edge.source], self.boxes[edge.target]
        back = end < start
        (source.left if back else source.right).append((number, False))
        (target.right if back else target.left).append((number, True))
        first, last = (start, end + 1) if back else (start + 1, end)
        if first == last:
            return [first], None
        above, below = self.grid.rows[edge.target], self.grid.rows[edge.target] + 1
        return [first, last], (below if self.grid.rows[edge.source] > self.grid.rows[edge.target] else above)

    def _order_ends(self) -> None:
        """Ends at a box from the top, in the order of what is at the other end."""
        for box in self.boxes.values():
            for side in (box.left, box.right):
                side.sort(key=lambda end: self._other(box.node.id, end[0]))
            box.height = max(14 + box.text_height, max(len(box.left), len(box.right)) * _PORT + 8)

    def _other(self, mine: str, number: int) -> tuple[int, int, int]:
        edge = self.diagram.edges[number]
        other = edge.target if edge.source == mine else edge.source
        return (self.grid.rows[other], self.grid.ranks[other], number)

    def _across(self) -> dict[tuple[int, int], float]:
        """Columns from the left, and their right edge; returns the vertical lanes by channel and arrow."""
        lanes = grouped((channel, number) for number, (channels, _) in enumerate(self.routes) for channel in channels)
        self.left_room, self.right_room = [10.0] * self.grid.columns, [10.0] * self.grid.columns
        for box in self.boxes.values():
            rank = self.grid.ranks[box.node.id]
            for ends, room in ((box.left, self.left_room), (box.right, self.right_room)):
                widths = [text_width(self.diagram.edges[number].text) + 18 for number, ends_here in ends if ends_here]
                room[rank] = max([room[rank], *widths])
        x = float(_MARGIN)
        found: dict[tuple[int, int], float] = {}
        self.column_x: list[float] = []
        for column in range(self.grid.columns + 1):
            if column and column - 1 == max(self.grid.inside, default=-1):
                x += 2 * _PAD
            # Arrows that go further down turn first, so that fewer of one source cross.
            for number in sorted(
                lanes.get(column, ()), key=lambda edge: -self.grid.rows[self.diagram.edges[edge].target]
            ):
                x += _LANE
                found[column, number] = x
            x += _LANE if column in lanes else 0
            if column == self.grid.columns:
                break
            if column == min(self.grid.inside, default=-1):
                x += 2 * _PAD
            x += self.left_room[column]
            self.column_x.append(x)
            x += WIDTH + self.right_room[column]
        for box in self.boxes.values():
            box.x = self.column_x[self.grid.ranks[box.node.id]]
        self.width = x + _MARGIN
        return found

    def _down(self) -> dict[tuple[int, int], float]:
        """Rows and frames from the top, and their lower edge; returns the horizontal lanes by gap and arrow."""
        gaps = grouped((gap, number) for number, (_, gap) in enumerate(self.routes) if gap is not None)
        y = float(_MARGIN)
        found: dict[tuple[int, int], float] = {}
        self.frames: list[Frame] = []
        vpc_top = tier_top = 0.0
        chips: list[tuple[float, float, str]] = []
        left, right = self._frame_sides()
        for row in range(len(self.grid.row_band) + 1):
            band = self.grid.row_band[row] if row < len(self.grid.row_band) else ""
            before = self.grid.row_band[row - 1] if row else ""
            if before.startswith("vpc") and band != before:
                y += _PAD
                if tier := before.removeprefix("vpc "):
                    frame = (left + _PAD, tier_top, right - left - 2 * _PAD, y - tier_top)
                    self.frames.append(Frame("tier", *frame, tier, tuple(chips)))
                if not band.startswith("vpc"):
                    y += _PAD
                    self.frames.insert(0, Frame("vpc", left, vpc_top, right - left, y - vpc_top, self.diagram.vpc))
            y += _GAP if row else 0
            for number in gaps.get(row, ()):
                y += _LANE
                found[row, number] = y
            y += _GAP if row in gaps else 0
            if row == len(self.grid.row_band):
                break
            if band.startswith("vpc") and not before.startswith("vpc"):
                vpc_top = y
                y += LINE + _PAD
            tier = band.removeprefix("vpc ") if band.startswith("vpc") else ""
            if tier and band != before:
                tier_top = y
                y, chips = self._head(tier, y)
            members = [box for box in self.boxes.values() if self.grid.rows[box.node.id] == row]
            height = max(box.height for box in members)
            for box in members:
                box.y = y + (height - box.height) / 2
            y += height
        self.height = y + _MARGIN
        return found

    def _frame_sides(self) -> tuple[float, float]:
        if not self.grid.inside:
            return 0.0, 0.0
        first, last = min(self.grid.inside), max(self.grid.inside)
        left = self.column_x[first] - self.left_room[first] - 2 * _PAD
        return left, self.column_x[last] + WIDTH + self.right_room[last] + 2 * _PAD

    def _head(self, tier: str, y: float) -> tuple[float, list[tuple[float, float, str]]]:
        """The small boxes of a frame's head, above the first column of boxes, where no lane is."""
        x, y = self.column_x[min(self.grid.inside)], y + LINE + 8
        chips = []
        for text in self.diagram.tiers.get(tier, ()):
            chips.append((x, y, cut(text, WIDTH - 4)))
            y += LINE + 8
        return y + 8, chips

    def _arrow(
        self,
        number: int,
        lane_x: dict[tuple[int, int], float],
        gap_y: dict[tuple[int, int], float],
        nudge: tuple[int, int],
    ) -> Arrow:
        edge, (channels, gap) = self.diagram.edges[number], self.routes[number]
        first, last = (lane_x[channels[at], number] for at in (0, -1))
        source, target = self.boxes[edge.source], self.boxes[edge.target]
        back = self.grid.ranks[edge.target] < self.grid.ranks[edge.source]
        x1, x2 = (source.x, target.x + WIDTH) if back else (source.x + WIDTH, target.x)
        y1 = _port(source, number, source.left if back else source.right) + nudge[0]
        y2 = _port(target, number, target.right if back else target.left) + nudge[1]
        between = [] if gap is None else [(first, gap_y[gap, number]), (last, gap_y[gap, number])]
        corners = dict.fromkeys([(x1, y1), (first, y1), *between, (last, y2), (x2, y2)])
        return Arrow(edge, tuple(corners), x2 + 12 if back else x2 - 12 - text_width(edge.text), y2 - 5)


def _lines(node: Node, zones: int) -> list[str]:
    zone = f"only in {node.zones[0]}" if len(node.zones) == 1 and zones > 1 else ""
    return [*(_wrapped(node.detail, _DETAIL_LETTER) if node.detail else []), *filter(None, (zone, cost_of(node)))]


def _wrapped(text: str, letter: float) -> list[str]:
    """A text in three lines at most, cut if that is not enough."""
    room = int((WIDTH - 14) / letter)
    lines = textwrap.wrap(text, room, break_on_hyphens=False) or [text]
    if " " in text and max(map(len, text.split())) > room:
        # An ID is cut in its middle, not torn apart.
        words = textwrap.wrap(text, room, break_on_hyphens=False, break_long_words=False)
        lines = [_middle_cut(line, room) for line in words]
    return lines if len(lines) < 4 else [*lines[:2], lines[2][: room - 1] + "…"]


def cost_of(node: Node) -> str:
    """`$7.42 a month`; empty if nothing is paid for it, whether or not anybody calls."""
    return "" if node.fixed == 0 else "price not known" if node.fixed is None else f"{money(node.fixed)} a month"


def _port(box: Box, number: int, ends: list[tuple[int, bool]]) -> float:
    at = [edge for edge, _ in ends].index(number)
    return box.y + box.height / 2 + (at - (len(ends) - 1) / 2) * _PORT


def _shared(arrow: Arrow, other: Arrow) -> bool:
    """Whether two arrows run along the same piece of a horizontal line."""
    return any(
        abs(y - other_y) < _NUDGE / 2 and left < other_right and other_left < right
        for y, left, right in _level(arrow)
        for other_y, other_left, other_right in _level(other)
    )


def _level(arrow: Arrow) -> Iterator[tuple[float, float, float]]:
    """Horizontal pieces: height, left and right."""
    for (x1, y1), (x2, y2) in itertools.pairwise(arrow.corners):
        if y1 == y2:
            yield y1, min(x1, x2), max(x1, x2)
