"""Settings that AWS takes only together with others: backups and replicas, disks, lists, and networks of tasks."""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..graph import UNKNOWN, Resource
from ..graph.given import held
from ..graph.reading import first, items, naming, text
from ..reach import Reach
from .registry import ALWAYS, Severity, rule

_DATABASE: Final = ("aws:rds/instance:Instance",)
_LIST: Final = "aws:s3/bucketAcl:BucketAcl"
_OWNERSHIP: Final = ("aws:s3/bucketOwnershipControls:BucketOwnershipControls",)


@rule("FIT-41", Severity.HIGH, on=_DATABASE, refused=("backupRetentionPeriod", "storageType", "iops"))
def database_has_what_it_needs(reach: Reach, resource: Resource) -> Iterator[str]:
    """A database that has replicas keeps backups, and one on io1 or io2 has a number of operations.

    Why: RDS refuses the database, or the replica.
    Remedy: Set backup_retention_period to 1 or more; set iops.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.Create.html
    """
    others = reach.model.graph.of_type(*_DATABASE)
    replicas = [one for one in others if resource.urn in one.property_dependencies.get("replicateSourceDb", ())]
    if replicas and not held(resource, "backupRetentionPeriod") and held(resource, "replicateSourceDb") is None:
        yield f"{resource.name} keeps no backups, and {replicas[0].name} is a replica of it"
    if held(resource, "storageType") in ("io1", "io2") and held(resource, "iops") is None:
        yield f"{resource.name} is on {text(held(resource, 'storageType'))}, and has no iops"


@rule("FIT-42", Severity.HIGH, on=(_LIST,), refused=ALWAYS)
def bucket_takes_lists(reach: Reach, resource: Resource) -> Iterator[str]:
    """A bucket with an access control list takes such lists.

    Why: S3 refuses a list, since the owner of a new bucket owns all of its objects.
    Remedy: Grant by a policy in place of the list; or declare BucketOwnershipControls with BucketOwnerPreferred first.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """
    bucket = first(reach.model.graph, resource, "bucket", types=())
    if bucket is not None and not bucket.existing:
        controls = naming(reach.model.graph, bucket, _OWNERSHIP, "bucket")
        if all(held(one, "rule", "objectOwnership") == "BucketOwnerEnforced" for one in controls):
            yield f"{resource.name} is a list of {bucket.name}, whose owner owns all of its objects"


@rule("FIT-43", Severity.HIGH, on=types.TASK_DEFINITION, refused=ALWAYS)
def fargate_has_its_network(resource: Resource) -> Iterator[str]:
    """A task definition for Fargate has the network mode awsvpc.

    Why: ECS refuses another mode.
    Remedy: Set network_mode to awsvpc.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
    """
    mode = held(resource, "networkMode")
    if "FARGATE" in items(held(resource, "requiresCompatibilities")) and mode not in ("awsvpc", UNKNOWN):
        yield f"{resource.name} is for Fargate, and has the network mode {text(mode) or 'bridge'}"
