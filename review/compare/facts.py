"""The facts that the report of one stack states, by keys under which two reports can be compared."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from ..aws.catalog import types
from ..aws.gateway import access, signatures
from ..aws.gateway.api import Api, Call, Requirement, loses_slashes, stage_name
from ..aws.gateway.throttle import list_stage_throttles
from ..aws.gateway.web_acls import blocks_requests
from ..aws.model.model import AwsModel
from ..cost import Estimate, Usage, estimate
from ..graph import Graph, Resource
from ..graph.reading import CannotTell
from ..reach import trace
from ..reach.anyone import OpenEndpoint, anyone, open_calls
from ..reach.path import Path
from ..rules.check import Finding, check
from .deciding import authorizations, behind, in_front, mapped_names
from .recorded import Reads, recorded
from .resources import key_of
from .sources import source_addresses

SIGNATURE: Final = "signature"
CERTIFICATE: Final = "client certificate"
IDENTITY: Final = frozenset(
    (
        *(need.value for need in Requirement if need not in (Requirement.KEY, Requirement.UNKNOWN)),
        *(SIGNATURE, CERTIFICATE),
    )
)
"""Requirements that prove who calls. A key, an address and a throttle prove nobody."""
NO_WEB_ACL: Final = "none"
NOT_BLOCKING: Final = " (blocks nothing)"
NOT_KNOWN: Final = frozenset((Requirement.UNKNOWN.value, "signature unknown"))


class CallKey(NamedTuple):
    """`GET /orders`, the API and its stage."""

    call: str
    api: str
    stage: str


class CallRow(NamedTuple):
    call: Call
    cells: Mapping[str, str]  # what the call requires and where it goes, by column
    requires: frozenset[str]
    is_open: bool  # whether anyone on the internet may make it
    declared_by: frozenset[str]  # keys of the URNs of all resources that declare it
    in_front: frozenset[str]  # of those that decide whether and how it is admitted
    behind: frozenset[str]  # of those that send it on


@dataclass(frozen=True, kw_only=True)
class Facts:
    graph: Graph
    open_calls: Mapping[str, bool]
    """Calls that anyone on the internet may make, and whether the stack acknowledges each."""
    paths: Mapping[tuple[str, str, str], frozenset[str]]  # open paths in words, by kind, source and target
    calls: Mapping[CallKey, CallRow]
    sources: Mapping[str, str]  # keys of addresses from which the stack calls the internet, with their names
    slashes_lost: frozenset[str]  # names of APIs that lose the slash at the end of a path
    findings: tuple[Finding, ...]
    bill: Estimate
    reads: Reads  # inputs on which paths and calls rest, by URN


def facts_of(graph: Graph, usage: Usage) -> Facts:
    recording, reads = recorded(graph)
    model = AwsModel(recording)
    reach = trace(model)
    paths: dict[tuple[str, str, str], frozenset[str]] = {}
    for path in reach.paths:
        if path.open:
            way = _without_demands(path)
            key = way.kind.value, way.source, way.target
            paths[key] = paths.get(key, frozenset()) | {str(way)}
    calls = dict(_calls(model))
    open_calls = {text: endpoint.acknowledged for endpoint in anyone(model) for text in _open_calls(endpoint)}
    read_for_access = set(reads)  # Rules and prices read inputs for reasons of their own.
    return Facts(
        graph=graph,
        open_calls=open_calls,
        paths=paths,
        calls=calls,
        sources={key_of(address.urn): address.name for address in source_addresses(graph)},
        slashes_lost=frozenset(model.names.find(api.resource) for api in model.apis.all if loses_slashes(api)),
        findings=tuple(check(recording, reach)),
        bill=estimate(model, usage),
        reads=read_for_access,
    )


def _without_demands(path: Path) -> Path:
    """A path without what an API requires, which the table of calls has."""
    hops = [
        replace(hop, label="") if hop.resource is not None and hop.resource.type in types.APIS else hop
        for hop in path.hops
    ]
    return replace(path, hops=tuple(hops))


def _open_calls(endpoint: OpenEndpoint) -> Iterator[str]:
    yield from (f"{call} of {endpoint.name}" for call in endpoint.calls)
    if not endpoint.calls:
        yield f"the URL of {endpoint.name}"


def _calls(model: AwsModel) -> Iterator[tuple[CallKey, CallRow]]:
    for api in model.apis.all:
        exposed = _open_to_anyone(model.graph, api)
        for call in api.calls:
            declared = call.declared if isinstance(call.declared, Resource) else None
            parts = (
                api.resource,
                declared,
                call.integration.resource,
                *api.stages,
                *api.throttles,
                *api.domains,
                *(part for firewall in api.firewalls for part in (firewall.association, firewall.web_acl)),
            )
            requires = frozenset(_required(model.graph, api, call))
            cells, throttles = _cells(model.graph, api, call, requires), list_stage_throttles(api, call)
            front, after = _keys(in_front(model.graph, api, call)), _keys(behind(call))
            for number, stage in enumerate(api.stages or (None,)):
                throttle = throttles[number] if number < len(throttles) else None
                name = stage_name(stage) if stage is not None else ""
                row = CallRow(
                    call=call,
                    cells={
                        **cells,
                        "web ACL": _web_acl(api, stage),
                        "throttle": str(throttle or "none"),
                        "stage": name,
                    },
                    requires=requires,
                    is_open=call in exposed,
                    declared_by=_keys(part for part in parts if part is not None),
                    in_front=front,
                    behind=after,
                )
                yield CallKey(call.name, model.names.find(api.resource), name), row


def _web_acl(api: Api, stage: Resource | None) -> str:
    """The web ACL in front of a stage, by its name."""
    firewall = next((firewall for firewall in api.firewalls if firewall.stage is stage), None)
    if firewall is None or firewall.association is None:
        return NO_WEB_ACL
    if firewall.web_acl is None:
        return "of another stack"
    return f"{firewall.web_acl.name}{NOT_BLOCKING if blocks_requests(firewall.web_acl) is False else ''}"


def _keys(resources: Iterator[Resource]) -> frozenset[str]:
    return frozenset(key_of(resource.urn) for resource in resources)


def _open_to_anyone(graph: Graph, api: Api) -> list[Call]:
    try:
        return open_calls(graph, api)
    except CannotTell:
        return []


def _required(graph: Graph, api: Api, call: Call) -> Iterator[str]:
    """The requirements of a call, also those of the function behind it and of the API's addresses."""
    yield from (requirement.value for requirement in call.proven)
    if call.requires - call.proven:
        yield Requirement.UNKNOWN.value
    check = signatures.check_on(graph, call)
    if check.checks or check.doubt:
        yield SIGNATURE if check.checks else "signature unknown"
    if access.requires_certificate(api):
        yield CERTIFICATE


def _cells(graph: Graph, api: Api, call: Call, requires: frozenset[str]) -> dict[str, str]:
    own = {False: ["the API's own"], None: ["perhaps the API's own"], True: []}[api.default_endpoint_closed]
    domains = ["/".join(filter(None, names)) for names in mapped_names(graph, api)]
    audience = access.find_audience(api, call)
    callers = audience.label or ("anywhere" if audience.anyone else "nowhere on the internet")
    checks = [*authorizations(graph, api, call)]
    return {
        "requires": " and ".join(sorted(requires)) or "nothing",
        "callers from": "cannot tell" if audience.uncertainty else callers,
        "authorizer": ", ".join(sorted(check.name for check in checks)) or "none",
        "scopes": ", ".join(scope for check in checks for scope in check.scopes) or "none",
        "goes to": _target(call),
        "timeout": f"{call.integration.seconds:g} s" if call.integration.seconds else "unknown",
        "response": "streamed" if call.integration.streams else "whole",
        "address": " and ".join([*own, *domains]) or "none",
        "API": api.kind.value,
    }


def _target(call: Call) -> str:
    """`proxy-function`, or an address with the name of the balancer or the link as its host."""
    to = call.integration
    if to.function is not None:
        return to.function.name
    names = [part.name for part in (to.link, to.balancer) if part is not None]
    if not isinstance(to.uri, str):
        return " → ".join(names) or to.kind or "unknown"
    address = re.sub(r"(?<=://)[^/:]+", names[-1], to.uri) if names else to.uri
    return address.removesuffix(call.path.replace("+}", "}"))
