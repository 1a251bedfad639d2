"""Callers of functions and parts of APIs that may belong to one of the stack, since what they name is not known.

A literal name or ID is that of something else. An output of another stack, the result of a lookup and an input that no
update changes may be of anything.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from ..aws.catalog import types
from ..graph import UNKNOWN, Graph, Resource, list_texts, reveal_all
from ..graph.deployed_inputs import get_deployed_input, is_declared, resolve_references
from ..graph.reading import as_text
from .ledger import Entry
from .ways import Way, Ways

_Owner = tuple[tuple[str, ...], tuple[str, ...], Ways]
"""The input that names the owner, the types of owners, and what the resource may do to one."""
FUNCTION_URL: Final = "aws:lambda/functionUrl:FunctionUrl"
_OF_FUNCTION: Final = {
    FUNCTION_URL: ("functionName",),
    "aws:lambda/eventSourceMapping:EventSourceMapping": ("functionName",),
    "aws:sns/topicSubscription:TopicSubscription": ("endpoint",),
    "aws:s3/bucketNotification:BucketNotification": ("lambdaFunctions", "lambdaFunctionArn"),
    "aws:cloudwatch/eventTarget:EventTarget": ("arn",),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": ("destinationArn",),
    "aws:scheduler/schedule:Schedule": ("target", "arn"),
    **dict.fromkeys(types.PERMISSION, ("function",)),
}
_OF_API: Final = {
    **dict.fromkeys((*types.HTTP_ROUTE, *types.HTTP_INTEGRATION, *types.HTTP_STAGE), "apiId"),
    **dict.fromkeys((*types.REST_METHOD, *types.REST_INTEGRATION, *types.REST_STAGE), "restApi"),
    **dict.fromkeys(types.REST_POLICY, "restApiId"),
}
_APIS: Final = {"apiId": types.HTTP_API, "restApi": types.REST_API, "restApiId": types.REST_API}
_OWNERS: Final[dict[str, _Owner]] = {
    **{token: (path, types.INVOKED, frozenset({Way.CALLS})) for token, path in _OF_FUNCTION.items()},
    **{token: ((key,), _APIS[key], frozenset({Way.REPLACES})) for token, key in _OF_API.items()},
}
_OTHER_KIND: Final = re.compile(
    r"aws:(?!apigateway|appconfig|cloudcontrol|cloudformation|lambda|secretsmanager|servicecatalog|ssm)"
)
"""Types of which no output names a function or an API: those that hold no texts of others."""
_SERVICE: Final = re.compile(r"arn:[^:]*:([^:]*):")


def list_of_unknown_owner(graph: Graph, resource: Resource) -> Iterator[Entry]:
    """That a resource may belong to any of the stack that its input may name."""
    if resource.existing or resource.type not in _OWNERS:
        return
    path, kinds, ways = _OWNERS[resource.type]
    if not _may_name_any(graph, resource, path, kinds) or _calls_another_service(resource):
        return
    owners = {one.urn: one.name for one in graph.list_by_type(*kinds) if not one.existing}
    if owners:
        yield Entry(f"{resource.name} ({resource.kind})", ways, owners)


def _may_name_any(graph: Graph, resource: Resource, path: tuple[str, ...], kinds: tuple[str, ...]) -> bool:
    others, known = resolve_references(graph, resource, path, kinds)
    is_unknown = not known and not _is_of_another_kind(graph, resource, path[0])
    return is_unknown or any(_is_of_lookup(graph, text) for text in others)


def _is_of_another_kind(graph: Graph, resource: Resource, key: str) -> bool:
    """Whether an input is made only of resources of the program that are neither functions nor APIs."""
    urns = resource.property_dependencies.get(key, ())
    sources = [graph.resources.get(urn) for urn in urns]
    return bool(sources) and is_declared(resource, key) and all(map(_names_only_itself, sources))


def _names_only_itself(source: Resource | None) -> bool:
    return source is not None and source.custom and not source.existing and bool(_OTHER_KIND.match(source.type))


def _is_of_lookup(graph: Graph, text: str) -> bool:
    """Whether a lookup answered with a text that may name a function or an API: a name too, which it was asked by."""
    if _is_of_lookup not in graph.answered:
        graph.answered[_is_of_lookup] = {
            found for call in graph.invokes for found in list_texts(reveal_all(call.result))
        }
    service = _SERVICE.match(text)
    return text in graph.answered[_is_of_lookup] and (service is None or service[1] in ("lambda", "apigateway"))


def _calls_another_service(resource: Resource) -> bool:
    """Whether what a sender names is known to be no function: it has settings, or a protocol, of another service."""
    protocol: Any = get_deployed_input(resource, "protocol")
    settings = [key for key in resource.inputs if key.endswith("Target")]
    return bool(settings) or (protocol is not UNKNOWN and as_text(protocol) not in ("", "lambda"))
