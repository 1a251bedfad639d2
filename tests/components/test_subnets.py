"""Subnet ranges: inside the VPC, disjoint, and never moved by a zone that is added."""

import ipaddress
import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.arguments.descriptions import read_field_texts
from components.network.network_args import PrivateNetworkArgs
from components.network.subnets import cut_ipv6_subnet, find_smallest_prefix, parse_range, plan_subnets

ZONES = range(2, 7)


@st.composite
def vpc_ranges(draw: st.DrawFn) -> ipaddress.IPv4Network:
    length = draw(st.integers(16, 26))
    blocks = 2 ** (length - 8)
    block = draw(st.integers(0, blocks - 1))
    return ipaddress.IPv4Network((int(ipaddress.IPv4Address("10.0.0.0")) + block * 2 ** (32 - length), length))


@given(vpc_ranges(), st.sampled_from(ZONES))
def test_ranges_are_disjoint_and_in_the_vpc_or_the_vpc_is_refused(vpc: ipaddress.IPv4Network, zones: int) -> None:
    if vpc.prefixlen > find_smallest_prefix(zones):
        with pytest.raises(ValueError, match=f"is a /16 to /{find_smallest_prefix(zones)}, not a /{vpc.prefixlen}$"):
            plan_subnets(str(vpc), zones)
        return
    planned = plan_subnets(str(vpc), zones)
    private = [ipaddress.IPv4Network(zone.private) for zone in planned]
    public = [ipaddress.IPv4Network(zone.public) for zone in planned]
    assert all(subnet.subnet_of(vpc) and 16 <= subnet.prefixlen <= 28 for subnet in private + public)
    assert not any(first.overlaps(second) for first, second in combinations(private + public, 2))
    # A private subnet holds a load balancer, and a zone added moves no other.
    assert all(subnet.prefixlen <= 27 for subnet in private)
    assert all(own.prefixlen < other.prefixlen for own, other in zip(private, public, strict=True))
    assert planned[:-1] == plan_subnets(str(vpc), zones - 1)


@given(st.integers(0, 2**56 - 1), st.integers(0, 255), st.integers(0, 255))
def test_ipv6_subnets_are_distinct_parts_of_the_vpc_range(top: int, first: int, second: int) -> None:
    vpc = ipaddress.IPv6Network((top << 72, 56))
    subnet = ipaddress.IPv6Network(cut_ipv6_subnet(str(vpc), first))
    assert subnet.prefixlen == 64
    assert subnet.subnet_of(vpc)
    assert (first == second) == (cut_ipv6_subnet(str(vpc), second) == str(subnet))


@pytest.mark.parametrize(
    ("cidr", "private", "public"),
    [
        ("10.0.0.0/16", ["10.0.0.0/20", "10.0.32.0/20"], ["10.0.16.0/21", "10.0.48.0/21"]),
        ("192.168.7.128/25", ["192.168.7.128/27", "192.168.7.192/27"], ["192.168.7.160/28", "192.168.7.224/28"]),
    ],
)
def test_two_zones_written_out(cidr: str, private: list[str], public: list[str]) -> None:
    zones = plan_subnets(cidr, 2)
    assert ([zone.private for zone in zones], [zone.public for zone in zones]) == (private, public)
    found = [cut_ipv6_subnet("2001:db8:1234:1200::/56", zone.ipv6_index) for zone in zones]
    assert found == ["2001:db8:1234:1200::/64", "2001:db8:1234:1201::/64"]
    with pytest.raises(ValueError, match="no subnet number 256"):
        cut_ipv6_subnet("2001:db8:1234:1200::/56", 256)


def test_the_reference_states_the_ranges_that_fit() -> None:
    numbers = {"one": 1, "two": 2, "four": 4, "six": 6}
    stated = re.findall(r"/(\d+) for (\w+)", read_field_texts(PrivateNetworkArgs)["cidr"])
    assert {numbers[word]: int(length) for length, word in stated} == {
        n: find_smallest_prefix(n) for n in numbers.values()
    }


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
        parse_range(cidr)
    for zones in (0, 7):
        with pytest.raises(ValueError, match="1 to 6"):
            plan_subnets("10.0.0.0/16", zones)
    for length in (8, 15, 30):
        with pytest.raises(ValueError, match=f"is a /16 to /{find_smallest_prefix(1)}, not a /{length}$"):
            plan_subnets(f"10.0.0.0/{length}", 1)
