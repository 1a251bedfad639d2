"""Operations of an API, each a path with a method, from its routes."""

from ..callers import operations
from ..facts import limits
from .args.routes import RouteArgs

Operation = operations.Operation[RouteArgs]


def choose_timeout(own: int | None, *, streams: bool = False, http: bool = False) -> int:
    """Time-out of a route: its own, else the longest without a raised quota, of a stream, an HTTP API or a REST API."""
    if own:
        return own
    if streams:
        return limits.STREAM_MILLISECONDS
    return limits.HTTP_API_TIMEOUT_MILLISECONDS if http else limits.REST_API_TIMEOUT_MILLISECONDS


def strip_path_prefix(path: str, prefix: str) -> str:
    """Returns `path` without `prefix`. A path that does not begin with `prefix` is returned unchanged.

    `/forward/orders` without `/forward` is `/orders`, and `/forward` itself is `/`, as in the forwarder.
    """
    prefix = prefix.rstrip("/")
    if prefix and (path == prefix or path.startswith(f"{prefix}/")):
        return path.removeprefix(prefix) or "/"
    return path


def expand_method(method: str) -> tuple[str, ...]:
    """Returns the methods that `ANY` includes. Any other method is returned as it is."""
    return limits.METHODS if method == limits.ANY else (method,)
