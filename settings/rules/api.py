"""Rules of the API: its routes, and what each kind of API cannot do."""

from collections.abc import Iterator

from components.api.address_lists import expanded
from components.api.resource_policy import by_address, fits
from components.limits import (
    ANY,
    HTTP_API_ROUTES,
    HTTP_API_TIMEOUT_MILLISECONDS,
    METHOD_THROTTLES_PER_PLAN,
    METHODS,
    RESOURCE_POLICY_CHARACTERS,
    REST_API_TIMEOUT_MILLISECONDS,
    STREAM_MILLISECONDS,
)

from ..api import Api, ApiKind, Authorizer, AuthorizerKind, MinimumTls, Route
from ..mistakes import NOTHING, Mistake
from ..protection import Protection
from ..proxy import Proxy
from ..topology import Topology
from .rule import given, mistake, rule


@rule
def private_api_is_rest(topology: Topology, api: Api) -> Iterator[Mistake]:
    if topology is Topology.PRIVATE_API and api.kind is ApiKind.HTTP:
        yield mistake(
            "api.kind", "http", "rest with topology private-api: HTTP APIs cannot be private", "use api.kind: rest"
        )
    if topology is not Topology.PRIVATE_API and api.private.model_fields_set:
        keys = given(api.private, *sorted(api.private.model_fields_set))
        yield mistake(f"api.private.{keys[0]}", "set", "only with topology private-api", "take out api.private")


@rule
def http_api_has_no_such_thing(api: Api, protection: Protection) -> Iterator[Mistake]:
    if api.kind is ApiKind.HTTP:
        for key, got, what, instead in [*_of_the_api(api, protection), *_of_routes(api)]:
            yield mistake(key, got, f"{what} only with a REST API", f"use api.kind: rest{instead}")


def _of_the_api(api: Api, protection: Protection) -> Iterator[tuple[str, object, str, str]]:
    """What an HTTP API lacks as a whole: key, value, what it is, and what else would do."""
    if api.plans:
        yield "api.plans", ", ".join(api.plans), "API keys and usage plans", ", or authorization by JWT or IAM"
    if api.policy:
        instead = ", or a Lambda authorizer that looks at the address"
        yield "api.policy", "set", "a resource policy", instead
    if protection.waf:
        yield "protection.waf", "set", "WAF", ", or put CloudFront with WAF in front"
    if api.tracing:
        yield "api.tracing", True, "X-Ray traces", ""
    if given(api.logs, "execution"):
        yield "api.logs.execution", api.logs.execution.value, "execution logs", "; access logs are on already"
    if api.minimum_tls is MinimumTls.TLS_1_3:
        yield "api.minimumTls", "1.3", "a minimum of 1.3", ", or 1.2"
    if given(api, "stage"):
        instead = ", or take it out: HTTP APIs use $default, which leaves the path as the client sent it"
        yield "api.stage", api.stage, "a named stage", instead


def _of_routes(api: Api) -> Iterator[tuple[str, object, str, str]]:
    for index, route in enumerate(api.routes):
        if route.key_required:
            yield f"api.routes[{index}].keyRequired", True, "API keys", ", or authorization by JWT or IAM"
        if api.streams(route):
            key = "api.streaming" if route.streaming is None else f"api.routes[{index}].streaming"
            yield key, True, "response streaming", ""
        if route.body_schema is not None:
            yield f"api.routes[{index}].bodySchema", "set", "request validation", ", or validate in the backend"


@rule
def timeouts_fit_the_api(api: Api) -> Iterator[Mistake]:
    most, kind = REST_API_TIMEOUT_MILLISECONDS, "a REST API"
    if api.kind is ApiKind.HTTP:
        most, kind = HTTP_API_TIMEOUT_MILLISECONDS, "an HTTP API"
    for index, route in enumerate(api.routes):
        if (route.timeout_milliseconds or 0) > most and not api.streams(route):
            yield mistake(
                f"api.routes[{index}].timeoutMilliseconds",
                route.timeout_milliseconds,
                f"at most {most} with {kind}, unless the route streams",
                f"streaming: true on the route lets it last {STREAM_MILLISECONDS} (rest); HTTP APIs wait "
                f"{HTTP_API_TIMEOUT_MILLISECONDS}",
            )


@rule
def routes_differ(api: Api) -> Iterator[Mistake]:
    seen: dict[tuple[str, str], int] = {}
    for index, route in enumerate(api.routes):
        for method in route.methods:
            first = seen.setdefault((route.path.rstrip("/") or "/", method), index)
            if first != index:
                yield mistake(
                    f"api.routes[{index}]",
                    f"{method} {route.path}",
                    f"each path and method once; routes[{first}] has it",
                    "take one out",
                )
        if ANY in route.methods and len(route.methods) > 1:
            yield mistake(f"api.routes[{index}].methods", ", ".join(route.methods), "ANY alone, or methods by name")
        elif len(set(route.methods)) != len(route.methods):
            yield mistake(f"api.routes[{index}].methods", ", ".join(route.methods), "each method once")


@rule
def routes_lead_somewhere(api: Api) -> Iterator[Mistake]:
    known = ["backend", "proxy", *api.functions]
    for index, route in enumerate(api.routes):
        if route.target not in known:
            yield mistake(
                f"api.routes[{index}].target",
                route.target,
                f"one of {', '.join(known)}",
                "describe it in api.functions",
            )
    for name in {"backend", "proxy"} & set(api.functions):
        yield mistake(
            f"api.functions.{name}", "set", "a name that is not backend or proxy", "these two are the stack's own"
        )
    for name in api.functions.keys() - {route.target for route in api.routes}:
        yield mistake(
            f"api.functions.{name}",
            "set",
            "a function that some route has as its target",
            "add the route, or take it out",
        )


@rule
def functions_have_one_source(api: Api) -> Iterator[Mistake]:
    for name, function in api.functions.items():
        if bool(function.arn) == bool(function.folder):
            yield mistake(f"api.functions.{name}", function.arn or NOTHING, "arn or folder, and one of them alone")
    for name, authorizer in api.authorizers.items():
        decides = authorizer.function
        if decides and bool(decides.arn) == bool(decides.folder):
            yield mistake(
                f"api.authorizers.{name}.function", decides.arn or NOTHING, "arn or folder, and one of them alone"
            )


@rule
def authorization_names_something(api: Api) -> Iterator[Mistake]:
    known = ["none", "iam", *api.authorizers]
    for index, route in enumerate(api.routes):
        if route.authorization is not None and route.authorization not in known:
            yield mistake(
                f"api.routes[{index}].authorization",
                route.authorization,
                f"one of {', '.join(known)}",
                "describe it in api.authorizers",
            )
        if route.scopes and not _takes_scopes(api, route):
            yield mistake(
                f"api.routes[{index}].scopes", ", ".join(route.scopes), "scopes only with a jwt or cognito authorizer"
            )
    for name in {"none", "iam"} & set(api.authorizers):
        yield mistake(
            f"api.authorizers.{name}", "set", "a name that is not none or iam", "these two mean something already"
        )
    for name in api.authorizers.keys() - {route.authorization for route in api.routes}:
        yield mistake(
            f"api.authorizers.{name}",
            "set",
            "an authorizer that some route uses",
            "add it to the route, or take it out",
        )


def _takes_scopes(api: Api, route: Route) -> bool:
    authorizer = api.authorizers.get(route.authorization or "")
    return authorizer is not None and authorizer.kind is not AuthorizerKind.LAMBDA


@rule
def policy_has_room(api: Api) -> Iterator[Mistake]:
    if api.policy is None:
        return
    allow, deny = expanded(api.policy.allow), expanded(api.policy.deny)
    if not fits(by_address(allow, deny)):
        yield mistake(
            "api.policy",
            f"{len(allow) + len(deny)} ranges",
            f"what fits into a policy of {RESOURCE_POLICY_CHARACTERS:,} characters",
            "put neighbouring ranges together, or use protection.waf, whose address sets hold 10,000",
        )
    if not allow and not deny:
        yield mistake("api.policy", "empty", "ranges to allow or to deny", "take it out")


@rule
def authorizers_fit_the_api(api: Api) -> Iterator[Mistake]:
    for name, authorizer in api.authorizers.items():
        key = f"api.authorizers.{name}"
        if authorizer.kind is AuthorizerKind.JWT and api.kind is ApiKind.REST:
            yield mistake(
                f"{key}.kind",
                "jwt",
                "cognito or lambda with a REST API",
                "use api.kind: http, which checks tokens itself",
            )
        if authorizer.kind is AuthorizerKind.COGNITO and api.kind is ApiKind.HTTP:
            yield mistake(
                f"{key}.kind", "cognito", "jwt or lambda with an HTTP API", "use kind: jwt with the pool as issuer"
            )
        yield from _complete(key, authorizer)


def _complete(key: str, authorizer: Authorizer) -> Iterator[Mistake]:
    match authorizer.kind:
        case AuthorizerKind.JWT if not authorizer.issuer or not authorizer.audiences:
            yield mistake(
                key,
                "jwt",
                "issuer and audiences with kind: jwt",
                "without an audience every token of the issuer would pass",
            )
        case AuthorizerKind.COGNITO if not authorizer.user_pool_arns:
            yield mistake(f"{key}.userPoolArns", NOTHING, "one user pool or more with kind: cognito")
        case AuthorizerKind.LAMBDA if authorizer.function is None:
            yield mistake(f"{key}.function", NOTHING, "a function with kind: lambda", "function: {folder: authorizer}")


@rule
def keys_belong_to_a_plan(api: Api) -> Iterator[Mistake]:
    if api.kind is ApiKind.HTTP:
        return
    required = [index for index, route in enumerate(api.routes) if route.key_required]
    for index in required if not api.plans else []:
        yield mistake(
            f"api.routes[{index}].keyRequired",
            True,
            "keyRequired only with a usage plan that has a key",
            "add api.plans: {callers: {keys: [first]}}",
        )
    for name, plan in api.plans.items():
        if not required:
            yield mistake(
                f"api.plans.{name}",
                "set",
                "a usage plan only where some route has keyRequired",
                "set keyRequired: true on the route",
            )
        if not plan.keys and not plan.given_keys:
            yield mistake(f"api.plans.{name}.keys", NOTHING, "a plan with one key or more", "keys: [first]")
        for twice in set(plan.keys) & set(plan.given_keys):
            yield mistake(f"api.plans.{name}.givenKeys.{twice}", "(secret)", "a name that keys does not have too")
        yield from _route_throttles(api, name)


def _route_throttles(api: Api, name: str) -> Iterator[Mistake]:
    throttles = api.plans[name].route_throttles
    known = {f"{method} {route.path}" for route in api.routes for method in route.methods}
    if len(throttles) > METHOD_THROTTLES_PER_PLAN:
        yield mistake(f"api.plans.{name}.routeThrottles", len(throttles), f"{METHOD_THROTTLES_PER_PLAN} routes at most")
    for route in throttles.keys() - known:
        yield mistake(f"api.plans.{name}.routeThrottles", route, f"one of the routes {', '.join(sorted(known))}")


@rule
def http_api_has_room(api: Api) -> Iterator[Mistake]:
    routes = sum(len(route.methods) * (1 + route.under) for route in api.routes)
    if api.kind is ApiKind.HTTP and routes > HTTP_API_ROUTES:
        yield mistake(
            "api.routes",
            routes,
            f"{HTTP_API_ROUTES} routes at most, counting methods and what lies under paths",
            "use ANY",
        )


@rule
def cors_is_possible(api: Api) -> Iterator[Mistake]:
    if api.cors is None:
        return
    if api.cors.credentials and "*" in api.cors.origins:
        yield mistake(
            "api.cors.origins",
            "*",
            "origins by name with credentials: browsers refuse * there",
            "name the pages' origins",
        )
    for index, route in enumerate(api.routes):
        if {"OPTIONS", ANY} & set(route.methods) and api.kind is ApiKind.REST:
            yield mistake(
                f"api.routes[{index}].methods",
                ", ".join(route.methods),
                "methods without OPTIONS and ANY where api.cors answers OPTIONS itself",
                f"name them: {', '.join(method for method in METHODS if method != 'OPTIONS')}",
            )


@rule
def domain_can_be_proven(topology: Topology, api: Api) -> Iterator[Mistake]:
    domain = api.domain
    if domain is None:
        return
    if topology is not Topology.PRIVATE_API:
        if not domain.certificate_arn and not domain.zone_id:
            yield mistake(
                "api.domain",
                domain.name,
                "certificateArn, or zoneId of the zone in which to prove a new certificate",
                "zoneId also makes the records by which the name is found",
            )
        return
    if not domain.certificate_arn:
        yield mistake(
            "api.domain.certificateArn",
            NOTHING,
            "a certificate with a private domain",
            "a public zone must prove it: request it once, by hand",
        )
    if domain.zone_id:
        yield mistake(
            "api.domain.zoneId",
            domain.zone_id,
            "no public zone with topology private-api",
            "take it out: the name gets a private zone of its own",
        )
    if domain.truststore:
        yield mistake(
            "api.domain.truststore",
            domain.truststore,
            "no mutual TLS with a private API: AWS offers none",
            "use authorization: iam",
        )


@rule
def public_is_meant(topology: Topology, api: Api, protection: Protection, proxy: Proxy) -> Iterator[Mistake]:
    if topology is Topology.PRIVATE_API or protection.acknowledge_public or api.policy or api.throttle is not None:
        return
    if api.domain and api.domain.truststore:
        return
    for index, route in enumerate(api.routes):
        open_to_all = route.authorization in (None, "none") and not route.key_required and route.throttle is None
        if open_to_all and not (proxy.webhook and route.target in ("backend", "proxy")):
            yield mistake(
                f"api.routes[{index}]",
                f"{' '.join(route.methods)} {route.path}",
                "a public route with a throttle, an authorization, a key or a policy",
                "add one of them, or say protection.acknowledgePublic: true",
            )


@rule
def private_api_admits_endpoints(topology: Topology, api: Api) -> Iterator[Mistake]:
    if topology is not Topology.PRIVATE_API:
        return
    if api.policy is not None:
        yield mistake(
            "api.policy",
            "set",
            "api.private with a private API: callers come from endpoints, not from public addresses",
            "use api.private.vpcEndpointIds or vpcIds",
        )
    for index, route in enumerate(api.routes):
        if route.key_required and route.authorization in (None, "none"):
            yield mistake(
                f"api.routes[{index}].keyRequired",
                True,
                "a key only beside an authorization: a key tells callers apart, it does not prove who they are",
                "add authorization: iam, or take keyRequired out: the endpoint's policy is the protection",
            )
