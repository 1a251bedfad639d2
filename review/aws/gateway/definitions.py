"""The OpenAPI definition of an API: its body, or its component's input while the body is unknown.

A body is one text. In the first preview of a stack it is unknown as a whole, since it holds the ARN of a function or
the ID of a link. `ApiFront` has the same document among its inputs, in which only those values are unknown.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import yaml

from ...graph import UNKNOWN, Graph, Resource
from ...graph.aliases import is_too_large
from ...graph.evidence import get_deployed_input, is_declared
from ...graph.json_parsing import parse_json

API_FRONT: Final = ("gatehouse:index:ApiFront",)
"""The component that declares an API and everything around it."""
_DEFINITION: Final = "definition"
FUNCTION: Final = "x-gatehouse-function"
"""The name of the function that an integration of the component's document calls, beside its ARN."""


def read_definition(graph: Graph, api: Resource) -> Any:
    """The definition, JSON or YAML: a mapping, `UNKNOWN`, or None if there is none that can be read.

    The component's document stands for a body that only the deployment knows. It does not stand for one that AWS may
    hold differently: of an API that is only read, or whose body is in `ignore_changes`.
    """
    body = get_deployed_input(api, "body")
    if body is UNKNOWN and api.inputs.get("body") is UNKNOWN and is_declared(api, "body"):
        return _find_component_document(graph, api)
    if not isinstance(body, str):
        return body
    try:
        return parse_json(body)
    except json.JSONDecodeError:
        pass
    except ValueError:
        return None
    try:
        loader = yaml.SafeLoader(body)
        root = loader.get_single_node()
        return None if root is None or is_too_large(root) else loader.construct_document(root)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _find_component_document(graph: Graph, api: Resource) -> Any:
    front = graph.resources.get(api.parent or "")
    document = get_deployed_input(front, _DEFINITION) if front is not None and front.type in API_FRONT else None
    return document if isinstance(document, Mapping) else UNKNOWN
