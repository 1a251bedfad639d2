"""Traps of the AWS provider: inputs that do something else than what a program writes.

Inputs that keep their value when a program leaves them out, the commonest trap, are in `provider_facts`.

From `CustomizeDiff` and `Update` of hashicorp/terraform-provider-aws (files under internal/service), and
from threads about them. The comparison and the rules TRAP-… read this table.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

_PROVIDER: Final = "https://github.com/hashicorp/terraform-provider-aws"
_FILE: Final = f"{_PROVIDER}/blob/main/internal/service"


class Kind(enum.Enum):
    """The provider's behaviour."""

    PLANS_FOREVER = "every preview shows a change again"
    DROPPED_EMPTY = "an empty block is not sent"
    FIXED_NAME = "a second one of the same name is refused while the first exists"
    NOT_TOGETHER = "AWS refuses to change them in one update"
    NEVER_IN_PLACE = "the provider changes it in place, and AWS refuses"


@dataclass(frozen=True, kw_only=True)
class Trap:
    """One trap of one resource type."""

    kind: Kind
    type: str
    inputs: tuple[str, ...]
    """In wire case; a dot leads into a block."""
    remedy: str
    source: str
    unless: str = ""
    """The input that, if true, makes the change one that AWS takes."""
    space: str = ""
    """Of a fixed name: the types that share one space of names."""


TRAPS: Final[tuple[Trap, ...]] = (
    Trap(
        kind=Kind.PLANS_FOREVER,
        type="aws:ec2/instance:Instance",
        inputs=("primaryNetworkInterface",),
        remedy="add sourceDestCheck to ignore_changes",
        source=f"{_PROVIDER}/issues/44768",
    ),
    Trap(
        kind=Kind.DROPPED_EMPTY,
        type="aws:servicediscovery/service:Service",
        inputs=("healthCheckCustomConfig",),
        remedy="set failure_threshold=1 in it, which is the value that AWS uses anyway",
        source=f"{_PROVIDER}/issues/44285",
    ),
    Trap(
        kind=Kind.DROPPED_EMPTY,
        type="aws:servicediscovery/service:Service",
        inputs=("healthCheckConfig",),
        remedy="set its type, or leave it out",
        source=f"{_FILE}/servicediscovery/service.go",
    ),
    Trap(
        kind=Kind.DROPPED_EMPTY,
        type="aws:servicediscovery/service:Service",
        inputs=("dnsConfig",),
        remedy="name the namespace and the records in it, or leave it out",
        source=f"{_FILE}/servicediscovery/service.go",
    ),
    *(
        Trap(
            kind=Kind.FIXED_NAME,
            type=token,
            inputs=("domainName",),
            remedy="remove the old one in an update of its own",
            source=f"{_PROVIDER}/issues/27358",
            space="domain names of API Gateway",
        )
        for token in ("aws:apigateway/domainName:DomainName", "aws:apigatewayv2/domainName:DomainName")
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:apigatewayv2/apiMapping:ApiMapping",
        inputs=("domainName", "apiMappingKey"),
        remedy="set delete_before_replace",
        source="https://github.com/pulumi/pulumi-aws/issues/1035",
        space="paths of domains of API Gateway",
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:servicediscovery/service:Service",
        inputs=("name", "namespaceId"),
        remedy="set delete_before_replace",
        source="https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html",
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
        inputs=("name", "vpc"),
        remedy="remove the old one in an update of its own",
        source="https://docs.aws.amazon.com/cloud-map/latest/api/API_CreatePrivateDnsNamespace.html",
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:lambda/alias:Alias",
        inputs=("name", "functionName"),
        remedy="set delete_before_replace",
        source="https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html",
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:appautoscaling/target:Target",
        inputs=("resourceId", "scalableDimension", "serviceNamespace"),
        remedy="give the service that scales another name",
        source=f"{_FILE}/appautoscaling/target.go",
    ),
    Trap(
        kind=Kind.FIXED_NAME,
        type="aws:wafv2/webAclAssociation:WebAclAssociation",
        inputs=("resourceArn",),
        remedy="set delete_before_replace: the old one's deletion would take the new one away",
        source="https://docs.aws.amazon.com/waf/latest/APIReference/API_DisassociateWebACL.html",
    ),
    Trap(
        kind=Kind.NOT_TOGETHER,
        type="aws:ecs/service:Service",
        inputs=("healthCheckGracePeriodSeconds", "loadBalancers"),
        remedy="register with the balancer first and set the grace period in a second update",
        source="https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1313",
    ),
    Trap(
        kind=Kind.NEVER_IN_PLACE,
        type="aws:ecs/service:Service",
        inputs=("capacityProviderStrategies",),
        unless="forceNewDeployment",
        remedy="set force_new_deployment, or give the service another logical name",
        source=f"{_FILE}/ecs/service.go",
    ),
    Trap(
        kind=Kind.NEVER_IN_PLACE,
        type="aws:apigateway/restApi:RestApi",
        inputs=("endpointConfiguration.types",),
        remedy="give the API another logical name, or set replace_on_changes; its id is then another one",
        source=f"{_PROVIDER}/issues/42169",
    ),
    Trap(
        kind=Kind.NEVER_IN_PLACE,
        type="aws:apigateway/domainName:DomainName",
        inputs=("endpointConfiguration.types",),
        remedy="give the domain another logical name; private names are objects of their own",
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-custom-domains.html",
    ),
)


def of_kind(kind: Kind, token: str) -> list[Trap]:
    return [trap for trap in TRAPS if trap.kind is kind and trap.type == token]
