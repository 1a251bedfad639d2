"""Ranges of addresses: which covers which."""

import ipaddress
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.graph.addresses import covers, parse_network


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "10.0.0.0/8", True),
        ("10.1.0.0/16", "10.0.0.0/8", None),
        ("10.0.0.0/8", "11.0.0.0/8", False),
        ("0.0.0.0/0", "::1", False),
        ("::/0", "2001:db8::/32", True),
        ("10.0.0.1/8", "10.9.9.9", True),  # host bits set, as people write it
        ("banana", "10.0.0.1", False),
    ],
)
def test_covers(outer: str, inner: str, expected: bool | None) -> None:
    assert covers(outer, inner) is expected


def networks_of(version: Literal[4, 6], bits: int) -> st.SearchStrategy[str]:
    return st.builds(
        lambda address, length: str(ipaddress.ip_network((address, length), strict=False)),
        st.ip_addresses(v=version),
        st.integers(0, bits),
    )


networks = networks_of(4, 32) | networks_of(6, 128)


@given(networks, networks)
def test_covers_agrees_with_the_standard_library(outer: str, inner: str) -> None:
    first, second = ipaddress.ip_network(outer), ipaddress.ip_network(inner)
    if first.version != second.version or not first.overlaps(second):
        assert covers(outer, inner) is False
    else:
        # Networks that share an address lie one in the other.
        assert covers(outer, inner) is (True if first.prefixlen <= second.prefixlen else None)


def test_network_of_nonsense() -> None:
    assert parse_network("10.0.0.300") is None
