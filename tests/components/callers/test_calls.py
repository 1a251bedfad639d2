"""The way that a call takes: the most specific path that has its method."""

from typing import Any

import pytest

from components.callers.calls import find_way


def api(kind: str, *calls: str, below: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"kind": kind, "ways": {call: {"name": call, "below": call in below} for call in calls}}


@pytest.mark.parametrize(
    ("kind", "call", "taken"),
    [
        ("rest", "GET /orders", "GET /orders"),
        ("rest", "GET /orders/", "GET /orders"),
        ("http", "GET /orders", "GET /orders"),
        ("http", "GET /orders/", "ANY /"),
        ("http", "GET /orders/7", "GET /orders/{id}"),
        ("rest", "DELETE /orders/7", "ANY /"),
        ("http", "POST /orders", "ANY /"),
        ("rest", "GET /", "ANY /"),
    ],
)
def test_a_call_takes_the_narrowest_way_that_has_its_method(kind: str, call: str, taken: str) -> None:
    stated = api(kind, "ANY /", "GET /orders", "GET /orders/{id}", below=("ANY /",))
    way = find_way(stated, *call.split(" "))
    assert way is not None
    assert way["name"] == taken


def test_a_call_without_a_way_is_made_by_nobody() -> None:
    assert find_way(api("rest", "GET /orders"), "POST", "/orders") is None
    assert find_way(api("http", "GET /orders"), "GET", "/orders/") is None
    assert find_way(api("rest", "GET /orders"), "GET", "/orders/7") is None
