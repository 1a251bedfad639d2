"""Subnet ranges: inside the VPC, disjoint, and never moved by a zone that is added."""

import ipaddress
import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.argument_texts import texts_of
from components.network.network_args import PrivateNetworkArgs
from components.network.subnets import ipv6_subnet, plan, smallest, vpc_range

ZONES = range(2, 7)
SIZES = range(16, 27)


@st.composite
def vpc_ranges(draw: st.DrawFn) -> ipaddress.IPv4Network:
    length = draw(st.integers(16, 26))
    blocks = 2 ** (length - 8)
    block = draw(st.integers(0, blocks - 1))
    return ipaddress.IPv4Network((int(ipaddress.IPv4Address("10.0.0.0")) + block * 2 ** (32 - length), length))


@given(vpc_ranges(), st.sampled_from(ZONES))
def test_ranges_lie_in_the_vpc_and_apart_or_the_vpc_is_refused(vpc: ipaddress.IPv4Network, zones: int) -> None:
    if vpc.prefixlen > smallest(zones):
        with pytest.raises(ValueError, match=f"is a /16 to /{smallest(zones)},"):
            plan(str(vpc), zones)
        return
    ranges = [ipaddress.IPv4Network(text) for zone in plan(str(vpc), zones) for text in (zone.private, zone.public)]
    assert len(ranges) == 2 * zones
    assert all(subnet.subnet_of(vpc) for subnet in ranges)
    assert not any(first.overlaps(second) for first, second in combinations(ranges, 2))
    assert all(16 <= subnet.prefixlen <= 28 for subnet in ranges)


@given(vpc_ranges(), st.sampled_from(ZONES))
def test_a_zone_added_moves_no_other(vpc: ipaddress.IPv4Network, zones: int) -> None:
    if vpc.prefixlen <= smallest(zones):
        assert plan(str(vpc), zones)[: zones - 1] == plan(str(vpc), zones - 1)


@given(vpc_ranges(), st.sampled_from(ZONES))
def test_private_subnets_are_larger_and_hold_a_load_balancer(vpc: ipaddress.IPv4Network, zones: int) -> None:
    if vpc.prefixlen <= smallest(zones):
        for zone in plan(str(vpc), zones):
            private, public = ipaddress.IPv4Network(zone.private), ipaddress.IPv4Network(zone.public)
            assert private.num_addresses > public.num_addresses
            assert private.prefixlen <= 27


@given(st.integers(0, 2**56 - 1), st.integers(0, 255), st.integers(0, 255))
def test_ipv6_subnets_are_distinct_parts_of_the_vpc_range(top: int, first: int, second: int) -> None:
    vpc = ipaddress.IPv6Network((top << 72, 56))
    subnet = ipaddress.IPv6Network(ipv6_subnet(str(vpc), first))
    assert subnet.prefixlen == 64
    assert subnet.subnet_of(vpc)
    assert (first == second) == (ipv6_subnet(str(vpc), second) == str(subnet))


def test_ipv6_subnets_follow_the_zone_position() -> None:
    assert [zone.ipv6_index for zone in plan("10.0.0.0/16", 6)] == [0, 1, 2, 3, 4, 5]
    assert ipv6_subnet("2001:db8:1234:1200::/56", 3) == "2001:db8:1234:1203::/64"
    with pytest.raises(ValueError, match="no subnet number 256"):
        ipv6_subnet("2001:db8:1234:1200::/56", 256)


@pytest.mark.parametrize(
    ("cidr", "private", "public"),
    [
        ("10.0.0.0/16", ["10.0.0.0/20", "10.0.32.0/20"], ["10.0.16.0/21", "10.0.48.0/21"]),
        ("10.1.0.0/24", ["10.1.0.0/27", "10.1.0.64/27"], ["10.1.0.32/28", "10.1.0.96/28"]),
        ("192.168.7.128/25", ["192.168.7.128/27", "192.168.7.192/27"], ["192.168.7.160/28", "192.168.7.224/28"]),
    ],
)
def test_two_zones_written_out(cidr: str, private: list[str], public: list[str]) -> None:
    zones = plan(cidr, 2)
    assert [zone.private for zone in zones] == private
    assert [zone.public for zone in zones] == public


def test_the_reference_states_the_ranges_that_fit() -> None:
    numbers = {"one": 1, "two": 2, "four": 4, "six": 6}
    stated = re.findall(r"/(\d+) for (\w+)", texts_of(PrivateNetworkArgs)["cidr"])
    assert {numbers[word]: int(length) for length, word in stated} == {n: smallest(n) for n in numbers.values()}


@pytest.mark.parametrize("zones", [1, *ZONES])
def test_a_range_that_is_too_small_or_too_large_names_those_that_fit(zones: int) -> None:
    assert len(plan(f"10.0.0.0/{smallest(zones)}", zones)) == zones
    for length in (8, 15, smallest(zones) + 1, 30):
        with pytest.raises(ValueError, match=f"is a /16 to /{smallest(zones)}, not a /{length}$"):
            plan(f"10.0.0.0/{length}", zones)


@pytest.mark.parametrize(
    ("cidr", "want"),
    [
        ("10.0.0.1/16", "10.0.0.0/16 is the range it lies in"),
        ("172.17.128.0/20", "Docker uses 172.17.0.0/16"),
        ("fd00::/56", "an IPv4 range"),
        ("10.0.0.0/33", "an IPv4 range"),
        ("anything", "an IPv4 range"),
    ],
)
def test_a_range_that_cannot_be_a_vpc_says_what_can(cidr: str, want: str) -> None:
    with pytest.raises(ValueError, match=want):
        vpc_range(cidr)


@pytest.mark.parametrize("zones", [0, 7])
def test_a_number_of_zones_out_of_range_is_refused(zones: int) -> None:
    with pytest.raises(ValueError, match="1 to 6"):
        plan("10.0.0.0/16", zones)
