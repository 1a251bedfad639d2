"""Public access: policies that allow every AWS account, access control lists that grant to everybody, and S3's blocks.

`blockPublicPolicy` refuses new policies and leaves older ones in force, so it is not counted.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...graph import UNKNOWN, Graph, Resource
from ...graph.answers import any_of
from ...graph.given import Gap, all_held, cited, given, may_be_any, named, settled
from ...graph.reading import CannotTell, MalformedDocument, spread, text
from ..catalog.catalog import POLICIES, token_of
from ..network.coverage import binds
from .callers import names_everybody
from .iam import allowing

BUCKET: Final = "aws:s3/bucket:Bucket"
BUCKET_ACL: Final = "aws:s3/bucketAcl:BucketAcl"
OBJECTS: Final = tuple(map(token_of, ("s3.BucketObject", "s3.BucketObjectv2", "s3.ObjectCopy")))
WITH_LIST: Final = (BUCKET, BUCKET_ACL, *OBJECTS)
"""Resources with an access control list."""

_CANNED: Final = ("public-read", "public-read-write", "authenticated-read")
_GROUPS: Final = {"AllUsers": "everybody", "AuthenticatedUsers": "every AWS account"}
OF_ACCOUNTS: Final = ("authenticated-read", f"access to {_GROUPS['AuthenticatedUsers']}")
"""Public grants for which a caller needs an AWS account."""
_GRANTEES: Final = (("accessControlPolicy", "grants", "grantee", "uri"), ("grants", "uri"))
_LOGS: Final = ("c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0",)
"""Who writes CloudFront's logs."""
_RESTRICT: Final = "restrictPublicBuckets"
_BUCKET: Final = (BUCKET,)
_POINT: Final = ("aws:s3/accessPoint:AccessPoint",)
BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
_POINT_POLICY: Final = "aws:s3control/accessPointPolicy:AccessPointPolicy"
_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_ACCOUNT_BLOCK: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"


def public_grants(resource: Resource) -> Iterator[str]:
    """`public-read`, or `access to everybody`, for each public grant. Raises CannotTell if a grant is not known."""
    acl = text(settled(resource, "acl"))
    if acl in _CANNED:
        yield acl
    uris = [uri for path in _GRANTEES for uri in spread(all_held(resource), *path)]
    groups = dict.fromkeys(text(uri).rpartition("/")[2] for uri in uris)
    yield from (f"access to {_GROUPS[group]}" for group in groups if group in _GROUPS)
    if UNKNOWN in uris:
        raise CannotTell(f"a grantee of {resource.name} is known only after deployment")


def strange_users(graph: Graph, resource: Resource) -> list[str]:
    """Canonical users whom a list grants something, and who are neither its owner nor of a lookup or the program."""
    users = {text(user) for *path, _ in _GRANTEES for user in spread(all_held(resource), *path, "id")}
    own = {text(user) for user in spread(all_held(resource), "accessControlPolicy", "owner", "id")}
    others = users - own - graph.looked_up
    return sorted(user for user in others if re.fullmatch(r"[0-9a-f]{64}", user) and user not in _LOGS)


def is_restricted(graph: Graph, resource: Resource, switch: str = _RESTRICT) -> bool | None:
    """Whether only the bucket's account and AWS services may use what a public policy allows. None if not known.

    With the switch `ignorePublicAcls`: what a public access control list grants.
    """
    if resource.type not in (*WITH_LIST, *_POINT, BUCKET_POLICY, _POINT_POLICY):
        return False
    return any_of(_flags(graph, resource, switch))


def _flags(graph: Graph, resource: Resource, switch: str) -> Iterator[bool | None]:
    """A switch of the account, the bucket and the access point; the strictest decides."""
    for block in graph.of_type(_ACCOUNT_BLOCK):
        restricts = given(block, switch).flag(absent=False)
        yield restricts if restricts is False or _is_of_account(graph, block, resource) else None
    points = [resource] if resource.type in _POINT else []
    if resource.type == _POINT_POLICY:
        owner = named(graph, resource, "accessPointArn", types=_POINT)
        points = list(owner.some())
        # An access point restricts by default, also one that is not in this program.
        yield from () if owner.every(unknown=None) else (None,)
    for point in points:
        yield given(point, "publicAccessBlockConfiguration", switch).flag(absent=True)
    for holder in points or [resource]:
        yield from _of_bucket(graph, holder, switch)


def _is_of_account(graph: Graph, block: Resource, resource: Resource) -> bool:
    """Whether an account's block is known to be of the resource's account, which must own the bucket of a policy."""
    own = graph.account or None
    return block.provider == resource.provider and given(block, "accountId").value(absent=own, unknown=UNKNOWN) == own


def _of_bucket(graph: Graph, holder: Resource, switch: str) -> Iterator[bool | None]:
    """The switches of the bucket that a policy or an access point names, or that the holder is."""
    own = [holder] if holder.type in _BUCKET else named(graph, holder, "bucket", types=_BUCKET).some()
    buckets = {bucket.urn for bucket in own}
    written = given(holder, "bucket").value(absent=None, unknown=None)
    any_bucket = holder.type not in _BUCKET and may_be_any(graph, holder, "bucket", types=_BUCKET)
    for block in graph.of_type(_BLOCK):
        restricts = given(block, switch).flag(absent=False)
        hits = {bucket.urn for bucket in named(graph, block, "bucket", types=_BUCKET).some()}
        same = written is not None and written == given(block, "bucket").value(absent=None, unknown=None)
        if hits & buckets or same:
            yield restricts
        elif any_bucket or isinstance(cited(graph, block, "bucket", types=_BUCKET), Gap):
            yield False if restricts is False else None


_PERMISSION: Final = "aws:cloudwatch/eventPermission:EventPermission"

WITH_POLICY: Final = (*POLICIES, _PERMISSION)
"""Resources that say which principals may use something."""

_OTHER_INPUTS: Final = ("policy", "accessPolicy", "accessPolicies", "policyDocument", "resourcePolicy")
"""Inputs that hold the policy of a type that `POLICIES` does not list."""


def admits_all(resource: Resource) -> bool:
    """Whether a policy admits every AWS account, or may do so because it cannot be read.

    A type that is not listed counts only if its policy can be read, since its inputs may hold something else.
    """
    listed = resource.type in WITH_POLICY
    keys = ("",) if listed else _OTHER_INPUTS
    try:
        return any(True for key in keys for _ in open_statements(resource, key))
    except (CannotTell, MalformedDocument):
        return listed


def open_statements(resource: Resource, key: str = "") -> Iterator[Mapping[str, Any]]:
    """Statements that admit every AWS account, of the input `key` or of the one that the type has.

    Raises CannotTell or MalformedDocument if the policy cannot be read.
    """
    if resource.type == _PERMISSION:
        if settled(resource, "principal") == "*" and settled(resource, "condition") is None:
            yield {"Action": settled(resource, "action") or "events:PutEvents"}
        return
    policy = settled(resource, *(key or POLICIES[resource.type]).split("."))
    for statement in allowing(policy) if policy else ():
        if names_everybody(statement) and not binds(statement.get("Condition"), statement.get("Action", "*")):
            yield statement
