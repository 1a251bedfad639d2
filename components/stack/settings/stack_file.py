"""Where keys stand in the text of a stack file."""

import os
import re
from pathlib import Path

import pulumi
import yaml

from ...facts.review_variables import STACK_FILE


def find_stack_file(stack: str) -> Path:
    """Returns the file of a stack: the one that a review names, or the CLI's."""
    if told := os.environ.get(STACK_FILE):
        return Path(told)
    root = Path(pulumi.get_root_directory() or "")
    own = _find_entry(read_nodes(root / "Pulumi.yaml"), "stackConfigDir")[1]
    folders = [Path(), root, *([root / str(own.value)] if isinstance(own, yaml.ScalarNode) else [])]
    files = [folder / f"Pulumi.{stack}{suffix}" for folder in folders for suffix in (".yaml", ".yml")]
    return next((file for file in files if file.is_file()), files[0])


def find_entries(node: yaml.Node | None, name: str) -> list[tuple[yaml.Node, yaml.Node]]:
    """Returns the keys of a map with this name, which may have the project's before it, each with its value."""
    if not isinstance(node, yaml.MappingNode):
        return []
    return [(key, value) for key, value in node.value if str(key.value).rpartition(":")[2] == name]


def read_nodes(file: Path) -> yaml.Node | None:
    """Returns a stack file with its places. None if it is not there, or is no YAML."""
    try:
        return yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, ValueError, yaml.YAMLError):
        return None


def find_line(key: str, document: yaml.Node | None) -> int | None:
    """The line of `gatehouse:backend.port` in a stack file, or of the part above it that is there. None if none is."""
    found, (_, node) = None, _find_entry(document, "config")
    for name in re.findall(r"[^.\[\]]+", key.rpartition(":")[2]):
        place, node = _find_entry(node, name)
        if place is None:
            break
        found = int(place.start_mark.line) + 1
    return found


def _find_entry(node: yaml.Node | None, name: str) -> tuple[yaml.Node | None, yaml.Node | None]:
    """Returns a key and its value, or the member of a list for both."""
    if isinstance(node, yaml.SequenceNode) and name.isdecimal() and int(name) < len(node.value):
        return node.value[int(name)], node.value[int(name)]
    return next(reversed(find_entries(node, name)), (None, None))
