"""Graphs written otherwise, which are the same to AWS: other names with aliases, other forms and orders."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from review.aws.catalog import types
from review.graph import Graph, Resource, Secret

_SETS = re.compile(
    "ingress|egress|securityGroups|vpcSecurityGroupIds|securityGroupIds|subnets|cidrBlocks|ipv6CidrBlocks|routes|values"
    "|alarmActions|routeTableIds|vpcZoneIdentifiers|targetGroupArns|managedPolicyArns|authorizationScopes|audiences"
    "|allowOrigins|allowMethods"
)
"""Inputs whose order says nothing."""
_ALIKE = (types.COMPUTE, (*types.LOAD_BALANCER, *types.TARGET_GROUP), (*types.LISTENER, *types.LISTENER_RULE))
"""Types whose resources have names of their own: a path has their names alone, and a condition that of its rule."""


def renamed(graph: Graph) -> Graph:
    """Every resource under another name, with an alias. What AWS has stays, and so do the outputs."""
    urns = {
        urn: f"{urn.rpartition('::')[0]}::x-{resource.name}" if resource.custom and not resource.existing else urn
        for urn, resource in graph.resources.items()
    }
    made = _by_urns(graph, urns).resources.items()
    old = {now: was for was, now in urns.items()}
    aliases = {urn: (old[urn],) if old[urn] != urn else () for urn, _ in made}
    return replace(
        graph, resources={urn: replace(one, options=replace(one.options, aliases=aliases[urn])) for urn, one in made}
    )


def namesakes(*graphs: Graph) -> list[Graph]:
    """The same graphs with one name for a resource of each type, and numbers where there are more of one."""
    urns, used = dict[str, str](), Counter[tuple[str, ...]]()
    for urn, resource in [each for graph in graphs for each in graph.resources.items()]:
        if resource.custom and not resource.existing and urn not in urns:
            alike = next((each for each in _ALIKE if resource.type in each), (resource.type,))
            used[alike] += 1
            urns[urn] = f"{urn.rpartition('::')[0]}::web{used[alike] if used[alike] > 1 else ''}"
    return [_by_urns(graph, urns) for graph in graphs]


def _by_urns(graph: Graph, urns: Mapping[str, str]) -> Graph:
    """A graph with other URNs, and the names in these."""

    def moved(resource: Resource) -> Resource:
        urn = urns.get(resource.urn, resource.urn)
        return replace(
            resource,
            urn=urn,
            name=urn.rpartition("::")[2],
            parent=urns.get(resource.parent or "", resource.parent),
            options=replace(resource.options, aliases=tuple(urns.get(each, each) for each in resource.options.aliases)),
            dependencies=tuple(urns.get(urn, urn) for urn in resource.dependencies),
            property_dependencies={
                key: tuple(urns.get(urn, urn) for urn in named) for key, named in resource.property_dependencies.items()
            },
        )

    return replace(graph, resources={urns.get(urn, urn): moved(resource) for urn, resource in graph.resources.items()})


def _each_input(graph: Graph, change: Callable[[Any], Any]) -> Graph:
    made = {urn: replace(resource, inputs=change(dict(resource.inputs))) for urn, resource in graph.resources.items()}
    return replace(graph, resources=made)


def reordered(graph: Graph) -> Graph:
    """Lists without an order the other way round, and keys too."""

    def other(value: Any, key: str = "") -> Any:
        if isinstance(value, list):
            members = [other(one) for one in value]
            return members[::-1] if _SETS.fullmatch(key) else members
        return {name: other(one, name) for name, one in reversed(value.items())} if isinstance(value, dict) else value

    return _each_input(graph, other)


def _with_statements(graph: Graph, change: Callable[[Mapping[str, Any]], list[dict[str, Any]]]) -> Graph:
    def other(value: Any) -> Any:
        match value:
            case Secret():
                return Secret(other(value.value))
            case list():
                return [other(one) for one in value]
            case {"Statement": dict() | list() as written}:
                listed = written if isinstance(written, list) else [written]
                changed = [new for one in reversed(listed) if isinstance(one, dict) for new in change(one)]
                whole = all(isinstance(one, dict) for one in listed)
                named = [{**one, "Sid": f"s{at}"} for at, one in enumerate(changed)]
                return {**value, "Statement": named} if whole else value
            case dict():
                return {key: other(one) for key, one in value.items()}
            case str() if value.startswith("{") and '"Statement"' in value:
                return json.dumps(other(json.loads(value)))
        return value

    return _each_input(graph, other)


def listed(graph: Graph) -> Graph:
    """Statements in another order, each with another Sid, and with lists in another order or in place of a text."""

    def change(one: Mapping[str, Any]) -> list[dict[str, Any]]:
        lists = {key: [*one[key]][::-1] for key in ("Action", "Resource") if isinstance(one.get(key), list)}
        texts = {key: [one[key]] for key in ("Action", "Resource") if isinstance(one.get(key), str)}
        return [{**one, **lists, **texts}]

    return _with_statements(graph, change)


def split(graph: Graph) -> Graph:
    """A statement for each action."""

    def change(one: Mapping[str, Any]) -> list[dict[str, Any]]:
        actions = one.get("Action")
        return [{**one, "Action": each} for each in actions] if isinstance(actions, list) else [dict(one)]

    return _with_statements(graph, change)


def spelled(graph: Graph) -> Graph:
    """Services and AWS's global condition keys in other letters, and an account in place of its root.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """

    def action(value: Any) -> Any:
        if isinstance(value, list):
            return [action(one) for one in value]
        service, colon, name = value.partition(":") if isinstance(value, str) else (value, "", "")
        return f"{service.upper()}:{name}" if colon else value

    def principal(value: Any) -> Any:
        if isinstance(value, list):
            return [principal(one) for one in value]
        parts = value.split(":") if isinstance(value, str) else ()
        return parts[4] if len(parts) == 6 and parts[5] == "root" else value

    def change(one: Mapping[str, Any]) -> list[dict[str, Any]]:
        made = dict(one)
        made |= {"Action": action(one["Action"])} if "Action" in one else {}
        if isinstance(one.get("Principal"), dict):
            made["Principal"] = {key: principal(value) for key, value in one["Principal"].items()}
        if isinstance(one.get("Condition"), dict):
            made["Condition"] = {
                operator: {key.upper() if key.startswith("aws:") else key: value for key, value in asked.items()}
                for operator, asked in one["Condition"].items()
            }
        return [made]

    return _with_statements(graph, change)


FORMS = (renamed, reordered, listed, split, spelled)
