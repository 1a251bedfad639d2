"""Builds the request target (RFC 9112 3.2.1) from the caller's path."""

from .percent import QUERY, VISIBLE, encode, encode_again
from .refusal import Refused


def strip(path: str, prefix: str) -> str | None:
    """Returns `path` without `prefix`, which has no trailing slash. None if `path` does not begin with it."""
    if not prefix or not path.startswith(prefix):
        return None
    rest = path[len(prefix) :]
    return rest if not rest or rest[0] == "/" else None


def target(path: str, query: str, base: str, *, decoded: bool, floor: int = 0) -> str:
    """Returns `base`, `path` (without stage and prefix, may be empty) and the query as one target.

    Raises Refused for a path that could be read as a host, that leaves `base`, or whose dot segments leave its first
    `floor` segments, which belong to the route.
    """
    if path and (path[0] != "/" or path[1:2] == "/"):
        raise Refused(400, "the path must begin with one slash")
    if "\r" in path or "\n" in path or "\\" in path:
        raise Refused(400, "the path contains a line break or a backslash")
    path = encode_again(path) if decoded else encode(path, VISIBLE)
    if _climbs(path, floor):
        raise Refused(400, "the path leads past its root")
    found = (base + path) or "/"
    return f"{found}?{encode(query, QUERY)}" if query else found


def _climbs(path: str, floor: int) -> bool:
    """True if `..` leaves the first `floor` segments, in any way in which servers read a path.

    RFC 3986 5.2.4 removes dot segments, and %2E is a dot (2.3). Some servers also split at an encoded slash or
    backslash, merge slashes, or remove the parameters of a segment first.
    """
    path = path.replace("%2e", ".").replace("%2E", ".")
    if ".." not in path:
        return False
    slashes = path.replace("%2f", "/").replace("%2F", "/")
    readings = {path, slashes, _split_at_backslashes(path), _split_at_backslashes(slashes)}
    return any(_sinks(reading, floor) for reading in readings)


def _split_at_backslashes(path: str) -> str:
    return path.replace("%5c", "/").replace("%5C", "/")


def _sinks(path: str, floor: int) -> bool:
    depth = 0
    for segment in path.split("/"):
        name = segment.partition(";")[0]
        if name == "..":
            depth -= 1
            if depth < floor:
                return True
        elif name and name != ".":
            depth += 1
    return False
