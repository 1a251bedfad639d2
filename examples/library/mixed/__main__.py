"""Orders: a private instance behind API Gateway, with a table and a queue of its own."""

import json

import pulumi
import pulumi_aws as aws
from gatehouse import (
    ApiFront,
    ApiFrontArgs,
    Ec2Backend,
    Ec2BackendArgs,
    PrivateNetwork,
    PrivateNetworkArgs,
    RouteArgs,
    ServerlessProxy,
    ServerlessProxyArgs,
    ThrottleArgs,
)

zones = aws.get_availability_zones(state="available")
network = PrivateNetwork("network", PrivateNetworkArgs(zones=zones.names[:2], egress=["nat-instance"]))

# Other resources, and permissions for the function: two actions on one table, one on one queue.
table = aws.dynamodb.Table(
    "orders",
    billing_mode="PAY_PER_REQUEST",
    deletion_protection_enabled=True,
    hash_key="id",
    attributes=[aws.dynamodb.TableAttributeArgs(name="id", type="S")],
    point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
    server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True),
)
queue = aws.sqs.Queue("placed", sqs_managed_sse_enabled=True)
access = aws.iam.Policy(
    "orders-access",
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": table.arn},
                {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": queue.arn},
            ],
        }
    ),
)

backend = Ec2Backend(
    "backend",
    Ec2BackendArgs(
        image="public.ecr.aws/docker/library/nginx:1.29",
        port=80,
        **network.client(),
        environment={"TABLE": table.name, "QUEUE": queue.url},
        policy_arns={"orders": access.arn},
    ),
)
proxy = ServerlessProxy(
    "proxy",
    ServerlessProxyArgs(
        vpc_id=network.vpc_id, subnet_ids=network.private_subnet_ids, **backend.endpoint, mean_milliseconds=300
    ),
)
front = ApiFront(
    "front",
    ApiFrontArgs(
        kind="http",
        routes=[RouteArgs(path="/orders", methods=["GET", "POST"], target="proxy", authorization="iam")],
        targets={"proxy": proxy.target},
        throttle=ThrottleArgs(rate=50, burst=25),
    ),
)

# The caller: another team's role, which may call only this API's path.
caller = aws.iam.Role(
    "shop",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        }
    ),
)
aws.iam.RolePolicy(
    "shop-calls-orders",
    role=caller.name,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "execute-api:Invoke",
                    "Resource": pulumi.Output.concat(front.execution_arn, "/*/*/orders*"),
                }
            ],
        }
    ),
)

pulumi.export("url", front.url)
