"""Parts of the heading about resources: each input that changes and is not known to be inert names its resource."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.catalog import make_token
from ..graph import Graph, Resource, Secret, list_texts
from ..graph.graph import group_pairs
from ..graph.prose import abbreviate_names
from ..graph.reading import as_mapping, as_number, find_first_referenced
from ..paths.anyone import group_by_path
from .areas import Inert, find_topic
from .data import forwards_packets, is_machine
from .differences import Input
from .facts import CallRow, Facts
from .lines import Head, Sign, Topic
from .pairing import make_key
from .replacements import list_protective_inputs, strip_members
from .resources import Change
from .wording import OPERATION

_API_KEY: Final = make_token("apigateway.ApiKey")
_PLAN_KEY: Final = make_token("apigateway.UsagePlanKey")
_RECORD: Final = make_token("route53.Record")
_ZONE: Final = make_token("route53.Zone")
_FRONT: Final = "gatehouse:index:ApiFront"
_ALTERED: Final = "altered by transforms"
_PROTECTING: Final = ("option protect", "option retain_on_delete")
_SCHEME: Final = re.compile(r"body\.(?:components\.securitySchemes|securityDefinitions)\.(?P<name>[^.]+)(?P<rest>.*)")
_EXTENSIONS: Final = {
    "x-amazon-apigateway-policy": "resource policy",
    "x-amazon-apigateway-gateway-responses": "gateway responses",
    "x-amazon-apigateway-request-validators": "request validators",
}
"""Words for parts of an OpenAPI document, with all that is in them."""
_INTEGRATION: Final = "x-amazon-apigateway-integration."
_CORS: Final = "CORS"
"""What a change of an OPTIONS call is about."""
_MOST: Final = 3  # inputs of a resource that are named one by one
_GENERAL: Final = (".type", ".name", ".key", ".value")
_CAPITALS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ABBREVIATIONS: Final = {word.lower(): word for word in ("ACL", "API", "IP", "NAT", "REST", "VPC")}
_KINDS: Final = {"Eip": "Elastic IP", "SecurityGroupEgressRule": "rule", "SecurityGroupIngressRule": "rule"}
_FATES: Final = {Sign.NEW: "added", Sign.GONE: "deleted"}


class Deciding:
    """The calls about which a resource decides, in either version."""

    def __init__(self, before: Facts, after: Facts) -> None:
        self._sides = (before, after)
        rows = [row for facts in self._sides for row in facts.calls.values()]
        self._passed = frozenset[str]().union(*(row.in_front for row in rows))
        self._serving = self._passed.union(*(row.behind for row in rows))

    def precedes(self, resource: Resource) -> bool:
        """Whether calls pass it before the API sends them on."""
        return make_key(resource.urn) in self._passed

    def find_component_name(self, resource: Resource) -> str:
        """The name of the component at the top of the stack that a resource belongs to; empty if it belongs to none."""
        top = self.find_graph(resource).find_top_component(resource)
        return "" if top.custom else top.name

    def is_private_name(self, resource: Resource) -> bool:
        """Whether it is a zone that only VPCs ask, or a record in one or of another component than an API."""
        if resource.type not in (_RECORD, _ZONE):
            return False
        graph = self.find_graph(resource)
        zone = resource if resource.type == _ZONE else find_first_referenced(graph, resource, "zoneId", types=(_ZONE,))
        top = graph.find_top_component(resource)
        return bool(zone is not None and zone.inputs.get("vpcs")) or not (top.custom or top.type == _FRONT)

    def serves(self, resource: Resource) -> bool:
        """Whether calls pass it, or the API sends them on by it."""
        return make_key(resource.urn) in self._serving

    def describe_calls(self, change: Change) -> str:
        """`it decides about GET /orders of front`, of an API by its authorizers that differ; else empty."""
        words, calls = [], self._sides[-1].calls
        for api in dict.fromkeys(key.api for key in calls):
            rows = [row for key, row in calls.items() if key.api == api]
            decided = [row.call for row in rows if _decides_about(change, row)]
            if decided:
                named = abbreviate_names(group_by_path(decided, below=" (and below)"))
                words.append(f"{'every call' if len(decided) == len(rows) else named} of {api}")
        return f"it decides about {abbreviate_names(words)}" if words else ""

    def follows_its_key(self, member: Resource) -> bool:
        """Whether an API key comes or goes together with its place in a usage plan."""
        graph = self.find_graph(member)
        key = find_first_referenced(graph, member, "keyId", types=(_API_KEY,))
        return key is not None and not all(key.urn in facts.graph.resources for facts in self._sides)

    def forwarded_before(self) -> bool:
        """Whether a machine of the earlier version forwards packets as well."""
        graph = self._sides[0].graph
        return any(forwards_packets(resource, graph) for resource in graph)

    def find_graph(self, resource: Resource) -> Graph:
        return next(facts.graph for facts in self._sides if resource.urn in facts.graph.resources)


def _decides_about(change: Change, row: CallRow) -> bool:
    if make_key(change.new.urn) not in row.in_front | row.behind:
        return False
    schemes = [scheme for part in change.inputs if (scheme := _SCHEME.fullmatch(part.name)) is not None]
    named = {scheme["name"] for scheme in schemes if scheme["rest"]}
    return change.new.type not in types.APIS or not named.isdisjoint(row.cells["authorizer"].split(", "))


class ResourceHeads:
    """Parts of the heading about resources."""

    def __init__(self, inert: Inert, deciding: Deciding) -> None:
        self._inert, self._deciding = inert, deciding

    def _is_told(self, change: Change, part: Input) -> bool:
        """Whether the heading has a part of its own for it, or tells it by other inputs of the resource."""
        protective = list_protective_inputs(change.new.type)
        is_elsewhere = part.name == "region" and change.old.region != change.new.region  # that is another target
        if part.name in _PROTECTING or strip_members(part.name) in protective or is_elsewhere:
            return True
        if part.name != _ALTERED:
            return False
        names = {*(part.before or ())} ^ {*(part.after or ())}
        told = {each.name.removeprefix("option ").partition(".")[0].partition("[")[0] for each in change.inputs}
        plain = {name.removeprefix("option ") for name in names}
        return all(name in told or self._inert.has(change.new.type, name) for name in plain)

    def list_change_heads(self, change: Change, stated: frozenset[str], columns: frozenset[str]) -> Iterator[Head]:
        """`authorizer pool (providerARNs)`, by the inputs that are neither inert nor in another line.

        `columns` are those of the table of calls that differ for calls that the resource declares.
        """
        resource = change.new
        for part in change.inputs:
            if isinstance(part.before, Secret) and not (part.after is None or isinstance(part.after, Secret)):
                yield Head(Topic.LOSES, f"{_format_title(resource)} ({part.name})", "No longer secret: {}")
        weaker = [*_list_firewall_heads(change)] if resource.type in types.WEB_ACL else []
        if resource.type in types.APIS and any(map(_admits_any_website, change.inputs)):
            yield Head(Topic.CALLERS, resource.name, "Lets every website call from a browser: {}")
        yield from (head for _, head in weaker)
        if change.replacing and resource.type == _API_KEY and _has_other_value(change):
            words = "API key {} gets another value", "API keys {} get other values"
            yield Head(Topic.KEY, self._find_key_name(resource), *words)
            return
        if change.replacing and is_machine(resource, self._deciding.find_graph(resource)):
            yield Head(Topic.MACHINE, resource.name)
            return
        inputs: dict[tuple[Topic, str], list[str]] = {}
        own = self._find_topic(resource)
        for part in change.inputs:
            skipped = (
                part.name in change.kept | stated
                or self._is_told(change, part)
                or any(part is said for said, _ in weaker)
                or ("security" in columns and _is_scheme(part))
            )
            if not skipped and not self._inert.has(resource.type, part.name):
                subject, name = _find_subject(resource, part.name)
                topic = Topic.BEHIND if name.startswith(_INTEGRATION) else own
                inputs.setdefault((topic, subject), []).append(name)
        if not inputs and change.inputs and change.replacing and not self._inert.has(resource.type, "replaced"):
            inputs[own, _format_title(resource)] = ["replaced"]
        alike = group_pairs(((topic, _shorten_names(names)), subject) for (topic, subject), names in inputs.items())
        for (topic, few_names), subjects in alike.items():
            yield Head(topic, abbreviate_names(subjects) + (f" ({few_names})" if few_names else ""))

    def list_whole_heads(self, sign: Sign, resource: Resource) -> Iterator[Head]:
        """Of a resource that is new or deleted."""
        fate, stays = _FATES[sign], sign is Sign.GONE and resource.options.retain_on_delete
        if resource.type == _API_KEY and sign is Sign.GONE and not stays:
            yield Head(Topic.KEY, self._find_key_name(resource), "API key {} is deleted", "API keys {} are deleted")
        elif forwards_packets(resource, self._deciding.find_graph(resource)):
            if sign is Sign.NEW and not self._deciding.forwarded_before():
                words = "Calls to the internet pass one machine, and stop while it is down: {}"
                yield Head(Topic.MACHINE, resource.name, words)
        elif sign is Sign.GONE and not stays and is_machine(resource, self._deciding.find_graph(resource)):
            yield Head(Topic.MACHINE, resource.name, "Deletes a machine without data of its own: {}")
        elif resource.type == _PLAN_KEY and self._deciding.follows_its_key(resource):
            return
        elif not self._inert.has(resource.type, fate):
            yield Head(
                self._find_topic(resource), f"{_format_title(resource)} ({'leaves the stack' if stays else fate})"
            )

    def _find_key_name(self, resource: Resource) -> str:
        """The name of an API key without that of the component that declares it."""
        parent = self._deciding.find_component_name(resource)
        return resource.name.removeprefix(f"{parent}-key-").removeprefix(f"{parent}-") if parent else resource.name

    def _find_topic(self, resource: Resource) -> Topic:
        if self._deciding.precedes(resource):
            return Topic.FRONT
        return Topic.NETWORK if self._deciding.is_private_name(resource) else find_topic(resource.type)


def _list_firewall_heads(change: Change) -> Iterator[tuple[Input, Head]]:
    """What a web ACL blocks no longer: rules that it had, and calls up to a limit that was lower."""
    for part in change.inputs:
        is_other = strip_members(part.name) == "rules.name"
        name = part.before if is_other else as_mapping(part.before).get("name")
        if (is_other or (part.name == "rules" and part.after is None)) and isinstance(name, str):
            yield part, Head(Topic.FIREWALL, f"{name} ({change.new.name})", "Takes rules out of the web ACL: {}")
        was, now = as_number(part.before), as_number(part.after)
        if part.name.endswith(".limit") and was is not None and now is not None and now > was:
            subject = f"{was:,.0f} → {now:,.0f} calls ({change.new.name})"
            yield part, Head(Topic.FIREWALL, subject, "Raises the limit of the web ACL: {}")


def _admits_any_website(part: Input) -> bool:
    """Whether the answer to a browser names all origins, and did not."""
    old, new = ({*_list_origins(part.name, value)} for value in (part.before, part.after))
    return "*" in new - old


def _list_origins(name: str, value: Any) -> Iterator[str]:
    """The origins of CORS: those of an HTTP API, or of a header of a REST API, in quotes."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _list_origins(str(key), inner)
    elif name.lower().replace("-", "").endswith(("alloworigin", "alloworigins")):
        yield from (text.strip("'") for text in list_texts(value))


def _has_other_value(change: Change) -> bool:
    """Whether a key that is replaced has another value: a given one, or one that AWS makes up."""
    return change.new.inputs.get("value") is None or any(part.name == "value" for part in change.inputs)


def _is_scheme(part: Input) -> bool:
    """Whether it is a security scheme that comes or goes as a whole, which calls require or no longer do."""
    value = part.after if part.before is None else part.before
    if part.name == "body.components":
        return None in (part.before, part.after) and {*as_mapping(value)} == {"securitySchemes"}
    scheme = _SCHEME.fullmatch(part.name)
    whole = part.name in ("body.components.securitySchemes", "body.securityDefinitions")
    return None in (part.before, part.after) and (whole or (scheme is not None and not scheme["rest"]))


def _find_subject(resource: Resource, name: str) -> tuple[str, str]:
    """What an input belongs to, and its name there: of a document, an authorizer or an operation."""
    if (scheme := _SCHEME.fullmatch(name)) is not None:
        return f"authorizer {scheme['name']}", scheme["rest"].removeprefix(".")
    operation = OPERATION.fullmatch(name)
    if operation is not None and operation["method"]:
        is_preflight = operation["method"] == "options"
        return f"{operation['method'].upper()} {operation['path']}", _CORS if is_preflight else operation["rest"] or ""
    return _format_title(resource), name.removeprefix("body.")


def _shorten_names(names: Sequence[str]) -> str:
    """The last parts of dotted names, or the first ones where there are many."""
    plain = [strip_members(name) for name in names if name]
    lasts = dict.fromkeys(_shorten_name(name, last=True) for name in plain)
    return abbreviate_names(
        [*(lasts if len(lasts) <= _MOST else dict.fromkeys(_shorten_name(name, last=False) for name in plain))]
    )


def _shorten_name(name: str, *, last: bool) -> str:
    if name.startswith("option "):
        return name
    first = name.partition(".")[0]
    if name.startswith("corsConfiguration."):
        return f"{_CORS} {name.partition('.')[2]}"
    if first in _EXTENSIONS:
        return _EXTENSIONS[first]
    name = name.partition(".Condition.")[0] + (".Condition" if ".Condition." in name else "")  # its keys have dots
    if not last:
        return first
    depth = 2 if name.endswith(_GENERAL) else 1  # `type` of a record's routing policy is no type of the record
    return ".".join(name.split(".")[-depth:])


def _format_title(resource: Resource) -> str:
    """`web ACL front-acl`."""
    if (kind := _KINDS.get(resource.kind)) is not None:
        return f"{kind} {resource.name}"
    words = (_CAPITALS.sub(" ", resource.kind).lower()).split()
    return " ".join([*(_ABBREVIATIONS.get(word, word) for word in words), resource.name])
