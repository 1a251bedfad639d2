"""Answers to lookups of what exists in an account: zones, parameters, images, networks, balancers, roles, secrets.

`existing.json` has templates of most, by the name of the function in AWS's SDK. The rules of a group that exists are
one prefix list there, since the review does not know their ranges. A subnet is private: with a route to an internet
gateway it would be public, and nothing in the config makes it so. A balancer waits as long as AWS takes: a made-up
number must not refuse a route that a real balancer carries.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ...aws.catalog.catalog import token_of
from .lookup_context import Answer, Arguments, LookupContext
from .policy_document import render

_TEMPLATES: Final[Mapping[str, Answer]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


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


_WRITTEN: Final[Mapping[str, Answer]] = {
    "index.getAvailabilityZones": _zones,
    "iam.getPolicyDocument": lambda _asked, arguments: render(arguments),
    "ec2.getSubnet": _subnet,
}
ANSWERS: Final[dict[str, Answer]] = {token_of(name): answer for name, answer in {**_TEMPLATES, **_WRITTEN}.items()}
