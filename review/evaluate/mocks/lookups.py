"""Answers to the lookups of a program: zones, parameters, images, networks, roles and secrets that exist, made up.

`existing.json` has templates of most, by the name of the function in AWS's SDK. What is looked up by an id of the
stack's config keeps that id. The rules of a group that exists are one prefix list, since the review does not know their
ranges. A subnet is private: nothing in the config gives it a route to an internet gateway. A balancer waits as long as
AWS takes: a made-up number must not refuse a route that a real balancer carries.
"""

import base64
import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ...aws.catalog.catalog import make_token
from ...graph.graph import group_pairs
from ...graph.reading import as_list, as_mapping
from ...recording.call_error import CallError
from ...recording.marks import UNKNOWN_TEXT
from . import ANSWERS_FILE, Answered
from .location import Location
from .sdk_types import convert_values, list_fields
from .template import Facts

_OF_ANY: Final = frozenset(("default", "region"))  # arguments of a lookup that do not name one among several
Arguments = Mapping[str, Any]
Answer = Mapping[str, Any] | Callable[["Lookups", Mapping[str, Any]], dict[str, Any]]  # a template, or a function
_PASSWORD: Final = base64.b64encode(f"AWS:{UNKNOWN_TEXT}".encode()).decode()
"""Programs decode it: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_AuthorizationData.html"""


def _find_zones(lookups: "Lookups", arguments: Arguments) -> dict[str, Any]:
    excluded = {*(arguments.get("excludeNames") or []), *(arguments.get("excludeZoneIds") or [])}
    filters = map(as_mapping, as_list(arguments.get("filters")))
    filter_values = {str(entry.get("name")): as_list(entry.get("values")) for entry in filters}
    zones = {
        name: zone_id
        for name, zone_id in sorted(lookups.location.zones.items())
        if not excluded & {name, zone_id}
        and name in filter_values.get("zone-name", [name])
        and zone_id in filter_values.get("zone-id", [zone_id])
    }
    region = lookups.location.region
    return {"id": region, "names": [*zones], "zoneIds": [*zones.values()], "groupNames": [region]}


def _build_policy_document(_lookups: "Lookups", arguments: Arguments) -> dict[str, Any]:
    """The provider's own JSON: documents that it builds on, its statements, then what overrides both by Sid."""
    statements = [
        *map(_parse_statements, arguments.get("sourcePolicyDocuments") or []),
        [_build_statement(entry) for entry in arguments.get("statements") or []],
        *map(_parse_statements, arguments.get("overridePolicyDocuments") or []),
    ]
    head = {"Version": arguments.get("version") or "2012-10-17"}
    head |= {"Id": arguments["policyId"]} if arguments.get("policyId") else {}
    document = {**head, "Statement": functools.reduce(_merge, statements)}
    text = json.dumps(document, indent=2)
    return {"json": text, "minifiedJson": json.dumps(document, separators=(",", ":")), "id": str(len(text))}


def _parse_statements(text: str) -> list[dict[str, Any]]:
    statements = json.loads(text).get("Statement", []) if text else []
    return statements if isinstance(statements, list) else [statements]


def _merge(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_sid = {entry["Sid"]: entry for entry in second if entry.get("Sid")}
    kept = [by_sid.pop(entry.get("Sid", ""), entry) for entry in first]
    return kept + [entry for entry in second if not entry.get("Sid") or entry["Sid"] in by_sid]


def _build_statement(entry: Mapping[str, Any]) -> dict[str, Any]:
    statement = {"Sid": entry["sid"]} if entry.get("sid") else {}
    statement["Effect"] = entry.get("effect") or "Allow"
    elements = {key: write(entry[key]) for key, write in _ELEMENTS.items() if entry.get(key)}
    return statement | {f"{key[0].upper()}{key[1:-1]}": element for key, element in elements.items()}


def _unwrap_single(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else sorted(values, reverse=True)


def _build_principals(entries: list[Mapping[str, Any]]) -> Any:
    if any(entry.get("type") == "*" for entry in entries):
        return "*"
    principals = group_pairs((entry["type"], name) for entry in entries for name in entry.get("identifiers") or [])
    return {kind: _unwrap_single(values) for kind, values in principals.items()}


def _build_conditions(entries: list[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    conditions: dict[str, dict[str, Any]] = {}
    for entry in entries:
        conditions.setdefault(entry["test"], {})[entry["variable"]] = _unwrap_single(entry.get("values") or [])
    return conditions


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
_ELEMENTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(("actions", "notActions", "resources", "notResources"), _unwrap_single),
    **dict.fromkeys(("principals", "notPrincipals"), _build_principals),
    "conditions": _build_conditions,
}
"""Functions that write elements of a statement, by the lookup's argument. IAM calls `notActions` `NotAction`."""
_TEMPLATES: Final[Mapping[str, Answer]] = json.loads(Path(__file__).with_name("existing.json").read_bytes())
_FUNCTIONS: Final = {"index.getAvailabilityZones": _find_zones, "iam.getPolicyDocument": _build_policy_document}
ANSWERS: Final[dict[str, Answer]] = {make_token(name): answer for name, answer in {**_TEMPLATES, **_FUNCTIONS}.items()}
_CERTAIN: Final = {*map(make_token, ("iam.getPolicyDocument", "index.getPartition", "index.getRegion"))}
"""Lookups whose answers follow from their arguments or the config; those to all others are made up."""
_REGION: Final = re.compile(r"[a-z]+(?:-[a-z]+)+-\d+")
_VPC: Final = make_token("ec2.getVpc")
NO_ANSWER: Final = "the review has no answer for this lookup"


@dataclass
class Lookups:
    """Answers to the lookups of one run."""

    location: Location
    config: str = ""  # the stack's config as text: ids in it are of things that exist
    made: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """State of the run's own resources by id, which may be looked up as well."""
    given: Callable[[str, Arguments, str], Answered | None] = lambda _token, _arguments, _region: None
    """What the project's own answers hold for a lookup in a region, which wins; None if they hold nothing."""
    strict: bool = field(default=True, kw_only=True)  # whether a lookup without an answer is an error, or unknown
    unplanned: list[str] = field(default_factory=list, init=False)  # tokens of lookups without an answer
    invented: list[str] = field(default_factory=list, init=False)  # tokens of lookups whose answers are made up
    vpc_id: str = field(default="", kw_only=True)
    """Of the VPC that the program looked up before: a subnet that it looks up next is taken to be in that VPC."""
    _looked_at: str = field(default="", init=False)
    _vpcs: dict[tuple[str, str], str] = field(default_factory=dict, init=False)
    """By token and id of a lookup, the VPC that the program looked up before it."""

    @property
    def notes(self) -> list[str]:
        remedy = f"{NO_ANSWER}, so its result is unknown; {ANSWERS_FILE} can hold one"
        lookup_notes = [f"{token}: {remedy}" for token in dict.fromkeys(self.unplanned)]
        if tokens := ", ".join(sorted(set(self.invented))):
            lookup_notes.append(f"answers of lookups are made up: {tokens}; `gatehouse answers` asks AWS for real ones")
        return lookup_notes

    def note_lookup(self, token: str, identity: Any) -> None:
        """Note a lookup when the program makes it. Requests come in another order, also those of several VPCs."""
        if token == _VPC:
            self._looked_at = identity if isinstance(identity, str) else ""
        elif isinstance(identity, str) and self._looked_at:
            self._vpcs[token, identity] = self._looked_at

    def answer(self, token: str, arguments: Mapping[str, Any], region: str = "") -> dict[str, Any]:
        """The result in a region. Raises CallError if strict and without an answer: a guess would pass for a fact."""
        answer = list_fields(token)
        types = {key: type(placeholder).__name__ for key, placeholder in answer.items()}
        answer.update(convert_values({key: value for key, value in arguments.items() if value is not None}, types))
        held, planned = self.given(token, arguments, region or self.location.region), ANSWERS.get(token)
        answered = None if held is None else held.result
        if answered is None and planned is None:
            if self.strict:
                where = "review/evaluate/mocks/existing.json, shaped like the provider's"
                raise CallError(f"{token}: {NO_ANSWER}; add one to {where}, or to {ANSWERS_FILE}")
            self.unplanned.append(token)
            return answer
        if answered is None and token not in _CERTAIN:
            self.invented.append(token)
        if planned is not None:
            if region and not _REGION.fullmatch(region):
                raise CallError(f"{token}: region: got {region!r}, which is no region of AWS")
            location = replace(self.location, region=region or self.location.region)
            vpc_id = self._vpcs.get((token, str(arguments.get("id"))), self.vpc_id)
            answer.update(replace(self, location=location, vpc_id=vpc_id).fill(planned, arguments))
        own = self.made.get(str(answer.get("id")), {})
        answer.update({key: value for key, value in own.items() if key in answer})
        for key in answered or {}:
            if types and key not in types:
                known = ", ".join(sorted(types))
                raise CallError(f"{ANSWERS_FILE}: lookups.{token}: no field {key!r}; known: {known}")
        answer.update(answered or {})
        if token == _VPC:
            self.vpc_id = answer["id"]
        return answer

    def _list_configured(self, prefix: str) -> list[str]:
        """Ids of one kind that the stack's config names, in its order."""
        return list(dict.fromkeys(re.findall(rf"\b{prefix}-[0-9a-f]{{8,17}}\b", self.config)))

    def fill(self, answer: Answer, arguments: Arguments) -> dict[str, Any]:
        """The result of a lookup: a template is filled with its arguments, and the first values of its filters."""
        if callable(answer):
            return answer(self, arguments)
        filters = dict[str, Any]()
        for entry in map(as_mapping, as_list(arguments.get("filters"))):
            filters |= {f"filter-{entry.get('name')}": value for value in as_list(entry.get("values"))[:1]}
        facts = Facts(self.location, {**filters, **arguments})
        naming = {key: value for key, value in arguments.items() if value and key not in _OF_ANY}
        seed = sorted(naming.items(), key=str)
        default_vpc, configured_vpc = (
            f"vpc-0{facts.make_digits('default vpc')}",
            next(iter(self._list_configured("vpc")), ""),
        )
        facts.known.update(
            reverse=".".join(reversed(self.location.suffix.split("."))),
            password=_PASSWORD,
            zones=sorted(self.location.zones),
            all=sorted(arguments.items(), key=str),
            vpc=self.vpc_id or configured_vpc or default_vpc,
            # Other filters than before find another VPC.
            asked=configured_vpc or (f"vpc-0{facts.make_digits(seed)}" if seed else default_vpc),
            groups=self._list_configured("sg"),
            subnets=self._list_configured("subnet"),
            tables=self._list_configured("rtb")
            or [f"rtb-0{facts.make_digits(arguments.get('vpcId') or seed or 'main')}"],
            ipv6=re.search(r"\bipv6\b|://\[", self.config) is not None,  # a word, or a URL with such an address
            unknown_text=UNKNOWN_TEXT,
            encrypted="serverName" in self.config,
        )
        return facts.fill(answer)
