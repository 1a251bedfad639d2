"""A stage's throttle: the default, its own numbers, or off."""

from collections.abc import Callable
from typing import Any

import pytest

IAM = {"path": "/", "authorization": "iam"}


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ({}, {"rate": 100, "burst": 50}),
        ({"throttle": {"rate": 5}}, {"rate": 5, "burst": 50}),
        ({"throttle": "off"}, "off"),
    ],
)
def test_a_throttle_that_is_off_does_not_become_the_default(
    read: Callable[..., Any], written: dict[str, Any], given: object
) -> None:
    backend = {"image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80}
    settings = read({"topology": "public-proxy", "backend": backend, "api": {"routes": [IAM], **written}})
    assert settings.api.read_arguments()["throttle"] == given
