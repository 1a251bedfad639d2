"""Answers to the lookups of a program: zones, parameters, images, networks, roles and secrets that exist, made up.

`existing.json` has templates of most, by the name of the function in AWS's SDK. What is looked up by an id of the
stack's config keeps that id. The rules of a group that exists are one prefix list, since the review does not know their
ranges. A subnet is private: nothing in the config gives it a route to an internet gateway. A balancer waits as long as
AWS takes: a made-up number must not refuse a route that a real balancer carries.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from pulumi import RunError

from ...aws.catalog.catalog import token_of
from ...graph.reading import items, mapping
from ..host.types import UNTOLD
from . import ANSWERS_FILE
from .location import Location
from .policy_document import render
from .sdk_types import converted, result
from .template import Facts

_OF_ANY: Final = frozenset(("default", "region"))  # arguments of a lookup that do not name one among several
Arguments = Mapping[str, Any]
Answer = Mapping[str, Any] | Callable[["LookupContext", Mapping[str, Any]], dict[str, Any]]
"""A template of the result, or a function that makes it."""
_PASSWORD: Final = base64.b64encode(f"AWS:{UNTOLD}".encode()).decode()
"""Programs decode it: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_AuthorizationData.html"""


@dataclass(frozen=True)
class LookupContext:
    location: Location
    config: str = ""  # the stack's config as text: ids in it are of things that exist
    vpc_id: str = ""
    """Of the VPC that the program looked up before: a subnet that it looks up next is taken to be in that VPC."""

    def configured(self, prefix: str) -> list[str]:
        """Ids of one kind that the stack's config names, in its order."""
        return list(dict.fromkeys(re.findall(rf"\b{prefix}-[0-9a-f]{{8,17}}\b", self.config)))

    def filled(self, answer: Answer, arguments: Arguments) -> dict[str, Any]:
        """The result of a lookup: a template is filled with its arguments, and the first values of its filters."""
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


_TEMPLATES: Final[Mapping[str, Answer]] = json.loads(
    Path(__file__).with_name("existing.json").read_text(encoding="utf-8")
)
_WRITTEN: Final[Mapping[str, Answer]] = {
    "index.getAvailabilityZones": _zones,
    "iam.getPolicyDocument": lambda _asked, arguments: render(arguments),
}
ANSWERS: Final[dict[str, Answer]] = {token_of(name): answer for name, answer in {**_TEMPLATES, **_WRITTEN}.items()}

_CERTAIN: Final = {*map(token_of, ("iam.getPolicyDocument", "index.getPartition", "index.getRegion"))}
"""Lookups whose answers follow from their arguments or the config; those to all others are made up."""

_REGION: Final = re.compile(r"[a-z]+(?:-[a-z]+)+-\d+")
_VPC: Final = token_of("ec2.getVpc")
NO_ANSWER: Final = "the review has no answer for this lookup"

Given = Callable[[str, Arguments], Mapping[str, Any] | None]
"""A token and arguments to the fields of the result that the project's own answers hold; None if they hold none."""


@dataclass
class Lookups:
    """Answers to the lookups of one run."""

    context: LookupContext
    made: Mapping[str, Mapping[str, Any]]  # state of the run's own resources by id, which may be looked up as well
    given: Given = lambda _token, _arguments: None  # the project's own answers, which win
    strict: bool = field(default=True, kw_only=True)
    """Whether a lookup without an answer is an error. Otherwise its result is unknown."""
    unplanned: list[str] = field(default_factory=list, init=False)  # tokens of lookups without an answer
    invented: list[str] = field(default_factory=list, init=False)  # tokens of lookups whose answers are made up
    _looked_at: str = field(default="", init=False)
    _vpcs: dict[tuple[str, str], str] = field(default_factory=dict, init=False)
    """By token and id of a lookup, the VPC that the program looked up before it."""

    @property
    def notes(self) -> list[str]:
        remedy = f"{NO_ANSWER}, so its result is unknown; {ANSWERS_FILE} can hold one"
        said = [f"{token}: {remedy}" for token in dict.fromkeys(self.unplanned)]
        if tokens := ", ".join(sorted(set(self.invented))):
            said.append(f"answers of lookups are made up: {tokens}; {ANSWERS_FILE} can hold real ones")
        return said

    def asked(self, token: str, identity: Any) -> None:
        """Note a lookup when the program makes it. Requests come in another order, also those of several VPCs."""
        if token == _VPC:
            self._looked_at = identity if isinstance(identity, str) else ""
        elif isinstance(identity, str) and self._looked_at:
            self._vpcs[token, identity] = self._looked_at

    def answer(self, token: str, arguments: Mapping[str, Any], region: str = "") -> dict[str, Any]:
        """The result in a region. Raises RunError if strict and without an answer: a guess would pass for a fact."""
        types, answer = result(token)
        answer.update(converted({key: value for key, value in arguments.items() if value is not None}, types))
        given, planned = self.given(token, arguments), ANSWERS.get(token)
        if given is None and planned is None:
            if self.strict:
                where = "review/evaluate/mocks/existing.json, shaped like the provider's"
                raise RunError(f"{token}: {NO_ANSWER}; add one to {where}, or to {ANSWERS_FILE}")
            self.unplanned.append(token)
            return answer
        if given is None and token not in _CERTAIN:
            self.invented.append(token)
        if planned is not None:
            if region and not _REGION.fullmatch(region):
                raise RunError(f"{token}: region: got {region!r}, which is no region of AWS")
            location = replace(self.context.location, region=region or self.context.location.region)
            vpc_id = self._vpcs.get((token, str(arguments.get("id"))), self.context.vpc_id)
            context = replace(self.context, location=location, vpc_id=vpc_id)
            answer.update(context.filled(planned, arguments))
        own = self.made.get(str(answer.get("id")), {})
        answer.update({key: value for key, value in own.items() if key in answer})
        for key in given or {}:
            if types and key not in types:
                known = ", ".join(sorted(types))
                raise RunError(f"{ANSWERS_FILE}: lookups.{token}: no field {key!r}; known: {known}")
        answer.update(given or {})
        if token == _VPC:
            self.context = replace(self.context, vpc_id=answer["id"])
        return answer
