"""Physical names: those that a program gives, and those that Pulumi makes of the logical name.

https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming-configuration
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from ...graph import UNKNOWN, Graph, Resource, reveal
from ...graph.reading import as_mapping, as_text, get_declared_input, get_value
from .catalog import find_row

_RANDOM: Final = 8
"""Characters that automatic naming adds: a hyphen and seven hexadecimal digits."""
_FIELD: Final = re.compile(r"\$\{\s*(\w+)(?:\(\s*(\d+)\s*\))?\s*\}")
_UUID: Final = 36


def name_length(graph: Graph, resource: Resource) -> int | None:
    """Characters of the name that AWS will see. None if the type has no limit, or the length is not known."""
    if find_row(resource.type).longest_name is None:
        return None
    name = get_declared_input(resource, "name")
    if name is UNKNOWN or get_declared_input(resource, "namePrefix") is not None:
        return None  # the provider shortens nothing, and refuses a prefix that is too long by itself
    if name is not None:
        return len(as_text(name))
    settings = _find_autonaming(graph, resource)
    mode, pattern = as_text(settings.get("mode")), as_text(settings.get("pattern"))
    if pattern or mode == "disabled":
        return _measure_pattern(pattern, graph, resource) if pattern else None
    return len(resource.name) + (0 if mode == "verbatim" else _RANDOM)


def name_pattern(graph: Graph, resource: Resource) -> str:
    """The name that AWS will see, given by the program or made by Pulumi, with `*` for its random characters."""
    name, prefix = get_declared_input(resource, "name"), as_text(get_declared_input(resource, "namePrefix"))
    if name is not None:
        return as_text(name) or "*"
    settings = _find_autonaming(graph, resource)
    mode = as_text(settings.get("mode"))
    if prefix or not settings:
        return f"{prefix or resource.name + '-'}*"
    return resource.name if mode == "verbatim" else "*"


def _find_autonaming(graph: Graph, resource: Resource) -> Mapping[str, Any]:
    """The narrowest autonaming settings: of the type, of the provider, of the stack."""
    stack = reveal(graph.config.get("pulumi:autonaming"))
    provider = get_value(stack, "providers", resource.type.partition(":")[0])
    for settings in map(as_mapping, (get_value(provider, "resources", resource.type), provider, stack)):
        if "mode" in settings or "pattern" in settings:
            return settings
    return {}


def _measure_pattern(pattern: str, graph: Graph, resource: Resource) -> int | None:
    known = {"name": len(resource.name), "project": len(graph.project), "stack": len(graph.stack), "uuid": _UUID}
    sizes = [int(field[2]) if field[2] else known.get(field[1]) for field in _FIELD.finditer(pattern)]
    return None if None in sizes else len(_FIELD.sub("", pattern)) + sum(filter(None, sizes))
