"""Equality of container definitions, as the provider decides it."""

from collections.abc import Mapping
from typing import Any, Final

from ..graph.reading import as_mapping

_DEFAULTS: Final = {"essential": True, "protocol": "tcp"}


def are_same_containers(before: Any, after: Any) -> bool:
    """Whether two lists of container definitions are the same to the provider.

    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ecs/task_definition_equivalency.go
    """
    return bool(_normalize(before) == _normalize(after))


def _normalize(value: Any, key: str = "") -> Any:
    """A definition without defaults, with containers and variables by name."""
    if isinstance(value, Mapping):
        parts = {name: _normalize(part, name) for name, part in value.items()}
        return {
            name: value for name, value in parts.items() if value != _DEFAULTS.get(name) and value not in ([], {}, None)
        }
    if isinstance(value, list):
        members = [_normalize(member, "member") for member in value]
        named = key in ("", "environment", "secrets") and all("name" in as_mapping(member) for member in members)
        return sorted(members, key=lambda member: str(member["name"])) if named else members
    return value
