"""What everybody may use without a network of the program: public buckets and registries, and open policies and shares.

AWS blocks public policies and switches access control lists off on new buckets, so a program that does not change that
is in doubt: its update fails, unless the bucket is older.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
"""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.catalog.catalog import row, token_of
from ..aws.catalog.row import Row
from ..aws.identity import public_access
from ..aws.identity.public_access import BUCKET
from ..aws.model.model import AwsModel
from ..graph import UNKNOWN, Graph, Resource
from ..graph.given import given, held, named
from ..graph.prose import few
from ..graph.reading import CannotTell, MalformedDocument, items, text
from .other_accounts import OTHER_ACCOUNTS
from .path import INTERNET, Hop, PartialPath, Path

_EVERY_ACCOUNT: Final = f"{OTHER_ACCOUNTS}every account"
_BLOCK: Final = token_of("s3.BucketPublicAccessBlock")
_WEBSITE: Final = token_of("s3.BucketWebsiteConfiguration")
_REGISTRY: Final = token_of("ecrpublic.Repository")
_DOCUMENT: Final = token_of("ssm.Document")
_OF_PATHS: Final = frozenset((*types.DATA_STORE, *types.SEARCH_POLICY))
"""Types whose policy is read as a part of the path to their address."""


def paths(model: AwsModel) -> Iterator[Path]:
    """One for each resource that is open to the internet or to every account, or may be."""
    for resource in model.graph:
        if resource.existing or resource.type in _OF_PATHS:
            continue
        for source, label, doubt in (
            *_by_policy(model.graph, resource),
            *_by_list(resource),
            *_by_itself(model.graph, resource),
        ):
            hop = Hop(resource, label, resource.name, model.names.of(resource))
            owners = named(model.graph, resource, "bucket", types=(BUCKET,)).some() if "s3" in resource.type else ()
            end = model.names.of(next(iter(owners), resource))
            yield PartialPath(source=source).doubted(doubt).then(hop).end(end)


def _by_policy(graph: Graph, resource: Resource) -> Iterator[tuple[str, str, str]]:
    """By a policy that admits everybody, or that cannot be read and may do so."""
    listed = resource.type in public_access.WITH_POLICY
    if not (listed or row(resource.type) == Row()) or not public_access.admits_all(resource):
        return
    restricted = public_access.is_restricted(graph, resource)
    if restricted is True:
        return
    try:
        open_to_all = [*public_access.open_statements(resource)] if listed else []
        actions = [text(one) for statement in open_to_all for one in items(statement.get("Action"))]
        doubt = ""
    except (CannotTell, MalformedDocument):
        actions, doubt = [], f"whom the policy of {resource.name} admits"
    label = f"may {few(list(dict.fromkeys(filter(None, actions)))) or 'use it'}"
    if ":s3" not in resource.type:
        yield _EVERY_ACCOUNT, label, doubt
        return
    blocked = f"whether a public access block restricts {resource.name}"
    yield INTERNET, f"anyone {label}", doubt or blocked * (restricted is None or not _is_unblocked(graph, resource))


def _is_unblocked(graph: Graph, resource: Resource) -> bool:
    """Whether the program itself lets its bucket have a public policy."""
    buckets = {resource.urn, *(one.urn for one in named(graph, resource, "bucket", types=(BUCKET,)).some())}
    blocks = [
        block
        for block in graph.of_type(_BLOCK)
        if any(one.urn in buckets for one in named(graph, block, "bucket", types=(BUCKET,)).some())
    ]
    flags = (given(block, "blockPublicPolicy").flag(absent=False) for block in blocks)
    return bool(blocks) and all(flag is False for flag in flags)


def _by_list(resource: Resource) -> Iterator[tuple[str, str, str]]:
    if resource.type in public_access.WITH_LIST:
        try:
            grants = [*public_access.public_grants(resource)]
        except CannotTell:
            grants = ["what its access control list grants"]
        if grants:
            yield INTERNET, f"anyone, {few(grants)}", f"whether {resource.name} may have an access control list"


def _by_itself(graph: Graph, resource: Resource) -> Iterator[tuple[str, str, str]]:
    """A registry that serves everybody, a document shared with every account, a site of a bucket of others."""
    if resource.type == _REGISTRY:
        yield INTERNET, "anyone", ""
    # The provider's keys in this map are written as in Terraform.
    shares = [held(resource, "permissions", key) for key in ("account_ids", "accountIds")]
    if resource.type == _DOCUMENT and any(one is UNKNOWN or "all" in text(one).lower().split(",") for one in shares):
        doubt = f"with whom {resource.name} is shared"
        yield _EVERY_ACCOUNT, "may use it", doubt * (UNKNOWN in shares)
    if resource.type == _WEBSITE and not named(graph, resource, "bucket", types=(BUCKET,)).some():
        yield INTERNET, "anyone", f"whom the bucket of {resource.name} admits"
