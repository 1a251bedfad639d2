"""Physical names: those that a program gives, and those that Pulumi makes of the logical name.

https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming-configuration
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from ...facts.resource_names import find_autonaming
from ...graph import Graph, Resource, reveal
from ...graph.reading import as_text, get_declared_input

PARTIAL_ARN: Final = re.compile(r"(?:\d{12}:)?(?:function:)?(?P<name>[\w-]+)(?::[\w$-]+)?")
"""A function's name as Lambda takes it: `123456789012:function:orders`, `orders:live`.
https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html"""


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
