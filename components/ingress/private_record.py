"""A private DNS name for a load balancer or an instance."""

from __future__ import annotations

from typing import Any, Final

import pulumi
import pulumi_aws as aws

from ..resource_options.scope import Scope

_TTL_SECONDS: Final = 60


def declare_private_record(
    scope: Scope,
    name: pulumi.Input[str],
    vpc_id: pulumi.Input[str],
    destination: aws.lb.LoadBalancer | pulumi.Input[str],
    zone_id: pulumi.Input[str] | None = None,
) -> aws.route53.Record:
    """Declare a record that leads to a load balancer, or to a private address, in the zone with that ID.

    Without an ID it declares a private zone ($0.50 a month) for this name only, so that other names of the domain
    resolve as before. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
    """
    balancer = destination if isinstance(destination, aws.lb.LoadBalancer) else None
    if zone_id is None:
        zone_id = aws.route53.Zone(
            f"{scope.name}-zone",
            name=name,
            comment=f"Where the {'load balancer' if balancer else 'instance'} is, inside the VPC",
            vpcs=[aws.route53.ZoneVpcArgs(vpc_id=vpc_id)],
            tags=scope.build_tags("zone"),
            opts=scope.child_options(),
        ).zone_id
    if balancer is not None:
        leads: dict[str, Any] = {
            "aliases": [
                aws.route53.RecordAliasArgs(
                    name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=False
                )
            ]
        }
    else:
        leads = {"records": [destination], "ttl": _TTL_SECONDS}
    return aws.route53.Record(
        f"{scope.name}-record", zone_id=zone_id, name=name, type="A", **leads, opts=scope.child_options()
    )
