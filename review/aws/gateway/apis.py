"""Every API of a graph, read from OpenAPI bodies and from discrete resources alike."""

import functools
import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from ...facts import limits
from ...graph import UNKNOWN, Graph, Resource
from ...graph.given import Gap, Ground, cited, given, held, holds_unknown, lacking, of_any
from ...graph.graph import grouped
from ...graph.reading import first, items, naming, number, output, pointed, text
from ..catalog import types
from . import openapi
from .api import Api, ApiKind, Call, Integration, Requirement, function_in, in_stages
from .definitions import FUNCTION, definition
from .web_acls import restricts_callers

_AUTHORIZATION: Final[Mapping[str, Requirement]] = {
    "AWS_IAM": Requirement.IAM,
    "COGNITO_USER_POOLS": Requirement.COGNITO,
    "JWT": Requirement.JWT,
    "CUSTOM": Requirement.AUTHORIZER,
}
_KEY_ASKED: Final = {True: {Requirement.KEY}, False: set[Requirement](), None: {Requirement.UNKNOWN}}
_BALANCED: Final = (*types.LISTENER, *types.LOAD_BALANCER, *types.CLOUD_MAP_SERVICE)
MAPPINGS: Final = (
    (types.BASE_PATH_MAPPING, ("restApi",)),
    (types.API_MAPPING, ("apiId",)),
    (types.ROUTING_RULE, ("actions", "invokeApis", "apiId")),
)
"""What sends calls from a domain to an API, by the input that names it."""
STAGES: Final = tuple(
    (kinds, (key,))
    for kinds, key in ((types.REST_STAGE, "restApi"), (types.DEPLOYMENT, "restApi"), (types.HTTP_STAGE, "apiId"))
)
"""What may be a stage of an API, by the input that names it: before version 7 a deployment makes one by `stageName`."""


class _Parts(NamedTuple):
    """The parts of an integration: its values, or the names of the inputs that hold them, which are those of REST."""

    kind: Any = "type"
    uri: Any = "uri"
    connection: Any = "connectionType"
    link: Any = "connectionId"
    target: Any = "integrationTarget"
    credentials: Any = "credentials"
    transfer: Any = "responseTransferMode"
    timeout: Any = "timeoutMilliseconds"
    parameters: Any = "requestParameters"


_REST_KEYS: Final = _Parts()
_IN_BODY: Final = _Parts(timeout="timeoutInMillis")
# An HTTP API streams nothing; a key that it does not have is absent.
_HTTP_KEYS: Final = _Parts("integrationType", "integrationUri", target="integrationUri", credentials="credentialsArn")


class Apis:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.all = [*map(self._rest, graph.of_type(*types.REST_API)), *map(self._http, graph.of_type(*types.HTTP_API))]
        self._by_urn = {api.resource.urn: api for api in self.all}

    def of(self, resource: Resource) -> Api:
        return self._by_urn[resource.urn]

    def integrations(self, resource: Resource) -> list[Integration]:
        """Integrations that a resource declares, one or a body's; each place once."""
        return list(self._declared.get(resource.urn, {}).values())

    @functools.cached_property
    def _declared(self) -> dict[str, dict[tuple[str, ...], Integration]]:
        found: dict[str, dict[tuple[str, ...], Integration]] = defaultdict(dict)
        for api in self.all:
            for call in api.calls:
                found[call.integration.resource.urn].setdefault(call.integration.key, call.integration)
        return found

    def _rest(self, api: Resource) -> Api:
        kinds = items(held(api, "endpointConfiguration", "types"))
        stages, body = naming(self._graph, api, types.REST_STAGE, "restApi"), definition(self._graph, api)
        names = {text(held(stage, "stageName")) for stage in stages}
        deployments = naming(self._graph, api, types.DEPLOYMENT, "restApi")
        stages = [*stages, *(one for one in deployments if held(one, "stageName") not in (None, *names))]
        acls = (link for stage in stages for link in naming(self._graph, stage, types.ACL_ASSOCIATION, "resourceArn"))
        doubts = [f"whether {api.name} is private"] * (UNKNOWN in kinds)
        return self._api(
            api,
            kind=ApiKind.PRIVATE if "PRIVATE" in kinds else ApiKind.REST,
            calls=(*self._of_body(api, body), *self._methods.get(api.urn, [])),
            stages=tuple(stages),
            policies=tuple(self._policies(api, body)),
            policy_grounds=tuple(self._policy_grounds(api)),
            doubts=(doubts, [f"whether {link.name} blocks callers of {api.name}" for link in self._stray_acls]),
            acl=(acl := next(acls, None)),
            web_acl=self._web_acl(acl) if acl else None,
            throttles=tuple(naming(self._graph, api, types.METHOD_SETTINGS, "restApi")),
        )

    def _api(
        self, api: Resource, calls: Iterable[Call], doubts: tuple[list[str], list[str]] = ([], []), **parts: Any
    ) -> Api:
        """An API with the parts that both types declare alike."""
        graph, closed = self._graph, given(api, "disableExecuteApiEndpoint").flag(absent=False)
        made_up = f"arn:{graph.partition}:execute-api:{api.region or graph.region}:{graph.account}:api"
        domains, elsewhere = self._domains(api)
        address = [f"whether the default address of {api.name} is on"] * (closed is None)
        return Api(
            resource=api,
            arn=text(output(api, "executionArn")) or made_up,
            default_endpoint_closed=closed,
            calls=tuple(replace(one, integration=in_stages(graph, one.integration, parts["stages"])) for one in calls),
            domains=domains,
            elsewhere=elsewhere,
            doubt="; ".join([*doubts[0], *address, *doubts[1]]),
            **parts,
        )

    def _http(self, api: Resource) -> Api:
        stages = tuple(naming(self._graph, api, types.HTTP_STAGE, "apiId"))
        # HTTP APIs have no keys: a scheme that names one is passed over.
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html
        body = self._of_body(api, definition(self._graph, api))
        written = [replace(one, requires=one.requires - {Requirement.KEY}) for one in body]
        calls, is_socket = self._routes.get(api.urn, []), held(api, "protocolType") == "WEBSOCKET"
        if is_socket:
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html
            asked = {need for one in calls if one.path == "$connect" for need in one.requires}
            calls = [replace(one, requires=one.requires | asked) for one in calls]
        return self._api(
            api,
            kind=ApiKind.WEBSOCKET if is_socket else ApiKind.HTTP,
            calls=(*written, *self._quick(api), *calls),
            # An API made with `target` gets its stage and route from AWS.
            stages=stages or ((api,) if held(api, "target") is not None else ()),
            throttles=stages,
        )

    def _policies(self, api: Resource, body: Any) -> Iterator[Any]:
        """The policy of a policy resource, else of the API's argument, else of the body."""
        if self._stray_policies:
            yield UNKNOWN
            return
        found = {_as_text(held(holder, "policy")) for holder in self._policy_holders(api)}
        if found:
            yield found.pop() if len(found) == 1 else UNKNOWN  # the order in which several are written is not known
        elif body is UNKNOWN:
            yield UNKNOWN
        elif isinstance(body, Mapping) and body.get("x-amazon-apigateway-policy"):
            policy = body["x-amazon-apigateway-policy"]
            yield policy if holds_unknown(policy) else _as_text(policy)

    def _policy_grounds(self, api: Resource) -> Iterator[Ground]:
        yield from (Gap(f"whether {stray.name} is of {api.name}") for stray in self._stray_policies)
        yield from lacking(self._graph, *types.REST_POLICY)
        declared = [given(holder, "policy").ground() for holder in self._policy_holders(api)]
        yield from declared or (given(api, "policy").ground(), given(api, "body").ground())

    @functools.cached_property
    def _stray_policies(self) -> list[Resource]:
        """Policy resources that may be of any API, whose policy they replace."""
        return of_any(self._graph, types.REST_POLICY, "restApiId", types=types.REST_API)

    @functools.cached_property
    def _stray_acls(self) -> list[Resource]:
        """Associations that may give any stage a web ACL that blocks callers."""
        protected = (*types.REST_STAGE, *types.LOAD_BALANCER)
        found = of_any(self._graph, types.ACL_ASSOCIATION, "resourceArn", types=protected)
        acls = ((link, self._web_acl(link)) for link in found)
        return [link for link, acl in acls if acl is None or restricts_callers(self._graph, acl) is not False]

    def _web_acl(self, link: Resource) -> Resource | None:
        return first(self._graph, link, "webAclArn", types=types.WEB_ACL)

    def _policy_holders(self, api: Resource) -> list[Resource]:
        """The policy resources, which are written after their API, else the API if it has the argument."""
        apart = naming(self._graph, api, types.REST_POLICY, "restApiId")
        return apart or [api] * (held(api, "policy") is not None)

    def _of_body(self, api: Resource, body: Any) -> Iterator[Call]:
        if body is UNKNOWN and not api.existing:
            yield from tuple(self._inferred(api)) or [self._unknown_call(api)]
        if not isinstance(body, Mapping):
            return
        for operation in openapi.operations(body):
            for integration in self._of_operation(api, operation.integration):
                yield Call(operation.method, operation.path, operation.requires, integration, operation.written)

    def _of_operation(self, api: Resource, written: Mapping[str, Any]) -> Iterator[Integration]:
        """The integration of an operation; of one whose target is unknown, each that the body's dependencies allow."""
        parts = _in_body(written)
        found, name = self._integration(api, parts, written), written.get(FUNCTION)
        if UNKNOWN not in ((parts.link, parts.target) if found.linked else (parts.uri,)):
            yield found
        elif found.linked:
            links: list[Resource | None] = [found.link] if found.link else [*self._behind(api, types.LINKS)]
            # A REST API names a load balancer, and waits for its listener.
            behind = self._behind(api, types.LOAD_BALANCER) or self._behind(api, _BALANCED)
            targets: list[Resource | None] = [found.balancer] if found.balancer else [*behind]
            pairs = list(itertools.product(links or [None], targets or [None]))
            for link, target in pairs:
                known = len(pairs) == 1 and link is not None and (target is not None or parts.target is not UNKNOWN)
                yield replace(found, link=link, balancer=target, certain=known)
        else:
            named = [self._graph.find(name, *types.FUNCTION)] if isinstance(name, str) else []
            behind = self._behind(api, types.INVOKED) if found.kind.startswith("AWS") else []
            functions: list[Resource | None] = named or [*behind] or [None]
            for function in functions:
                yield replace(found, function=function, certain=function is not None and len(functions) == 1)

    def _behind(self, api: Resource, kinds: tuple[str, ...]) -> list[Resource]:
        """The resources of these kinds that a body depends on; functions in place of their aliases."""
        hits = map(self._called, pointed(self._graph, api, "body", types=kinds))
        return list({hit.urn: hit for hit in hits}.values())

    def _called(self, hit: Resource) -> Resource:
        """The function of an alias; another resource itself."""
        return function_in(self._graph, hit.id) or hit if hit.type in types.ALIAS else hit

    def _inferred(self, api: Resource) -> Iterator[Call]:
        """Integrations from the dependencies of an unknown body: its routes are unknown, their targets are not."""
        for function in self._behind(api, types.INVOKED):
            yield self._unknown_call(api, kind="AWS_PROXY", function=function)
        targets: list[Resource | None] = [*self._behind(api, _BALANCED)]
        for link, target in itertools.product(self._behind(api, types.LINKS), targets or [None]):
            yield self._unknown_call(api, kind="HTTP_PROXY", link=link, linked=True, balancer=target)

    @staticmethod
    def _unknown_call(api: Resource, **parts: Any) -> Call:
        return Call("ANY", "/", frozenset({Requirement.UNKNOWN}), _unseen(api, **parts))

    def _quick(self, api: Resource) -> Iterator[Call]:
        """The one route of an HTTP API that was made with `target`."""
        if (target := held(api, "target")) is not None:
            function = first(self._graph, api, "target", types=types.FUNCTION) or function_in(self._graph, target)
            kind = "AWS_PROXY" if function is not None or ":lambda:" in text(target) else "HTTP_PROXY"
            seconds = limits.HTTP_API_TIMEOUT_MILLISECONDS / 1000
            integration = Integration(resource=api, kind=kind, uri=target, function=function, seconds=seconds)
            method, _, path = (text(held(api, "routeKey")) or "$default").rpartition(" ")
            yield Call(method or "ANY", path, frozenset(), integration)

    @functools.cached_property
    def methods_by_key(self) -> dict[tuple[str, ...], Resource]:
        """Methods of REST APIs by `key_of`, which is that of their integration as well."""
        return {self.key_of(method): method for method in self._graph.of_type(*types.METHOD)}

    @functools.cached_property
    def _methods(self) -> dict[str, list[Call]]:
        """Calls of REST APIs with discrete resources, by API."""
        declared = self._graph.of_type(*types.REST_INTEGRATION)
        integrations = {self.key_of(one): self._of_resource(one, _REST_KEYS) for one in declared}
        found: dict[str, list[Call]] = defaultdict(list)
        for method in self._graph.of_type(*types.METHOD):
            asks = set(_authorization(held(method, "authorization")))
            asks |= _KEY_ASKED[given(method, "apiKeyRequired").flag(absent=False)]
            parts, name = self._parts(method), text(held(method, "httpMethod")) or "ANY"
            path = "/" + "/".join(text(held(part, "pathPart")) for part in parts)
            keys = ((method, "httpMethod"), *((part, "pathPart") for part in parts))
            place = cited(self._graph, method, "resourceId", types=())
            named_by = (place, *(given(one, key).ground() for one, key in keys))
            for api in pointed(self._graph, method, "restApi", types=types.REST_API):
                for one in self._may_have(method, integrations):
                    found[api.urn].append(Call(name, path, frozenset(asks), one, method, named_by))
        return found

    def _may_have(self, method: Resource, known: Mapping[tuple[str, ...], Integration]) -> list[Integration]:
        """Integrations with its name, or all of its resource if its name is not known; else one that is not seen."""
        key = self.key_of(method)
        keys = [key] if key[-1] else [one for one in known if one[:-1] == key[:-1]]
        return [known[one] for one in keys if one in known] or [_unseen(method)] * bool(self._stray_integrations)

    @functools.cached_property
    def _stray_integrations(self) -> list[Resource]:
        """Integrations that may be of any method."""
        names = (("restApi", types.REST_API), ("resourceId", types.REST_RESOURCE))
        found = [one for key, kinds in names for one in of_any(self._graph, types.REST_INTEGRATION, key, types=kinds)]
        methods = self._graph.of_type(*types.REST_INTEGRATION)
        return found + [one for one in methods if held(one, "httpMethod") is UNKNOWN and not one.existing]

    def key_of(self, resource: Resource) -> tuple[str, ...]:
        """REST API, resource and method: what joins an integration to its method."""
        api = [hit.urn for hit in pointed(self._graph, resource, "restApi", types=types.REST_API)]
        parts = [hit.urn for hit in pointed(self._graph, resource, "resourceId", types=types.REST_RESOURCE)]
        return (*api, *parts, text(held(resource, "httpMethod")))

    def _parts(self, method: Resource) -> list[Resource]:
        """The resources of its path, from the root."""
        parts: list[Resource] = []
        at = first(self._graph, method, "resourceId", types=types.REST_RESOURCE)
        while at is not None and len(parts) < 100:
            parts.insert(0, at)
            at = first(self._graph, at, "parentId", types=types.REST_RESOURCE)
        return parts

    @functools.cached_property
    def _routes(self) -> dict[str, list[Call]]:
        """Calls of HTTP APIs with discrete resources, by API."""
        found: dict[str, list[Call]] = defaultdict(list)
        for route in self._graph.of_type(*types.HTTP_ROUTE):
            method, _, path = text(held(route, "routeKey")).rpartition(" ")
            asks = frozenset(_authorization(held(route, "authorizationType")))
            named_by = (given(route, "routeKey").ground(),)
            for api in pointed(self._graph, route, "apiId", types=types.HTTP_API):
                for integration in self._integrations_of(route):
                    found[api.urn].append(Call(method or "ANY", path or "/", asks, integration, route, named_by))
        return found

    def _integrations_of(self, route: Resource) -> Iterator[Integration]:
        identifier = text(held(route, "target")).removeprefix("integrations/")
        hit = self._graph.find(identifier, *types.HTTP_INTEGRATION)
        hits = [hit] if hit is not None else pointed(self._graph, route, "target", types=types.HTTP_INTEGRATION)
        yield from (self._of_resource(resource, _HTTP_KEYS) for resource in hits)
        if not hits and held(route, "target") is not None:
            yield _unseen(route)

    def _of_resource(self, resource: Resource, keys: _Parts) -> Integration:
        found = self._integration(resource, _Parts(*(held(resource, key) for key in keys)), resource.inputs)
        if UNKNOWN not in (found.uri, held(resource, keys.target), held(resource, keys.link)):
            return found
        return replace(
            found,
            function=found.function or self._first(resource, keys.uri, types.INVOKED),
            link=found.link or self._first(resource, keys.link, types.LINKS),
            balancer=found.balancer or self._first(resource, keys.target, _BALANCED),
        )

    def _first(self, resource: Resource, key: str, kinds: tuple[str, ...]) -> Resource | None:
        hit = first(self._graph, resource, key, types=kinds)
        return None if hit is None else self._called(hit)

    def _integration(self, resource: Resource, parts: _Parts, written: Mapping[str, Any]) -> Integration:
        linked = text(parts.connection) == "VPC_LINK"
        http = resource.type in (*types.HTTP_API, *types.HTTP_INTEGRATION)
        longest = limits.HTTP_API_TIMEOUT_MILLISECONDS if http else limits.REST_API_TIMEOUT_MILLISECONDS
        return Integration(
            resource=resource,
            kind=text(parts.kind).upper(),
            uri=parts.uri,
            function=None if linked else function_in(self._graph, parts.uri),
            link=self._graph.find(parts.link, *types.LINKS) if linked else None,
            linked=linked,
            balancer=self._graph.find(parts.target, *_BALANCED) if linked else None,
            has_credentials=bool(parts.credentials),
            streams=text(parts.transfer).upper() == "STREAM",
            seconds=None if parts.timeout is UNKNOWN else (number(parts.timeout) or longest) / 1000,
            parameters=parts.parameters,
            written=written,
        )

    def _domains(self, api: Resource) -> tuple[tuple[Resource, ...], tuple[Resource, ...]]:
        """Domains of an API, and mappings of other domains to it.

        Mappings of either kind and routing rules may send calls to an API, REST or HTTP, from either type of domain.
        """
        domains, elsewhere = dict[str, Resource](), list[Resource]()
        for link in (one for kinds, path in MAPPINGS for one in naming(self._graph, api, kinds, *path)):
            by_name = self._domains_by_name.get(text(held(link, "domainName")), [])
            found = by_name or pointed(self._graph, link, "domainName", types=types.DOMAINS)
            made = {domain.urn: domain for domain in found if not domain.existing}
            domains |= made
            elsewhere += [] if made else [link]
        return tuple(domains.values()), tuple(elsewhere)

    @functools.cached_property
    def _domains_by_name(self) -> dict[str, list[Resource]]:
        domains = self._graph.of_type(*types.DOMAINS)
        return grouped((name, domain) for domain in domains if (name := text(held(domain, "domainName"))))


def _unseen(caller: Resource, **parts: Any) -> Integration:
    """The integration of a method, a route or an unknown body, of which only these parts are known."""
    return Integration(**{"resource": caller, "kind": "", "uri": UNKNOWN, "certain": False, **parts})


def _as_text(policy: Any) -> Any:
    """A policy as text, also where it came as a mapping; `UNKNOWN` where a part of it is."""
    if policy is UNKNOWN or isinstance(policy, str):
        return policy
    try:
        return json.dumps(policy)
    except TypeError:
        return UNKNOWN


def _in_body(raw: Mapping[str, Any]) -> _Parts:
    # AWS's guide and AWS's own sample spell the load balancer's key differently.
    target = raw.get("integrationTarget", raw.get("integration-target", raw.get("uri")))
    return _Parts(*map(raw.get, _IN_BODY))._replace(target=target)


def _authorization(value: Any) -> Iterator[Requirement]:
    if value is UNKNOWN:
        yield Requirement.UNKNOWN
    elif (asked := _AUTHORIZATION.get(text(value))) is not None:
        yield asked
