"""CIDR ranges of the subnets of each zone.

A subnet's range cannot be changed, only replaced, and a replacement fails while anything is in the subnet. So the
range of a zone depends only on the VPC's range and the zone's position: a zone added later changes no other subnet.

A VPC is cut into equal slots, one a zone. The first half of a slot is the private subnet and the next quarter the
public one, which holds a few gateways at most; the last quarter stays free for a third kind of subnet.
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
"""

import ipaddress
from dataclasses import dataclass
from typing import Final

from ..facts import limits

_SLOTS_LOG2: Final = (max(limits.ZONES) - 1).bit_length()  # 8 slots, the power of two that holds six zones
_SMALLEST_SLOT: Final = limits.LOAD_BALANCER_PREFIX_LENGTH - 1  # twice the smallest private subnet


@dataclass(frozen=True)
class ZoneRanges:
    """The IPv4 ranges of one zone, and which /64 of the VPC's IPv6 range its private subnet takes."""

    private: str
    public: str
    ipv6_index: int


def plan_subnets(cidr: str, zones: int) -> list[ZoneRanges]:
    """The ranges of `zones` zones in the VPC range `cidr`, in the order of the zones.

    Raises ValueError, saying what would do, for a range that is none, is misaligned or is too small.
    """
    if zones not in limits.ZONES:
        raise ValueError(f"{zones} zones; a network has {min(limits.ZONES)} to {max(limits.ZONES)}")
    vpc = parse_range(cidr)
    fits = range(min(limits.VPC_PREFIX_LENGTHS), find_smallest_prefix(zones) + 1)
    if vpc.prefixlen not in fits:
        room = "1 zone" if zones == 1 else f"{zones} zones"
        raise ValueError(f"the range of {room} is a /{fits[0]} to /{fits[-1]}, not a /{vpc.prefixlen}")
    slots = vpc.subnets(new_prefix=min(vpc.prefixlen + _SLOTS_LOG2, _SMALLEST_SLOT))
    return [_cut_zone_ranges(slot, position) for position, slot in zip(range(zones), slots, strict=False)]


def parse_range(cidr: str) -> ipaddress.IPv4Network:
    """`cidr` as a range. Raises ValueError if it is misaligned, or if Docker in an instance could not work with it."""
    try:
        interface = ipaddress.IPv4Interface(cidr)
    except ValueError:
        raise ValueError("an IPv4 range like 10.0.0.0/16 is wanted") from None
    network = interface.network
    if interface.ip != network.network_address:
        raise ValueError(f"the address has bits beyond the /{network.prefixlen}; {network} is the range it lies in")
    if network.overlaps(ipaddress.IPv4Network(limits.DOCKER_BRIDGE)):
        raise ValueError(
            f"Docker uses {limits.DOCKER_BRIDGE} inside every instance; take another range, such as 10.0.0.0/16"
        )
    return network


def find_smallest_prefix(zones: int) -> int:
    """Returns the prefix length of the smallest VPC range that holds so many zones."""
    return _SMALLEST_SLOT - (zones - 1).bit_length()


def cut_ipv6_subnet(vpc: str, index: int) -> str:
    """Returns the `index`-th /64 of a VPC's IPv6 range, which AWS makes a /56."""
    network = ipaddress.IPv6Network(vpc)
    size = 2 ** (128 - limits.IPV6_SUBNET_PREFIX_LENGTH)
    subnet = ipaddress.IPv6Network((int(network.network_address) + index * size, limits.IPV6_SUBNET_PREFIX_LENGTH))
    if not subnet.subnet_of(network):
        raise ValueError(f"{vpc} has no subnet number {index}")
    return str(subnet)


def _cut_zone_ranges(slot: ipaddress.IPv4Network, position: int) -> ZoneRanges:
    private, rest = slot.subnets()
    public, _free = rest.subnets()
    return ZoneRanges(private=str(private), public=str(public), ipv6_index=position)
