"""The line of a stack file that a key stands in."""

import re
from collections.abc import Sequence
from pathlib import Path

import yaml


def line_of(key: str, file: Path) -> int | None:
    """The line of `gatehouse:backend.port` in a stack file, or of the part above it that is there. None if none is."""
    try:
        document = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, ValueError, yaml.YAMLError):
        return None
    names = re.findall(r"[^.\[\]]+", key.rpartition(":")[2])
    return _line(_entry(document, "config")[1], names)


def _line(node: yaml.Node | None, names: Sequence[str]) -> int | None:
    found = None
    for name in names:
        key, node = _entry(node, name)
        if key is None:
            break
        found = int(key.start_mark.line) + 1
    return found


def _entry(node: yaml.Node | None, name: str) -> tuple[yaml.Node | None, yaml.Node | None]:
    """A key, which may have the project's name before it, and its value; or the member of a list for both."""
    if isinstance(node, yaml.SequenceNode) and name.isdecimal() and int(name) < len(node.value):
        return node.value[int(name)], node.value[int(name)]
    if not isinstance(node, yaml.MappingNode):
        return None, None
    entries = {str(key.value).rpartition(":")[2]: (key, value) for key, value in node.value}
    return entries.get(name, (None, None))
