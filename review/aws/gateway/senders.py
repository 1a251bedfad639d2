"""Whether the policies of a queue, topic or bucket let everybody send what calls a function."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from ...graph import UNKNOWN, Graph, Resource
from ...graph.evidence import get_deployed_input
from ...graph.reading import Doubt, as_list, as_text, find_referring
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


_POLICIES: Final = {
    make_token("sqs.Queue"): _Policy(make_token("sqs.QueuePolicy"), "queueUrl", "sqs:sendmessage"),
    make_token("sns.Topic"): _Policy(make_token("sns.TopicPolicy"), "arn", "sns:publish"),
    make_token("s3.Bucket"): _Policy(make_token("s3.BucketPolicy"), "bucket", "s3:putobject"),
}


def admits_everybody(graph: Graph, sender: Resource) -> bool:
    """Whether anybody may send, by any policy of the graph. Raises Doubt if a policy is not known."""
    kind = _POLICIES.get(sender.type)
    if kind is None:
        return False
    documents = [*_list_documents(graph, sender, kind)]
    if any(_allows_everybody(document, kind.action) for document in documents if document is not UNKNOWN):
        return True
    if UNKNOWN in documents:
        raise Doubt(f"whom the policy of {sender.name} lets send")
    return False


def _list_documents(graph: Graph, sender: Resource, kind: _Policy) -> Iterator[Any]:
    for holder in (sender, *find_referring(graph, sender, (kind.type,), kind.owner_key)):
        if (document := get_deployed_input(holder, "policy")) is not None:
            yield document


def _allows_everybody(document: Any, action: str) -> bool:
    return any(
        names_everybody(statement)
        and any(match_glob(as_text(each).lower(), action) for each in as_list(statement.get("Action")))
        and not restricts_requests(statement.get("Condition"), statement.get("Action", "*"))
        for statement in list_allow_statements(document)
    )
