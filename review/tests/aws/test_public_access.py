"""Whether a public access block takes from a policy what it allows to everybody: yes, no, or cannot tell."""

from dataclasses import replace
from typing import Any

import pytest

from review.aws.identity.public_access import is_restricted
from review.graph import UNKNOWN, Options
from review.rules import Status, check
from review.tests.graph_builder import ACCOUNT, Builder, Json
from review.tests.parts import public

ON: dict[str, Any] = {"restrictPublicBuckets": True}
OPEN = Json({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]})
ELSEWHERE = "somebody-elses"


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("bucket", "account", "expected"),
    [
        (None, None, False),
        (ON, None, True),
        # It refuses new policies, and leaves one in force that is older than the block.
        ({"blockPublicPolicy": True}, None, False),
        ({"restrictPublicBuckets": UNKNOWN}, None, None),
        ({**ON, "bucket": UNKNOWN}, None, None),
        ({**ON, "bucket": ELSEWHERE}, None, False),
        (None, ON, True),
        (None, {"restrictPublicBuckets": UNKNOWN}, None),
        ({"restrictPublicBuckets": UNKNOWN}, ON, True),
        ({"restrictPublicBuckets": False}, {"restrictPublicBuckets": False}, False),
    ],
)
def test_a_bucket_policy(
    known: bool, bucket: dict[str, Any] | None, account: dict[str, Any] | None, expected: bool | None
) -> None:
    build = Builder(known=known)
    made = build("s3/bucket:Bucket", "bucket")
    policy = build("s3/bucketPolicy:BucketPolicy", "policy", bucket=made.id, policy=OPEN)
    if bucket is not None:
        build("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "block", **{"bucket": made.id, **bucket})
    if account is not None:
        build("s3/accountPublicAccessBlock:AccountPublicAccessBlock", "account", **account)
    graph = build.graph()
    assert is_restricted(graph, graph.resources[policy.urn]) is expected
    statuses = [finding.status for finding in check(graph) if finding.rule.id == "IAM-10"]
    assert statuses == {True: [], False: [Status.FAILED], None: [Status.INCONCLUSIVE]}[expected]
    # AWS blocks public policies of new buckets, unless the program itself takes that back.
    certain = bucket == {"restrictPublicBuckets": False}
    assert public(graph) == ({} if expected else {"policy": "yes" if certain else "cannot tell"})


@pytest.mark.parametrize(
    ("account", "provider", "expected"),
    [
        ({"accountId": ACCOUNT}, "", True),
        ({"accountId": "999999999999"}, "", None),
        ({"accountId": UNKNOWN}, "", None),
        ({}, "urn:pulumi:dev::small::pulumi:providers:aws::other::id", None),
        ({"restrictPublicBuckets": False}, "urn:pulumi:dev::small::pulumi:providers:aws::other::id", False),
    ],
)
def test_the_block_of_an_account_counts_for_this_account(
    account: dict[str, Any], provider: str, expected: bool | None
) -> None:
    build = Builder()
    made = build("s3/bucket:Bucket", "bucket", policy=OPEN)
    block = build("s3/accountPublicAccessBlock:AccountPublicAccessBlock", "account", **{**ON, **account})
    build.resources[block.urn] = replace(build.resources[block.urn], provider=provider)
    graph = build.graph()
    assert is_restricted(graph, graph.resources[made.urn]) is expected


def test_a_block_that_may_be_changed_outside_is_not_known() -> None:
    build = Builder()
    made = build("s3/bucket:Bucket", "bucket", policy=OPEN)
    ignored = Options(ignore_changes=("restrictPublicBuckets",))
    kind = "s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    build(kind, "block", options=ignored, bucket=made.id, restrictPublicBuckets=True)
    graph = build.graph()
    assert is_restricted(graph, graph.resources[made.urn]) is None


@pytest.mark.parametrize(("key", "given"), [("policy", Json({"Statement": []})), ("acl", "private"), ("grants", [])])
def test_what_may_be_changed_outside_may_be_public(key: str, given: Any) -> None:
    """The program gives an input that keeps the public out, and AWS may hold another one."""
    for ignored, listed in ((), False), ((key,), True):
        build = Builder()
        build("s3/bucket:Bucket", "bucket", options=Options(ignore_changes=ignored), **{key: given})
        assert bool(public(build.graph())) is listed


@pytest.mark.parametrize(
    ("block", "expected"),
    [(None, True), ({}, True), ({"restrictPublicBuckets": False}, False), ({"restrictPublicBuckets": UNKNOWN}, None)],
)
def test_access_points_block_by_default(block: dict[str, Any] | None, expected: bool | None) -> None:
    build = Builder()
    made = build("s3/bucket:Bucket", "bucket")
    given: dict[str, Any] = {"bucket": made.id, "publicAccessBlockConfiguration": block}
    point = build("s3/accessPoint:AccessPoint", "point", **given)
    apart = build("s3control/accessPointPolicy:AccessPointPolicy", "apart", accessPointArn=point.id, policy=OPEN)
    graph = build.graph()
    found = {is_restricted(graph, graph.resources[resource.urn]) for resource in (point, apart)}
    assert found == {expected}


@pytest.mark.parametrize(
    ("owner", "restricts", "expected"),
    [(UNKNOWN, True, None), (UNKNOWN, UNKNOWN, None), (UNKNOWN, False, False), (ELSEWHERE, True, False)],
)
def test_a_policy_of_an_unknown_bucket_may_be_of_a_restricted_one(
    owner: Any, restricts: Any, expected: bool | None
) -> None:
    build = Builder()
    bucket = build("s3/bucket:Bucket", "bucket")
    kind = "s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    build(kind, "block", bucket=bucket.id, restrictPublicBuckets=restricts)
    policy = build("s3/bucketPolicy:BucketPolicy", "policy", bucket=owner, policy=OPEN)
    graph = build.graph()
    assert is_restricted(graph, graph.resources[policy.urn]) is expected
    assert public(graph) == {"policy": "cannot tell"}


@pytest.mark.parametrize("owner", [UNKNOWN, "arn:aws:s3:eu-west-1:123456789012:accesspoint/somebody-elses"])
def test_a_policy_of_an_unknown_access_point_may_be_restricted(owner: Any) -> None:
    build = Builder()
    policy = build("s3control/accessPointPolicy:AccessPointPolicy", "policy", accessPointArn=owner, policy=OPEN)
    graph = build.graph()
    assert is_restricted(graph, graph.resources[policy.urn]) is None
    assert public(graph) == {"policy": "cannot tell"}


def test_other_services_have_none() -> None:
    build = Builder()
    queue = build("sqs/queue:Queue", "queue", policy=OPEN)
    build("s3/accountPublicAccessBlock:AccountPublicAccessBlock", "account", **ON)
    graph = build.graph()
    assert is_restricted(graph, graph.resources[queue.urn]) is False
