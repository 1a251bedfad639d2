"""Regions, as two SDKs list them."""

from collections.abc import Callable
from typing import Any

import pulumi_aws as aws

from components.facts import regions
from tests.settings.wrong_configs import BASE


def test_every_region_of_the_provider_is_one_of_aws() -> None:
    assert all(map(regions.is_region, (region.value for region in aws.Region)))


def test_a_region_that_does_not_exist_has_no_quota(mistakes: Callable[..., list[Any]]) -> None:
    region, rate = mistakes(BASE | {"aws:region": "eu-west-1a", "api": {"throttle": {"rate": 20_000}}})
    assert region.key == "aws:region"
    assert rate.allowed == "at most 10,000, the account's quota unless AWS raised it"
