"""Values, and settings beside others, that AWS refuses."""

from typing import Any

from review.graph import UNKNOWN
from review.tests.graph_builder import Builder, Declare, Json
from review.tests.parts import allowing, trust
from review.tests.rules.cases import doubt, fault, quiet


def given_up(*, queue: bool, other: bool) -> Declare:
    """A queue and its dead-letter queue, each of them FIFO or not."""

    def declare(build: Builder) -> None:
        names = ["jobs.fifo" if one else "jobs" for one in (queue, other)]
        left = build("sqs/queue:Queue", "left", name=f"left-{names[1]}", fifoQueue=other or None)
        policy = Json({"deadLetterTargetArn": left.arn, "maxReceiveCount": 3})
        build("sqs/queue:Queue", "jobs", name=names[0], fifoQueue=queue or None, redrivePolicy=policy)

    return declare


fault("FIT-33", at="jobs", message="only jobs is a FIFO queue, of jobs and its dead-letter queue left")(
    given_up(queue=True, other=False)
)
fault("FIT-33", at="jobs", message="only left is a FIFO queue, of jobs and its dead-letter queue left")(
    given_up(queue=False, other=True)
)
quiet("FIT-33")(given_up(queue=True, other=True))
quiet("FIT-33")(given_up(queue=False, other=False))


def of_family(family: str, version: str, **more: Any) -> Declare:
    """A database of PostgreSQL, and its parameters."""

    def declare(build: Builder) -> None:
        group = build("rds/parameterGroup:ParameterGroup", "tuned", family=family)
        build("rds/instance:Instance", "db", engine="postgres", engineVersion=version, parameterGroupName=group.name)

    return declare


fault("FIT-34", at="db", message="db runs postgres 16.4, and tuned is of the family postgres15")(
    of_family("postgres15", "16.4")
)
fault("FIT-34", at="db", message="postgres1")(of_family("postgres1", "16"))
quiet("FIT-34")(of_family("postgres16", "16"))
quiet("FIT-34")(of_family("postgres16", "16.4"))


def replicated(status: str, *, beside: bool = True) -> Declare:
    """A bucket with versions, and perhaps with a replication."""

    def declare(build: Builder) -> None:
        bucket = build("s3/bucket:Bucket", "ledger")
        kept: Any = {"status": status}
        build("s3/bucketVersioning:BucketVersioning", "kept", bucket=bucket.id, versioningConfiguration=kept)
        if beside:
            build("s3/bucketReplicationConfig:BucketReplicationConfig", "copies", bucket=bucket.id)

    return declare


fault("FIT-35", at="kept", message="ledger is replicated by copies, and kept suspends its versioning")(
    replicated("Suspended")
)
quiet("FIT-35")(replicated("Enabled"))
quiet("FIT-35")(replicated("Suspended", beside=False))


def one(kind: str, **inputs: Any) -> Declare:
    """A resource of its own."""
    return lambda build: build(kind, "it", **inputs)


def sized(**inputs: Any) -> Declare:
    return one("lambda/function:Function", role="arn:aws:iam::123456789012:role/r", **inputs)


QUEUE, RULE, GROUP = "sqs/queue:Queue", "cloudwatch/eventRule:EventRule", "autoscaling/group:Group"
fault("LIMIT-03", at="it", message="it has memorySize 20,480, and AWS takes 128 to 10,240")(sized(memorySize=20480))
fault("LIMIT-03", at="it", message="it has timeout 901, and AWS takes 1 to 900")(sized(timeout=901))
fault("LIMIT-03", at="it", message="ephemeralStorage.size 511")(sized(ephemeralStorage={"size": 511}))
quiet("LIMIT-03")(sized(memorySize=10240, timeout=900, ephemeralStorage={"size": 512}))
quiet("LIMIT-03")(sized(memorySize=128, timeout=1))


def scanned(build: Builder, most: int) -> None:
    build("athena/workgroup:Workgroup", "it", configuration={"bytesScannedCutoffPerQuery": most})


fault("LIMIT-03", at="it", message="1,000,000, and AWS takes 10,485,760 or more or 0")(
    lambda build: scanned(build, 1_000_000)
)
quiet("LIMIT-03")(lambda build: scanned(build, 0))
quiet("LIMIT-03")(lambda build: scanned(build, 10_485_760))
fault("FIT-36", at="it", message="it is a FIFO queue or topic, and its name is jobs")(
    one(QUEUE, name="jobs", fifoQueue=True)
)
fault("FIT-36", at="it", message="it is no FIFO queue or topic, and its name is news.fifo")(
    one("sns/topic:Topic", name="news.fifo")
)
quiet("FIT-36")(one(QUEUE, name="jobs.fifo", fifoQueue=True))
quiet("FIT-36")(one(QUEUE, name="jobs-fifo"))
fault("FIT-37", at="it", message="cron(0 12 * * *)")(one(RULE, scheduleExpression="cron(0 12 * * *)"))
fault("FIT-37", at="it", message="cron(0 12 * * * *)")(one(RULE, scheduleExpression="cron(0 12 * * * *)"))
fault("FIT-37", at="it", message="cron(0 5 * * *)")(
    one("backup/plan:Plan", rules=[{"schedule": "cron(0 5 ? * * *)"}, {"schedule": "cron(0 5 * * *)"}])
)
quiet("FIT-37")(one(RULE, scheduleExpression="cron(0 12 * * ? *)"))
quiet("FIT-37")(one(RULE, scheduleExpression="cron(0 12 ? * MON-FRI *)"))
fault("FIT-38", at="it", message="it sets AWS_REGION")(sized(environment={"variables": {"AWS_REGION": "eu-west-1"}}))
quiet("FIT-38")(sized(environment={"variables": {"AWS_REGION_NAME": "eu-west-1", "TZ": "UTC"}}))
fault("FIT-49", at="it", message="it has minSize 5 and maxSize 4")(one(GROUP, minSize=5, maxSize=4))
fault("FIT-49", at="it", message="desiredCapacity 5")(one(GROUP, minSize=1, desiredCapacity=5, maxSize=4))
quiet("FIT-49")(one(GROUP, minSize=4, desiredCapacity=4, maxSize=4))


def brokers(number: int) -> Declare:
    """A cluster of Kafka in three subnets."""
    placed = {"instanceType": "kafka.m5.large", "clientSubnets": ["a", "b", "c"], "securityGroups": []}
    return one("msk/cluster:Cluster", kafkaVersion="3.6.0", numberOfBrokerNodes=number, brokerNodeGroupInfo=placed)


fault(
    "FIT-49", at="it", message="numberOfBrokerNodes 2, which is no multiple of the 3 brokerNodeGroupInfo.clientSubnets"
)(brokers(2))
quiet("FIT-49")(brokers(3))
quiet("FIT-49")(brokers(6))


def keyed(*declared: str, **inputs: Any) -> Declare:
    """A table with the key `id` that declares these attributes."""
    attributes: Any = [{"name": name, "type": "S"} for name in declared]
    return one("dynamodb/table:Table", hashKey="id", attributes=attributes, **inputs)


BY_DAY: dict[str, Any] = {"globalSecondaryIndexes": [{"name": "by-day", "hashKey": "day", "projectionType": "ALL"}]}
fault("FIT-40", at="it", message="it declares day and id, which is not what its keys name (day)")(keyed("id", "day"))
fault("FIT-40", at="it", message="(day)")(keyed("id", **BY_DAY))
fault("FIT-49", at="it", message="it has billingMode PROVISIONED, and no readCapacity")(
    keyed("id", billingMode="PROVISIONED")
)
quiet("FIT-40")(keyed("id", "day", **BY_DAY))
quiet("FIT-49")(keyed("id", billingMode="PROVISIONED", readCapacity=1, writeCapacity=1))


def with_replica(*, days: int | None) -> Declare:
    """A database, and a replica of it."""

    def declare(build: Builder) -> None:
        main = build("rds/instance:Instance", "main", engine="postgres", backupRetentionPeriod=days)
        build("rds/instance:Instance", "copy", replicateSourceDb=main.identifier)

    return declare


fault("FIT-41", at="main", message="main keeps no backups, and copy is a replica of it")(with_replica(days=0))
fault("FIT-41", at="main", message="main keeps no backups")(with_replica(days=None))
fault("FIT-49", at="it", message="it has storageType io1, and no iops")(one("rds/instance:Instance", storageType="io1"))
quiet("FIT-41")(with_replica(days=1))
quiet("FIT-49")(one("rds/instance:Instance", storageType="io1", iops=1000))


def locked(days: Any, **lock: Any) -> Declare:
    """A vault with a lock, and a plan that keeps backups in it for some days."""

    def declare(build: Builder) -> None:
        vault = build("backup/vault:Vault", "vault")
        build("backup/vaultLockConfiguration:VaultLockConfiguration", "lock", backupVaultName=vault.name, **lock)
        lifecycle = {} if days is None else {"lifecycle": {"deleteAfter": days}}
        rule: Any = {"ruleName": "daily", "targetVaultName": vault.name, **lifecycle}
        build("backup/plan:Plan", "plan", rules=[rule])

    return declare


fault("FIT-55", at="plan", message="plan keeps backups for 14 days, and lock refuses less than 30")(
    locked(14, minRetentionDays=30)
)
fault("FIT-55", at="plan", message="without an end, and lock refuses more than 90")(locked(None, maxRetentionDays=90))
doubt("FIT-55", message="how long plan keeps backups")(locked(UNKNOWN, maxRetentionDays=90))
quiet("FIT-55")(locked(30, minRetentionDays=30, maxRetentionDays=90))
quiet("FIT-55")(locked(None, minRetentionDays=30))


def listed(ownership: str | None) -> Declare:
    """A bucket with an access control list, and perhaps with controls of who owns its objects."""

    def declare(build: Builder) -> None:
        bucket = build("s3/bucket:Bucket", "files")
        if ownership:
            rule: Any = {"objectOwnership": ownership}
            build("s3/bucketOwnershipControls:BucketOwnershipControls", "owned", bucket=bucket.id, rule=rule)
        build("s3/bucketAcl:BucketAcl", "list", bucket=bucket.id, acl="private")

    return declare


fault("FIT-42", at="list", message="list is a list of files, whose owner owns all of its objects")(listed(None))
fault("FIT-42", at="list")(listed("BucketOwnerEnforced"))
quiet("FIT-42")(listed("BucketOwnerPreferred"))
TASK = "ecs/taskDefinition:TaskDefinition"
fault("FIT-43", at="it", message="it is for Fargate, and has the network mode bridge")(
    one(TASK, requiresCompatibilities=["FARGATE"])
)
quiet("FIT-43")(one(TASK, requiresCompatibilities=["FARGATE"], networkMode="awsvpc"))
quiet("FIT-43")(one(TASK, requiresCompatibilities=["EC2"], networkMode="bridge"))


def data(**inputs: Any) -> Declare:
    return one("rds/instance:Instance", allocatedStorage=100, **inputs)


fault("FIT-49", at="it", message="it has allocatedStorage 100 and maxAllocatedStorage 50")(data(maxAllocatedStorage=50))
fault("FIT-49", at="it", message="it has monitoringInterval 60, and no monitoringRoleArn")(data(monitoringInterval=60))
quiet("FIT-49")(data(maxAllocatedStorage=0, monitoringInterval=0))
quiet("FIT-49")(data(maxAllocatedStorage=200, monitoringInterval=60, monitoringRoleArn="arn:aws:iam::1:role/m"))


READS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def reading(*actions: str, **inputs: Any) -> Declare:
    """A function that a queue starts, and that gives up into it, with a role that may do this."""

    def declare(build: Builder) -> None:
        queue = build("sqs/queue:Queue", "jobs")
        role = build("iam/role:Role", "runs", assumeRolePolicy=trust("lambda.amazonaws.com"))
        build("iam/rolePolicy:RolePolicy", "may", role=role.name, policy=allowing(*actions, resource=queue.arn))
        failed: Any = {"targetArn": queue.arn}
        work = build("lambda/function:Function", "work", role=role.arn, deadLetterConfig=failed)
        kind = "lambda/eventSourceMapping:EventSourceMapping"
        build(kind, "reads", functionName=work.name, eventSourceArn=queue.arn, **inputs)

    return declare


fault("FIT-44", at="reads", message="work reads jobs, and runs does not allow sqs:ReceiveMessage, sqs:Del")(
    reading("sqs:SendMessage")
)
fault("FIT-44", at="reads", message="work reads jobs, and runs does not allow sqs:DeleteMessage")(
    reading("sqs:ReceiveMessage", "sqs:GetQueueAttributes")
)
fault("FIT-44", at="reads", message="reads takes 11 messages at once")(reading("sqs:*", batchSize=11))
quiet("FIT-44")(reading(*READS, batchSize=10))
quiet("FIT-44")(reading(*READS, batchSize=11, maximumBatchingWindowInSeconds=1))
fault("FIT-45", at="work", message="work sends what failed to jobs, and runs does not allow sqs:SendMessage")(
    reading("sqs:ReceiveMessage")
)
quiet("FIT-45")(reading("sqs:SendMessage"))


def served(origin: str) -> Declare:
    behavior: Any = {"targetOriginId": "web"}
    return one("cloudfront/distribution:Distribution", origins=[{"originId": origin}], defaultCacheBehavior=behavior)


fault("FIT-46", at="it", message="it has no origin web")(served("web2"))
quiet("FIT-46")(served("web"))


def moving(days: int, kind: str, ends: int | None = None) -> Declare:
    """A bucket's rule that moves objects, and perhaps deletes them."""
    rule: Any = {"status": "Enabled", "transitions": [{"days": days, "storageClass": kind}]}
    rule |= {"expiration": {"days": ends}} if ends else {}
    return one("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", bucket="b", rules=[rule])


fault("FIT-47", at="it", message="it moves objects to STANDARD_IA after 29 days")(moving(29, "STANDARD_IA"))
fault("FIT-47", at="it", message="it deletes objects after 60 days, and moves them to GLACIER after 60")(
    moving(60, "GLACIER", 60)
)
quiet("FIT-47")(moving(30, "STANDARD_IA", 31))
quiet("FIT-47")(moving(1, "GLACIER"))
fault("FIT-48", at="it", message="it has the name Acme")(one("s3/bucket:Bucket", bucket="Acme"))
fault("FIT-48", at="it", message="it has the name app")(one("kms/alias:Alias", name="app"))
quiet("FIT-48")(one("s3/bucket:Bucket", bucket="acme.files-1"))
quiet("FIT-48")(one("kms/alias:Alias", name="alias/app"))
fault("FIT-49", at="it", message="it has records, and no ttl")(one("route53/record:Record", records=["192.0.2.1"]))
quiet("FIT-49")(one("route53/record:Record", records=["192.0.2.1"], ttl=60))
quiet("FIT-49")(one("route53/record:Record", aliases=[{"name": "a.example", "zoneId": "Z1"}]))


def notified(*services: str) -> Declare:
    """A bucket that tells a queue, whose policy lets these services in."""

    def declare(build: Builder) -> None:
        bucket = build("s3/bucket:Bucket", "files")
        queue = build("sqs/queue:Queue", "jobs")
        for service in services:
            statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage"}
            policy = Json({"Statement": [{**statement, "Resource": "*"}]})
            build("sqs/queuePolicy:QueuePolicy", f"admits-{service}", queueUrl=queue.url, policy=policy)
        told: Any = [{"queueArn": queue.arn, "events": ["s3:ObjectCreated:*"]}]
        build("s3/bucketNotification:BucketNotification", "tells", bucket=bucket.id, queues=told)

    return declare


fault("FIT-50", at="tells", message="tells delivers into jobs, whose policy does not let s3.amazonaws.com do so")(
    notified()
)
fault("FIT-50", at="tells", message="jobs")(notified("sns.amazonaws.com"))
quiet("FIT-50")(notified("s3.amazonaws.com"))
quiet("FIT-50")(notified("sns.amazonaws.com", "s3.amazonaws.com"))
fault("LIVE-12", at="gets", message="gets delivers into jobs, whose policy does not let sns.amazonaws.com do so")(
    lambda build: subscribed(build, "s3.amazonaws.com")
)
quiet("LIVE-12")(lambda build: subscribed(build, "sns.amazonaws.com"))


def subscribed(build: Builder, service: str) -> None:
    """A queue that gets the messages of a topic, and lets one service in."""
    topic, queue = build("sns/topic:Topic", "news"), build("sqs/queue:Queue", "jobs")
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": "*"}
    build("sqs/queuePolicy:QueuePolicy", "admits", queueUrl=queue.url, policy=Json({"Statement": [statement]}))
    build("sns/topicSubscription:TopicSubscription", "gets", topic=topic.arn, protocol="sqs", endpoint=queue.arn)


def reached(*private: bool, vpcs: int = 1) -> Declare:
    """Endpoints for one service in these networks, with private DNS or without."""

    def declare(build: Builder) -> None:
        homes = [build("ec2/vpc:Vpc", f"vpc-{number}", cidrBlock="10.0.0.0/16") for number in range(vpcs)]
        for number, is_private in enumerate(private):
            given: Any = {"vpcEndpointType": "Interface", "privateDnsEnabled": is_private}
            service = "com.amazonaws.eu-west-1.sqs"
            home = homes[number % vpcs].id
            build("ec2/vpcEndpoint:VpcEndpoint", f"door-{number}", vpcId=home, serviceName=service, **given)

    return declare


fault("FIT-51", at="door-1", message="door-1 has the private names of one service in vpc-0, and so has door-0")(
    reached(True, True)
)
quiet("FIT-51")(reached(True, False))
quiet("FIT-51")(reached(True, True, vpcs=2))
fault("FIT-49", at="it", message="it has streamEnabled True, and no streamViewType")(keyed("id", streamEnabled=True))
quiet("FIT-49")(keyed("id", streamEnabled=True, streamViewType="NEW_IMAGE"))


def archived(build: Builder, **days: int) -> None:
    rule = {"ruleName": "daily", "targetVaultName": "vault", "lifecycle": days}
    build("backup/plan:Plan", "it", name="daily", rules=[rule])


fault("FIT-49", at="it", message="deleteAfter 119, which are less than 90 apart")(
    lambda build: archived(build, coldStorageAfter=30, deleteAfter=119)
)
quiet("FIT-49")(lambda build: archived(build, coldStorageAfter=30, deleteAfter=120))
quiet("FIT-49")(lambda build: archived(build, coldStorageAfter=30))


def in_zones(*zones: str) -> Declare:
    """A subnet group with a subnet in each of these zones."""

    def declare(build: Builder) -> None:
        net = build("ec2/vpc:Vpc", "net", cidrBlock="10.0.0.0/16")
        subnets = [
            build(
                "ec2/subnet:Subnet", f"s{number}", vpcId=net.id, cidrBlock=f"10.0.{number}.0/24", availabilityZone=zone
            )
            for number, zone in enumerate(zones)
        ]
        build("rds/subnetGroup:SubnetGroup", "group", subnetIds=[subnet.id for subnet in subnets])

    return declare


fault("FIT-54", at="group", message="group has subnets in eu-west-1a alone")(in_zones("eu-west-1a"))
fault("FIT-54", at="group", message="alone")(in_zones("eu-west-1a", "eu-west-1a"))
quiet("FIT-54")(in_zones("eu-west-1a", "eu-west-1b"))
