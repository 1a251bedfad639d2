"""Paths of API Gateway routes.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

import re
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Final

PROXY_PART: Final = "{proxy+}"
"""API Gateway's name for everything under a path."""

_PART: Final = r"(?:[A-Za-z0-9._~:-]+|\{[A-Za-z0-9._-]+\})"
_PATH: Final = re.compile(rf"/|(?:/{_PART})+|(?:/{_PART})*/{re.escape(PROXY_PART)}")


BASE_PATH_WORDS: Final = "one part of a path, without a slash: letters, digits, _ . and -, and neither . nor .."
STAGE_WORDS: Final = "letters, digits, - and _, 128 at most"
_BASE_PATH: Final = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9_.-]*")
_DOTS: Final = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)
_STAGE: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")


def check_base_path(path: str) -> None:
    """Raises ValueError for a base path of a domain that clients would change, or that a mapping could not hold."""
    if not _BASE_PATH.fullmatch(path):
        meant = path.strip("/")
        raise ValueError(BASE_PATH_WORDS + (f"; did you mean {meant}?" if _BASE_PATH.fullmatch(meant) else ""))


def check_stage(name: str) -> None:
    """Raises ValueError for the name of a stage that AWS refuses."""
    if not _STAGE.fullmatch(name):
        raise ValueError(STAGE_WORDS)


def check_dots(path: str) -> None:
    """Raises ValueError for a path that clients and servers read as another one: RFC 3986, section 5.2.4."""
    if any(_DOTS.fullmatch(part) for part in path.split("/")):
        raise ValueError("a path without the parts . and .., which clients remove before they call")


def check_prefix(prefix: str) -> None:
    """Raises ValueError for a prefix that no path begins with. It may be empty."""
    if prefix and (not prefix.startswith("/") or prefix.startswith("//")):
        raise ValueError("a path that begins with one slash, such as /forward, or nothing")


def can_begin_with(path: str, prefix: str, *, subpaths: bool) -> bool:
    """Whether requests of a route can have paths below a prefix."""
    parts, wanted = _split_path(path), _split_path(prefix)
    alike = all(part == other or _is_open(part) for part, other in zip(parts, wanted, strict=False))
    return alike and (len(parts) >= len(wanted) or subpaths or parts[-1:] == [PROXY_PART])


def check_path(path: str) -> None:
    """Raises ValueError for a path that no route can have."""
    if not _PATH.fullmatch(path):
        raise ValueError("a path such as /forward or /orders/{id}")
    if "/:" in path:
        raise ValueError("a variable in braces, such as /orders/{id}: API Gateway takes /orders/:id as it is written")
    check_dots(path)
    names = list_variables(path)
    if "proxy" in names and not path.endswith(PROXY_PART):
        raise ValueError("another name than {proxy}, which is API Gateway's for everything under a path")
    for name in (name for name in names if names.count(name) > 1):
        raise ValueError(f"each variable of a path once: {{{name}}} is in it twice")


def list_variables(path: str) -> list[str]:
    """Returns names of the variables of a path, in order."""
    return [part.strip("{}+") for part in path.split("/") if part.startswith("{")]


def covers_path(path: str, other: str) -> bool:
    """Whether a backend can read a request on `path` as one on `other`, in another spelling or with another method.

    False if `path` names a part that `other` leaves open, such as `/hooks/admin` beside `/hooks/{proxy+}`: that is a
    path of its own. A variable can be a dot, which many servers remove, so `/hooks/{id}` covers `/hooks`.
    """
    choices = [((part,), ()) if _is_open(part) else ((part,),) for part in _split_path(path)]
    return any(
        _covers_parts([part for kept in chosen for part in kept], _split_path(other)) for chosen in product(*choices)
    )


def _covers_parts(parts: list[str], others: list[str]) -> bool:
    if not _overlap(parts, others):
        return False
    if others[-1:] == [PROXY_PART]:
        others += [PROXY_PART] * (len(parts) - len(others))
    pairs = [(_is_open(part), _is_open(beside)) for part, beside in zip(parts, others, strict=False)]
    return (True, False) in pairs or (False, True) not in pairs


def _overlap(parts: list[str], others: list[str]) -> bool:
    if not parts or not others:
        return parts == others
    if PROXY_PART in (parts[0], others[0]):
        return True
    equal = parts[0] == others[0] or _is_open(parts[0]) or _is_open(others[0])
    return equal and _overlap(parts[1:], others[1:])


def _split_path(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _is_open(part: str) -> bool:
    return part.startswith("{")


def split_route(text: str) -> list[str]:
    """`GET HEAD /orders` as the routes `GET /orders` and `HEAD /orders`. A text without a path is returned as it is.

    `/orders/*` stands for the two paths of a route that includes its subpaths.
    """
    methods, slash, rest = text.partition(" /")
    path, of, api = f"/{rest}".partition(" of ")
    whole = path.removesuffix("/*")
    paths = [path] if whole == path else [whole or "/", name_below(whole)]
    return [f"{method} {one}{of}{api}" for method in methods.split() for one in paths] if slash else [text]


def shorten_routes(routes: Sequence[str]) -> list[str]:
    """Routes with `/*` in place of two that are one with its subpaths."""
    short = {below: each for each in routes if (below := name_below(each)) in routes}
    return [f"{one.rstrip('/')}/*" if one in short.values() else one for one in routes if one not in short]


def name_below(path: str) -> str:
    """The greedy path for everything below a path, `/orders/{proxy+}`. A route keeps its method."""
    return f"{path.rstrip('/')}/{PROXY_PART}"


def merge_routes(routes: Iterable[str]) -> list[str]:
    """The inverse of `split_route`: joins routes with the same path into one text with all their methods."""
    found: dict[str, list[str]] = {}
    for route in routes:
        method, slash, path = route.partition(" /")
        found.setdefault(f"/{path}" if slash else route, []).extend([method] if slash else [])
    return [" ".join([*sorted(methods), path]) for path, methods in found.items()]
