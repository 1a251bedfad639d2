"""Refusals that named no remedy when a newcomer met them."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.settings.wrong_configs import BASE, route


@pytest.mark.parametrize(
    ("config", "remedy"),
    [
        ({"api": {"routes": [route(methods="GET")]}}, "write a list: [GET]"),
        ({"api": {"routes": [route(path="/*")]}}, "see `includeSubpaths`"),
        ({"network": {"egress": "nat"}}, "did you mean nat-instance or nat-gateway?"),
        ({"api": {"gatewayResponses": {}}}, "docs/choosing.md lists what is left out"),
        ({"api": {"kind": "websocket"}}, "For WebSocket: docs/cookbook.md"),
        ({"backend": {"kind": "fargate", "image": "nginx:1.29", "count": 0}}, "It cannot be 0 (docs/choosing.md)"),
        ({"proxy": {"webhook": {"scheme": "shopify", "secret": "x"}}}, "Check others in the backend"),
        ({"topology": None, "shop:topology": "vpc-link"}, "did you mean gatehouse:topology?"),
    ],
)
def test_each_has_one_now(config: dict[str, Any], remedy: str, mistakes: Callable[..., list[Any]]) -> None:
    whole = {key: value for key, value in (BASE | config).items() if value is not None}
    assert any(remedy in f"{found.remedy} {found.meaning}" for found in mistakes(whole))


def test_a_topology_of_another_program_is_left_alone(read: Callable[..., Any]) -> None:
    read(BASE | {"shop:topology": "star"})
