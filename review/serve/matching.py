"""Which stage and which route a request gets: of the routes that take its method, the one with the most specific path.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html has it for HTTP APIs. For REST
APIs no page has it; two people measured the same on AWS: a path that lacks the method leaves the request to a less
specific one (https://github.com/ministackorg/ministack/pull/1423, https://github.com/floci-io/floci/pull/3399).
"""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote

from .apis import Route, ServedApi, Stage
from .errors import GatewayError
from .request import Request

Rank = tuple[int, ...]
OWN_HOSTS: Final = ("127.0.0.1", "localhost")
_AWS_NAMES: Final = (".amazonaws.com", ".amazonaws.com.cn")
_LITERAL, _VARIABLE, _GREEDY = 0, 1, 2


def deployed_stage_of(api: ServedApi, request: Request) -> tuple[Stage, str]:
    """The same as `stage_of`, and an error for a stage that nothing was deployed to."""
    stage, path = stage_of(api, request)
    if not stage.deployed:
        note = f"stage {stage.name} has no deployment: set autoDeploy to true, or deploymentId"
        raise GatewayError("MISSING_AUTHENTICATION_TOKEN", note)
    return stage, path


def stage_of(api: ServedApi, request: Request) -> tuple[Stage, str]:
    """The stage that a request names, and the encoded path within it. Raises GatewayError."""
    host = request.host_name
    found = ((base, stage) for stage in api.stages for base in stage.base_paths(host))
    mapped = sorted(found, key=lambda one: -len(one[0]))
    # A site whose name resolves to this machine must not read answers (DNS rebinding).
    if host not in OWN_HOSTS and not mapped and not host.endswith(_AWS_NAMES):
        raise GatewayError("FORBIDDEN", f"the request is for {host}: call 127.0.0.1, or a domain of the stack")
    for base, stage in mapped:
        if (rest := _below(f"/{base}" if base else "", request.raw_path)) is not None:
            return stage, rest
    if mapped:
        raise GatewayError("FORBIDDEN", f"no base path of {host} leads here")
    nowhere = "FORBIDDEN" if api.is_rest else "MISSING_AUTHENTICATION_TOKEN"
    if api.api.default_endpoint_closed:
        named = ", ".join(name for stage in api.stages for name in stage.domains) or "(no domain)"
        raise GatewayError(nowhere, f"the default endpoint is disabled: send Host: {named}")
    if not api.stages:
        raise GatewayError(nowhere, "no stage is deployed")
    # The stage `$default` has every path that no other has.
    for stage in sorted(api.stages, key=lambda one: one.name == "$default"):
        prefix = "" if stage.name == "$default" else f"/{stage.name}"
        if (rest := _below(prefix, request.raw_path)) is not None:
            return stage, rest
    names = ", ".join(f"/{stage.name}" for stage in api.stages)
    raise GatewayError(nowhere, f"the path names no stage: begin with {names}")


def _below(prefix: str, path: str) -> str | None:
    """The part of a path below a prefix, at least `/`. None if the path is elsewhere."""
    inside = not prefix or path == prefix or path.startswith(f"{prefix}/")
    return (path.removeprefix(prefix) or "/") if inside else None


def match(routes: Iterable[Route], method: str, path: str, *, rest: bool) -> tuple[Route, Mapping[str, str]] | None:
    """The route for a method and an encoded path without the stage, and its path variables. None if there is none."""
    fitting = [
        (rank, route.method == "ANY", route, variables)
        for route in routes
        if route.path != "$default"
        and route.method in (method, "ANY")
        and (ranked := _compare(route.path, path, rest=rest)) is not None
        for rank, variables in [ranked]
    ]
    if fitting:
        *_, route, variables = min(fitting, key=lambda one: one[:2])
        return route, variables
    default = next((route for route in routes if route.path == "$default"), None)
    return None if default is None else (default, {})


def _compare(template: str, path: str, *, rest: bool) -> tuple[Rank, dict[str, str]] | None:
    """How specific a template is for a path, part by part, with its variables. None if it does not fit."""
    wanted = template.strip("/").split("/") if template != "/" else []
    given = path.removeprefix("/").split("/") if path not in ("", "/") else []
    if rest and given and given[-1] == "":
        # REST APIs pass over one slash at the end.
        given.pop()
    if template.endswith("+}"):
        before = len(wanted) - 1
        given = [*given[:before], *filter(None, ["/".join(given[before:])])]
    if len(given) != len(wanted):
        return None
    rank: list[int] = []
    variables: dict[str, str] = {}
    for part, value in zip(wanted, given, strict=True):
        if part.startswith("{") and part.endswith("}") and value:
            variables[part.strip("{+}")] = unquote(value)
            rank.append(_GREEDY if part.endswith("+}") else _VARIABLE)
        elif part == unquote(value):
            rank.append(_LITERAL)
        else:
            return None
    return tuple(rank), variables
