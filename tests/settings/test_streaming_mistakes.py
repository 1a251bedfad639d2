"""Configs that ask for streams where there can be none, or without an end: each is named with what to do."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.settings.wrong_configs import BASE, FARGATE, HTTP, PRIVATE, route

WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    # config over BASE, key, words of what is allowed, words of what to do
    ({"api": {"routes": [route(timeoutMilliseconds=900_001)]}}, "api.routes[0].timeoutMilliseconds", "900,000", ""),
    ({"api": HTTP | {"routes": [route(timeoutMilliseconds=30_001)]}}, "api.routes[0].timeoutMilliseconds", "30000", ""),
    ({"api": HTTP | {"streaming": True}}, "api.streaming", "only with a REST API", "kind: rest"),
    ({"api": HTTP | {"routes": [route(streaming=True)]}}, "api.routes[0].streaming", "only with a REST API", "rest"),
    (
        {"api": {"streaming": True}},
        "api.routes[0].timeoutMilliseconds",
        "the longest duration of a stream",
        "timeoutMilliseconds: 60000",
    ),
    (
        FARGATE | {"api": {"streaming": True, "routes": [route(target="proxy"), route(path="/b")]}},
        "api.routes[0].timeoutMilliseconds",
        "while it is open",
        "VPC link",
    ),
    (PRIVATE | {"api": {"streaming": True}}, "api.streaming", "the greeter does not", "streaming: false"),
    (
        {
            "api": {
                "routes": [route(target="f")],
                "functions": {"f": {"folder": "handlers/greeter", "timeoutSeconds": 30}},
            }
        },
        "api.functions.f.timeoutSeconds",
        "at most 29",
        "streaming: true",
    ),
    (
        {
            "api": {
                "routes": [route(target="f", streaming=True)],
                "functions": {"f": {"folder": "handlers/greeter", "timeoutSeconds": 30}},
            }
        },
        "api.functions.f.runtime",
        "a runtime that answers in a stream",
        "streaming: false",
    ),
    (
        {
            "api": {
                "routes": [route(target="f", streaming=True)],
                "functions": {"f": {"folder": "handlers/greeter", "runtime": "java21", "timeoutSeconds": 30}},
            }
        },
        "api.functions.f.runtime",
        "a runtime that answers in a stream",
        "streaming: false",
    ),
    (
        {
            "api": {
                "streaming": True,
                "routes": [
                    {"path": f"/a/long/way/to/{number}", "methods": ["GET"], "timeoutMilliseconds": 60_000}
                    for number in range(20)
                ],
            }
        },
        "api.routes",
        "512 characters",
        "ANY",
    ),
]


@pytest.mark.parametrize(("config", "key", "allowed", "remedy"), WRONG, ids=lambda value: str(value)[:50])
def test_a_mistake_is_named(
    mistakes: Callable[..., list[Any]], config: dict[str, Any], key: str, allowed: str, remedy: str
) -> None:
    found = mistakes(BASE | config)
    assert [mistake.key for mistake in found] == [f"gatehouse:{key}"], "\n".join(map(str, found))
    assert allowed in found[0].allowed
    assert remedy in found[0].remedy
