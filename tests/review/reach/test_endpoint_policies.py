"""An endpoint's own policy blocks ways to a private API, whatever the resource policy admits."""

from typing import Any

import pytest

from review.graph import UNKNOWN
from review.reach import Path, paths
from tests.review.graph_builder import Builder, Json
from tests.review.parts import private_stack

EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


def way_in(*statements: dict[str, Any], policy: Any = None) -> Path:
    """The way from the VPC, if the endpoint has these statements as its policy."""
    build = Builder()
    stack = private_stack(build)
    policy = policy or Json({"Statement": list(statements)})
    build("ec2/vpcEndpointPolicy:VpcEndpointPolicy", "own", vpcEndpointId=stack.door.endpoint.id, policy=policy)
    return next(path for path in paths(build.graph()) if path.source == "anything in the VPC")


def test_a_policy_that_allows_everything_blocks_nothing() -> None:
    assert way_in(EVERYTHING).open


@pytest.mark.parametrize(
    "statement",
    [
        {**EVERYTHING, "Effect": "Deny"},
        {**EVERYTHING, "Resource": "arn:aws:execute-api:eu-west-1:123456789012:another/*"},
        {**EVERYTHING, "Action": "execute-api:ManageConnections"},
        # A route without authorization is called without an identity.
        {**EVERYTHING, "Principal": {"AWS": "123456789012"}},
    ],
)
def test_a_call_that_it_does_not_allow_is_blocked_there(statement: dict[str, Any]) -> None:
    found = way_in(statement)
    assert not found.open
    assert found.blocked_by == "the policy of execute-api endpoint lets no call of api pass"


def test_one_that_is_not_known_leaves_the_path_uncertain() -> None:
    found = way_in(policy=UNKNOWN)
    assert "whether the policy of execute-api endpoint lets calls" in found.uncertainty
