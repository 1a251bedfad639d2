"""Dot segments of a path."""


def climbs_above(path: str, floor: int) -> bool:
    """True if `..` leaves the first `floor` segments, in any way in which servers read a path. Its dots are decoded.

    RFC 3986 5.2.4 removes dot segments. Some servers also split at an encoded slash or backslash, merge slashes, or
    remove the parameters of a segment first.
    """
    slashes = path.replace("%2f", "/").replace("%2F", "/")
    readings = {path, slashes, _split_at_backslashes(path), _split_at_backslashes(slashes)}
    return any(_drops_below(reading, floor) for reading in readings)


def _split_at_backslashes(path: str) -> str:
    return path.replace("%5c", "/").replace("%5C", "/")


def _drops_below(path: str, floor: int) -> bool:
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
