"""A list of IPv4 ranges does not limit callers over IPv6, so a domain in front of it has no IPv6 addresses."""

from typing import Any

import pytest

from tests.components.front import front
from tests.helpers.declare import one

DOMAIN = {"name": "api.example.com", "zone_id": "Z0123456789", "certificate_arn": "arn:aws:acm:::certificate/x"}


@pytest.mark.parametrize(
    ("lists", "addresses"),
    [
        ({}, "dualstack"),
        ({"allow_cidrs": ["203.0.113.0/24"]}, "ipv4"),
        ({"deny_cidrs": ["203.0.113.0/24"]}, "ipv4"),
        ({"allow_cidrs": ["203.0.113.0/24", "2001:db8::/32"]}, "dualstack"),
        ({"allow_cidrs": ["203.0.113.0/24", "2001:db8::/32"], "deny_cidrs": ["203.0.113.9/32"]}, "ipv4"),
        ({"allow_cidrs": ["github-hooks"]}, "dualstack"),
    ],
)
def test_the_domain_speaks_what_the_lists_cover(lists: dict[str, Any], addresses: str) -> None:
    graph = front(**lists, domain=DOMAIN)
    assert one(graph, "DomainName").inputs["endpointConfiguration"]["ipAddressType"] == addresses
    records = [record.inputs["type"] for record in graph if record.kind == "Record"]
    assert sorted(records) == (["A", "AAAA"] if addresses == "dualstack" else ["A"])
