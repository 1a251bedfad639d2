"""What everybody may use without a network of the program: public buckets and registries, and open policies and shares.

AWS blocks public policies and switches access control lists off on new buckets, so a program that does not change that
is in doubt: its update fails, unless the bucket is older than April 2023, which no program shows.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ...graph import UNKNOWN, Graph, Origin, Resource
from ...graph.given import given, held, named
from ...graph.prose import few
from ...graph.reading import CannotTell, MalformedDocument, items, output, text
from ..catalog import types
from ..catalog.catalog import POLICIES, PUBLIC, row, token_of
from ..catalog.row import Row
from ..identity import public_access
from ..identity.iam import compared, statements
from ..identity.public_access import BUCKET

_OLD: Final = ", unless its bucket is older than April 2023"
_BLOCK: Final = token_of("s3.BucketPublicAccessBlock")
_OWNERSHIP: Final = token_of("s3.BucketOwnershipControls")
_SWITCHES: Final = ("blockPublicPolicy", "blockPublicAcls")
_WITH_LISTS: Final = {"BucketOwnerPreferred", "ObjectWriter"}
_WEBSITE: Final = token_of("s3.BucketWebsiteConfiguration")
_POINT: Final = token_of("s3.AccessPoint")
_REGISTRY: Final = token_of("ecrpublic.Repository")
_DOCUMENT: Final = token_of("ssm.Document")
_OF_PATHS: Final = frozenset((*types.DATA_STORE, *types.SEARCH_POLICY))
"""Types whose policy is read as a part of the path to their address."""


@dataclass(frozen=True)
class Use:
    """What everybody may do with a resource."""

    by_internet: bool
    """Whether no AWS account is needed."""
    label: str
    doubt: str


def uses(graph: Graph, resource: Resource) -> Iterator[Use]:
    """What everybody may do with a resource, or perhaps may."""
    if resource.existing or (resource.type in _OF_PATHS and not _is_of_another_stack(graph, resource)):
        return
    yield from _by_policy(graph, resource)
    yield from _by_list(graph, resource)
    yield from _by_itself(graph, resource)


def _is_of_another_stack(graph: Graph, policy: Resource) -> bool:
    """Whether a policy is of a search domain that the program does not hold."""
    written = text(held(policy, "domainName"))
    domains = graph.of_type(*(kind for kind in types.DATA_STORE if kind.endswith("/domain:Domain")))
    own = any(written == text(output(domain, "domainName")) for domain in domains)
    return policy.type in types.SEARCH_POLICY and bool(written) and not own


def bucket_of(graph: Graph, resource: Resource) -> Resource:
    """The bucket that a policy or a list names, else the resource itself."""
    owners = named(graph, resource, "bucket", types=(BUCKET,)).some() if ":s3" in resource.type else ()
    return next(iter(owners), resource)


def _by_policy(graph: Graph, resource: Resource) -> Iterator[Use]:
    """By a policy that admits everybody, or that cannot be read and may do so."""
    listed = resource.type in public_access.WITH_POLICY
    if not (listed or row(resource.type) == Row()) or not public_access.admits_all(resource):
        return
    restricted = public_access.is_restricted(graph, resource)
    points = [resource, *named(graph, resource, "accessPointArn", types=(_POINT,)).some()]
    if restricted is True or any(held(point, "vpcConfiguration") for point in points if point.type == _POINT):
        return
    try:
        open_to_all = [*public_access.open_statements(resource)] if listed else []
        actions = [text(action) for statement in open_to_all for action in items(statement.get("Action"))]
        doubt = f"whom the policy of {resource.name} denies" * _denies(resource)
    except (CannotTell, MalformedDocument):
        actions, doubt = [], f"whom the policy of {resource.name} admits"
    if resource.type in types.SEARCH_POLICY:
        doubt = doubt or f"whether the domain of {resource.name} is in a VPC"
    label = f"may {few(sorted({*filter(None, actions)})) or 'use it'}"
    by_internet = ":s3" in resource.type
    if by_internet and (restricted is None or not _is_unblocked(graph, resource, "blockPublicPolicy")):
        doubt = doubt or f"whether a public access block restricts {resource.name}"
    yield Use(by_internet, f"{'anyone ' * by_internet}{label}", doubt)


def _denies(resource: Resource) -> bool:
    """Whether the policy of a resource denies more than connections without TLS. Raises as `statements` does."""
    path = POLICIES.get(resource.type)
    stated = statements(held(resource, *path.split("."))) if path else ()
    denied = (statement for statement in stated if statement.get("Effect") == "Deny")
    return any({key for key, _ in compared(statement)} != {"aws:securetransport"} for statement in denied)


def _is_unblocked(graph: Graph, resource: Resource, *keys: str) -> bool:
    """Whether the program itself lets its bucket have a public policy or list, by these switches."""
    blocks = _of_bucket(graph, resource, _BLOCK)
    return bool(blocks) and all(given(block, key).flag(absent=False) is False for block in blocks for key in keys)


def _of_bucket(graph: Graph, resource: Resource, kind: str) -> list[Resource]:
    """Resources of a kind that name the bucket of a policy or a list, or the bucket that it is."""
    buckets = {resource.urn, *(bucket.urn for bucket in named(graph, resource, "bucket", types=(BUCKET,)).some())}
    owners = ((holder, named(graph, holder, "bucket", types=(BUCKET,)).some()) for holder in graph.of_type(kind))
    return [holder for holder, resources in owners if any(bucket.urn in buckets for bucket in resources)]


def refused(graph: Graph, resource: Resource) -> str:
    """What AWS refuses of a policy or a list of a new bucket of the program; empty if nothing. Raises CannotTell."""
    bucket = bucket_of(graph, resource)
    is_new = graph.origin is Origin.PROGRAM and not bucket.existing and bucket.options.import_id is None
    if bucket.type != BUCKET or not is_new:
        return ""
    blocks = _of_bucket(graph, resource, _BLOCK)
    if UNKNOWN in (held(block, key) for block in blocks for key in _SWITCHES) or graph.may_lack(_BLOCK, _OWNERSHIP):
        raise CannotTell(f"which public access the bucket of {resource.name} blocks is not known")
    by_policy = resource.type in public_access.WITH_POLICY and any(public_access.open_statements(resource))
    if by_policy and not _is_unblocked(graph, resource, "blockPublicPolicy"):
        if any(held(block, "blockPublicPolicy") is True for block in blocks):
            return "a public policy, which its own BucketPublicAccessBlock blocks"
        return f"a public policy without a BucketPublicAccessBlock whose blockPublicPolicy is false{_OLD}"
    if resource.type in public_access.WITH_LIST and any(public_access.public_grants(resource)):
        if not _owners(graph, resource) & _WITH_LISTS:
            return "a public access control list without BucketOwnershipControls that enable lists" + _OLD
        if not _is_unblocked(graph, resource, "blockPublicAcls"):
            return (
                "a public access control list without a BucketPublicAccessBlock whose blockPublicAcls is false" + _OLD
            )
    return ""


def _owners(graph: Graph, resource: Resource) -> set[str]:
    return {str(held(holder, "rule", "objectOwnership")) for holder in _of_bucket(graph, resource, _OWNERSHIP)}


def _by_list(graph: Graph, resource: Resource) -> Iterator[Use]:
    if resource.type not in public_access.WITH_LIST:
        return
    owners = _owners(graph, resource)
    if public_access.is_restricted(graph, resource, "ignorePublicAcls") or owners == {"BucketOwnerEnforced"}:
        return
    try:
        grants = [*public_access.public_grants(resource)]
    except CannotTell:
        grants = ["what its access control list grants"]
    doubt = f"whether access control lists are enabled on the bucket of {resource.name}"
    doubt *= not (owners & _WITH_LISTS and _is_unblocked(graph, resource, "blockPublicAcls", "ignorePublicAcls"))
    for by_internet in (True, False):
        if own := [grant for grant in grants if (grant not in public_access.OF_ACCOUNTS) is by_internet]:
            yield Use(by_internet, f"{'anyone' if by_internet else 'may use it'}, {few(own)}", doubt)
    for user in public_access.strange_users(graph, resource):
        yield Use(False, "may use it", f"whether the canonical user {user[:8]}… is of another account")


def _by_itself(graph: Graph, resource: Resource) -> Iterator[Use]:
    """A registry or builds that everybody sees, a document shared with every account, a site of a bucket of others."""
    for key, value in PUBLIC.get(resource.type, {}).items():
        if (setting := held(resource, key)) in (value, UNKNOWN):
            yield Use(True, f"anyone, {key}", f"the {key} of {resource.name}" * (setting is UNKNOWN))
    # The provider's keys in this map are written as in Terraform.
    shares = [held(resource, "permissions", key) for key in ("account_ids", "accountIds")]
    if resource.type == _DOCUMENT and any(one is UNKNOWN or "all" in text(one).lower().split(",") for one in shares):
        yield Use(False, "may use it", f"with whom {resource.name} is shared" * (UNKNOWN in shares))
    elsewhere = resource.type == _WEBSITE and not named(graph, resource, "bucket", types=(BUCKET,)).some()
    if resource.type == _REGISTRY or elsewhere:
        yield Use(True, "anyone", f"whom the bucket of {resource.name} admits" * elsewhere)
