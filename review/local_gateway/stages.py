"""The stage that a request names, by its host and its path."""

from typing import Final

from .apis import ServedApi, Stage
from .errors import GatewayError
from .request import Request

OWN_HOSTS: Final = ("127.0.0.1", "localhost")
_AWS_NAMES: Final = (".amazonaws.com", ".amazonaws.com.cn")


def find_deployed_stage(api: ServedApi, request: Request) -> tuple[Stage, str]:
    """The stage and path of `find_stage`. Raises GatewayError also for a stage without a deployment."""
    stage, path = find_stage(api, request)
    if not stage.deployed:
        note = f"stage {stage.name} has no deployment: set autoDeploy to true, or deploymentId"
        raise GatewayError("MISSING_AUTHENTICATION_TOKEN", note)
    return stage, path


def find_stage(api: ServedApi, request: Request) -> tuple[Stage, str]:
    """The stage that a request names, and the encoded path within it. Raises GatewayError.

    REST APIs pass over slashes in front of the stage and of the path, as AWS's recorded answers show.
    """
    host, path = request.host_name, request.raw_path
    path = f"/{path.lstrip('/')}" if api.is_rest else path
    mappings = ((base, stage) for stage in api.stages for base in stage.find_base_paths(host))
    mapped = sorted(mappings, key=lambda mapping: -len(mapping[0]))
    # A site whose name resolves to this machine must not read answers (DNS rebinding).
    if host not in OWN_HOSTS and not mapped and not host.endswith(_AWS_NAMES):
        raise GatewayError("FORBIDDEN", f"the request is for {host}: call 127.0.0.1, or a domain of the stack")
    prefixes = [(f"/{base}" if base else "", stage) for base, stage in mapped] or _list_stage_paths(api)
    for prefix, stage in prefixes:
        if (below := _strip_prefix(prefix, path)) is not None:
            return stage, f"/{below.lstrip('/')}" if api.is_rest else below
    if mapped:
        raise GatewayError("FORBIDDEN", f"no base path of {host} leads here")
    names = ", ".join(f"/{stage.name}" for stage in api.stages)
    raise GatewayError(_find_error_kind(api), f"the path names no stage: begin with {names}")


def _list_stage_paths(api: ServedApi) -> list[tuple[str, Stage]]:
    """The stages below the default address, by prefix: `$default` has every path that no other stage has."""
    if api.api.default_endpoint_closed:
        domains = ", ".join(name for stage in api.stages for name in stage.domains) or "(no domain)"
        raise GatewayError(_find_error_kind(api), f"the default endpoint is disabled: send Host: {domains}")
    if not api.stages:
        raise GatewayError(_find_error_kind(api), "no stage is deployed")
    stages = sorted(api.stages, key=lambda stage: stage.name == "$default")
    return [("" if stage.name == "$default" else f"/{stage.name}", stage) for stage in stages]


def _find_error_kind(api: ServedApi) -> str:
    return "FORBIDDEN" if api.is_rest else "MISSING_AUTHENTICATION_TOKEN"


def _strip_prefix(prefix: str, path: str) -> str | None:
    """The part of a path below a prefix, at least `/`. None if the path is elsewhere."""
    inside = not prefix or path == prefix or path.startswith(f"{prefix}/")
    return (path.removeprefix(prefix) or "/") if inside else None
