"""The way that a call takes through an API. One without a way of its own takes a wider one.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..facts import limits
from ..facts.route_paths import name_below
from .order import Needs

Way = Mapping[str, Any]


@dataclass(frozen=True)
class Pattern:
    """A method and a path for which an API has a way."""

    method: str
    path: str
    way: Way

    @property
    def rank(self) -> tuple[Any, ...]:
        """Fixed parts come before variables, variables before all that follows, and one method before any."""
        parts = (2 if not part.startswith("{") else 0 if _is_greedy(part) else 1 for part in _split(self.path))
        return (*parts, self.method != limits.ANY)

    def matches(self, path: str) -> bool:
        """Whether the path of a call, or each path of another pattern, is one of this pattern's."""
        parts, own = _split(self.path), _split(path)
        for at, part in enumerate(parts):
            if _is_greedy(part):
                return len(own) > at and own[at] != ""
            if at >= len(own) or _is_greedy(own[at]):
                return False
            if own[at] == "" if part.startswith("{") else part != own[at]:
                return False
        return len(own) == len(parts)


def get_needs(api: Mapping[str, Any], way: Way) -> Needs:
    """Returns what the API itself asks of a caller, its keys with what is stated of them."""
    needs: Needs = way.get("needs", {})
    if "keys" not in needs:
        return needs
    stated = api.get("keys", {})
    return {**needs, "keys": {name: stated.get(name, True) for name in needs["keys"]}}


def list_patterns(api: Mapping[str, Any]) -> Iterator[Pattern]:
    """Yields each method and path of an API's statement, with paths below as a pattern of their own."""
    for key, way in api["ways"].items():
        method, _, path = key.partition(" ")
        yield Pattern(method, path, way)
        if way.get("below"):
            yield Pattern(method, name_below(path), way)


def list_calls(api: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields each method and path that an API's statement names, with `ANY` as every method."""
    for pattern in list_patterns(api):
        for method in limits.METHODS if pattern.method == limits.ANY else (pattern.method,):
            yield method, pattern.path


def find_way(api: Mapping[str, Any], method: str, path: str) -> Way | None:
    """Returns the way that a call takes; None if no way fits.

    A path without the method leaves the call to a wider one. AWS documents that for HTTP APIs, and two people measured
    it for REST APIs: see review/local_gateway/matching.py.
    """
    # REST APIs pass over a slash at the end. To an HTTP API /a and /a/ are two paths.
    called = path if api["kind"] == "http" else path.removesuffix("/") or "/"
    found = [pattern for pattern in list_patterns(api) if pattern.matches(called)]
    fitting = [pattern for pattern in found if pattern.method in (method, limits.ANY)]
    return max(fitting, key=lambda pattern: pattern.rank).way if fitting else None


def _split(path: str) -> list[str]:
    return path.removeprefix("/").split("/")


def _is_greedy(part: str) -> bool:
    return part.endswith("+}")
