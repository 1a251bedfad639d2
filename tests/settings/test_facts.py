"""Facts of AWS have a source and a day."""

import pytest

from components.facts import fargate_sizes, limits


@pytest.mark.parametrize(("cpu", "memory"), [(32_768, 61_440), (32_768, 122_880), (32_768, 249_856), (16_384, 122_880)])
def test_the_largest_tasks_are_allowed(cpu: int, memory: int) -> None:
    fargate_sizes.check(cpu, memory)


@pytest.mark.parametrize(("cpu", "memory"), [(32_768, 65_536), (65_536, 249_856)])
def test_sizes_that_fargate_lacks_are_refused(cpu: int, memory: int) -> None:
    with pytest.raises(ValueError, match="cpu"):
        fargate_sizes.check(cpu, memory)


@pytest.mark.parametrize(
    ("region", "zones"),
    [
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html
        ("ap-east-1", ["ape1-az2", "ape1-az3"]),
        ("ap-northeast-1", ["apne1-az1", "apne1-az2", "apne1-az4"]),
        ("ap-northeast-2", ["apne2-az1", "apne2-az2", "apne2-az3"]),
    ],
)
def test_zones_of_vpc_links(region: str, zones: list[str]) -> None:
    assert list(limits.VPC_LINK_ZONE_IDS[region]) == zones


def test_a_region_that_the_page_lacks_is_not_known() -> None:
    assert "af-south-1" not in limits.VPC_LINK_ZONE_IDS
    assert limits.VPC_LINK_ZONE_IDS.keys() > set(limits.VPC_LINKS_IN_SOME_ZONES)
