"""Arguments that are paths: of requests, routes and files."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

import pulumi

from ..facts import route_paths
from .marks import After, Check, RefusedError, passes_check
from .names import matching

_REQUEST_PATH: Final = "a path that begins with /"


def _check_request_path(value: str) -> None:
    if not re.fullmatch(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*", value):
        raise RefusedError(_REQUEST_PATH, f"did you mean /{value}?" if re.fullmatch(r"[\w./-]+", value) else "")
    route_paths.check_dots(value)


def _check_prefix(value: str) -> None:
    if value:
        route_paths.check_prefix(value)
        _check_request_path(value)


_ROUTE_PATH: Final = "a path such as /forward or /orders/{id}"
_BELOW: Final = "everything under a path is included already: see `include_subpaths`"


def check_route_path(value: str) -> None:
    """Raises RefusedError for a path that no route can have."""
    remedy = _BELOW if "+" in value or "*" in value else ""
    if len(value) > 1 and value.endswith("/"):
        remedy = f"write {value.rstrip('/') or '/'}: a path ends without a slash"
    try:
        route_paths.check_path(value)
    except ValueError as error:
        meant = f"did you mean /{value}?" if passes_check(route_paths.check_path, f"/{value}") else ""
        raise RefusedError(str(error), remedy or meant) from None


def _check_route_setting(value: str, api: Mapping[str, Any], _encrypted: bool) -> str:
    """The path of a route among the others of its API, which a remedy may name."""
    try:
        check_route_path(value)
    except RefusedError as error:
        remedy = error.remedy
        if len(value) > 1 and value.endswith("/"):
            paths = [route.get("path") for route in api.get("routes", ()) if isinstance(route, dict)]
            remedy = _suggest_path(value, value.rstrip("/") or "/", paths, rest=api.get("kind") != "http")
        raise RefusedError(error.allowed, remedy) from None
    if "+" in value:
        raise RefusedError(_ROUTE_PATH, _BELOW)
    return value


def _suggest_path(value: str, path: str, paths: list[object], *, rest: bool) -> str:
    if path in paths:
        return f"take it out, or put its methods into the route of {path}, which {value} would repeat"
    same = "; on a REST API, calls with a slash at the end take the same route" if rest else ""
    return f"write {path}: a path ends without a slash{same}"


RequestPath = Annotated[str, Check(_check_request_path, _REQUEST_PATH)]
RequestPathInput = Annotated[pulumi.Input[str], Check(_check_request_path, _REQUEST_PATH)]
PathPrefix = Annotated[str, Check(_check_prefix)]
RoutePath = Annotated[str, Check(check_route_path)]
RouteSetting = Annotated[str, After(_check_route_setting, _ROUTE_PATH, in_context=True)]
"""The same in a stack file."""
BasePath = Annotated[str, Check(route_paths.check_base_path, route_paths.BASE_PATH_WORDS)]
StageName = Annotated[str, Check(route_paths.check_stage, route_paths.STAGE_WORDS)]
FilePath = Annotated[
    str,
    matching(
        r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._-]+)+", "an absolute path of letters, digits, . _ and -, with no part . or .."
    ),
]
