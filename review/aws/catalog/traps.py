"""Traps of the AWS provider: inputs that do something else than what a program writes.

Inputs that keep their value when a program leaves them out, the commonest trap, are in `provider_facts`.

From `CustomizeDiff` and `Update` of hashicorp/terraform-provider-aws (files under internal/service), and
from threads about them. The comparison and the rules TRAP-… read this table.
"""

import enum
import functools
from dataclasses import dataclass
from typing import Final

from . import types

_PROVIDER: Final = "https://github.com/hashicorp/terraform-provider-aws"
_FILE: Final = f"{_PROVIDER}/blob/main/internal/service"
_DOCS: Final = "https://docs.aws.amazon.com"
_CLOUD_MAP: Final = f"{_DOCS}/cloud-map/latest/api"
_FIRST: Final = "set delete_before_replace"
_UNNAMED: Final = "leave out its name and delete_before_replace"
_APART: Final = "remove the old one in an update of its own"


class Kind(enum.Enum):
    """The provider's behaviour."""

    PLANS_FOREVER = "every preview shows a change again"
    DROPPED_EMPTY = "an empty block is not sent"
    FIXED_NAME = "a second one of the same name is refused while the first exists"
    FIXED_PLACE = "a second one with the same content is refused while the first exists"
    ONE_OBJECT = "a second one is the first one again, and the deletion of either ends both"
    ONLY_GROWS = "AWS refuses a smaller value"
    NOT_TOGETHER = "AWS refuses to change them in one update"
    NEVER_IN_PLACE = "the provider changes it in place, and AWS refuses"
    IN_USE = "AWS refuses to delete it while another resource uses it"


@dataclass(frozen=True)
class Trap:
    kind: Kind
    type: str
    inputs: tuple[str, ...]
    """In wire case; a dot leads into a block."""
    remedy: str
    source: str
    unless: str = ""
    """The input that, if true, makes the change one that AWS takes."""
    beside: tuple[str, ...] = ()
    """Types of which the stack must have one before the update. Otherwise AWS takes the change."""
    space: str = ""
    """Of a fixed name: the types that share one space of names."""
    users: tuple[str, ...] = ()
    """Types whose use keeps it from being deleted."""


_dropped = functools.partial(Trap, Kind.DROPPED_EMPTY, "aws:servicediscovery/service:Service")
_fixed = functools.partial(Trap, Kind.FIXED_NAME)
_placed = functools.partial(Trap, Kind.FIXED_PLACE)
_one_object = functools.partial(Trap, Kind.ONE_OBJECT)
_only_grows = functools.partial(Trap, Kind.ONLY_GROWS)
_never_in_place = functools.partial(Trap, Kind.NEVER_IN_PLACE)

TRAPS: Final[tuple[Trap, ...]] = (
    Trap(
        Kind.PLANS_FOREVER,
        "aws:ec2/instance:Instance",
        ("primaryNetworkInterface",),
        "add sourceDestCheck to ignore_changes",
        f"{_PROVIDER}/issues/44768",
    ),
    _dropped(
        ("healthCheckCustomConfig",),
        "set failure_threshold=1 in it, which is the value that AWS uses anyway",
        f"{_PROVIDER}/issues/44285",
    ),
    _dropped(("healthCheckConfig",), "set its type, or leave it out", f"{_FILE}/servicediscovery/service.go"),
    _dropped(
        ("dnsConfig",),
        "name the namespace and the records in it, or leave it out",
        f"{_FILE}/servicediscovery/service.go",
    ),
    *(
        _fixed(token, ("domainName",), _APART, f"{_PROVIDER}/issues/27358", space="domain names of API Gateway")
        for token in ("aws:apigateway/domainName:DomainName", "aws:apigatewayv2/domainName:DomainName")
    ),
    _fixed(
        "aws:apigatewayv2/apiMapping:ApiMapping",
        ("domainName", "apiMappingKey"),
        _FIRST,
        "https://github.com/pulumi/pulumi-aws/issues/1035",
        space="paths of domains of API Gateway",
    ),
    _fixed(
        "aws:servicediscovery/service:Service", ("name", "namespaceId"), _FIRST, f"{_CLOUD_MAP}/API_CreateService.html"
    ),
    _fixed(
        "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
        ("name", "vpc"),
        _APART,
        f"{_CLOUD_MAP}/API_CreatePrivateDnsNamespace.html",
    ),
    _fixed(
        "aws:lambda/alias:Alias", ("name", "functionName"), _FIRST, f"{_DOCS}/lambda/latest/api/API_CreateAlias.html"
    ),
    _fixed(
        "aws:appautoscaling/target:Target",
        ("resourceId", "scalableDimension", "serviceNamespace"),
        "give the service that scales another name",
        f"{_FILE}/appautoscaling/target.go",
    ),
    _fixed(
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        ("resourceArn",),
        f"{_FIRST}: the old one's deletion would take the new one away",
        f"{_DOCS}/waf/latest/APIReference/API_DisassociateWebACL.html",
    ),
    _placed(
        "aws:ec2/subnet:Subnet",
        ("vpcId", "cidrBlock"),
        "give the new subnet another CIDR block",
        f"{_DOCS}/AWSEC2/latest/APIReference/API_CreateSubnet.html",
    ),
    *(
        _placed(
            "aws:ec2/natGateway:NatGateway",
            (key,),
            "set another egress in an update of its own first",
            f"{_DOCS}/AWSEC2/latest/APIReference/API_CreateNatGateway.html",
        )
        for key in ("allocationId", "availabilityZoneAddresses")
    ),
    _placed(
        "aws:apigateway/apiKey:ApiKey",
        ("value",),
        "keep the logical name of a key whose value stays",
        f"{_PROVIDER}/issues/17130",
    ),
    _one_object(
        "aws:sns/topicSubscription:TopicSubscription",
        ("topic", "protocol", "endpoint"),
        "name each subscription after its endpoint, not after its place in a list",
        f"{_DOCS}/sns/latest/api/API_Subscribe.html",
    ),
    _one_object(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        ("role", "policyArn"),
        "name each attachment after its policy, not after its place in a list",
        f"{_DOCS}/IAM/latest/APIReference/API_AttachRolePolicy.html",
    ),
    *(
        _only_grows(token, (key,), "set the old size again", f"{_DOCS}/{page}")
        for token, key, page in (
            (
                "aws:ec2/instance:Instance",
                "rootBlockDevice.volumeSize",
                "ebs/latest/userguide/ebs-modify-volume.html",
            ),
            ("aws:ebs/volume:Volume", "size", "ebs/latest/userguide/ebs-modify-volume.html"),
            (
                "aws:rds/instance:Instance",
                "allocatedStorage",
                "AmazonRDS/latest/APIReference/API_ModifyDBInstance.html",
            ),
        )
    ),
    Trap(
        Kind.NOT_TOGETHER,
        "aws:ecs/service:Service",
        ("healthCheckGracePeriodSeconds", "loadBalancers"),
        "register with the balancer first and set the grace period in a second update",
        "https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1313",
    ),
    Trap(
        Kind.IN_USE,
        "aws:lb/targetGroup:TargetGroup",
        (),
        _UNNAMED,
        f"{_DOCS}/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html",
        users=(*types.LISTENER, *types.LISTENER_RULE),
    ),
    Trap(
        Kind.IN_USE,
        "aws:ec2/securityGroup:SecurityGroup",
        (),
        _UNNAMED,
        f"{_DOCS}/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html",
        users=(*types.INSTANCE, *types.INTERFACE, *types.LOAD_BALANCER, *types.ENDPOINT, *types.FUNCTION),
    ),
    _never_in_place(
        "aws:ecs/service:Service",
        ("capacityProviderStrategies",),
        "set force_new_deployment, or give the service another logical name",
        f"{_FILE}/ecs/service.go",
        unless="forceNewDeployment",
    ),
    _never_in_place(
        "aws:ec2/internetGateway:InternetGateway",
        ("vpcId",),
        "set replace_on_changes for vpcId: AWS detaches no gateway while public addresses are in use behind it",
        f"{_DOCS}/AWSEC2/latest/APIReference/API_DetachInternetGateway.html",
        beside=(*types.NAT_GATEWAY, *types.MACHINES, *types.LOAD_BALANCER, *types.INTERFACE),
    ),
    _never_in_place(
        "aws:apigateway/restApi:RestApi",
        ("endpointConfiguration.types",),
        "give the API another logical name, or set replace_on_changes; its id is then another one",
        f"{_PROVIDER}/issues/42169",
    ),
    _never_in_place(
        "aws:apigateway/domainName:DomainName",
        ("endpointConfiguration.types",),
        "give the domain another logical name; private names are objects of their own",
        f"{_DOCS}/apigateway/latest/developerguide/apigateway-private-custom-domains.html",
    ),
)

AUTHORIZED_ONCE: Final = {
    inward: Trap(
        Kind.FIXED_PLACE,
        "",
        (),
        "name each rule after its peer, not after its place in a list",
        f"{_DOCS}/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroup{way}.html",
    )
    for inward, way in ((True, "Ingress"), (False, "Egress"))
}
"""By direction: the same rule of a security group, in whichever form and under whichever name, inline or apart."""


def of_kind(kind: Kind, token: str) -> list[Trap]:
    return [trap for trap in TRAPS if trap.kind is kind and trap.type == token]
