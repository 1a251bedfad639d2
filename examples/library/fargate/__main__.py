"""Catalog: containers on Fargate behind an HTTP API, a VPC link and an internal load balancer."""

import pulumi
import pulumi_aws as aws
from gatehouse import (
    ApiFront,
    ApiFrontArgs,
    FargateBackend,
    FargateBackendArgs,
    PermissionArgs,
    PrivateIngress,
    PrivateIngressArgs,
    PrivateNetwork,
    PrivateNetworkArgs,
    RouteArgs,
    ThrottleArgs,
)

zones = aws.get_availability_zones(state="available")
network = PrivateNetwork("network", PrivateNetworkArgs(zones=zones.names[:2], egress=["nat-instance"]))

table = aws.dynamodb.Table(
    "items",
    billing_mode="PAY_PER_REQUEST",
    deletion_protection_enabled=True,
    hash_key="id",
    attributes=[aws.dynamodb.TableAttributeArgs(name="id", type="S")],
    point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
    server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True),
)

ingress = PrivateIngress(
    "ingress",
    PrivateIngressArgs(
        kind="alb",
        link="v2",
        vpc_id=network.vpc_id,
        subnet_ids=network.private_subnet_ids,
        backend_port=8080,
        health_check_path="/health",
    ),
)

backend = FargateBackend(
    "backend",
    FargateBackendArgs(
        image="111122223333.dkr.ecr.eu-west-1.amazonaws.com/catalog:1.4.0",
        count=2,
        **network.client(),
        **ingress.registration,
        environment={"TABLE": table.name},
        permissions={"items": PermissionArgs(kind="table", name=table.name, allow=["read"])},
    ),
)
front = ApiFront(
    "front",
    ApiFrontArgs(
        kind="http",
        routes=[RouteArgs(path="/items", methods=["GET"], target="catalog", authorization="iam")],
        targets={"catalog": ingress.target()},
        throttle=ThrottleArgs(rate=50, burst=25),
    ),
)

pulumi.export("url", front.url)
pulumi.export("logs", backend.log_group_name)
