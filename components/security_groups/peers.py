"""What a rule of a security group can name: another group, an address range, or a prefix list."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final

import pulumi


@dataclass(frozen=True)
class Group:
    """A security group, by id."""

    id: pulumi.Input[str]


@dataclass(frozen=True)
class Cidr:
    """An address range; `ipv6` is its family, since the text may be known only after deployment."""

    cidr: pulumi.Input[str]
    ipv6: bool = False


@dataclass(frozen=True)
class PrefixList:
    """An AWS-managed or own prefix list, by id: how a group names S3's addresses."""

    id: pulumi.Input[str]


Peer = Group | Cidr | PrefixList


def parse_range(cidr: str) -> Cidr:
    """Returns a range that is known in plain."""
    return Cidr(cidr, ipv6=":" in cidr)


def name_range(cidr: str) -> str:
    """Returns the range as a part of the name of its rule, without `::`, which separates the parts of a URN."""
    return ipaddress.ip_network(cidr).exploded.replace("/", "-")


ANYWHERE_IPV4 = Cidr("0.0.0.0/0")
ANYWHERE_IPV6 = Cidr("::/0", ipv6=True)
ANYWHERE: Final = {"ipv4": ANYWHERE_IPV4, "ipv6": ANYWHERE_IPV6}
"""Every address of a family, by the family's name."""
