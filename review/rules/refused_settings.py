"""What AWS refuses of queues, topics, schedules, caches that fail over, services and time-outs."""

import re
from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..facts import limits
from ..graph import Resource
from ..graph.reading import document, first, items, mapping, naming, number, pointed, read, text
from ..reach import Reach
from .registry import ALWAYS, Severity, rule

_RATE: Final = re.compile(r"rate\((?:1 (?:minute|hour|day)|(?!1 )\d+ (?:minutes|hours|days))\)")
_DEFAULTS: Final = {"visibilityTimeoutSeconds": 30, "timeout": 3}
_PARAMETERS: Final = ("aws:rds/parameterGroup:ParameterGroup", "aws:rds/clusterParameterGroup:ClusterParameterGroup")
_VERSIONING: Final = "aws:s3/bucketVersioning:BucketVersioning"
_REPLICATION: Final = ("aws:s3/bucketReplicationConfig:BucketReplicationConfig",)
_SHARES: Final = {"deploymentMinimumHealthyPercent": 100, "deploymentMaximumPercent": 200}


@rule("FIT-25", Severity.HIGH, on=("aws:lambda/eventSourceMapping:EventSourceMapping",), refused=ALWAYS)
def queue_waits_for_its_reader(reach: Reach, resource: Resource) -> Iterator[str]:
    """A queue hides a message from others for as long as the function that reads it may run.

    Why: Lambda refuses an event source mapping of a queue with a shorter visibility timeout.
    Remedy: Set visibility_timeout_seconds of the queue to six times the timeout of the function, or more.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    graph = reach.model.graph
    for queue in pointed(graph, resource, "eventSourceArn", types=("aws:sqs/queue:Queue",)):
        for function in pointed(graph, resource, "functionName", types=types.FUNCTION):
            hidden, longest = (
                number(_DEFAULTS[key] if (value := read(holder, key)) is None else value)
                for holder, key in ((queue, "visibilityTimeoutSeconds"), (function, "timeout"))
            )
            if hidden is not None and longest is not None and hidden < longest:
                yield f"{queue.name} hides a message for {hidden:g} s, and {function.name} may run for {longest:g} s"


@rule("FIT-26", Severity.HIGH, on=("aws:cloudwatch/eventRule:EventRule",), refused=ALWAYS)
def rate_has_its_form(resource: Resource) -> Iterator[str]:
    """The rate of a schedule of EventBridge has a unit that fits its number.

    Why: EventBridge refuses rate(1 minutes) and rate(5 minute).
    Remedy: Write rate(1 minute), rate(5 minutes), and so on.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    """
    written = text(read(resource, "scheduleExpression"))
    if written.startswith("rate(") and not _RATE.fullmatch(written):
        yield f"{resource.name} has the schedule {written}"


@rule("FIT-27", Severity.HIGH, on=("aws:elasticache/replicationGroup:ReplicationGroup",), refused=ALWAYS)
def failover_has_somewhere_to_go(resource: Resource) -> Iterator[str]:
    """A replication group that fails over by itself has two caches.

    Why: The provider refuses the plan.
    Remedy: Set num_cache_clusters to 2 or more, or automatic_failover_enabled and multi_az_enabled to false.
    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html
    """
    caches = number(read(resource, "numCacheClusters"))
    if read(resource, "automaticFailoverEnabled") is True and caches is not None and caches < 2:
        yield f"{resource.name} fails over and has {caches:g} cache"


@rule("FIT-28", Severity.HIGH, on=("aws:ecs/service:Service",), refused=ALWAYS)
def deployment_has_room(resource: Resource) -> Iterator[str]:
    """A service may start a task before it stops one, or stop one before it starts another.

    Why: ECS refuses a maximum and a minimum of 100 percent, with which no deployment could begin.
    Remedy: Set deployment_maximum_percent to more than 100, or deployment_minimum_healthy_percent to less.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
    """
    rolls = read(resource, "schedulingStrategy") in (None, "REPLICA") and read(resource, "deploymentController") is None
    shares = [share if (share := read(resource, key)) is not None else least for key, least in _SHARES.items()]
    if rolls and shares == [100, 100]:
        yield f"{resource.name} keeps 100 % of its tasks and has 100 % at most while it is deployed"


@rule("FIT-29", Severity.HIGH, on=types.TOPIC_SUBSCRIPTION, refused=ALWAYS)
def topic_takes_its_queue(reach: Reach, resource: Resource) -> Iterator[str]:
    """A queue that keeps the order of messages reads a topic that does.

    Why: SNS refuses the subscription of a FIFO queue to a standard topic.
    Remedy: Make both FIFO, or neither.
    https://docs.aws.amazon.com/sns/latest/dg/sns-fifo-topics.html
    """
    graph = reach.model.graph
    for topic in pointed(graph, resource, "topic", types=("aws:sns/topic:Topic",)):
        for queue in pointed(graph, resource, "endpoint", types=("aws:sqs/queue:Queue",)):
            if read(queue, "fifoQueue") is True and read(topic, "fifoTopic") in (None, False):
                yield f"{queue.name} is FIFO, and {topic.name} is not"


@rule("FIT-30", Severity.HIGH, on=types.HTTP_INTEGRATION, refused=ALWAYS)
def http_api_waits_30_seconds(resource: Resource) -> Iterator[str]:
    """An HTTP API waits for no integration longer than 30 seconds.

    Why: API Gateway refuses another time-out, and no quota raises it.
    Remedy: Set timeout_milliseconds to 30000 or less, or answer at once and work on afterwards.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
    """
    longest = number(read(resource, "timeoutMilliseconds"))
    if longest is not None and longest > limits.HTTP_API_TIMEOUT_MILLISECONDS:
        yield f"{resource.name} waits {longest / 1000:g} s"


@rule("FIT-31", Severity.HIGH, on=("aws:cloudwatch/eventTarget:EventTarget",), refused=ALWAYS)
def target_is_on_the_bus_of_its_rule(reach: Reach, resource: Resource) -> Iterator[str]:
    """A target names the event bus of its rule.

    Why: EventBridge finds no rule of that name on another bus.
    Remedy: Give the target the event_bus_name of its rule; without one it is on the default bus.
    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
    """
    for one in pointed(reach.model.graph, resource, "rule", types=("aws:cloudwatch/eventRule:EventRule",)):
        mine, its = (_bus(reach, part) for part in (resource, one))
        if mine != its:
            yield f"{resource.name} is on the bus {mine}, and its rule {one.name} on {its}"


def _bus(reach: Reach, resource: Resource) -> str:
    declared = first(reach.model.graph, resource, "eventBusName", types=())
    return declared.name if declared else text(read(resource, "eventBusName")) or "default"


@rule("FIT-32", Severity.HIGH, on=types.TARGET_GROUP, refused=ALWAYS)
def check_ends_before_the_next(resource: Resource) -> Iterator[str]:
    """A health check waits less long for an answer than until the next one.

    Why: Elastic Load Balancing refuses an interval that is not greater than the time-out.
    Remedy: Set the interval of health_check to more than its timeout.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """
    timeout, interval = (number(read(resource, "healthCheck", key)) for key in ("timeout", "interval"))
    if timeout is not None and interval is not None and timeout >= interval:
        yield f"{resource.name} checks every {interval:g} s and waits {timeout:g} s for an answer"


@rule("FIT-33", Severity.HIGH, on=("aws:sqs/queue:Queue",), refused=("redrivePolicy",))
def dead_letter_queue_has_its_kind(reach: Reach, resource: Resource) -> Iterator[str]:
    """The dead-letter queue of a FIFO queue is one as well, and that of a standard queue is none.

    Why: SQS refuses the redrive policy.
    Remedy: Give both queues the same fifo_queue.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    """
    policy = read(resource, "redrivePolicy")
    target = mapping(document(policy, "the redrive policy")).get("deadLetterTargetArn") if policy is not None else None
    other = reach.model.graph.find(target, "aws:sqs/queue:Queue")
    if other is not None and (read(resource, "fifoQueue") is True) is not (read(other, "fifoQueue") is True):
        fifo = resource if read(resource, "fifoQueue") is True else other
        yield f"only {fifo.name} is a FIFO queue, of {resource.name} and its dead-letter queue {other.name}"


@rule(
    "FIT-34",
    Severity.HIGH,
    on=("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"),
    refused=("engineVersion", "parameterGroupName", "dbClusterParameterGroupName"),
)
def parameters_fit_the_engine(reach: Reach, resource: Resource) -> Iterator[str]:
    """The parameter group of a database is of the family of its engine's version.

    Why: RDS refuses another family, also with an upgrade that the group does not follow.
    Remedy: Name a parameter group whose family has the major version, in the same update.
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
    """
    engine, version = text(read(resource, "engine")), text(read(resource, "engineVersion"))
    for key in ("parameterGroupName", "dbClusterParameterGroupName"):
        for group in pointed(reach.model.graph, resource, key, types=_PARAMETERS):
            family = text(read(group, "family"))
            wanted = family.removeprefix(engine)
            if engine and wanted[:1].isdigit() and version and f"{version}.".find(f"{wanted}.") != 0:
                yield f"{resource.name} runs {engine} {version}, and {group.name} is of the family {family}"


@rule(
    "FIT-54",
    Severity.HIGH,
    on=("aws:rds/subnetGroup:SubnetGroup", "aws:docdb/subnetGroup:SubnetGroup", "aws:neptune/subnetGroup:SubnetGroup"),
    refused=ALWAYS,
)
def database_has_two_zones(reach: Reach, resource: Resource) -> Iterator[str]:
    """The subnets of a database are in two zones or more.

    Why: RDS, DocumentDB and Neptune refuse a subnet group in one zone.
    Remedy: Add a subnet in another zone.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
    """
    subnets = [*pointed(reach.model.graph, resource, "subnetIds", types=types.SUBNET)]
    zones = {text(read(subnet, "availabilityZone")) for subnet in subnets}
    if len(subnets) == len(items(read(resource, "subnetIds"))) and len(zones) == 1 and "" not in zones:
        yield f"{resource.name} has subnets in {zones.pop()} alone"


@rule("FIT-35", Severity.HIGH, on=(_VERSIONING,), refused=("versioningConfiguration",))
def replication_has_versions(reach: Reach, resource: Resource) -> Iterator[str]:
    """A bucket that is replicated keeps versions.

    Why: S3 refuses to suspend the versioning of a bucket with a replication configuration.
    Remedy: Take the replication away in an update of its own first.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html
    """
    graph, status = reach.model.graph, read(resource, "versioningConfiguration", "status")
    bucket = first(graph, resource, "bucket", types=())
    if bucket is not None and status == "Suspended":
        for replication in naming(graph, bucket, _REPLICATION, "bucket"):
            yield f"{bucket.name} is replicated by {replication.name}, and {resource.name} suspends its versioning"
