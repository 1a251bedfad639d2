"""Refusals that named no remedy when a newcomer met them."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.settings.wrong_configs import BASE, EXISTING, route


@pytest.mark.parametrize(
    ("config", "remedy"),
    [
        ({"api": {"routes": [route(methods="GET")]}}, "write a list: [GET]"),
        ({"api": {"routes": [route(path="/*")]}}, "see `includeSubpaths`"),
        ({"network": {"egress": "nat"}}, "did you mean nat-instance or nat-gateway?"),
        ({"api": {"gatewayResponses": {}}}, "docs/choosing.md what is left out"),
        ({"api": {"kind": "websocket"}}, "For WebSocket: docs/cookbook.md"),
        ({"backend": {"kind": "fargate", "image": "nginx:1.29", "count": 0}}, "It cannot be 0 (docs/choosing.md)"),
        ({"proxy": {"webhook": {"scheme": "shopify", "secret": "x"}}}, "Check others in the backend"),
        ({"backend": {"image": "nginx:1.29", "prot": 80}}, "did you mean port?"),
        ({"api": {"routes": [route(auth="iam")]}}, "did you mean authorization?"),
        ({"api": {"routes": [route(authorization="apiKey")]}}, "an API key is asked for beside it"),
        ({"api": {"routes": [route(authorization="jwt")]}}, "of kind jwt (HTTP; issuer, audiences)"),
        ({"api": {"waf": {}}}, "did you mean protection.waf? Write it there"),
        ({"topology": None, "shop:topology": "vpc-link"}, "did you mean gatehouse:topology?"),
    ],
)
def test_each_has_one_now(config: dict[str, Any], remedy: str, mistakes: Callable[..., list[Any]]) -> None:
    whole = {key: value for key, value in (BASE | config).items() if value is not None}
    assert any(remedy in f"{mistake.remedy} {mistake.meaning}" for mistake in mistakes(whole))


def test_a_topology_of_another_program_is_left_alone(read: Callable[..., Any]) -> None:
    read(BASE | {"shop:topology": "star"})


LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/0a1b2c3d4e5f6071/8a9b0c1d2e3f4051"


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        *((key, "listenerArn") for key in ("listener_arn", "listenerARN", "listener", "listnerArn")),
        *((key, "url") for key in ("uri", "URL", "urls")),
    ],
)
def test_a_misspelt_key_that_decides_the_kind_is_the_only_mistake(
    key: str, meant: str, mistakes: Callable[..., list[Any]]
) -> None:
    """Mistakes of the kind that would be guessed without it are of nothing that was written."""
    value = LISTENER if meant == "listenerArn" else "http://10.1.2.3:8080"
    backend = {key: value, "securityGroupId": "sg-0123456789abcdef0"}
    link = {"topology": "vpc-link"} if meant == "listenerArn" else {}
    (mistake,) = mistakes(EXISTING | link | {"backend": backend})
    assert (mistake.key, mistake.remedy) == (f"gatehouse:backend.{key}", f"did you mean {meant}?")


@pytest.mark.parametrize(
    ("config", "key", "remedy"),
    [
        (
            EXISTING | {"network": EXISTING["network"] | {"cidr": "10.0.0.0/16"}},
            "network.cidr",
            "cidr belongs to a new network: take out cidr, or vpcId and subnetIds",
        ),
        (
            BASE | {"network": {"cidr": "10.0.0.0/16", "routeTableIds": []}},
            "network.routeTableIds",
            "routeTableIds belongs to a network that exists (`vpcId` is given): take out routeTableIds, or cidr",
        ),
        (
            BASE | {"backend": {"image": "nginx:1.29", "cpu": 256}},
            "backend.cpu",
            "cpu belongs to `kind: fargate`: take out cpu, or write that kind",
        ),
        (
            BASE | {"backend": {"image": "nginx:1.29", "executeComand": True}},
            "backend.executeComand",
            "did you mean executeCommand? executeCommand belongs to `kind: fargate`",
        ),
        (BASE | {"backend": {"qqq": 1}}, "backend.qqq", "docs/choosing.md what is left out"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_a_key_of_another_kind_is_sent_there(
    config: dict[str, Any], key: str, remedy: str, mistakes: Callable[..., list[Any]]
) -> None:
    (mistake,) = mistakes(config)
    assert mistake.key == f"gatehouse:{key}"
    assert remedy in mistake.remedy
