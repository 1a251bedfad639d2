"""The calls of an API whose callers differ between two versions."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .calls import Way, find_way, list_calls
from .order import Change, Needs, list_changes

Api = Mapping[str, Any]
Complete = Callable[[Api, Way], Needs]
"""All that a call needs, from the API to its target: a forwarder may check a signature."""


def get_needs(api: Api, way: Way) -> Needs:
    """Returns what the API itself asks of a caller, its keys with what is stated of them."""
    needs: Needs = way.get("needs", {})
    if "keys" not in needs:
        return needs
    stated = api.get("keys", {})
    return {**needs, "keys": {name: stated.get(name, True) for name in needs["keys"]}}


def list_call_changes(
    before: Api | None, after: Api | None, complete: tuple[Complete, Complete] = (get_needs, get_needs)
) -> Iterator[tuple[tuple[str, str], list[Change]]]:
    """Yields method and path of each call that either version names, with the needs that differ.

    A call without a way of its own takes a wider one: `/a/{proxy+}` answers `/a/b` once the way of `/a/b` is gone.
    """
    versions = [api for api in (before, after) if api is not None]
    for call in dict.fromkeys(call for api in versions for call in list_calls(api)):
        old, new = (_find_needs(api, call, build) for api, build in zip((before, after), complete, strict=True))
        if changes := list_changes(old, new):
            yield call, changes


def _find_needs(api: Api | None, call: tuple[str, str], build: Complete) -> Needs | None:
    way = find_way(api, *call) if api is not None else None
    return None if api is None or way is None else build(api, way)
