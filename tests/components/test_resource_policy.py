"""Resource policies, read back by the evaluator: who is let in, who is kept out."""

import pytest

from components.api.resource_policy import by_address, by_endpoint, fits
from components.facts.address_lists import ADDRESS_LISTS, expanded
from tests.helpers.policies import Decision, allows

ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc/live/GET/forward"


def decide(policy: dict[str, object], **context: str) -> Decision:
    return allows(policy, principal="*", action="execute-api:Invoke", resource=ARN, context=context)


@pytest.mark.parametrize(
    ("source", "decision"),
    [
        ("203.0.113.9", Decision.ALLOW),
        ("198.51.100.7", Decision.DENY),
        ("203.0.113.66", Decision.DENY),
        ("2001:db8::1", Decision.ALLOW),
        ("2001:db9::1", Decision.DENY),
    ],
)
def test_only_named_ranges_come_in_and_deny_wins(source: str, decision: Decision) -> None:
    policy = by_address(["203.0.113.0/24", "2001:db8::/32"], ["203.0.113.66/32"])
    assert decide(policy, **{"aws:SourceIp": source}) is decision


def test_a_deny_list_alone_leaves_the_rest_in() -> None:
    policy = by_address([], ["203.0.113.0/24"])
    assert decide(policy, **{"aws:SourceIp": "203.0.113.9"}) is Decision.DENY
    assert decide(policy, **{"aws:SourceIp": "198.51.100.7"}) is Decision.ALLOW


def test_githubs_hooks_come_in_over_both_protocols() -> None:
    policy = by_address(expanded(["github-hooks"]), [])
    assert fits(policy)
    for source, decision in (
        ("140.82.115.3", Decision.ALLOW),
        ("2a0a:a440::5", Decision.ALLOW),
        ("8.8.8.8", Decision.DENY),
        ("2001:4860::1", Decision.DENY),
    ):
        assert decide(policy, **{"aws:SourceIp": source}) is decision


@pytest.mark.parametrize(
    ("context", "decision"),
    [
        ({"aws:SourceVpce": "vpce-own", "aws:SourceVpc": "vpc-own"}, Decision.ALLOW),
        ({"aws:SourceVpce": "vpce-partner", "aws:SourceVpc": "vpc-partner"}, Decision.ALLOW),
        ({"aws:SourceVpce": "vpce-new", "aws:SourceVpc": "vpc-friend"}, Decision.ALLOW),
        ({"aws:SourceVpce": "vpce-other", "aws:SourceVpc": "vpc-other"}, Decision.DENY),
        ({}, Decision.DENY),
    ],
    ids=["own endpoint", "another account's endpoint", "a VPC's endpoint", "another endpoint", "the internet"],
)
def test_a_private_api_is_entered_by_its_endpoints(context: dict[str, str], decision: Decision) -> None:
    assert decide(by_endpoint(["vpce-own", "vpce-partner"], ["vpc-friend"]), **context) is decision


def test_a_private_api_without_any_door_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="one endpoint or VPC at least"):
        by_endpoint([])


def test_the_size_limit_is_awss() -> None:
    assert fits(by_address([f"10.0.{number}.0/24" for number in range(200)], []))
    assert not fits(by_address([f"10.{number // 256}.{number % 256}.0/24" for number in range(600)], []))


def test_lists_are_dated_and_expand_once() -> None:
    assert ADDRESS_LISTS["github-hooks"].read >= "2026"
    assert expanded(["github-hooks", "github-hooks"]) == list(ADDRESS_LISTS["github-hooks"].ranges)
