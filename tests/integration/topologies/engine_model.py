"""A small model of the engine and of AWS: which steps of an update AWS refuses, and which deletions end something new.

It is written from AWS's documents.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from review.compare.replacements import find_replacing_inputs
from review.graph import UNKNOWN, Graph, Resource, reveal
from review.graph.reading import get_value

_RULE: Final = (
    *("securityGroupId", "ipProtocol", "fromPort", "toPort"),
    *("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"),
)
# What AWS admits once, by the inputs that make two objects the same to it.
ONCE: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _RULE,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _RULE,
    "aws:ec2/subnet:Subnet": ("vpcId", "cidrBlock"),
    "aws:ec2/route:Route": ("routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": ("subnetId",),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("vpcId", "serviceName"),
    "aws:apigateway/apiKey:ApiKey": ("value",),
    "aws:apigateway/usagePlanKey:UsagePlanKey": ("keyId",),
    "aws:apigateway/domainNameAccessAssociation:DomainNameAccessAssociation": (
        *("domainNameArn", "accessAssociationSource"),
    ),
    "aws:apigatewayv2/route:Route": ("apiId", "routeKey"),
    "aws:route53/record:Record": ("zoneId", "name", "type"),
    "aws:servicediscovery/service:Service": ("name", "namespaceId"),
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": ("name", "vpc"),
    "aws:lambda/alias:Alias": ("functionName", "name"),
    "aws:appautoscaling/target:Target": ("resourceId",),
    "aws:apigateway/domainName:DomainName": ("domainName",),
}
# Where a second creation finds the first object, so that either deletion ends both.
SHARED: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:sns/topicSubscription:TopicSubscription": ("topic", "protocol", "endpoint"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("role", "policyArn"),
    "aws:apigateway/methodSettings:MethodSettings": ("restApi", "stageName", "methodPath"),
    "aws:wafv2/webAclAssociation:WebAclAssociation": ("resourceArn",),
}


# What the provider changes in place, and AWS refuses: terraform-provider-aws, `CustomizeDiff` and `Update` of each.
NEVER_IN_PLACE: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:apigateway/restApi:RestApi": ("endpointConfiguration.types",),
    "aws:ecs/service:Service": ("healthCheckGracePeriodSeconds",),
}


def faults(before: Graph, after: Graph) -> Iterator[str]:
    """What goes wrong when a stack is updated from one graph to the other: new first, unless it is told otherwise."""
    old, new = ({resource.urn: resource for resource in graph if resource.custom} for graph in (before, after))
    lasting = {urn: resource for urn, resource in old.items() if not _goes_first(resource, new.get(urn))}
    made = [resource for urn, resource in new.items() if urn not in old or _changes(old[urn], resource)]
    for resource in made:
        for other in lasting.values():
            if other.urn != resource.urn and _same(resource, other, ONCE):
                yield f"{resource.name} is created while {other.name} is there"
        mine = old.get(resource.urn)
        if mine is not None and mine.urn in lasting and _replaces(mine, resource) and _same(resource, mine, ONCE):
            yield f"{resource.name} is created while its predecessor is there"
    for urn in old.keys() & new.keys():
        if not _replaces(old[urn], new[urn]):
            for key in NEVER_IN_PLACE.get(new[urn].type, ()):
                if _differs(old[urn], new[urn], key):
                    yield f"{new[urn].name} cannot change {key} in place"
    going = [one for urn, one in old.items() if urn not in new or (urn in lasting and _replaces(one, new[urn]))]
    for resource in going:
        for other in made:
            if _same(other, resource, SHARED):
                yield f"the deletion of {resource.name} ends {other.name}"


def _place(resource: Resource, table: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    values = [reveal(resource.inputs.get(key)) for key in table.get(resource.type, ())]
    return (resource.type, *map(str, values)) if values and values[0] is not None and UNKNOWN not in values else None


def _same(resource: Resource, other: Resource, table: Mapping[str, tuple[str, ...]]) -> bool:
    place = _place(resource, table)
    return place is not None and place == _place(other, table)


def _changes(resource: Resource, other: Resource) -> bool:
    return bool(_revealed(resource) != _revealed(other))


def _differs(resource: Resource, other: Resource, key: str) -> bool:
    name, *inner = key.split(".")
    one, two = (get_value(reveal(some.inputs.get(name)), *inner) for some in (resource, other))
    return bool(one != two)


def _revealed(resource: Resource) -> Any:
    return {key: reveal(value) for key, value in resource.inputs.items()}


def _replaces(resource: Resource, other: Resource) -> bool:
    changed = [key for key in {*resource.inputs, *other.inputs} if resource.inputs.get(key) != other.inputs.get(key)]
    return bool(
        find_replacing_inputs(resource, other, [key for key in changed if key not in other.options.ignore_changes])
    )


def _goes_first(resource: Resource, other: Resource | None) -> bool:
    """Whether it is deleted before its replacement is created."""
    return other is not None and other.options.delete_before_replace is True and _replaces(resource, other)
