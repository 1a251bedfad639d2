"""A VPC that exists already: nothing in it is changed, and what is asked of it is checked."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from .. import lookups
from ..arguments import ArgumentError
from ..lookups import FoundSubnet, FoundVpc


@dataclass(frozen=True)
class AdoptedVpc:
    """What the lookups told, after the checks: none of it is there when a check fails."""

    vpc_id: pulumi.Output[str]
    cidr: pulumi.Output[str]
    ipv6_cidr: pulumi.Output[str]
    subnet_ids: list[pulumi.Output[str]]
    public_subnet_ids: list[pulumi.Output[str]]
    zones: list[pulumi.Output[str]]
    zone_ids: list[pulumi.Output[str]]
    route_table_ids: list[pulumi.Output[str]]


def adopted_vpc(
    component: str,
    parent: pulumi.Resource,
    vpc_id: pulumi.Input[str],
    subnet_ids: Sequence[pulumi.Input[str]],
    public_subnet_ids: Sequence[pulumi.Input[str]],
    *,
    needs_dns: bool,
) -> AdoptedVpc:
    """Look the network up and check it.

    At deployment, or at preview where the ids are known, an ArgumentError says which subnet does not belong to the VPC
    or is not private, or that the VPC has not the DNS that endpoints need.
    """
    vpc = lookups.vpc(vpc_id, parent)
    main = vpc.apply(lambda found: found.main_route_table_id)
    private = [lookups.subnet(subnet_id, vpc_id, main, parent) for subnet_id in subnet_ids]
    public = [lookups.subnet(subnet_id, vpc_id, main, parent) for subnet_id in public_subnet_ids]
    checked = pulumi.Output.all(
        vpc_id=vpc_id, vpc=vpc, private=pulumi.Output.all(*private), public=pulumi.Output.all(*public)
    ).apply(lambda known: check(component, **known, needs_dns=needs_dns))

    def gated(value: pulumi.Input[str]) -> pulumi.Output[str]:
        return pulumi.Output.all(value, checked).apply(lambda both: str(both[0]))

    return AdoptedVpc(
        vpc_id=gated(vpc_id),
        cidr=gated(vpc.apply(lambda found: found.cidr)),
        ipv6_cidr=gated(vpc.apply(lambda found: found.ipv6_cidr)),
        subnet_ids=[gated(subnet_id) for subnet_id in subnet_ids],
        public_subnet_ids=[gated(subnet_id) for subnet_id in public_subnet_ids],
        zones=[gated(subnet.apply(lambda found: found.zone)) for subnet in private],
        zone_ids=[gated(subnet.apply(lambda found: found.zone_id)) for subnet in private],
        route_table_ids=[gated(subnet.apply(lambda found: found.route_table_id)) for subnet in private],
    )


def check(
    component: str,
    vpc_id: str,
    vpc: FoundVpc,
    private: Sequence[FoundSubnet],
    public: Sequence[FoundSubnet],
    *,
    needs_dns: bool,
) -> bool:
    """Raises ArgumentError for what cannot be adopted."""
    for key, subnets in (("subnet_ids", private), ("public_subnet_ids", public)):
        for subnet in subnets:
            if subnet.vpc_id != vpc_id:
                want = f"it lies in {subnet.vpc_id}; name subnets of {vpc_id}"
                raise ArgumentError(component, key, subnet.id, want)
    for subnet in private:
        if subnet.internet_gateway_id:
            raise ArgumentError(
                component,
                "subnet_ids",
                subnet.id,
                f"it is public: its route table {subnet.route_table_id} leads to {subnet.internet_gateway_id}; name a "
                "subnet whose routes lead to a NAT, or nowhere",
            )
    if needs_dns and not vpc.has_dns:
        want = "endpoints need its enableDnsSupport and enableDnsHostnames; turn both on"
        raise ArgumentError(component, "vpc_id", vpc_id, want)
    return True
