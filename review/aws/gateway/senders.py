"""Whether the policies of a queue, topic or bucket, or its access control lists, let everybody cause calls."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from ...graph import UNKNOWN, Graph, Resource
from ...graph.answers import Truth, all_of, any_of, negate
from ...graph.evidence import get_deployed_input
from ...graph.reading import Doubt, MalformedDocument, as_list, as_text, find_referring, find_values
from ..catalog.catalog import make_token
from ..identity.callers import names_everybody
from ..identity.iam import list_allow_statements, match_glob
from ..network.coverage import restricts_requests


class _Policy(NamedTuple):
    """Where the policy of a sender stands, and the action that makes it send."""

    type: str
    owner_key: str
    """The input of the policy's resource that names the sender. A sender has the document also in its own `policy`."""
    action: str


_BUCKET: Final = make_token("s3.Bucket")
_POLICIES: Final = {
    make_token("sqs.Queue"): _Policy(make_token("sqs.QueuePolicy"), "queueUrl", "sqs:sendmessage"),
    make_token("sns.Topic"): _Policy(make_token("sns.TopicPolicy"), "arn", "sns:publish"),
    _BUCKET: _Policy(make_token("s3.BucketPolicy"), "bucket", "s3:putobject"),
}
_ACL: Final = (make_token("s3.BucketAcl"), "aws:s3/bucketAclV2:BucketAclV2")
_BLOCK: Final = make_token("s3.BucketPublicAccessBlock")
_CANNED: Final = "public-read-write"
_GROUPS: Final = ("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers")
"""Ends of the names of everybody, and of everybody who has an account at AWS.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee-predefined-groups
"""


def admits_everybody(graph: Graph, sender: Resource) -> bool:
    """Whether anybody may send, by any policy of the graph. Raises Doubt if a policy is not known."""
    kind = _POLICIES.get(sender.type)
    if kind is None:
        return False
    doubt = None
    if sender.type == _BUCKET and (by_list := _lets_everybody_write(graph, sender)) is not False:
        if by_list:
            return True
        doubt = Doubt(f"whom the access control list of {sender.name} lets write")
    for document in _list_documents(graph, sender, kind):
        try:
            if _allows_everybody(document, kind.action):
                return True
        except (Doubt, MalformedDocument):
            doubt = Doubt(f"whom the policy of {sender.name} lets send")
    if doubt is not None:
        raise doubt
    return False


def _list_documents(graph: Graph, sender: Resource, kind: _Policy) -> Iterator[Any]:
    for holder in (sender, *find_referring(graph, sender, (kind.type,), kind.owner_key)):
        if (document := get_deployed_input(holder, "policy")) not in (None, ""):
            yield document


def _allows_everybody(document: Any, action: str) -> bool:
    """Whether a policy lets everybody send. Raises Doubt and MalformedDocument as `list_allow_statements` does."""
    return any(
        names_everybody(statement)
        and _names_action(statement, action)
        and not restricts_requests(statement.get("Condition"), statement.get("Action", "*"))
        for statement in list_allow_statements(document)
    )


def _names_action(statement: Mapping[str, Any], action: str) -> bool:
    is_negated = "NotAction" in statement
    named = as_list(statement.get("NotAction" if is_negated else "Action"))
    if UNKNOWN in named:
        raise Doubt("which actions the policy names")
    return any(match_glob(as_text(each).lower(), action) for each in named) is not is_negated


def _lets_everybody_write(graph: Graph, bucket: Resource) -> Truth:
    """Whether an access control list lets everybody write objects. None if a list is not known."""
    blocks = find_referring(graph, bucket, (_BLOCK,), "bucket")
    ignored = any_of(
        None if value is UNKNOWN else value is True
        for block in blocks
        for value in (get_deployed_input(block, key) for key in ("blockPublicAcls", "ignorePublicAcls"))
    )
    holders = (bucket, *find_referring(graph, bucket, _ACL, "bucket"))
    return all_of((negate(ignored), any_of(map(_is_list_public, holders))))


def _is_list_public(holder: Resource) -> Truth:
    canned = get_deployed_input(holder, "acl")
    grants = [
        *as_list(get_deployed_input(holder, "grants")),
        *find_values(get_deployed_input(holder, "accessControlPolicy"), "grants"),
    ]
    return any_of((None if canned is UNKNOWN else canned == _CANNED, *map(_is_grant_public, grants)))


def _is_grant_public(grant: Any) -> Truth:
    """Whether a grant, of either spelling of the provider, lets a public group write."""
    uris = [*find_values(grant, "uri"), *find_values(grant, "grantee", "uri")]
    rights = [*find_values(grant, "permission"), *find_values(grant, "permissions")]
    named = any_of(None if uri is UNKNOWN else as_text(uri).endswith(_GROUPS) for uri in uris)
    return all_of((named, any_of(None if each is UNKNOWN else each in ("WRITE", "FULL_CONTROL") for each in rights)))
