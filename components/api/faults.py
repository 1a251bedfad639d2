"""Mistakes in an API's arguments that AWS or a browser would refuse, for ApiFront and for the settings alike."""

import ipaddress
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from ..arguments.errors import NOT_SHOWN
from ..arguments.faults import Fault, did_you_mean
from ..facts import limits
from . import body_schema
from .api_args import ApiSpec, CorsArgs
from .routes import Operation, RouteArgs

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
_ORIGIN_PREFIXES: Final = ("http://*", "https://*")
# https://fetch.spec.whatwg.org/#origin-header
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?")
_PORT_OF_SCHEME: Final = {"http": 80, "https": 443}


def check_repeated_routes(routes: Sequence[RouteArgs]) -> Iterator[Fault]:
    """Refuses a path and method that two routes have."""
    seen: dict[tuple[str, str], int] = {}
    for index, route in enumerate(routes):
        for method in dict.fromkeys(route.methods):
            first = seen.setdefault((route.path, method), index)
            if first != index:
                allowed = f"each path and method once; routes[{first}] has it"
                yield Fault(f"routes[{index}]", f"{method} {route.path}", allowed, "take one out")


def _check_methods(_: ApiSpec, route: RouteArgs) -> Iterator[Fault]:
    if limits.ANY in route.methods and len(route.methods) > 1:
        yield Fault("methods", ", ".join(route.methods), "only ANY, or methods by name")


def _check_path(spec: ApiSpec, route: RouteArgs) -> Iterator[Fault]:
    if "~" in route.path and spec.kind != "http":
        remedy = "rename it, put it under a {name}, or use kind: http"
        yield Fault("path", route.path, "letters, digits, . _ - and : in the path of a REST API", remedy)
    if spec.mount and f"{route.path}/".startswith(f"{spec.mount}/"):
        part, own = ("base path", "domain.base_path") if spec.domain or spec.private_domain else ("stage", "stage")
        allowed = f"a path without the {part}, which URLs have already: this one is called at {spec.mount}{route.path}"
        remedy = f"write {route.path.removeprefix(spec.mount) or '/'}; if the path is meant so, set another {own}"
        yield Fault("path", route.path, allowed, remedy)


def _check_scope_count(spec: ApiSpec, route: RouteArgs) -> Iterator[Fault]:
    if len(route.scopes) > limits.SCOPES_PER_ROUTE and spec.kind == "http":
        yield quota_fault("scopes", len(route.scopes), "Scopes per route", limits.SCOPES_PER_ROUTE)


def _check_body_schema(_: ApiSpec, route: RouteArgs) -> Iterator[Fault]:
    for got, remedy in body_schema.find_mistakes(route.body_schema) if route.body_schema is not None else ():
        yield Fault("body_schema", got, "a JSON schema, draft 4, of keywords that API Gateway validates", remedy)


def _check_timeout(spec: ApiSpec, route: RouteArgs) -> Iterator[Fault]:
    key, http, quota_milliseconds = "timeout_milliseconds", spec.kind == "http", spec.timeout_quota_milliseconds
    timeout = route.timeout_milliseconds or 0
    if route.streaming:
        return
    if http and timeout > limits.HTTP_API_TIMEOUT_MILLISECONDS:
        remedy = (
            f"a REST API waits longer: streaming routes up to {limits.STREAM_MILLISECONDS:,}, others by a raised quota"
        )
        yield Fault(key, timeout, f"at most {limits.HTTP_API_TIMEOUT_MILLISECONDS} with an HTTP API", remedy)
    elif not http and timeout > quota_milliseconds:
        remedy = (
            f"streaming: true lets the route last up to {limits.STREAM_MILLISECONDS}; if AWS raised the quota “Maximum "
            "integration timeout in milliseconds” of your account, set timeout_quota_milliseconds"
        )
        yield Fault(key, timeout, f"at most {quota_milliseconds} with a REST API, unless the route streams", remedy)


ROUTE_CHECKS: Final = (_check_methods, _check_path, _check_scope_count, _check_timeout, _check_body_schema)
"""Checks of a single route. Keys are those of the route."""


def check_prefix(prefix: str, linked: Iterable[Operation]) -> Iterator[Fault]:
    """Refuses a prefix that could not be stripped from a route through a VPC link.

    The target gets the path that the route's template makes. Its prefix can be stripped only if the route names it.
    """
    wanted = [part for part in prefix.split("/") if part]
    for path in dict.fromkeys(operation.path for operation in linked):
        for part, own in zip(wanted, path.strip("/").split("/"), strict=False):
            if own.startswith("{"):
                allowed = f"a prefix that {path} cannot match: behind a VPC link it would not be stripped there"
                yield Fault(
                    "strip_prefix",
                    prefix,
                    allowed,
                    f"add a route for {prefix}, and include_subpaths: false to this one",
                )
                return
            if own != part:
                break


def check_plan_keys(plans: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    """Refuses names that two keys have. `plans` has the names of each plan's keys."""
    owners: dict[str, str] = {}
    for plan, keys in plans.items():
        for key, times in Counter(keys).items():
            if times > 1:
                yield Fault(f"plans.{plan}.keys", key, "each name once, in keys and in given keys", "rename one")
            elif owners.setdefault(key, plan) != plan:
                allowed = f"another name than a key of the plan {owners[key]} has"
                yield Fault(f"plans.{plan}.keys", key, allowed, "rename one: outputs name keys without their plan")


def check_key_values(values: Mapping[str, str]) -> Iterator[Fault]:
    """Refuses values that two API keys have, since AWS takes each value once. `values` has them by their place.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-setup-api-keys.html
    """
    owners: dict[str, str] = {}
    for place, value in values.items():
        if (owner := owners.setdefault(value, place)) != place:
            yield Fault(place, NOT_SHOWN, f"another value than {owner} has", "give each key a value of its own")


def check_renamed_keys(plans: Mapping[str, Sequence[str]], renamed: Mapping[str, Mapping[str, str]]) -> Iterator[Fault]:
    """Refuses renamed keys that no plan has, or whose former name a key still has.

    `plans` has the names of each plan's keys.
    """
    present = {name for names in plans.values() for name in names}
    former: dict[str, str] = {}
    for plan, names in renamed.items():
        for new, old in names.items():
            key = f"plans.{plan}.renamed_keys"
            if new not in plans[plan]:
                yield Fault(key, new, f"a key of the plan: {', '.join(plans[plan])}", did_you_mean(new, plans[plan]))
            elif old in present:
                yield Fault(f"{key}.{new}", old, "a name that no key has now", "take the entry out")
            elif former.setdefault(old, new) != new:
                yield Fault(f"{key}.{new}", old, "each former name once", f"{former[old]} has it already")


def check_required_keys(spec: ApiSpec) -> Iterator[Fault]:
    """Refuses routes that require a key without a plan, and plans whose keys no route requires."""
    if spec.kind == "http":
        return
    required = [index for index, route in enumerate(spec.routes) if route.key_required]
    for index in required if not spec.plans else []:
        allowed = "key_required only with a usage plan that has a key"
        yield Fault(f"routes[{index}].key_required", True, allowed, "add plans: {callers: {keys: [first]}}")
    for name, plan in spec.plans.items():
        if not required:
            allowed = "a usage plan only where some route has key_required"
            yield Fault(f"plans.{name}", "set", allowed, "set key_required: true on the route")
        if not plan.keys and not plan.key_values:
            yield Fault(f"plans.{name}.keys", None, "a plan with one key or more", "keys: [first]")


def check_method_throttles(plans: Mapping[str, Collection[str]], operations: Sequence[Operation]) -> Iterator[Fault]:
    """Checks the throttles of methods. `plans` has the routes, such as `GET /orders`, that each plan throttles."""
    known = {f"{operation.method} {operation.route.path}" for operation in operations}
    for plan, routes in plans.items():
        key = f"plans.{plan}.route_throttles"
        throttled = sum(f"{operation.method} {operation.route.path}" in routes for operation in operations)
        if throttled > limits.METHOD_THROTTLES_PER_PLAN:
            allowed = f"{limits.METHOD_THROTTLES_PER_PLAN} methods at most, counting what lies under a route"
            remedy = "take some out, or set include_subpaths: false on the routes that need no more than their own path"
            yield Fault(key, f"{throttled} methods", allowed, remedy)
        for route in sorted(set(routes) - known):
            yield Fault(key, route, f"one of the routes {', '.join(sorted(known))}", did_you_mean(route, known))


def check_firewall(allow: Iterable[str]) -> Iterator[Fault]:
    """Refuses ranges that an address set of WAF does not take."""
    for cidr in allow:
        if ipaddress.ip_network(cidr, strict=False).prefixlen == 0:
            remedy = "take it out: it would switch off every other rule"
            yield Fault("allow", cidr, "ranges smaller than /0, which WAF's address sets do not take", remedy)


def check_cors(cors: CorsArgs, *, http: bool) -> Iterator[Fault]:
    """Refuses origins that no browser sends, and wildcards that browsers take literally."""
    for origin in cors.origins:
        everybody = origin == "*" or (http and origin in _ORIGIN_PREFIXES)
        if everybody and cors.credentials:
            allowed = "origins by name with credentials: any page could call in its visitors' names"
            yield Fault("cors.origins", origin, allowed, "name the pages' origins")
        elif not everybody and not _is_origin(origin):
            patterns = "*, http://* or https://*" if http else "* (a REST API compares other patterns literally)"
            allowed = f"an origin as browsers send it, such as https://app.example.com, or {patterns}"
            yield Fault("cors.origins", origin, allowed, _suggest_origin(origin))
    if cors.expose_headers and not http:
        allowed = "only with kind http: a REST API's real answers are the backend's"
        got, remedy = ", ".join(cors.expose_headers), "let the backend send Access-Control-Expose-Headers"
        yield Fault("cors.expose_headers", got, allowed, remedy)
    for key, values in (("headers", cors.headers), ("expose_headers", cors.expose_headers)):
        if cors.credentials and "*" in values:
            allowed = "headers by name with credentials: browsers then take * for a header's name"
            yield Fault(f"cors.{key}", "*", allowed, "name the headers")


def allowed_methods(cors: CorsArgs) -> list[str]:
    """The methods of a CORS answer: by name with credentials, where browsers take `*` for a method's name."""
    if limits.ANY not in cors.methods:
        return list(cors.methods)
    return list(limits.METHODS) if cors.credentials else ["*"]


def _is_origin(origin: str) -> bool:
    if not _ORIGIN.fullmatch(origin):
        return False
    parts = urlsplit(origin)
    return _PORT_OF_SCHEME.get(parts.scheme, 0) != parts.port


def _suggest_origin(origin: str) -> str:
    """Returns a question with the origin that may be meant. Empty if there is none."""
    try:
        parts = urlsplit(origin if "://" in origin else f"https://{origin}")
        port = "" if parts.port in (None, _PORT_OF_SCHEME.get(parts.scheme)) else f":{parts.port}"
    except ValueError:
        return ""
    guess = f"{parts.scheme}://{parts.hostname}{port}"
    return f"did you mean {guess}?" if _is_origin(guess) else ""


def quota_fault(key: str, got: int, quota: str, most: int) -> Fault:
    """Returns the mistake of a number that exceeds AWS's quota."""
    return Fault(key, got, f"{most} at most: AWS's quota “{quota}”", "take some out")
