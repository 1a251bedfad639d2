"""How many requests a second a stage lets through, by call: its own throttle if it has one, else the stage's.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from dataclasses import dataclass
from typing import Any

from ...facts import limits
from ...graph import UNKNOWN, Resource
from ...graph.evidence import get_deployed_input, is_declared
from ...graph.graph import group_pairs
from ...graph.reading import as_list, as_mapping, as_number, as_text, get_value
from .api import Api, ApiKind, Call

Route = tuple[str, str]
"""Path without outer slashes, and method: the key of the settings of one method."""

_ALL: Route = ("*", "*")


@dataclass(frozen=True)
class Throttle:
    """Requests a second in the long run, and how many may come at once."""

    rate: float
    burst: int | None

    def __str__(self) -> str:
        return format_rate(self.rate) + (f", burst {self.burst}" if self.burst is not None else "")


def format_rate(rate: float) -> str:
    """`100/s`."""
    return f"{rate:,g}/s"


def list_stage_throttles(api: Api, call: Call) -> list[Throttle | None]:
    """The throttle of a call in each stage of its API; None if a stage has none."""
    if api.kind in (ApiKind.HTTP, ApiKind.WEBSOCKET):
        return [_find_http_throttle(stage, call) for stage in api.throttles]
    return [_find_rest_throttle(api, stage, call) for stage in api.stages]


def find_loosest(api: Api, call: Call) -> Throttle | None:
    """The throttle of the stage that lets most through; None if one has none, or if there is no stage."""
    throttles = list_stage_throttles(api, call)
    known = [throttle for throttle in throttles if throttle is not None]
    return max(known, key=lambda throttle: throttle.rate) if known and len(known) == len(throttles) else None


def parse_method_path(path: str) -> Route:
    """`~1hooks~1{id}/POST`, `/hooks/{id}/POST` and `hooks/{id}/POST` name one method.

    Slashes within a key of a JSON pointer are written `~1` (RFC 6901).
    """
    resource, _, method = path.replace("~1", "/").replace("~0", "~").rpartition("/")
    return resource.strip("/"), method


def route(call: Call) -> Route:
    return call.path.strip("/"), call.method


def _find_http_throttle(stage: Resource, call: Call) -> Throttle | None:
    entries = as_list(get_deployed_input(stage, "routeSettings"))
    named = (entry for entry in entries if get_value(entry, "routeKey") == call.name)
    # An entry for a route that is not known may be this call's.
    default = None if any(get_value(entry, "routeKey") is UNKNOWN for entry in entries) else "defaultRouteSettings"
    settings = next(named, get_deployed_input(stage, default) if default else None)
    # Pulumi sends an unset limit as 0: https://github.com/pulumi/pulumi/issues/12150
    return _parse_throttle(settings, unset=0 if as_mapping(settings) else None)


def _find_rest_throttle(api: Api, stage: Resource, call: Call) -> Throttle | None:
    """Settings of one method replace the stage's, without a throttle as well: -1, which is the default."""
    settings = group_pairs(
        (
            parse_method_path(as_text(get_deployed_input(resource, "methodPath"))),
            get_deployed_input(resource, "settings"),
        )
        for resource in api.throttles
        if _is_of(stage, resource)
    )
    # AWS keeps the last of several settings of one method, which may be any.
    found = [_parse_throttle(each) for each in settings.get(route(call)) or settings.get(_ALL, [])]
    known = [throttle for throttle in found if throttle is not None]
    return max(known, key=lambda throttle: throttle.rate) if known and len(known) == len(found) else None


def _is_of(stage: Resource, throttle: Resource) -> bool:
    """Whether method settings name a stage: by its name, or by its output before that is known."""
    named = get_deployed_input(throttle, "stageName")
    if named is not UNKNOWN:
        return bool(named == get_deployed_input(stage, "stageName"))
    return is_declared(throttle, "stageName") and stage.urn in throttle.property_dependencies.get("stageName", ())


def _parse_throttle(settings: Any, unset: float | None = None) -> Throttle | None:
    """A rate of -1 switches throttling off. A rate at the account's own limit counts as none."""
    values = (get_value(settings, f"throttling{key}Limit") for key in ("Rate", "Burst"))
    rate, burst = (unset if value is None else as_number(value) for value in values)
    most = None if burst is None or burst < 0 else int(burst)
    if rate is None or rate < 0 or (rate >= limits.ACCOUNT_RATE and (most is None or most >= limits.ACCOUNT_BURST)):
        return None
    return Throttle(rate, most)
