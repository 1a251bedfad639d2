"""Access control lists of S3: what they grant to everybody, on a bucket or an object.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..graph import UNKNOWN, Resource
from ..graph.given import all_held, settled
from ..graph.reading import CannotTell, spread, text
from .catalog import token_of

BUCKET: Final = "aws:s3/bucket:Bucket"
BUCKET_ACL: Final = "aws:s3/bucketAcl:BucketAcl"
OBJECTS: Final = tuple(map(token_of, ("s3.BucketObject", "s3.BucketObjectv2", "s3.ObjectCopy")))
TYPES: Final = (BUCKET, BUCKET_ACL, *OBJECTS)
"""Resources with an access control list."""

_CANNED: Final = ("public-read", "public-read-write", "authenticated-read")
_GROUPS: Final = {"AllUsers": "everybody", "AuthenticatedUsers": "every AWS account"}
_GRANTEES: Final = (("accessControlPolicy", "grants", "grantee", "uri"), ("grants", "uri"))


def public_grants(resource: Resource) -> Iterator[str]:
    """`public-read`, or `access to everybody`, for each public grant. Raises CannotTell if a grant is not known."""
    acl = text(settled(resource, "acl"))
    if acl in _CANNED:
        yield acl
    found = [uri for path in _GRANTEES for uri in spread(all_held(resource), *path)]
    groups = dict.fromkeys(text(uri).rpartition("/")[2] for uri in found)
    yield from (f"access to {_GROUPS[group]}" for group in groups if group in _GROUPS)
    if UNKNOWN in found:
        raise CannotTell(f"a grantee of {resource.name} is known only after deployment")
