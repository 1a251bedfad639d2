"""Builds the request target (RFC 9112 3.2.1) from the caller's path."""

from .percent import QUERY, VISIBLE, encode, encode_again
from .refusal import Refused


def strip(path: str, prefix: str) -> str | None:
    """Returns `path` without `prefix`, which has no trailing slash. None if `path` does not begin with it."""
    if not prefix or not path.startswith(prefix):
        return None
    rest = path[len(prefix) :]
    return rest if not rest or rest[0] == "/" else None


def build_target(path: str, query: str, base: str, *, decoded: bool, floor: int = 0) -> str:
    """Returns `base`, `path` (without stage and prefix, may be empty) and the query as one target.

    Raises Refused for a path that could be read as a host, that leaves `base`, or whose dot segments leave its first
    `floor` segments, which belong to the route.
    """
    if path and (path[0] != "/" or path[1:2] == "/"):
        raise Refused(400, "the path must begin with one slash")
    if "\r" in path or "\n" in path or "\\" in path:
        raise Refused(400, "the path contains a line break or a backslash")
    # RFC 3986 2.3: %2E is a dot. It also counts in a decoded path, where the caller wrote %252E: a server that decodes
    # twice would follow it.
    dotted = path.replace("%2e", ".").replace("%2E", ".")
    if ".." in dotted:
        # Honest callers send none.
        from .dots import climbs_above

        if climbs_above(dotted, floor):
            raise Refused(400, "the path leads past its root")
    path = encode_again(path) if decoded else encode(path, VISIBLE)
    found = (base + path) or "/"
    return f"{found}?{encode(query, QUERY)}" if query else found
