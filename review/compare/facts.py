"""The facts that the report of one stack states, by keys under which two reports can be compared."""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..aws.catalog import types
from ..aws.gateway import access
from ..aws.gateway.api import Api, Call, Requirement, loses_slashes, stage_name
from ..aws.gateway.throttle import by_stage
from ..aws.model.model import AwsModel
from ..cost import Estimate, Usage, estimate
from ..graph import Graph, Resource
from ..reach import trace
from ..reach.anyone import OpenEndpoint, anyone
from ..reach.path import Path
from ..rules.check import Finding, check
from .recorded import Reads, recorded
from .replacements import values_at
from .resources import key_of


class CallKey(NamedTuple):
    """`GET /orders`, the API and its stage."""

    call: str
    api: str
    stage: str


class CallRow(NamedTuple):
    call: Call
    cells: Mapping[str, str]  # what the call requires and where it goes, by column
    declared_by: frozenset[str]  # keys of the URNs of all resources that declare it


@dataclass(frozen=True, kw_only=True)
class Facts:
    graph: Graph
    open_calls: Mapping[str, bool]
    """Calls that anyone on the internet may make, and whether the stack acknowledges each."""
    paths: Mapping[tuple[str, str, str], frozenset[str]]  # open paths in words, by kind, source and target
    calls: Mapping[CallKey, CallRow]
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
        slashes_lost=frozenset(model.names.of(api.resource) for api in model.apis.all if loses_slashes(api)),
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
        for call in api.calls:
            declared = call.declared if isinstance(call.declared, Resource) else None
            parts = (api.resource, declared, call.integration.resource, *api.stages, *api.throttles, *api.domains)
            declared_by = frozenset(key_of(part.urn) for part in parts if part is not None)
            throttles = by_stage(api, call)
            for number, stage in enumerate(api.stages or (None,)):
                throttle = throttles[number] if number < len(throttles) else None
                cells = {**_cells(model.graph, api, call), "throttle": str(throttle or "none")}
                key = CallKey(call.name, model.names.of(api.resource), stage_name(stage) if stage is not None else "")
                yield key, CallRow(call, cells, declared_by)


def _cells(graph: Graph, api: Api, call: Call) -> dict[str, str]:
    own = {False: ["the API's own"], None: ["perhaps the API's own"], True: []}[api.default_endpoint_closed]
    domains = [str(domain.inputs.get("domainName")) for domain in api.domains]
    audience = access.audience(api, call)
    callers = audience.label or ("anywhere" if audience.anyone else "nowhere on the internet")
    return {
        "requires": " and ".join(sorted(requirement.value for requirement in call.requires)) or "nothing",
        "callers from": "cannot tell" if audience.uncertainty else callers,
        **_authorization(graph, call),
        "goes to": _target(call),
        "timeout": f"{call.integration.seconds:g} s" if call.integration.seconds else "unknown",
        "response": "streamed" if call.integration.streams else "whole",
        "address": " and ".join([*own, *domains]) or "none",
        "API": api.kind.value,
    }


def _authorization(graph: Graph, call: Call) -> dict[str, str]:
    """The authorizers and the scopes of a call, as a resource or an OpenAPI document declares them."""
    if isinstance(call.declared, Resource):
        named = [graph.find(value) for value in values_at(call.declared.inputs, "authorizerId")]
        authorizers = [authorizer.name for authorizer in named if authorizer is not None]
        scopes = values_at(call.declared.inputs, "authorizationScopes")
    else:
        is_checked = call.requires - {Requirement.IAM, Requirement.KEY}
        security = values_at(call.declared, "security") if is_checked else []
        schemes = [scheme for scheme in security if isinstance(scheme, Mapping)]
        authorizers = sorted(set().union(*schemes))
        scopes = []
        for granted in itertools.chain.from_iterable(map(Mapping.values, schemes)):
            scopes += granted if isinstance(granted, list) else []
    return {"authorizer": ", ".join(authorizers) or "none", "scopes": ", ".join(map(str, scopes)) or "none"}


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
