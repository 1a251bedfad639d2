"""Resource policies, read back by the evaluator: who is let in, who is kept out."""

import pytest

from components.api.resource_policy import build_address_policy, build_endpoint_policy, fits_resource_policy
from components.facts.address_lists import ADDRESS_LISTS, expand_lists
from tests.helpers.policies import Decision, allows

ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc/live/GET/forward"
BOTH = build_address_policy(["203.0.113.0/24", "2001:db8::/32"], ["203.0.113.66/32"])
DENY = build_address_policy([], ["203.0.113.0/24"])
HOOKS = build_address_policy(expand_lists(["github-hooks"]), [])
DOORS = build_endpoint_policy(["vpce-76bef661", "vpce-312b3e16"], ["vpc-55eeac61"])


def decide(policy: dict[str, object], **context: str) -> Decision:
    keys = {f"aws:{key}": value for key, value in context.items()}
    return allows(policy, principal="*", action="execute-api:Invoke", resource=ARN, context=keys)


@pytest.mark.parametrize(
    ("policy", "source", "allowed"),
    [
        (BOTH, "203.0.113.9", True),
        (BOTH, "198.51.100.7", False),
        (BOTH, "203.0.113.66", False),
        (BOTH, "2001:db8::1", True),
        (BOTH, "2001:db9::1", False),
        (DENY, "203.0.113.9", False),
        (DENY, "198.51.100.7", True),
        (HOOKS, "140.82.115.3", True),
        (HOOKS, "2a0a:a440::5", True),
        (HOOKS, "8.8.8.8", False),
        (HOOKS, "2001:4860::1", False),
    ],
)
def test_only_named_ranges_come_in_and_deny_wins(policy: dict[str, object], source: str, allowed: bool) -> None:
    assert decide(policy, SourceIp=source) is (Decision.ALLOW if allowed else Decision.DENY)


@pytest.mark.parametrize(
    ("endpoint", "vpc", "allowed"),
    [
        ("vpce-76bef661", "vpc-76bef661", True),
        ("vpce-312b3e16", "vpc-312b3e16", True),
        ("vpce-6be34445", "vpc-55eeac61", True),
        ("vpce-d9583520", "vpc-d9583520", False),
    ],
)
def test_a_private_api_is_entered_by_its_endpoints(endpoint: str, vpc: str, allowed: bool) -> None:
    assert decide(DOORS, SourceVpce=endpoint, SourceVpc=vpc) is (Decision.ALLOW if allowed else Decision.DENY)
    assert decide(DOORS) is Decision.DENY


def test_a_private_api_without_any_door_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="one endpoint or VPC at least"):
        build_endpoint_policy([])


def test_lists_fit_are_dated_and_expand_once() -> None:
    assert fits_resource_policy(HOOKS)
    assert fits_resource_policy(build_address_policy([f"10.0.{number}.0/24" for number in range(200)], []))
    assert not fits_resource_policy(
        build_address_policy([f"10.{number // 256}.{number % 256}.0/24" for number in range(600)], [])
    )
    assert ADDRESS_LISTS["github-hooks"].read >= "2026"
    assert expand_lists(["github-hooks", "github-hooks"]) == list(ADDRESS_LISTS["github-hooks"].ranges)
