"""Traps of the AWS provider, planted and avoided."""

from typing import Any

from review.graph import Options
from review.tests.graph_builder import Builder
from review.tests.rules.cases import fault, quiet


def registry(build: Builder, **inputs: Any) -> None:
    build("servicediscovery/service:Service", "registry", namespaceId="ns-1", **inputs)


fault("TRAP-01", at="registry", message="healthCheckCustomConfig of registry is empty")(
    lambda build: registry(build, healthCheckCustomConfig={})
)
fault("TRAP-01", at="registry", message="dnsConfig of registry is empty")(
    lambda build: registry(build, dnsConfig={"namespaceId": None})
)
quiet("TRAP-01")(lambda build: registry(build, healthCheckCustomConfig={"failureThreshold": 1}))
quiet("TRAP-01")(registry)


def machine(build: Builder, *, check: bool, options: Options | None = None) -> None:
    interface = build("ec2/networkInterface:NetworkInterface", "door", subnetId="subnet-1", sourceDestCheck=check)
    primary = {"networkInterfaceId": interface.id}
    build("ec2/instance:Instance", "nat", ami="ami-1", primaryNetworkInterface=primary, options=options)


fault("TRAP-02", at="nat", message="turns the source and destination check of door on again")(
    lambda build: machine(build, check=False)
)
quiet("TRAP-02")(lambda build: machine(build, check=False, options=Options(ignore_changes=("sourceDestCheck",))))
quiet("TRAP-02")(lambda build: machine(build, check=False, options=Options(ignore_changes=("*",))))
quiet("TRAP-02")(lambda build: machine(build, check=False, options=Options(ignore_changes=('["sourceDestCheck"]',))))
fault("TRAP-02", at="nat", message="turns the source and destination check of door on again")(
    lambda build: machine(build, check=False, options=Options(ignore_changes=("ami",)))
)
quiet("TRAP-02")(lambda build: machine(build, check=True))


def mapping(build: Builder, options: Options | None = None) -> None:
    build("apigatewayv2/apiMapping:ApiMapping", "path", domainName="a.example.com", apiId="a", options=options)


fault("TRAP-03", at="path", message="another apiId replaces it")(mapping)
quiet("TRAP-03")(lambda build: mapping(build, Options(delete_before_replace=True)))


def notified(build: Builder, *others: str, kind: str = "s3/bucketNotification:BucketNotification") -> None:
    photos = build("s3/bucket:Bucket", "photos")
    build(kind, "thumbs", bucket=photos.id)
    for bucket in others:
        build(kind, "audit", bucket=bucket or photos.id)


fault("TRAP-04", at="thumbs", message="thumbs and audit are one in AWS, which has one of the same bucket")(
    lambda build: notified(build, "")
)
fault("TRAP-04", at="thumbs", message="thumbs and audit are one in AWS, which has one of the same bucket")(
    lambda build: notified(build, "", kind="s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
)
quiet("TRAP-04")(lambda build: notified(build, "music"))


def alarms_of_two_regions(build: Builder) -> None:
    for region in ("eu-west-1", "us-east-1"):
        build("cloudwatch/metricAlarm:MetricAlarm", region, name="late", region=region)


quiet("TRAP-04")(notified)
