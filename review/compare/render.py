"""A comparison as text, as Markdown and as JSON. All three have the same lines."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from .comparison import Comparison
from .lines import Group, Line

FIRST_SCREEN: Final = 30  # lines that are shown before those that are folded or counted


def format_text_lines(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Each line with its sign; titles and remarks have none."""
    yield from (("", heading) for heading in comparison.headings)
    shown = 0
    for title, lines in _group_lines(comparison.lines):
        for at, line in enumerate(lines):
            if shown == FIRST_SCREEN:
                left = len(comparison.lines) - shown
                yield "", f"The other {'line' if left == 1 else f'{left} lines'}:"
            yield from [("", f"{title}:")] * (at == 0)
            yield line.sign.value, line.sentence
            shown += 1
    yield "", comparison.scope


def format_markdown_blocks(comparison: Comparison, safe: Callable[[str], str]) -> Iterator[str]:
    """Blocks of a comment. `safe` takes the markup out of a text."""
    first, *others = comparison.headings
    yield f"### {safe(first)}"
    if others:
        yield "\n".join(f"- **{safe(heading)}**" for heading in others)
    yield f"Against {safe(comparison.against)}: {comparison.counts}"
    shown, rest = comparison.lines[:FIRST_SCREEN], comparison.lines[FIRST_SCREEN:]
    if shown:
        yield _format_markdown(shown, safe)
    if rest:
        yield f"<details><summary>{len(rest)} more lines</summary>\n\n{_format_markdown(rest, safe)}\n\n</details>"
    yield safe(comparison.scope)


def _format_markdown(lines: tuple[Line, ...], safe: Callable[[str], str]) -> str:
    blocks = []
    for title, group_lines in _group_lines(lines):
        bullets = [f"- `{line.sign.value}` {safe(line.sentence)}" for line in group_lines]
        blocks.append("\n".join([f"**{title}**", "", *bullets]))
    return "\n\n".join(blocks)


def _group_lines(lines: tuple[Line, ...]) -> Iterator[tuple[str, list[Line]]]:
    for group in Group:
        if group_lines := [line for line in lines if line.topic.group is group]:
            yield group.value, group_lines


def build_document(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON: all lines, and the resources that differ."""
    resources = comparison.resources
    return {
        "against": comparison.against,
        "heading": comparison.heading,
        "failures": [line.head for line in comparison.failures],
        "compared": list(comparison.compared),
        "notCompared": list(comparison.not_compared),
        "lines": [_build_line(line) for line in comparison.lines],
        "added": [resource.urn for resource in resources.added],
        "removed": [resource.urn for resource in resources.removed],
        "replaced": [change.new.urn for change in resources.changes if change.replacing],
        "changed": [change.new.urn for change in resources.changes if not change.replacing],
    }


def _build_line(line: Line) -> dict[str, Any]:
    group, topic = line.topic.group.name.lower(), line.topic.name.lower()
    fact = {"group": group, "topic": topic, "sign": line.sign.value, "text": line.sentence}
    return {**fact, "place": line.place, "resources": list(line.resources)}
