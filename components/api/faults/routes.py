"""Mistakes of routes, of their paths and of their targets."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ...arguments.faults import Fault, make_quota_fault
from ...callers.operations import VariablesClashError
from ...facts import limits
from .. import body_schema
from ..api_spec import ApiSpec
from ..args.routes import RouteArgs
from ..route_operations import Operation
from ..streaming import build_stage_variable, fits_stage_variable
from .plans import check_method_throttles


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
        yield make_quota_fault("scopes", len(route.scopes), "Scopes per route", limits.SCOPES_PER_ROUTE)


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


def check_operations(spec: ApiSpec) -> Iterator[Fault]:
    """Yields mistakes of paths, and of the stage variable that lists the streaming routes."""
    try:
        operations = spec.operations
    except VariablesClashError as error:
        allowed = "one name for the variable under each parent: an API takes one there"
        yield Fault("routes", str(error), allowed, f"write {{{error.names[0]}}} in both")
        return
    # Each part of a path is a resource of a REST API.
    parts = {
        "/".join(path.split("/")[:end])
        for path in {one.path for one in operations}
        for end in range(2, path.count("/") + 2)
    }
    if spec.kind != "http" and len(parts) > limits.REST_RESOURCES:
        fault = make_quota_fault("routes", len(parts), "Resources per API", limits.REST_RESOURCES)
        yield fault._replace(remedy="put routes under one path")
    schemas = sum(len(json.dumps(one.route.body_schema)) for one in operations if one.route.body_schema is not None)
    if schemas > limits.API_DEFINITION_BYTES:
        allowed = (
            f"less than {limits.API_DEFINITION_BYTES:,} bytes of the whole definition, which has each once a method"
        )
        yield Fault("routes", f"{schemas:,} bytes of schemas", allowed, "shorten them, or check bodies in the backend")
    yield from check_method_throttles({name: plan.route_throttles for name, plan in spec.plans.items()}, operations)
    linked = [operation for operation in operations if operation.route.target not in spec.functions]
    yield from check_prefix(spec.strip_prefix, linked)
    listed = build_stage_variable(operations, spec.functions)
    if not fits_stage_variable(listed):
        yield Fault(
            "routes",
            f"{listed.count(',') + 1} paths and methods that stream from functions",
            f"fewer: the stage lists them in {limits.STAGE_VARIABLE_CHARACTERS} characters, and these take "
            f"{len(listed)}",
            "use ANY in place of methods, or put them under one path",
        )
