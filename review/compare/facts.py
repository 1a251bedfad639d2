"""The facts that the report of one stack states, by keys under which two reports can be compared."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from ..aws.catalog import types
from ..aws.gateway import access, signatures
from ..aws.gateway.api import Api, Call, Requirement, loses_slashes, stage_name
from ..aws.gateway.authorizations import list_authorizations
from ..aws.gateway.throttle import list_stage_throttles
from ..aws.gateway.web_acls import blocks_requests, describe_rules
from ..aws.model.model import AwsModel
from ..cost import Estimate, Usage, estimate
from ..graph import Graph, Resource
from ..graph.asked import Reads, record_reads
from ..ledger.ledger import Entry
from ..paths import trace_paths
from ..paths.anyone import OpenEndpoint, find_open_calls, is_closed_by_firewalls, list_open_endpoints
from ..paths.api_paths import SIGNED_IN
from ..paths.path import Path
from ..paths.unthrottled import list_uncounted_calls
from ..paths.vouching import Vouching
from ..rules.check import Finding, check
from .deciding import list_before_api, list_behind_api, list_mapped_names
from .pairing import make_key
from .sources import list_source_addresses

SIGNATURE: Final = "signature"
CERTIFICATE: Final = "client certificate"
IDENTITY: Final = frozenset(
    (
        *(need.value for need in Requirement if need not in (Requirement.KEY, Requirement.UNKNOWN)),
        *(SIGNATURE, CERTIFICATE),
    )
)
"""Requirements that prove who calls. A key, an address and a throttle prove nobody."""
_PROOFS: Final = ("signature", "token")
"""Labels of a forwarder by what its webhook requires."""
NO_WEB_ACL: Final = "none"
NOT_BLOCKING: Final = "blocks nothing"
NOT_KNOWN: Final = frozenset((Requirement.UNKNOWN.value, "signature unknown"))


PathKey = tuple[str, str, str]
"""Kind, source and target of a path."""


class CallKey(NamedTuple):
    """`GET /orders`, the API and its stage."""

    call: str
    api: str
    stage: str


class CallRow(NamedTuple):
    call: Call
    cells: Mapping[str, str]  # what the call requires and where it goes, by column
    requires: frozenset[str]
    doubt: str  # what may decide in place of what the call requires; empty if nothing does
    is_open: bool  # whether anyone on the internet may make it
    declared_by: frozenset[str]  # keys of the URNs of all resources that declare it
    in_front: frozenset[str]  # of those that decide whether and how it is admitted
    behind: frozenset[str]  # of those that send it on


@dataclass(frozen=True, kw_only=True)
class Facts:
    graph: Graph
    open_calls: Mapping[str, bool]
    """Calls that anyone on the internet may make, and whether the stack acknowledges each."""
    open_unknown: Mapping[str, str]
    """Names of APIs and function URLs of which it is not known what is open, with the reason."""
    paths: Mapping[PathKey, frozenset[str]]  # open paths in words, by kind, source and target
    doubted: frozenset[PathKey]  # those of which it is not known whether they are open
    calls: Mapping[CallKey, CallRow]
    sources: Mapping[str, str]  # keys of addresses from which the stack calls the internet, with their names
    slashes_lost: frozenset[str]  # names of APIs that lose the slash at the end of a path
    findings: tuple[Finding, ...]
    entries: tuple[Entry, ...]  # of the ledger: what the answers do not rest on
    bill: Estimate
    not_counted: tuple[str, ...]
    """Calls that no throttle limits."""
    reads: Reads  # inputs on which paths and calls rest, by URN


def collect_facts(graph: Graph, usage: Usage) -> Facts:
    recording, reads = record_reads(graph)
    model = AwsModel(recording)
    reach = trace_paths(model)
    paths: dict[PathKey, frozenset[str]] = {}
    certain: set[PathKey] = set()
    for path in reach.paths:
        if path.open:
            way = _remove_requirements(path)
            key = way.kind.value, way.source, way.target
            paths[key] = paths.get(key, frozenset()) | {str(way)}
            certain |= set() if path.uncertainty else {key}
    calls = dict(_list_calls(model, reach.vouching))
    not_counted = tuple(list_uncounted_calls(reach))
    open_calls = {
        text: endpoint.acknowledged for endpoint in list_open_endpoints(model) for text in _list_open_calls(endpoint)
    }
    read_for_access = set(reads)  # Rules and prices read inputs for reasons of their own.
    return Facts(
        graph=graph,
        open_calls=open_calls,
        open_unknown=dict(_list_open_doubts(model, reach.vouching)),
        paths=paths,
        doubted=frozenset(paths.keys() - certain),
        calls=calls,
        sources={make_key(address.urn): address.name for address in list_source_addresses(graph)},
        slashes_lost=frozenset(model.names.find(api.resource) for api in model.apis.all if loses_slashes(api)),
        findings=tuple(check(recording, reach)),
        entries=reach.ledger.entries,
        bill=estimate(model, usage, not_counted=not_counted),
        not_counted=not_counted,
        reads=read_for_access,
    )


def _remove_requirements(path: Path) -> Path:
    """A path without what an API and the function behind it require, which the table of calls has."""
    kinds = [hop.resource.type if hop.resource is not None else "" for hop in path.hops]
    if not any(kind in types.APIS for kind in kinds):
        return path
    hops = []
    for hop, kind in zip(path.hops, kinds, strict=True):
        proof = kind in types.FUNCTION and hop.label in _PROOFS
        hops.append(replace(hop, label="") if proof or kind in types.APIS else hop)
    return replace(path, hops=tuple(hops))


def _list_open_calls(endpoint: OpenEndpoint) -> Iterator[str]:
    yield from (f"{call} of {endpoint.name}" for call in endpoint.calls)
    if not endpoint.calls:
        yield f"the URL of {endpoint.name}"


def _list_calls(model: AwsModel, vouching: Vouching) -> Iterator[tuple[CallKey, CallRow]]:
    for api in model.apis.all:
        doubt_of_api = vouching.describe_doubt(vouching.list_parts(api.resource))
        exposed = find_open_calls(model.graph, api).known
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
            needs = frozenset(_list_requirements(model.graph, api, call))
            function = call.integration.function
            doubt = doubt_of_api
            if SIGNATURE in needs and function is not None:
                doubt = doubt or vouching.describe_doubt(frozenset((function.urn,)))
            cells, throttles = _build_cells(model.graph, api, call, needs), list_stage_throttles(api, call)
            if doubt and needs:
                cells["requires"] = f"cannot tell whether {cells['requires']}"
            front, after = _list_keys(list_before_api(model.graph, api, call)), _list_keys(list_behind_api(call))
            for number, stage in enumerate(api.stages or (None,)):
                throttle = throttles[number] if number < len(throttles) else None
                name = stage_name(stage) if stage is not None else ""
                row = CallRow(
                    call=call,
                    cells={
                        **cells,
                        "web ACL": _describe_web_acl(model.graph, api, stage),
                        "throttle": str(throttle or "none"),
                        "stage": name,
                    },
                    requires=frozenset((Requirement.UNKNOWN.value,)) if doubt and needs else needs,
                    doubt=doubt,
                    is_open=call in exposed,
                    declared_by=_list_keys(part for part in parts if part is not None),
                    in_front=front,
                    behind=after,
                )
                yield CallKey(call.name, model.names.find(api.resource), name), row


def _describe_web_acl(graph: Graph, api: Api, stage: Resource | None) -> str:
    """The web ACL in front of a stage: `front-acl (blocks over 1,000 in 5 minutes by address)`."""
    firewall = next((firewall for firewall in api.firewalls if firewall.stage is stage), None)
    if firewall is None or firewall.association is None:
        return NO_WEB_ACL
    if firewall.web_acl is None:
        return "of another stack"
    is_idle = blocks_requests(firewall.web_acl) is False
    blocked = NOT_BLOCKING if is_idle else describe_rules(graph, firewall.web_acl)
    return f"{firewall.web_acl.name} ({blocked})" if blocked else firewall.web_acl.name


def _list_keys(resources: Iterator[Resource]) -> frozenset[str]:
    return frozenset(make_key(resource.urn) for resource in resources)


def _list_open_doubts(model: AwsModel, vouching: Vouching) -> Iterator[tuple[str, str]]:
    """APIs and function URLs of which it is not known what is open to anyone, by name, with the reason."""
    for api in model.apis.all:
        if reason := _describe_open_doubt(model.graph, api, vouching):
            yield model.names.find(api.resource), reason
    for caller in model.callers:
        checking = caller.function if caller.is_public and signatures.check_of(caller.function).checks else None
        if checking is not None and (reason := vouching.describe_doubt(frozenset((checking.urn,)))):
            yield caller.by.name, reason
        if caller.may_be_public:
            yield caller.by.name, caller.uncertainty


def _describe_open_doubt(graph: Graph, api: Api, vouching: Vouching) -> str:
    """Why it is not known of which calls of an API nothing is required; empty if it is."""
    if (doubt := find_open_calls(graph, api).doubt) is not None:
        return str(doubt)
    checking = (call.integration.function for call in api.calls if signatures.check_on(graph, call).checks)
    at = vouching.list_parts(api.resource) | {function.urn for function in checking if function is not None}
    if is_closed_by_firewalls(graph, api):
        at |= vouching.list_acls(api.resource)
    return vouching.describe_doubt(at)


def _list_requirements(graph: Graph, api: Api, call: Call) -> Iterator[str]:
    """The requirements of a call, also those of the function behind it and of the API's addresses."""
    yield from (requirement.value for requirement in call.proven)
    if call.requires - call.proven:
        yield Requirement.UNKNOWN.value
    # API Gateway checks an AWS signature or a token, and then the forwarder checks no signature of a webhook.
    check = signatures.NONE if call.proven & SIGNED_IN else signatures.check_on(graph, call)
    if check.checks or check.uncertainty:
        yield SIGNATURE if check.checks else "signature unknown"
    if access.requires_certificate(api):
        yield CERTIFICATE


def _build_cells(graph: Graph, api: Api, call: Call, requires: frozenset[str]) -> dict[str, str]:
    own = {False: ["the API's own"], None: ["perhaps the API's own"], True: []}[api.default_endpoint_closed]
    domains = ["/".join(filter(None, names)) for names in list_mapped_names(graph, api)]
    audience = access.find_audience(api, call)
    callers = audience.label or ("anywhere" if audience.anyone else "nowhere on the internet")
    checks = [*list_authorizations(graph, api, call)]
    return {
        "requires": " and ".join(sorted(requires)) or "no credentials",
        "callers from": "cannot tell" if audience.uncertainty else callers,
        "authorizer": ", ".join(sorted(check.name for check in checks)) or "none",
        "accepts": " and ".join(sorted(filter(None, (check.accepts for check in checks)))) or "none",
        "scopes": ", ".join(scope for check in checks for scope in check.scopes) or "none",
        "goes to": _describe_target(call),
        "timeout": f"{call.integration.seconds:g} s" if call.integration.seconds else "unknown",
        "response": "streamed" if call.integration.streams else "whole",
        "address": " and ".join([*own, *domains]) or "none",
        "API": api.kind.value,
    }


def _describe_target(call: Call) -> str:
    """`proxy-function`, or an address with the name of the balancer or the link as its host."""
    to = call.integration
    if to.function is not None:
        return to.function.name
    names = [part.name for part in (to.link, to.balancer) if part is not None]
    if not isinstance(to.uri, str):
        return " → ".join(names) or to.kind or "unknown"
    address = re.sub(r"(?<=://)[^/:]+", names[-1], to.uri) if names else to.uri
    return address.removesuffix(call.path.replace("+}", "}"))
