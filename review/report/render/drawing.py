"""The diagram as SVG: boxes in frames, arrows with their protocols, a tooltip for each part, and a key."""

from collections.abc import Iterator
from html import escape as escaped
from pathlib import Path
from typing import Final

from ...graph.prose import printable
from ...reach.path import Kind
from ..diagram import Area, Diagram
from .layout import LINE, TITLE, WIDTH, Arrow, Box, Frame, Layout, cost_of, text_width

STYLE = Path(__file__).with_name("diagram.css")


def escape(text: str) -> str:
    """Text for HTML and SVG, without what would turn the reading direction."""
    return escaped(printable(text))


def svg(diagram: Diagram, *, alone: bool = False) -> str:
    """A self-contained drawing; empty if there is nothing to draw. Its text can be searched and read aloud.

    With `alone` it contains its style.
    """
    if not diagram.edges:
        return ""
    drawn = Layout(diagram)
    key, height = _key(drawn, diagram)
    size = f'width="{drawn.width:g}" height="{height:g}" viewBox="0 0 {drawn.width:g} {height:g}"'
    # Pages scale it by its own width, as far as its text stays legible.
    size += f' style="--natural: {drawn.width:g}px"'
    head = f'<svg class="diagram" {size} role="group" aria-label="who calls whom"'
    style = f"<style>{STYLE.read_text(encoding='utf-8')}</style>" if alone else ""
    parts = [
        head + (' xmlns="http://www.w3.org/2000/svg">' if alone else ">") + style,
        *(part for frame in drawn.frames for part in _frame(frame)),
        *(_arrow(arrow, diagram) for arrow in drawn.arrows),
        *(_box(box, diagram) for box in drawn.boxes.values()),
        *key,
        "</svg>",
    ]
    return "\n".join(parts)


def _frame(frame: Frame) -> Iterator[str]:
    size = f'x="{frame.x:g}" y="{frame.y:g}" width="{frame.width:g}" height="{frame.height:g}"'
    yield f'<rect class="frame {frame.kind}" {size} rx="10"/>'
    yield f'<text class="place" x="{frame.x + 12:g}" y="{frame.y + 18:g}">{escape(frame.title)}</text>'
    for x, y, text in frame.chips:
        yield f'<rect class="subnet" x="{x:g}" y="{y:g}" width="{WIDTH}" height="{LINE + 4}" rx="5"/>'
        yield f'<text class="zone" x="{x + WIDTH / 2:g}" y="{y + LINE - 2:g}">{escape(text)}</text>'


def _ways(diagram: Diagram, *part: str) -> str:
    return " ".join(map(str, diagram.ways.get(part, ())))


def _box(box: Box, diagram: Diagram) -> str:
    node = box.node
    round_ = box.height / 2 if node.place is Area.OUTSIDE else 9
    size = f'x="{box.x:g}" y="{box.y:g}" width="{WIDTH}" height="{box.height:g}" rx="{min(round_, 24):g}"'
    middle = box.x + WIDTH / 2
    y = box.y + (box.height - box.text_height) / 2 - 4
    texts = []
    for line in box.titles:
        y += TITLE
        texts.append(f'<text class="label" x="{middle:g}" y="{y:g}">{escape(line)}</text>')
    for line in box.lines:
        y += LINE
        kind = "cost" if line == cost_of(node) else "detail"
        texts.append(f'<text class="{kind}" x="{middle:g}" y="{y:g}">{escape(line)}</text>')
    title = escape("; ".join(filter(None, (node.label, node.detail, *node.zones, cost_of(node)))))
    return (
        f'<g class="part" tabindex="0" role="img" aria-label="{title}" '
        f'data-ways="{_ways(diagram, node.id)}"><title>{title}</title>'
        f'<rect class="node {node.place.name.lower()}" {size}/>{"".join(texts)}</g>'
    )


def _arrow(arrow: Arrow, diagram: Diagram) -> str:
    edge = arrow.edge
    (x, y), *rest = arrow.corners
    corners = "".join(f"L{x:g} {y:g}" for x, y in rest)
    (end_x, end_y), (before_x, _) = arrow.corners[-1], arrow.corners[-2]
    back = 9 if before_x > end_x else -9
    tip = f'<path class="tip" d="M{end_x:g} {end_y:g}l{back} -4.5v9z"/>'
    label = ""
    if edge.text:
        label = f'<text class="traffic" x="{arrow.label_x:g}" y="{arrow.label_y:g}">{escape(edge.text)}</text>'
    title = f"{edge.source} to {edge.target}" + (f": {edge.text}" if edge.text else "")
    title += "".join(f"; {rule}" for rule in edge.rules)
    ways = _ways(diagram, edge.source, edge.target, edge.label)
    focus = f' tabindex="0" role="img" aria-label="{escape(title)}"' if edge.rules else ""
    # Lighter than the way in, which the picture is about.
    kind = "part outbound" if edge.kind is Kind.OUTBOUND else "part"
    return (
        f'<g class="{kind}"{focus} data-ways="{ways}"><title>{escape(title)}</title>'
        f'<path class="arrow{"" if edge.certain else " uncertain"}" d="M{x:g} {y:g}{corners}"/>{tip}{label}</g>'
    )


_WORDS: Final = {
    Area.OUTSIDE: "callers, and the internet",
    Area.REGION: "AWS, outside the VPC",
    Area.VPC: "in the VPC",
}
_ROW: Final = 22
_SWATCH: Final = 30
_MARGIN: Final = 24


def _key(drawn: Layout, diagram: Diagram) -> tuple[list[str], float]:
    """The key below the picture, which explains its boxes and lines, and the height of both."""
    parts, x, y = [], float(_MARGIN), drawn.height
    for kind, text in _entries(diagram):
        width = _SWATCH + 10 + text_width(text) + _MARGIN
        if x > _MARGIN and x + width > drawn.width:
            x, y = float(_MARGIN), y + _ROW
        if kind in ("certain", "uncertain"):
            parts.append(f'<path class="sample {kind}" d="M{x:g} {y + 8:g}h{_SWATCH}"/>')
        else:
            shape = f'width="{_SWATCH}" height="16" rx="{8 if kind == "outside" else 4}"'
            parts.append(f'<rect class="swatch {kind}" x="{x:g}" y="{y:g}" {shape}/>')
        parts.append(f'<text class="traffic" x="{x + _SWATCH + 10:g}" y="{y + 12:g}">{text}</text>')
        x += width
    return parts, y + _ROW + _MARGIN / 2


def _entries(diagram: Diagram) -> Iterator[tuple[str, str]]:
    """Kind and words of each entry."""
    for area, words in _WORDS.items():
        if any(node.place is area for node in diagram.nodes.values()):
            yield area.name.lower(), words
    yield "certain", "allowed"
    if not all(edge.certain for edge in diagram.edges):
        yield "uncertain", "cannot tell"
