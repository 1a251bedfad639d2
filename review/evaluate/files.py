"""Files and folders that a program names as code or content, and that do not exist."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..graph import Asset, Graph, reveal_all


def list_missing_files(graph: Graph, program: Path) -> list[str]:
    """Files and folders that inputs name and that do not exist: a build may not have run. The engine refuses them."""
    missing = []
    for resource in graph:
        declared = f"{resource.name} ({resource.source})" if resource.source else resource.name
        for path in _list_paths(reveal_all(resource.inputs)):
            if not (program / path).exists():
                absent = f"there is no file or folder {path!r} (seen from the program's folder)"
                missing.append(f"{declared}: {absent}, so the engine will refuse it")
    return missing


def _list_paths(value: Any) -> Iterator[str]:
    """Paths of the assets in a value, at any depth."""
    if isinstance(value, Asset):
        yield from [value.path] if value.path else []
        value = reveal_all(value.members)
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _list_paths(inner)
