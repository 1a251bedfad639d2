"""The network around a stack, as the project's answers to its lookups have it: resources that exist already.

A resource has only the inputs that an answer holds, so that the review relies on nothing that is made up.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..aws.catalog.catalog import make_token
from ..aws.catalog.tables import load_table
from ..graph import Invoke, Resource
from ..graph.reading import as_list, as_mapping, as_text

_TYPES: Final = {
    make_token("ec2.getVpc"): make_token("ec2.Vpc"),
    make_token("ec2.getSubnet"): make_token("ec2.Subnet"),
    make_token("ec2.getRouteTable"): make_token("ec2.RouteTable"),
}
_ASSOCIATION: Final = make_token("ec2.RouteTableAssociation")
_ROUTE_TABLES: Final = make_token("ec2.getRouteTables")
_BY_SUBNET: Final = "association.subnet-id"


def list_existing(invokes: Iterable[Invoke], declared: Iterable[Resource]) -> list[Resource]:
    """VPCs, subnets and route tables that lookups found, each once, and the route table that each subnet follows.

    Those that the program declares, or reads by their IDs, are left out.
    """
    answered = [invoke for invoke in invokes if invoke.answered]
    known = {as_text(resource.state.get("id")) for resource in declared}
    found: dict[str, Resource] = {}
    for invoke in answered:
        identity = as_text(invoke.result.get("id"))
        if invoke.token in _TYPES and identity and identity not in known:
            found.setdefault(identity, _make_resource(_TYPES[invoke.token], identity, invoke))
    return [*found.values(), *_list_associations(answered, found)]


def _make_resource(type_: str, identity: str, invoke: Invoke) -> Resource:
    values = {key: invoke.result[key] for key in sorted(invoke.answered)}
    if type_.endswith(":RouteTable"):
        # Inline routes of a program leave empty targets out.
        routes = (
            {key: text for key, text in as_mapping(route).items() if text} for route in as_list(values.get("routes"))
        )
        values |= {"routes": list(routes)} if "routes" in values else {}
    return _make_read(type_, identity, values, invoke)


def _make_read(type_: str, identity: str, values: Mapping[str, Any], invoke: Invoke) -> Resource:
    inputs = load_table("input_types")[type_]
    return Resource(
        urn=f"urn:pulumi:existing::lookups::{type_}::{identity}",
        type=type_,
        name=identity,
        parent=None,
        custom=True,
        inputs={key: value for key, value in values.items() if key in inputs},
        state={**values, "id": identity},
        region=invoke.region,
        existing=True,
        read=frozenset(values),
    )


def _list_associations(answered: list[Invoke], found: Mapping[str, Resource]) -> Iterator[Resource]:
    """A subnet that no association names follows the main route table of its VPC."""
    for invoke in answered:
        subnet_id = _find_named_subnet(invoke)
        subnet = found.get(subnet_id)
        if subnet is None or "ids" not in invoke.answered:
            continue
        vpc = found.get(as_text(subnet.inputs.get("vpcId")))
        main = as_text(vpc.state.get("mainRouteTableId")) if vpc else ""
        if table_id := as_text(next(iter(as_list(invoke.result.get("ids"))), main)):
            values = {"subnetId": subnet_id, "routeTableId": table_id}
            yield _make_read(_ASSOCIATION, f"{subnet_id}/{table_id}", values, invoke)


def _find_named_subnet(invoke: Invoke) -> str:
    """The subnet whose route table a lookup looks for; empty if it looks for others."""
    filters = as_list(invoke.arguments.get("filters"))
    if invoke.token != _ROUTE_TABLES or len(filters) != 1 or as_mapping(filters[0]).get("name") != _BY_SUBNET:
        return ""
    values = as_list(as_mapping(filters[0]).get("values"))
    return as_text(values[0]) if len(values) == 1 else ""
