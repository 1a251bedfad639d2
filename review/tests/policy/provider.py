"""Outputs as the provider has them: what AWS fills in, and, in a preview, what the provider plans as unknown.

A policy of the stack gets these. They hold more than the program gave: an instance has a `primaryNetworkInterface` that
AWS made, a group has the rules that other resources declare, a route table has their routes.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from review.graph import UNKNOWN, Asset, Graph, Resource, Secret
from review.graph.reading import find_referenced

_INSTANCE: Final = {
    "associatePublicIpAddress": True,
    "availabilityZone": "eu-west-1a",
    "hibernation": False,
    "keyName": "",
    "networkInterfaces": [],
    "primaryNetworkInterface": {"networkInterfaceId": "eni-0c0ffee0c0ffee000", "deleteOnTermination": True},
    "primaryNetworkInterfaceId": "eni-0c0ffee0c0ffee000",
    "privateIp": "10.0.0.10",
    "securityGroups": [],
    "sourceDestCheck": True,
    "userDataBase64": "",
}
_COMPUTED: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:ec2/instance:Instance": _INSTANCE,
    "aws:ec2/securityGroup:SecurityGroup": {"ingress": [], "egress": []},
    "aws:ec2/routeTable:RouteTable": {"routes": []},
    "aws:ec2/vpc:Vpc": {"defaultSecurityGroupId": "sg-0c0ffee0c0ffee000", "mainRouteTableId": "rtb-0c0ffee0c0ffee000"},
    "aws:lambda/function:Function": {"loggingConfig": {"logFormat": "Text"}, "ephemeralStorage": {"size": 512}},
    "aws:iam/role:Role": {"inlinePolicies": [], "managedPolicyArns": []},
}


def outputs(graph: Graph, *, planned: bool) -> dict[str, dict[str, Any]]:
    """The outputs of each resource by its URN: after an update, or as a preview plans them."""
    added = _added(graph)
    found: dict[str, dict[str, Any]] = {}
    for resource in graph:
        computed = {**_COMPUTED.get(resource.type, {}), **added[resource.urn]} if resource.custom else {}
        if planned:
            plan = {key: _as_planned(value) for key, value in resource.state.items()}
            found[resource.urn] = {**dict.fromkeys(computed, UNKNOWN), "id": UNKNOWN, **plan}
        else:
            # AWS's answer has all rules of a group, so the provider's output replaces what the program gave.
            found[resource.urn] = {**computed, **resource.state, **added[resource.urn], "__meta": "{}"}
    return found


def _as_planned(value: Any) -> Any:
    return UNKNOWN if isinstance(value, Mapping) and _unknown(value) else value


def _unknown(value: Any) -> bool:
    match value:
        case Secret(value=inner):
            return _unknown(inner)
        case Asset():
            return False
        case Mapping():
            return any(map(_unknown, value.values()))
        case list():
            return any(map(_unknown, value))
    return value is UNKNOWN


def _added(graph: Graph) -> dict[str, dict[str, Any]]:
    """What resources apart put into the lists of the one that they belong to."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for rule in graph:
        for holder, key, entry in _entries(graph, rule):
            given = holder.inputs.get(key)
            found[holder.urn].setdefault(key, list(given) if isinstance(given, list) else []).append(entry)
    return found


def _entries(graph: Graph, rule: Resource) -> Iterator[tuple[Resource, str, Any]]:
    for word in ("Ingress", "Egress"):
        if rule.kind == f"SecurityGroup{word}Rule":
            plain = {"fromPort": rule.inputs.get("fromPort", 0), "toPort": rule.inputs.get("toPort", 0)}
            entry = {**plain, "protocol": rule.inputs.get("ipProtocol"), "cidrBlocks": [], "securityGroups": []}
            for here, there in (("cidrIpv4", "cidrBlocks"), ("referencedSecurityGroupId", "securityGroups")):
                entry[there] = [rule.inputs[here]] if here in rule.inputs else []
            yield from ((hit, word.lower(), entry) for hit in find_referenced(graph, rule, "securityGroupId"))
    if rule.kind == "Route":
        route = {
            "cidrBlock": rule.inputs.get("destinationCidrBlock", ""),
            "gatewayId": rule.inputs.get("gatewayId", ""),
        }
        yield from ((hit, "routes", route) for hit in find_referenced(graph, rule, "routeTableId"))
