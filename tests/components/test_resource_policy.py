"""Resource policies, read back by the evaluator: who is let in, who is kept out."""

import ipaddress
import itertools
from collections.abc import Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.api.api_spec import ApiSpec
from components.api.args.routes import RouteArgs
from components.api.resource_policy import (
    NarrowedError,
    OverlapError,
    build_address_policy,
    build_endpoint_policy,
    fits_resource_policy,
)
from components.api.route_operations import expand_method
from components.callers.operations import VariablesClashError
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


RANGES = ["203.0.113.0/24", "198.51.100.0/24", "2001:db8::/32"]
SOURCES = ["203.0.113.9", "198.51.100.7", "192.0.2.1", "2001:db8::1"]
ROUTES = st.builds(
    RouteArgs,
    path=st.sampled_from(["/", "/a", "/a/b", "/a/{id}", "/c"]),
    methods=st.sampled_from([("ANY",), ("GET",), ("GET", "POST")]),
    target=st.just("own"),
    include_subpaths=st.booleans(),
    authorization=st.sampled_from(["none", "iam"]),
    allow_cidrs=st.lists(st.sampled_from(RANGES), max_size=2, unique=True).map(lambda ranges: tuple(ranges) or None),
)


SIGNED = RouteArgs(
    path="/a",
    methods=("GET",),
    target="own",
    include_subpaths=False,
    authorization="iam",
    allow_cidrs=("203.0.113.0/24",),
)


@given(
    st.lists(ROUTES, min_size=1, max_size=3, unique_by=lambda one: one.path),
    *[st.lists(st.sampled_from(RANGES), max_size=2, unique=True)] * 2,
)
@example([SIGNED], [], [])
def test_a_caller_must_be_in_each_list_that_allows_and_in_none_that_denies(
    routes: list[RouteArgs], allow: list[str], deny: list[str]
) -> None:
    """API Gateway chooses the method, and the policy decides about its calls."""
    spec = ApiSpec(
        kind="rest", routes=tuple(routes), targets={}, allow_cidrs=tuple(allow), deny_cidrs=tuple(deny), stage="live"
    )
    try:
        policy, operations = spec.policy, spec.operations
    except (OverlapError, NarrowedError, VariablesClashError):
        return
    if policy is None:
        assert not any(route.allow_cidrs for route in routes)
        return
    methods = {(one.path, method) for one in operations for method in expand_method(one.method)}
    chosen = {(one.path, one.method): one for one in operations}
    for path, method in methods:
        route = (chosen.get((path, method)) or chosen[path, "ANY"]).route
        for source, slash in itertools.product(SOURCES, ("", "/")):
            called = path.replace("{proxy+}", "x/y").replace("{id}", "7") + slash * (path != "/")
            arn = f"arn:aws:execute-api:eu-west-1:123456789012:abc/live/{method}{called}"
            decision = allows(policy, action="execute-api:Invoke", resource=arn, context={"aws:SourceIp": source})
            lists = [one for one in (allow, route.ranges) if one]
            welcome = all(_is_in(source, one) for one in lists) and not _is_in(source, deny)
            if slash and welcome:
                continue  # a pattern of another route may cover this spelling too, and deny it
            if route.authorization == "iam":
                # An identity's own policy decides, unless the API denies.
                assert decision is (Decision.SILENT if welcome else Decision.DENY), (called, source)
            else:
                assert decision.allowed is welcome, (called, source)


def test_a_path_of_its_own_has_ranges_below_a_route_for_everything() -> None:
    """API Gateway prefers the longer path, so the deny for it takes no call from `/`."""
    everything = RouteArgs(path="/", methods=("ANY",), target="own")
    admin = RouteArgs(path="/admin", methods=("ANY",), target="own", allow_cidrs=("203.0.113.0/24",))
    policy = ApiSpec(kind="rest", routes=(everything, admin), targets={}, stage="live").policy
    assert policy is not None
    for path, source, allowed in (
        ("/admin/users", "203.0.113.9", True),
        ("/admin/users", "192.0.2.1", False),
        ("/administration", "192.0.2.1", True),
    ):
        arn = f"arn:aws:execute-api:eu-west-1:123456789012:abc/live/GET{path}"
        decision = allows(policy, action="execute-api:Invoke", resource=arn, context={"aws:SourceIp": source})
        assert decision.allowed is allowed, (path, source)


def test_ranges_of_a_path_variable_would_limit_what_lies_below_it() -> None:
    everything = RouteArgs(path="/", methods=("ANY",), target="own")
    user = RouteArgs(
        path="/users/{id}", methods=("ANY",), target="own", allow_cidrs=("203.0.113.0/24",), include_subpaths=False
    )
    with pytest.raises(NarrowedError):
        _ = ApiSpec(kind="rest", routes=(everything, user), targets={}, stage="live").policy


def _is_in(source: str, ranges: Iterable[str]) -> bool:
    address = ipaddress.ip_address(source)
    return any(address in ipaddress.ip_network(one) for one in ranges)


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
