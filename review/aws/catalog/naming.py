"""Physical names: those that a program gives, and those that Pulumi makes of the logical name.

https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming-configuration
"""

from collections.abc import Mapping
from typing import Any, Final

from ...facts.resource_names import RULES, NameRule, find_autonaming, make_name
from ...graph import UNKNOWN, Graph, Resource, reveal
from ...graph.reading import as_text, get_declared_input
from .catalog import make_token

NAME_RULES: Final[Mapping[str, NameRule]] = {make_token(short): rule for short, rule in RULES.items()}
"""Names that AWS accepts, by type token."""


def read_name(graph: Graph, resource: Resource) -> str | None:
    """The name that AWS will see, of which random characters are replaced. None if it is not known."""
    name = get_declared_input(resource, "name")
    if name is UNKNOWN or get_declared_input(resource, "namePrefix") is not None:
        return None  # the provider shortens nothing, and refuses a prefix that is too long by itself
    if name is not None:
        return as_text(name)
    return make_name(resource.name, _find_autonaming(graph, resource), graph.project, graph.stack)


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
    return find_autonaming(reveal(graph.config.get("pulumi:autonaming")), resource.type)
