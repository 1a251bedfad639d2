"""Settings that AWS takes only together with others: by a table, and replicas, lists, and networks of tasks."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.tables import table
from ..graph import UNKNOWN, Resource
from ..graph.addresses import covers
from ..graph.given import held
from ..graph.graph import grouped
from ..graph.prose import listed
from ..graph.reading import first, items, known, naming, number, output, peek, pointed, read, spread, text, within
from ..graph.recorded import unrecorded
from ..graph.shown import shown
from ..reach import Reach
from .registry import ALWAYS, Severity, rule

_TOGETHER: Final = grouped(
    (kind, row) for by_type in table("together").values() for kind, rows in by_type.items() for row in rows
)
"""By type, settings that AWS takes only with others, or without them. together.json has the page of each."""
_EMPTY: Final[tuple[Any, ...]] = (None, False, "", [], {})
_DATABASE: Final = ("aws:rds/instance:Instance",)
_LIST: Final = "aws:s3/bucketAcl:BucketAcl"
_OWNERSHIP: Final = ("aws:s3/bucketOwnershipControls:BucketOwnershipControls",)


@rule("FIT-49", Severity.HIGH, on=tuple(_TOGETHER), refused=ALWAYS)
def settings_fit_together(resource: Resource) -> Iterator[str]:
    """A setting has others beside it that it needs, and none that it excludes; numbers fit others.

    Why: AWS or its provider refuses the update.
    Remedy: Set what is missing, leave out one of two that exclude each other, or choose a number that fits.
    https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
    """
    whole = partial(held, replace(resource, inputs=unrecorded(resource.inputs)))
    for row in _TOGETHER[resource.type]:
        for get in [partial(within, block) for block in items(whole(row["of"]))] if "of" in row else [whole]:
            keys = {key for name, part in row.items() if name != "of" for word in part if isinstance(word, str)
                    for key in word.split("|")}  # fmt: skip
            values = {key: get(*key.split(".")) for key in keys}
            yield from (f"{resource.name} has {text}" for text in _misfits(row, values))


def _misfits(row: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[str]:
    """What settings lack, exclude or have out of order by a row of the table, if they are what it is for."""
    when: Mapping[str, Any] = row.get("when", {})
    if not all(_is_set(values[key]) if wanted == "any" else values[key] in wanted for key, wanted in when.items()):
        return
    condition = [key if wanted == "any" else f"{key} {shown(values[key])}" for key, wanted in when.items()
             if values[key] is not None]  # fmt: skip
    for needed in row.get("needs", ()):
        if not any(_is_set(values[key], unknown=True) for key in needed.split("|")):
            yield ", and ".join([*([listed(condition)] if condition else []), f"no {' or '.join(needed.split('|'))}"])
    yield from (f"{listed(condition)}, which excludes {key}" for key in row.get("excludes", ()) if _is_set(values[key]))
    numbers = {key: size for key in row.get("rise", ()) if (size := number(values[key])) is not None}
    if [*numbers.values()] != sorted(numbers.values()):
        yield listed(f"{key} {size:g}" for key, size in numbers.items())
    for low, high, least in [row["apart"]] if "apart" in row else ():
        at, to = number(values[low]), number(values[high])
        if at is not None and to is not None and to - at < least:
            yield f"{low} {at:g} and {high} {to:g}, which are less than {least} apart"
    for key, of in [row["multiple"]] if "multiple" in row else ():
        if (members := len(items(values[of]))) and (number(values[key]) or 0) % members:
            yield f"{key} {number(values[key]):g}, which is no multiple of the {members} {of}"


def _is_set(value: Any, *, unknown: bool = False) -> bool:
    return unknown if value is UNKNOWN else value not in _EMPTY


@rule("FIT-41", Severity.HIGH, on=_DATABASE, refused=ALWAYS)
def database_with_replicas_keeps_backups(reach: Reach, resource: Resource) -> Iterator[str]:
    """A database that has replicas keeps backups.

    Why: RDS refuses the replica.
    Remedy: Set backup_retention_period to 1 or more.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.Create.html
    """
    others = reach.model.graph.of_type(*_DATABASE)
    replicas = [other for other in others if resource.urn in other.property_dependencies.get("replicateSourceDb", ())]
    if replicas and not held(resource, "backupRetentionPeriod") and held(resource, "replicateSourceDb") is None:
        yield f"{resource.name} keeps no backups, and {replicas[0].name} is a replica of it"


_VAULT: Final = ("aws:backup/vault:Vault",)
_LOCK: Final = ("aws:backup/vaultLockConfiguration:VaultLockConfiguration",)


@rule("FIT-55", Severity.HIGH, on=("aws:backup/plan:Plan",))
def lock_admits_the_backups(reach: Reach, resource: Resource) -> Iterator[str]:
    """A backup plan keeps its backups for a time that the lock of their vault admits.

    Why: The vault fails every backup or copy job for another time.
    Remedy: Set delete_after between min_retention_days and max_retention_days of the lock.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultLockConfiguration.html
    """
    graph = reach.model.graph
    for part in items(peek(resource, "rules")):
        vault = graph.find(within(part, "targetVaultName"), *_VAULT)
        for lock in naming(graph, vault, _LOCK, "backupVaultName") if vault is not None else ():
            days = number(known(within(part, "lifecycle", "deleteAfter"), f"how long {resource.name} keeps backups"))
            kept = "without an end" if days is None else f"for {days:g} days"
            least, most = (number(read(lock, f"{bound}RetentionDays")) for bound in ("min", "max"))
            if least is not None and days is not None and days < least:
                yield f"{resource.name} keeps backups {kept}, and {lock.name} refuses less than {least:g}"
            if most is not None and (days is None or days > most):
                yield f"{resource.name} keeps backups {kept}, and {lock.name} refuses more than {most:g}"


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
        if all(held(control, "rule", "objectOwnership") == "BucketOwnerEnforced" for control in controls):
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


_QUEUE: Final = ("aws:sqs/queue:Queue",)
_READS: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


@rule("FIT-44", Severity.HIGH, on=("aws:lambda/eventSourceMapping:EventSourceMapping",), refused=ALWAYS)
def role_may_read_the_source(reach: Reach, resource: Resource) -> Iterator[str]:
    """The role of a function may read and empty the queue that starts it; many messages at once wait for each other.

    Why: Lambda refuses the mapping.
    Remedy: Attach AWSLambdaSQSQueueExecutionRole to the role. Set
    maximum_batching_window_in_seconds to 1 or more for a batch_size above 10.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    graph, roles = reach.model.graph, reach.model.roles
    for source in pointed(graph, resource, "eventSourceArn", types=_QUEUE):
        for function in pointed(graph, resource, "functionName", types=types.FUNCTION):
            role, arn = roles.of(function), text(output(source, "arn"))
            if role is None or role.existing:
                continue
            if lacks := [action for action in _READS if roles.decision(role, action, arn).refused]:
                yield f"{function.name} reads {source.name}, and {role.name} does not allow {listed(lacks)}"
        size, window = (number(held(resource, key)) for key in ("batchSize", "maximumBatchingWindowInSeconds"))
        if (size or 0) > 10 and not window:
            yield f"{resource.name} takes {size:g} messages at once, and waits for none"


@rule("FIT-45", Severity.HIGH, on=types.FUNCTION, refused=("deadLetterConfig", "role"))
def role_may_send_what_failed(reach: Reach, resource: Resource) -> Iterator[str]:
    """The role of a function may send into its dead-letter queue or topic.

    Why: Lambda refuses the function.
    Remedy: Allow sqs:SendMessage or sns:Publish on it to the role.
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    role = reach.model.roles.of(resource)
    actions = {"aws:sqs/queue:Queue": "sqs:SendMessage", "aws:sns/topic:Topic": "sns:Publish"}
    for target in pointed(reach.model.graph, resource, "deadLetterConfig", "targetArn", types=tuple(actions)):
        action, arn = actions[target.type], text(output(target, "arn"))
        if role is not None and not role.existing and reach.model.roles.decision(role, action, arn).refused:
            yield f"{resource.name} sends what failed to {target.name}, and {role.name} does not allow {action}"


@rule("FIT-46", Severity.HIGH, on=types.DISTRIBUTION, refused=ALWAYS)
def behaviors_have_their_origins(resource: Resource) -> Iterator[str]:
    """Every cache behavior of a distribution names an origin of it, or a group of origins.

    Why: CloudFront refuses the distribution.
    Remedy: Set target_origin_id to the origin_id of an origin.
    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateDistribution.html
    """
    wanted = [origin for key in ("defaultCacheBehavior", "orderedCacheBehaviors")
              for origin in spread(resource.inputs, key, "targetOriginId")]  # fmt: skip
    there = [origin for key in ("origins", "originGroups") for origin in spread(resource.inputs, key, "originId")]
    if UNKNOWN not in there:
        named = dict.fromkeys(origin for origin in wanted if isinstance(origin, str) and origin not in there)
        yield from (f"{resource.name} has no origin {text(origin)}" for origin in named)


_SHORT: Final = 30
"""Days before an object may move to a class for infrequent access."""


@rule("FIT-47", Severity.HIGH, on=("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",), refused=ALWAYS)
def objects_move_in_order(resource: Resource) -> Iterator[str]:
    """Objects move to a class for infrequent access after 30 days, and to any class before they are deleted.

    Why: S3 refuses the rules.
    Remedy: Set days of the transition to 30 or more, and days of the expiration to more.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
    """
    for entry in items(held(resource, "rules")):
        ends = number(within(within(entry, "expiration"), "days"))
        for transition in items(within(entry, "transitions")):
            days, kind = number(within(transition, "days")), text(within(transition, "storageClass"))
            if days is not None and days < _SHORT and kind in ("STANDARD_IA", "ONEZONE_IA"):
                yield f"{resource.name} moves objects to {kind} after {days:g} days"
            if days is not None and ends is not None and ends <= days:
                yield f"{resource.name} deletes objects after {ends:g} days, and moves them to {kind} after {days:g}"


@rule("FIT-51", Severity.HIGH, on=types.ENDPOINT, refused=ALWAYS)
def private_names_are_of_one_endpoint(reach: Reach, resource: Resource) -> Iterator[str]:
    """Of several endpoints for one service in a VPC, one has private DNS.

    Why: AWS refuses the second one, since its names are those of the first.
    Remedy: Give the first one more subnets, or set private_dns_enabled of all others to false.
    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    vpc = reach.model.network.vpc(resource)
    if vpc is None or not _has_names(resource):
        return
    for other in reach.model.graph.of_type(*types.ENDPOINT):
        same = held(other, "serviceName") == held(resource, "serviceName") and reach.model.network.vpc(other) is vpc
        if same and _has_names(other) and other is not resource:
            yield f"{resource.name} has the private names of one service in {vpc.name}, and so has {other.name}"


def _has_names(endpoint: Resource) -> bool:
    return held(endpoint, "privateDnsEnabled") is True and isinstance(held(endpoint, "serviceName"), str)


_MORE_RANGES: Final = ("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",)


@rule("FIT-05", Severity.HIGH, on=types.SUBNET, refused=ALWAYS)
def subnets_are_apart(reach: Reach, resource: Resource) -> Iterator[str]:
    """Subnets of a VPC lie in its range, and do not overlap.

    Why: AWS refuses a subnet outside, and the second of two that overlap.
    Remedy: Cut the VPC's range into disjoint ones.
    https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
    """
    vpc, own = reach.model.network.vpc(resource), text(peek(resource, "cidrBlock"))
    subnets = reach.model.graph.of_type(*types.SUBNET) if vpc is not None and own else ()
    for other in itertools.takewhile(lambda other: other is not resource, subnets):
        theirs = text(peek(other, "cidrBlock"))
        same = theirs and (covers(theirs, own) is not False or covers(own, theirs) is not False)
        if same and reach.model.network.vpc(other) is vpc:
            yield f"{resource.name} ({own}) overlaps {other.name} ({theirs})"
    if vpc is not None and own and not (vpc.existing or resource.existing):
        more = naming(reach.model.graph, vpc, _MORE_RANGES, "vpcId")
        ranges = [text(held(holder, "cidrBlock")) for holder in (vpc, *more)]
        if all(ranges) and all(covers(cidr, own) is False for cidr in ranges):
            yield f"{resource.name} ({own}) lies outside {listed(ranges)}, the range of {vpc.name}"
