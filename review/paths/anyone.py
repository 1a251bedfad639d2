"""Unauthenticated endpoints: calls that require no credentials, key, address range or signature.

A rate requires nothing of the caller, and neither does a firewall that only limits rates or blocks bad requests.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..aws.gateway import access, signatures
from ..aws.gateway.api import Api, ApiKind, Call
from ..aws.gateway.function_callers import FunctionCaller
from ..aws.gateway.web_acls import guards_every_stage
from ..aws.model.model import AwsModel
from ..facts import route_paths
from ..graph import Graph, Resource
from ..graph.answers import require_certain
from ..graph.graph import group_pairs
from ..graph.prose import join_names
from ..graph.reading import Doubt, as_list, as_text, get_value


@dataclass(frozen=True)
class OpenEndpoint:
    """An API, or the URL of a function, that takes anybody's calls."""

    resource: Resource
    name: str
    """How a reader knows it."""
    calls: tuple[str, ...]
    """`GET POST /orders (and below)`, a path each. Empty for the URL of a function."""
    acknowledged: bool = False

    def __str__(self) -> str:
        if not self.calls:
            return f"open to the internet: the URL {self.name}"
        shown = self.calls if len(self.calls) <= 3 else (*self.calls[:2], f"{len(self.calls) - 2} more paths")
        return f"open to the internet: {join_names(shown)} of {self.name}"


def list_open_endpoints(model: AwsModel) -> Iterator[OpenEndpoint]:
    """Everything that is open to anybody, as far as it is known."""
    meant = read_acknowledged(model.graph)
    for api in model.apis.all:
        opened = find_open_calls(model.graph, api).known
        calls = group_pairs((make_entry(model, api, call) in meant, call) for call in opened)
        for is_meant, routes in sorted(calls.items()):
            paths = tuple(group_by_path(routes, below=" (and below)"))
            yield OpenEndpoint(api.resource, model.names.find(api.resource), paths, is_meant)
    for caller in list_public_urls(model):
        if caller.check.uncertainty:
            continue
        yield OpenEndpoint(caller.by, caller.by.name, (), caller.by.name in meant)


def list_public_urls(model: AwsModel) -> Iterator[FunctionCaller]:
    """Function URLs that anybody may call and whose function checks no signature, as far as is known."""
    yield from (caller for caller in model.callers if caller.is_public and not caller.check.checks)


def read_acknowledged(graph: Graph) -> dict[str, str]:
    """The reason, which may be empty, by each entry of `protection.acknowledgePublic` in the stack's config.

    An entry is a route (`GET /health`), `GET /health of front` if the stack has several APIs, or the name of a
    load balancer or of a function URL.
    """
    entries = [
        (as_text(get_value(entry, "route")), as_text(get_value(entry, "reason")))
        if isinstance(entry, Mapping)
        else (as_text(entry), "")
        for entry in as_list(get_value(graph.get_project_config("protection"), "acknowledgePublic"))
    ]
    return {route: reason for entry, reason in entries for route in route_paths.split_route(entry)}


def make_entry(model: AwsModel, api: Api, call: Call) -> str:
    """The entry that acknowledges an open route."""
    return call.name if len(model.apis.all) == 1 else f"{call.name} of {api.resource.name}"


@dataclass(frozen=True)
class OpenCalls:
    """The calls of an API that require nothing of their caller."""

    known: tuple[Call, ...] = ()
    doubt: Doubt | None = None
    """Why there may be others; None if there are none."""

    def __bool__(self) -> bool:
        return bool(self.known) or self.doubt is not None


def find_open_calls(graph: Graph, api: Api) -> OpenCalls:
    """The calls of an API that require nothing of their caller. A doubt about one hides none that is certain."""
    calls = _find_calls_before_firewalls(graph, api)
    if not calls or not api.firewalls:
        return calls
    restricted = guards_every_stage(graph, api.firewalls)
    if restricted is None:
        return OpenCalls(doubt=Doubt(f"which callers the web ACL of {api.resource.name} blocks is not known"))
    return OpenCalls() if restricted else calls


def is_closed_by_firewalls(graph: Graph, api: Api) -> bool:
    """Whether anybody could make some call of an API if its web ACLs blocked nobody, and they do."""
    return bool(_find_calls_before_firewalls(graph, api)) and not find_open_calls(graph, api)


def _find_calls_before_firewalls(graph: Graph, api: Api) -> OpenCalls:
    """The calls that require nothing of their caller but to pass the web ACLs.

    API Gateway refuses callers without a client certificate where a domain has mutual TLS, so an API is open through
    its other addresses alone: https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
    """
    if api.kind is ApiKind.PRIVATE:
        return OpenCalls()
    known, about = list[Call](), dict[str, None]()
    for call in api.calls:
        try:
            known += [call] if _is_open(graph, api, call) else []
        except Doubt as doubt:
            about |= dict.fromkeys(doubt.about)
    calls = OpenCalls(tuple(known), Doubt(*about) if about else None)
    if not calls or access.list_addresses_without_certificate(api):
        return calls
    by_certificate = access.can_tell_certificates(api)
    return OpenCalls(doubt=by_certificate if isinstance(by_certificate, Doubt) else None)


def group_by_path(calls: Iterable[Call], below: str = "") -> list[str]:
    """`GET HEAD /forward`: methods by path. `below` is put behind one that has a greedy path under it."""
    methods = group_pairs((call.path, call.method) for call in calls)
    greedy = {
        _find_parent(path)
        for path, its in methods.items()
        if set(its) == set(methods.get(_find_parent(path) or "", ()))
    }
    return [
        path if path == "$default" else f"{' '.join(sorted(names))} {path}{below if path in greedy else ''}"
        for path, names in methods.items()
        if _find_parent(path) not in greedy
    ]


def _find_parent(path: str) -> str | None:
    return (path.rpartition("/")[0] or "/") if path.endswith("+}") else None


def _is_open(graph: Graph, api: Api, call: Call) -> bool:
    if call.integration.kind == "MOCK" or not api.stages:
        return False
    require_certain(access.can_tell_callers(api, call))
    if call.requires or not access.find_audience(api, call).anyone:
        return False
    signature = signatures.check_on(graph, call)
    require_certain(signature.answer)
    return not signature.checks
