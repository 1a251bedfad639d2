"""Resources that may take requests by themselves, and that reach does not trace: said beside every "nobody"."""

from __future__ import annotations

from collections.abc import Iterator

from ..aws.catalog import is_understood
from ..aws.coverage import binds
from ..aws.iam import statements
from ..aws.model import AwsModel
from ..graph import Resource
from ..graph.reading import CannotTell, MalformedDocument, items, peek, text, within


def unread(model: AwsModel) -> dict[str, list[str]]:
    """Types with the names of their resources: types without a row, and buckets that the public may read."""
    found: dict[str, list[str]] = {}
    for resource in model.graph:
        if (resource.custom or resource.remote) and (not is_understood(resource.type) or _serves_files(resource)):
            found.setdefault(resource.type, []).append(resource.name)
    return dict(sorted(found.items()))


def _serves_files(resource: Resource) -> bool:
    """Whether a bucket, or what belongs to one, may let the public read it."""
    match resource.type:
        case "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration":
            return True
        case "aws:s3/bucket:Bucket":
            return peek(resource, "website") is not None or text(peek(resource, "acl")).startswith("public")
        case "aws:s3/bucketAcl:BucketAcl":
            return text(peek(resource, "acl")).startswith("public")
        case "aws:s3/bucketPolicy:BucketPolicy":
            return any(_admits_all(resource))
    return False


def _admits_all(resource: Resource) -> Iterator[bool]:
    try:
        for statement in statements(peek(resource, "policy")):
            principal = statement.get("Principal")
            named = [*items(principal), *items(within(principal, "AWS"))]
            yield statement.get("Effect") == "Allow" and "*" in named and not binds(statement.get("Condition"))
    except (CannotTell, MalformedDocument):
        yield True
