"""Regions, as two SDKs list them."""

import pulumi_aws as aws
import pytest

from settings import regions


def test_every_region_of_the_provider_is_one_of_aws() -> None:
    assert {region.value for region in aws.Region} <= set(regions._regions())


def test_a_region_that_aws_alone_lists_is_a_region() -> None:
    for name in regions._regions():
        assert regions.is_region(name)


def test_the_sdk_of_aws_is_not_read_for_a_region_that_the_provider_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(regions, "_regions")
    assert regions.is_region("eu-west-1")
