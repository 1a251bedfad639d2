"""Listeners, load balancers and VPC links that exist already."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from .lookup import Sought, look_up


@dataclass(frozen=True)
class FoundListener:
    """A listener that exists, and its load balancer."""

    arn: str
    port: int
    protocol: str
    load_balancer_arn: str
    vpc_id: str
    dns_name: str
    internal: bool
    idle_seconds: int | None
    """How long it waits for the next byte. None of an NLB, which waits longer than any API."""
    security_group_ids: tuple[str, ...]


def find_listener(listener_arn: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[FoundListener]:
    """Returns the listener with this ARN."""
    sought = Sought("listener_arn", listener_arn, "listener")
    needs = ("arn", "port", "protocol", "load_balancer_arn")
    looked_up = look_up(aws.lb.get_listener_output, {"arn": listener_arn}, parent, *needs, sought=sought)
    balancer = look_up(
        aws.lb.get_load_balancer_output,
        {"arn": looked_up.load_balancer_arn},
        parent,
        *("arn", "vpc_id", "dns_name", "internal"),
        sought=Sought("listener_arn", listener_arn, "load balancer of the listener"),
    )
    return pulumi.Output.all(looked_up, balancer).apply(
        lambda both: FoundListener(
            arn=both[0].arn,
            port=both[0].port,
            protocol=both[0].protocol,
            load_balancer_arn=both[1].arn,
            vpc_id=both[1].vpc_id,
            dns_name=both[1].dns_name,
            internal=both[1].internal,
            idle_seconds=both[1].idle_timeout if both[1].load_balancer_type == "application" else None,
            security_group_ids=tuple(both[1].security_groups or ()),
        )
    )


def find_link_vpc_id(link_id: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[str]:
    """Returns the VPC of the link's subnets. AWS looks up links of the second version by this ID."""
    sought = Sought("link_id", link_id, "VPC link")
    arguments = {"vpc_link_id": link_id}
    vpc_link = look_up(aws.apigatewayv2.get_vpc_link_output, arguments, parent, "subnet_ids", sought=sought)
    subnet_id = vpc_link.subnet_ids.apply(lambda ids: ids[0])
    of_link = Sought("link_id", link_id, "subnet of the VPC link")
    return look_up(aws.ec2.get_subnet_output, {"id": subnet_id}, parent, "vpc_id", sought=of_link).vpc_id
