"""A Cloud Map service instead of a load balancer: HTTP APIs look up the backend's addresses in it.

Costs $0.50 a month for its private zone and $0.10 for each registered copy.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-private.html
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from ..resource_options.scope import Scope

_SECONDS_TO_LIVE: Final = 10


def declare_namespace(scope: Scope, vpc_id: pulumi.Input[str]) -> pulumi.Output[str]:
    """Declare a private DNS namespace, and return its ID."""
    return aws.servicediscovery.PrivateDnsNamespace(
        f"{scope.name}-namespace",
        # No name is set, so Pulumi makes one: AWS accepts each name once in a VPC, which can have other stacks.
        vpc=vpc_id,
        description="Where API Gateway finds the backend",
        tags=scope.build_tags("namespace"),
        opts=scope.child_options(),
    ).id


def declare_service(
    scope: Scope, namespace_id: pulumi.Input[str], name: str = "backend"
) -> aws.servicediscovery.Service:
    """Declare a service in a namespace, whose SRV records have address and port."""
    return aws.servicediscovery.Service(
        f"{scope.name}-service",
        name=name,
        dns_config=aws.servicediscovery.ServiceDnsConfigArgs(
            namespace_id=namespace_id,
            routing_policy="MULTIVALUE",
            dns_records=[aws.servicediscovery.ServiceDnsConfigDnsRecordArgs(type="SRV", ttl=_SECONDS_TO_LIVE)],
        ),
        # ECS reports a copy's health by this; without it a failing copy would stay listed. The provider drops an empty
        # block and then replaces the service at every update, so the deprecated threshold is set; AWS fixes it at 1.
        # https://github.com/pulumi/pulumi-aws/issues/6289
        # https://github.com/hashicorp/terraform-provider-aws/issues/44285
        health_check_custom_config={"failure_threshold": 1},
        # Copies that are still registered would block the deletion of the service.
        force_destroy=True,
        tags=scope.build_tags("service"),
        # A replacement has the same name, which the namespace accepts only once.
        opts=scope.child_options(delete_before_replace=True),
    )
