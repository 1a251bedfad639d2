"""A small model of the engine and of AWS: which steps of an update AWS refuses, and which deletions end something new.

It is written from AWS's documents and not from the review, whose comparison is held against it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from review.compare.engine.replacements import replaced_by
from review.graph import UNKNOWN, Graph, Resource, reveal

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
}
# Where a second creation finds the first object, so that either deletion ends both.
SHARED: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:sns/topicSubscription:TopicSubscription": ("topic", "protocol", "endpoint"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("role", "policyArn"),
    "aws:apigateway/methodSettings:MethodSettings": ("restApi", "stageName", "methodPath"),
    "aws:wafv2/webAclAssociation:WebAclAssociation": ("resourceArn",),
}


def faults(before: Graph, after: Graph) -> Iterator[str]:
    """What goes wrong when a stack is updated from one graph to the other: new first, unless it is told otherwise."""
    old, new = ({one.urn: one for one in graph if one.custom} for graph in (before, after))
    lasting = {urn: one for urn, one in old.items() if not _goes_first(one, new.get(urn))}
    made = [one for urn, one in new.items() if urn not in old or _changes(old[urn], one)]
    for one in made:
        for other in lasting.values():
            if other.urn != one.urn and _same(one, other, ONCE):
                yield f"{one.name} is created while {other.name} is there"
        mine = old.get(one.urn)
        if mine is not None and mine.urn in lasting and _replaces(mine, one) and _same(one, mine, ONCE):
            yield f"{one.name} is created while its predecessor is there"
    going = [one for urn, one in old.items() if urn not in new or (urn in lasting and _replaces(one, new[urn]))]
    for one in going:
        for other in made:
            if _same(other, one, SHARED):
                yield f"the deletion of {one.name} ends {other.name}"


def _place(one: Resource, table: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    values = [reveal(one.inputs.get(key)) for key in table.get(one.type, ())]
    return (one.type, *map(str, values)) if values and values[0] is not None and UNKNOWN not in values else None


def _same(one: Resource, other: Resource, table: Mapping[str, tuple[str, ...]]) -> bool:
    place = _place(one, table)
    return place is not None and place == _place(other, table)


def _changes(one: Resource, other: Resource) -> bool:
    return bool(_revealed(one) != _revealed(other))


def _revealed(one: Resource) -> Any:
    return {key: reveal(value) for key, value in one.inputs.items()}


def _replaces(one: Resource, other: Resource) -> bool:
    changed = [key for key in {*one.inputs, *other.inputs} if one.inputs.get(key) != other.inputs.get(key)]
    return bool(replaced_by(one, other, [key for key in changed if key not in other.options.ignore_changes]))


def _goes_first(one: Resource, other: Resource | None) -> bool:
    """Whether it is deleted before its replacement is created."""
    return other is not None and other.options.delete_before_replace is True and _replaces(one, other)
