"""Facts of AWS that its pages state in tables."""

import contextlib

import pytest

from components.facts import fargate_sizes, limits


@pytest.mark.parametrize(
    ("cpu", "memory", "offered"),
    [(32_768, 61_440, True), (32_768, 249_856, True), (16_384, 122_880, True),
     (32_768, 65_536, False), (65_536, 249_856, False)],
)  # fmt: skip
def test_the_largest_tasks_are_those_that_fargate_offers(cpu: int, memory: int, offered: bool) -> None:
    with contextlib.nullcontext() if offered else pytest.raises(ValueError, match="cpu"):
        fargate_sizes.check(cpu, memory)


def test_zones_of_vpc_links() -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html"""
    assert list(limits.VPC_LINK_ZONE_IDS["ap-east-1"]) == ["ape1-az2", "ape1-az3"]
    assert list(limits.VPC_LINK_ZONE_IDS["ap-northeast-1"]) == ["apne1-az1", "apne1-az2", "apne1-az4"]
    # A region that the page lacks is not known.
    assert "af-south-1" not in limits.VPC_LINK_ZONE_IDS
