"""Answers to lookups of what exists in an account: zones, parameters, images, networks, balancers, roles, secrets.

`existing.json` has templates of most, by the name of the function in AWS's SDK. The rules of a group that exists are
one prefix list there, since the review does not know their ranges.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ...aws.catalog.catalog import token_of
from ..host.types import UNTOLD
from .lookup_context import Answer, Arguments, LookupContext
from .policy_document import render

_TEMPLATES: Final[Mapping[str, Answer]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
_ROUTE_FIELDS: Final = (
    "carrierGatewayId cidrBlock coreNetworkArn destinationPrefixListId egressOnlyGatewayId gatewayId instanceId "
    "ipv6CidrBlock localGatewayId natGatewayId networkInterfaceId transitGatewayId vpcEndpointId vpcPeeringConnectionId"
)


def _zones(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    region = context.location.region
    left_out = {*(arguments.get("excludeNames") or []), *(arguments.get("excludeZoneIds") or [])}
    wanted = {entry["name"]: entry["values"] for entry in arguments.get("filters") or []}
    zones = [
        (name, zone_id)
        for name, zone_id in sorted(context.location.zones.items())
        if not left_out & {name, zone_id}
        and name in wanted.get("zone-name", [name])
        and zone_id in wanted.get("zone-id", [zone_id])
    ]
    ids = [zone_id for _, zone_id in zones]
    return {"id": region, "names": [name for name, _ in zones], "zoneIds": ids, "groupNames": [region]}


def _ssm_parameter(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    name = str(arguments.get("name", ""))
    image = "/ami-" in name or "/image_id" in name or name.startswith("/aws/service/canonical")
    value = f"ami-0{context.digits(name + context.location.region)}" if image else UNTOLD
    arn = context.location.arn("ssm", f"parameter{name}")
    return {"id": name, "arn": arn, "value": value, "insecureValue": value, "type": "String", "version": 1}


def _subnet(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    named = context.configured("subnet")
    subnet_id = arguments.get("id") or next(iter(named), f"subnet-0{context.digits('default subnet')}")
    at = named.index(subnet_id) if subnet_id in named else int(context.digits(subnet_id, 4), 16)
    zones = context.location.zones
    # Each subnet that the config names is in a zone of its own, which is what a list of them means.
    zone = arguments.get("availabilityZone") or list(zones)[at % len(zones)]
    made = {"id": subnet_id, "availabilityZone": zone, "availabilityZoneId": zones.get(zone, ""), "number": at % 256}
    made["ipv6CidrBlock"] = f"2001:db8:0:{at % 256:x}::/64" if context.has_ipv6 else ""
    return context.filled(_TEMPLATES["ec2.getSubnet"], {**arguments, **made})


def _route_table(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    seed = arguments.get("routeTableId") or arguments.get("subnetId") or arguments.get("vpcId") or "main"
    table_id = arguments.get("routeTableId") or f"rtb-0{context.digits(seed)}"
    # Of a private subnet: its own network, and a NAT gateway for other addresses. With a route to an internet gateway
    # the subnet would be public, and nothing in the config makes it so.
    ways_out = [{"cidrBlock": "0.0.0.0/0", "natGatewayId": f"nat-0{context.digits('nat')}"}]
    if context.has_ipv6:
        ways_out.append({"ipv6CidrBlock": "::/0", "egressOnlyGatewayId": f"eigw-0{context.digits('egress')}"})
    routes = [{**dict.fromkeys(_ROUTE_FIELDS.split(), ""), **way_out} for way_out in ways_out]
    return context.filled(_TEMPLATES["ec2.getRouteTable"], {**arguments, "routeTableId": table_id, "routes": routes})


_WRITTEN: Final[Mapping[str, Answer]] = {
    "index.getAvailabilityZones": _zones,
    "ssm.getParameter": _ssm_parameter,
    "iam.getPolicyDocument": lambda _asked, arguments: render(arguments),
    "ec2.getSubnet": _subnet,
    "ec2.getRouteTable": _route_table,
}
ANSWERS: Final[dict[str, Answer]] = {token_of(name): answer for name, answer in {**_TEMPLATES, **_WRITTEN}.items()}
