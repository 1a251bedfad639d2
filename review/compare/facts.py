"""The facts that the report of one stack states, by keys under which two reports can be compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..aws.catalog import types
from ..aws.gateway import access
from ..aws.gateway.api import Api, Call, stage_name
from ..aws.gateway.throttle import by_stage
from ..aws.model.model import AwsModel
from ..cost import Estimate, Usage, estimate
from ..graph import Graph, Resource, reveal
from ..graph.recorded import Reads, recorded
from ..reach import trace
from ..reach.anyone import OpenEndpoint, anyone
from ..reach.path import Path
from ..rules.check import Finding, check
from .replacements import values_at
from .resources import key_of


class CallKey(NamedTuple):
    """A row of the table of calls."""

    call: str
    """`GET /orders`."""
    api: str
    stage: str

    def __str__(self) -> str:
        return f"{self.call} of {self.api}" + (f" ({self.stage})" if self.stage else "")


class CallRow(NamedTuple):
    """What a call requires and where it goes, and the keys of resources that declare it."""

    cells: Mapping[str, str]
    api: str
    declared_by: frozenset[str]


class PathKey(NamedTuple):
    kind: str
    source: str
    target: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    graph: Graph
    open_calls: Mapping[str, bool]
    """Calls that anyone on the internet may make, and whether the stack acknowledges each."""
    paths: Mapping[PathKey, frozenset[str]]
    """Open paths in words, by their ends."""
    calls: Mapping[CallKey, CallRow]
    findings: tuple[Finding, ...]
    bill: Estimate
    reads: Reads
    """Inputs on which paths and calls rest, by URN."""


def facts_of(graph: Graph, usage: Usage, later_names: Mapping[str, str]) -> Facts:
    """The facts of a graph. `later_names` has names of renamed resources in the later version, by URN."""
    recording, reads = recorded(graph)
    model = AwsModel(recording)
    reach = trace(model)
    paths: dict[PathKey, frozenset[str]] = {}
    for path in reach.paths:
        if path.open:
            way = _without_demands(path.renamed(later_names))
            key = PathKey(way.kind.value, way.source, way.target)
            paths[key] = paths.get(key, frozenset()) | {str(way)}
    calls = dict(_calls(model, later_names))
    open_calls = {text: endpoint.acknowledged for endpoint in anyone(model) for text in _open_calls(endpoint)}
    by_reach = set(reads)  # Rules and prices read inputs for reasons of their own.
    return Facts(
        graph=graph,
        open_calls=open_calls,
        paths=paths,
        calls=calls,
        findings=tuple(check(recording, reach)),
        bill=estimate(model, usage),
        reads=by_reach,
    )


def _without_demands(path: Path) -> Path:
    """A path without what an API requires, which the table of calls has."""
    apis = (*types.REST_API, *types.HTTP_API)
    hops = (
        replace(hop, label="") if hop.resource is not None and hop.resource.type in apis else hop for hop in path.hops
    )
    return replace(path, hops=tuple(hops))


def _open_calls(endpoint: OpenEndpoint) -> Iterator[str]:
    yield from (f"{call} of {endpoint.name}" for call in endpoint.calls)
    if not endpoint.calls:
        yield f"the URL of {endpoint.name}"


def _calls(model: AwsModel, later_names: Mapping[str, str]) -> Iterator[tuple[CallKey, CallRow]]:
    for api in model.apis.all:
        name = later_names.get(api.resource.urn) or model.names.of(api.resource)
        for call in api.calls:
            throttles = by_stage(api, call)
            for number, stage in enumerate(api.stages or (None,)):
                throttle = throttles[number] if number < len(throttles) else None
                cells = {
                    "requires": _requirements(call),
                    "from": _callers(api, call),
                    "authorizer": _authorizers(model.graph, call) or "none",
                    "scopes": _scopes(call) or "none",
                    "throttle": str(throttle or "none"),
                    "goes to": _target(call, later_names),
                    "timeout": f"{call.integration.seconds:g} s" if call.integration.seconds else "unknown",
                    "response": "streamed" if call.integration.streams else "buffered",
                    "API": api.kind.value,
                }
                key = CallKey(call.name, name, stage_name(stage) if stage is not None else "")
                yield key, CallRow(cells, key_of(api.resource.urn), frozenset(_declared_by(api, call)))


def _requirements(call: Call) -> str:
    return " and ".join(sorted(requirement.value for requirement in call.requires)) or "nothing"


def _callers(api: Api, call: Call) -> str:
    """The addresses that the API's resource policy admits."""
    audience = access.audience(api, call)
    if audience.uncertainty:
        return "cannot tell"
    return audience.label or ("anywhere" if audience.anyone else "nowhere on the internet")


def _authorizers(graph: Graph, call: Call) -> str:
    if isinstance(call.declared, Resource):
        found = [graph.find(value) for value in values_at(call.declared.inputs, "authorizerId")]
        return ", ".join(authorizer.name for authorizer in found if authorizer is not None)
    return ", ".join(sorted(_security(call)))


def _scopes(call: Call) -> str:
    if isinstance(call.declared, Resource):
        return ", ".join(map(str, values_at(call.declared.inputs, "authorizationScopes")))
    return ", ".join(str(scope) for scopes in _security(call).values() for scope in scopes)


def _security(call: Call) -> dict[str, list[object]]:
    """Security schemes of an operation in an OpenAPI document, each with its scopes."""
    found: dict[str, list[object]] = {}
    for requirement in values_at(call.declared, "security"):
        if isinstance(requirement, Mapping):
            found.update({str(name): list(reveal(scopes) or ()) for name, scopes in requirement.items()})
    return found


def _target(call: Call, later_names: Mapping[str, str]) -> str:
    to = call.integration
    named = [later_names.get(part.urn, part.name) for part in (to.function, to.link, to.balancer) if part is not None]
    address = str(to.uri) if isinstance(to.uri, str) and not to.function else ""
    return " ".join(part for part in (to.kind, *named, address) if part) or "unknown"


def _declared_by(api: Api, call: Call) -> Iterator[str]:
    declared = call.declared if isinstance(call.declared, Resource) else None
    for resource in (api.resource, declared, call.integration.resource, *api.throttles):
        if resource is not None:
            yield key_of(resource.urn)
