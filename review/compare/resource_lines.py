"""Lines on resources: each that is new, removed or changed, unless another line states it already."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ..aws.catalog import types
from ..graph import Graph, Resource
from ..graph.graph import grouped
from .data import inputs_in_words, titled
from .facts import Facts
from .lines import Group, Line, Sign
from .replacements import without_members
from .resources import DIGEST, Change, Resources, key_of
from .statements import CallLines
from .wording import Wording, few_words

_COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "aws:apigateway/method:Method": {
        "authorization": "requires",
        "apiKeyRequired": "requires",
        "authorizerId": "authorizer",
        "authorizationScopes": "scopes",
    },
    "aws:apigatewayv2/route:Route": {
        "authorizationType": "requires",
        "authorizerId": "authorizer",
        "authorizationScopes": "scopes",
    },
    "aws:apigateway/integration:Integration": {"uri": "goes to", "timeoutMilliseconds": "timeout"},
    "aws:apigatewayv2/integration:Integration": {"integrationUri": "goes to", "timeoutMilliseconds": "timeout"},
    "aws:apigateway/methodSettings:MethodSettings": {
        "settings.throttlingRateLimit": "throttle",
        "settings.throttlingBurstLimit": "throttle",
    },
    "aws:apigatewayv2/stage:Stage": {
        "defaultRouteSettings.throttlingRateLimit": "throttle",
        "defaultRouteSettings.throttlingBurstLimit": "throttle",
        "routeSettings.throttlingRateLimit": "throttle",
        "routeSettings.throttlingBurstLimit": "throttle",
    },
}
"""Inputs of resources that a column of the table of calls states."""
_OPERATION_COLUMNS: Final = {
    "security": "requires",
    "x-amazon-apigateway-integration.uri": "goes to",
    "x-amazon-apigateway-integration.timeoutInMillis": "timeout",
    "x-amazon-apigateway-integration.responseTransferMode": "response",
}
"""The same of an operation in the OpenAPI document of a REST API."""
_OPERATION: Final = re.compile(
    r"body\.paths\.(?P<path>/.*?)\.(?P<method>get|head|post|put|patch|delete|options|x-amazon-apigateway-any-method)"
    r"(?:\.(?P<rest>.+))?"
)
_PARTS_OF_CALLS: Final = (*_COLUMNS, "aws:apigateway/resource:Resource", "aws:lambda/permission:Permission")
_NO_DESCRIPTION: Final = ("tags", "tagsAll", "name", "namePrefix", "description", "region", "policy", "vpcId")
_INPUTS: Final = 6
"""Inputs of a new or removed resource that are listed."""


def resource_lines(
    resources: Resources, before: Facts, after: Facts, wording: Wording, calls: CallLines, stated: Sequence[Line]
) -> Iterator[Line]:
    """Lines on all resources that no line states yet."""
    done = {urn for line in stated if line.group is Group.DATA for urn in line.resources}
    read = {key_of(urn) for facts in (before, after) for urn, _ in facts.reads}
    for sign, some, graph in ((Sign.NEW, resources.added, after.graph), (Sign.GONE, resources.removed, before.graph)):
        left = [each for each in some if each.urn not in done]
        yield from _whole(sign, left, graph, read, wording)
    rules = [line for line in stated if line.group is Group.RULES]
    alike: dict[tuple[Group, Sign, str], list[Change]] = {}
    for change in resources.changes:
        if change.old.urn not in done and change.new.urn not in done:
            without = frozenset(_stated(change, calls, rules))
            group = Group.ACCESS if _decides(change, before, after) else Group.OTHER
            sign = Sign.REPLACED if change.replacing else Sign.CHANGED
            alike.setdefault((group, sign, _fate(change, wording, without)), []).append(change)
    for (group, sign, fate), changes in alike.items():
        if fate:
            names = [titled(change.new) for change in changes]
            urns = tuple(change.new.urn for change in changes)
            yield Line(group, sign, f"{few_words(names)} {fate}", few_words(names), urns)
    yield from _outputs(before.graph, after.graph)


def _fate(change: Change, wording: Wording, without: frozenset[str]) -> str:
    """What happens to a resource, and the inputs that no other line states; empty if nothing is left to say."""
    parts = [part for part in change.inputs if part.name not in without]
    was = "" if change.old.name == change.new.name else f"was {change.old.name} before; "
    if change.replacing and parts and all(_is_digest(part.before, part.after) for part in parts):
        return f"{was}is deployed again"
    said = inputs_in_words(change, wording, without)
    how = "is replaced" if change.replacing else "is perhaps replaced" if change.replacing is None else "changes"
    if said or change.replacing:
        return f"{was}{how}: {said}" if said else f"{was}{how}"
    if not change.inputs and not change.follows:
        return was.rstrip("; ") or "is in another component"
    return ""


def _is_digest(*values: Any) -> bool:
    return all(isinstance(value, str) and DIGEST.fullmatch(value) for value in values)


def _decides(change: Change, before: Facts, after: Facts) -> bool:
    """Whether a path or a call rests on an input that differs."""
    for facts, resource in ((before, change.old), (after, change.new)):
        for part in change.inputs:
            name = without_members(part.name)
            if any(
                urn == resource.urn and (f"{name}.".startswith(f"{path}.") or path.startswith(f"{name}."))
                for urn, path in facts.reads
            ):
                return True
    return False


def _stated(change: Change, calls: CallLines, rules: Iterable[Line]) -> Iterator[str]:
    """Inputs that a line on calls or rules states."""
    columns = calls.by_resource.get(key_of(change.new.urn), frozenset())
    names = _COLUMNS.get(change.new.type, {})
    for part in change.inputs:
        operation = _OPERATION.fullmatch(part.name)
        if names.get(without_members(part.name)) in columns or (operation and _is_stated(operation, change, calls)):
            yield part.name
        for line in rules:
            last = part.name.rpartition(".")[2]
            if change.new.urn in line.resources and re.search(
                rf"\b{re.escape(last)}\b.*\b{re.escape(str(part.after))}\b", line.text
            ):
                yield part.name


def _is_stated(operation: re.Match[str], change: Change, calls: CallLines) -> bool:
    method = "ANY" if operation["method"].startswith("x-") else operation["method"].upper()
    columns = calls.columns.get((key_of(change.new.urn), f"{method} {operation['path']}"), frozenset())
    if operation["rest"] is None:
        return "API" in columns  # The call is new or gone.
    return _OPERATION_COLUMNS.get(operation["rest"]) in columns


def _whole(sign: Sign, some: Sequence[Resource], graph: Graph, read: set[str], wording: Wording) -> Iterator[Line]:
    """New or removed resources: those that decide about access with their inputs, the others by component."""
    others = []
    for resource in some:
        if key_of(resource.urn) in read and resource.type in _DESCRIBED:
            fate = " (stays in AWS)" if sign is Sign.GONE and resource.options.retain_on_delete else ""
            text = f"{titled(resource)}{fate}{_description(resource, wording)}"
            yield Line(Group.ACCESS, sign, text, resource.name, (resource.urn,))
        else:
            others.append(resource)
    for owner, owned in grouped((_owner(resource, graph), resource) for resource in others).items():
        names = ", ".join(titled(resource) for resource in owned)
        urns = tuple(resource.urn for resource in owned)
        yield Line(Group.OTHER, sign, f"{owner}: {names}" if owner else names, owner or names, urns)


_DESCRIBED: Final = frozenset(
    (
        *types.INGRESS_RULE,
        *types.EGRESS_RULE,
    )
)


def _owner(resource: Resource, graph: Graph) -> str:
    """The component at the top of the stack that a resource belongs to."""
    top = graph.top(resource)
    return "" if top.urn == resource.urn or top.custom else top.name


def _description(resource: Resource, wording: Wording) -> str:
    said = [
        f"{key} {wording.of_value(value)}"
        for key, value in resource.inputs.items()
        if key not in _NO_DESCRIPTION and value not in (None, "", [], {})
    ]
    return f": {', '.join(said[:_INPUTS])}" if said else ""


def _outputs(before: Graph, after: Graph) -> Iterator[Line]:
    for sign, some, others in ((Sign.NEW, after, before), (Sign.GONE, before, after)):
        names = sorted(some.exports.keys() - others.exports.keys())
        if names:
            yield Line(Group.OTHER, sign, f"stack outputs: {', '.join(names)}", "stack outputs")
