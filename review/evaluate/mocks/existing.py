"""Answers to lookups of what exists in an account: zones, parameters, images, networks, balancers, roles, secrets.

`existing.json` has templates of most, by the name of the function in AWS's SDK. The rules of a group that exists are
one prefix list there, since the review does not know their ranges. A subnet is private: with a route to an internet
gateway it would be public, and nothing in the config makes it so. A balancer waits as long as AWS takes: a made-up
number must not refuse a route that a real balancer carries.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...aws.catalog.catalog import token_of
from ...graph.reading import items, mapping
from ..host.types import UNTOLD
from .location import Location
from .policy_document import render
from .template import Facts

_OF_ANY: Final = frozenset(("default", "region"))
"""Arguments of a lookup that do not name one among several."""
Arguments = Mapping[str, Any]
Answer = Mapping[str, Any] | Callable[["LookupContext", Mapping[str, Any]], dict[str, Any]]
"""A template of the result, or a function that makes it."""
_PASSWORD: Final = base64.b64encode(f"AWS:{UNTOLD}".encode()).decode()
"""Programs decode it to a user and a password, which is unknown.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_AuthorizationData.html
"""


@dataclass(frozen=True)
class LookupContext:
    location: Location
    config: str = ""
    """The stack's config as text: ids in it are of things that exist."""
    vpc_id: str = ""
    """Of the VPC that the program looked up before: a subnet that it looks up next is taken to be in that VPC."""

    def configured(self, prefix: str) -> list[str]:
        """Ids of one kind that the stack's config names, in its order."""
        return list(dict.fromkeys(re.findall(rf"\b{prefix}-[0-9a-f]{{8,17}}\b", self.config)))

    def filled(self, answer: Answer, arguments: Arguments) -> dict[str, Any]:
        """The result of a lookup. Fields of a template are its arguments, the first values of its filters
        (`filter-name`), `all` arguments together, the stack's place and VPC, and ids that its config names.
        """
        if callable(answer):
            return answer(self, arguments)
        filters = {
            f"filter-{entry.get('name')}": value
            for entry in map(mapping, items(arguments.get("filters")))
            for value in items(entry.get("values"))[:1]
        }
        facts, place = Facts(self.location, {**filters, **arguments}), self.location
        default = f"vpc-0{facts.digits('default vpc')}"
        wanted = sorted(((key, one) for key, one in arguments.items() if one and key not in _OF_ANY), key=str)
        facts.known.update(
            {
                "reverse": ".".join(reversed(place.suffix.split("."))),
                "password": _PASSWORD,
                "zones": sorted(place.zones),
                "all": sorted(arguments.items(), key=str),
                "vpc": self.vpc_id or next(iter(self.configured("vpc")), default),
                # Other filters than before find another one.
                "asked": next(iter(self.configured("vpc")), f"vpc-0{facts.digits(wanted)}" if wanted else default),
                "groups": self.configured("sg"),
                "subnets": self.configured("subnet"),
                "tables": self.configured("rtb")
                or [f"rtb-0{facts.digits(arguments.get('vpcId') or wanted or 'main')}"],
                # A word, or a URL with such an address.
                "ipv6": re.search(r"\bipv6\b|://\[", self.config) is not None,
                "untold": UNTOLD,
                "encrypted": "serverName" in self.config,
            }
        )
        return facts.filled(answer)


def _zones(context: LookupContext, arguments: Arguments) -> dict[str, Any]:
    region = context.location.region
    left_out = {*(arguments.get("excludeNames") or []), *(arguments.get("excludeZoneIds") or [])}
    filters = map(mapping, items(arguments.get("filters")))
    wanted = {str(entry.get("name")): items(entry.get("values")) for entry in filters}
    zones = [
        (name, zone_id)
        for name, zone_id in sorted(context.location.zones.items())
        if not left_out & {name, zone_id}
        and name in wanted.get("zone-name", [name])
        and zone_id in wanted.get("zone-id", [zone_id])
    ]
    ids = [zone_id for _, zone_id in zones]
    return {"id": region, "names": [name for name, _ in zones], "zoneIds": ids, "groupNames": [region]}


_TEMPLATES: Final[Mapping[str, Answer]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
_WRITTEN: Final[Mapping[str, Answer]] = {
    "index.getAvailabilityZones": _zones,
    "iam.getPolicyDocument": lambda _asked, arguments: render(arguments),
}
ANSWERS: Final[dict[str, Answer]] = {token_of(name): answer for name, answer in {**_TEMPLATES, **_WRITTEN}.items()}
