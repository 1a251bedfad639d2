"""Resources that may take requests by themselves, and that reach does not trace: named beside every "nobody"."""

from __future__ import annotations

from ..aws import resource_policies
from ..aws.catalog import is_understood
from ..aws.model import AwsModel
from ..graph import UNKNOWN, Resource
from ..graph.reading import CannotTell, MalformedDocument, output, peek, text


def unread(model: AwsModel) -> dict[str, list[str]]:
    """Types with the names of their resources: types without a row, what a policy or setting opens to everybody, and
    other stacks whose outputs may declare anything."""
    found: dict[str, list[str]] = {}
    for resource in model.graph:
        if (resource.custom or resource.remote) and (not is_understood(resource.type) or _is_open(resource)):
            found.setdefault(resource.type, []).append(resource.name)
    return dict(sorted(found.items()))


def _is_open(resource: Resource) -> bool:
    """Whether a bucket serves files, a resource policy admits every account, or a stack's outputs are unknown."""
    match resource.type:
        case "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration":
            return True
        case "aws:s3/bucket:Bucket":
            return peek(resource, "website") is not None or text(peek(resource, "acl")).startswith("public")
        case "aws:s3/bucketAcl:BucketAcl":
            return text(peek(resource, "acl")).startswith("public")
        case "pulumi:pulumi:StackReference":
            return output(resource, "outputs") is UNKNOWN
    return resource.type in resource_policies.TYPES and not resource.existing and _admits_all(resource)


def _admits_all(resource: Resource) -> bool:
    try:
        return any(True for _ in resource_policies.open_statements(resource))
    except (CannotTell, MalformedDocument):
        return True
