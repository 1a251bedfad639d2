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
    return _line(_value(document, "config"), names)


def _line(node: yaml.Node | None, names: Sequence[str]) -> int | None:
    found = None
    for name in names:
        node = _value(node, name)
        if node is None:
            break
        found = int(node.start_mark.line) + 1
    return found


def _value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    """The value of a key, which may have the project's name before it, or the member of a list."""
    if isinstance(node, yaml.SequenceNode):
        return node.value[int(name)] if name.isdecimal() and int(name) < len(node.value) else None
    if not isinstance(node, yaml.MappingNode):
        return None
    values: dict[str, yaml.Node] = {str(key.value).rpartition(":")[2]: value for key, value in node.value}
    return values.get(name)
