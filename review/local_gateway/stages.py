"""The path within the stage of an API that a request names, by its host and its path."""

from typing import Final

from .apis import ServedApi
from .errors import GatewayError
from .request import Request

OWN_HOSTS: Final = ("127.0.0.1", "localhost")
_AWS_NAMES: Final = (".amazonaws.com", ".amazonaws.com.cn")


def find_path(api: ServedApi, request: Request) -> str:
    """The encoded path within the stage. Raises GatewayError.

    REST APIs pass over slashes in front of the stage and of the path, as AWS's recorded answers show.
    """
    host, path = request.host_name, request.raw_path
    path = f"/{path.lstrip('/')}" if api.is_rest else path
    mapped = api.find_base_paths(host)
    # A site whose name resolves to this machine must not read answers (DNS rebinding).
    if host not in OWN_HOSTS and not mapped and not host.endswith(_AWS_NAMES):
        raise GatewayError("FORBIDDEN", f"the request is for {host}: call 127.0.0.1, or a domain of the stack")
    unknown = "FORBIDDEN" if api.is_rest else "MISSING_AUTHENTICATION_TOKEN"
    if not mapped and api.default_endpoint_closed:
        domains = ", ".join(api.domains) or "(no domain)"
        note = f"the default endpoint is disabled: send Host: {domains}"
        raise GatewayError(unknown, note, setting="api.domain.disableDefaultEndpoint")
    for base in mapped or [api.stage.removeprefix("$default")]:
        if (below := _strip_prefix(f"/{base}" if base else "", path)) is not None:
            return f"/{below.lstrip('/')}" if api.is_rest else below
    if mapped:
        raise GatewayError("FORBIDDEN", f"no base path of {host} leads here")
    raise GatewayError(unknown, f"the path names no stage: begin with /{api.stage}")


def _strip_prefix(prefix: str, path: str) -> str | None:
    """The part of a path below a prefix, at least `/`. None if the path is elsewhere."""
    inside = not prefix or path == prefix or path.startswith(f"{prefix}/")
    return (path.removeprefix(prefix) or "/") if inside else None
