"""EC2 Instance Connect Endpoint: SSH to private instances for whom IAM allows it, through no open port. It is free.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/connect-with-ec2-instance-connect-endpoint.html
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from ..resource_options.scope import Scope
from ..security_groups.rules import declare_security_group


def declare_instance_connect(
    scope: Scope, vpc_id: pulumi.Input[str], subnet_id: pulumi.Input[str]
) -> aws.ec2.SecurityGroup:
    """Declare the endpoint, and its group, which is given. The group reaches nothing until an instance admits it."""
    group = declare_security_group(
        scope, "connect-group", vpc_id, "EC2 Instance Connect Endpoint: SSH to the instances that admit it"
    )
    aws.ec2transitgateway.InstanceConnectEndpoint(
        f"{scope.name}-connect",
        subnet_id=subnet_id,
        security_group_ids=[group.id],
        # Instances admit the endpoint's group; with the client's address kept they would have to admit the client's.
        preserve_client_ip=False,
        tags=scope.build_tags("connect"),
        opts=scope.child_options(),
    )
    return group
