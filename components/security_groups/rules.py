"""The one place that lets traffic pass: who may call whom, on which port, and why.

Every edge is declared as separate rule resources on both ends, never inline, so the calls of `allow` are the
reachability of a stack. https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from ..facts import endpoint_ports
from ..resource_options.scope import Scope
from .peers import Cidr, Group, Peer, PrefixList

# Inputs that decide which traffic a rule allows. If one of them changes, a second rule is created first, so that both
# apply while calls move, and the engine deletes the old one last.
_ADMITTED: Final = [
    "ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId",
]  # fmt: skip

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
_DESCRIPTION = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}")


def declare_security_group(
    scope: Scope, suffix: str, vpc_id: pulumi.Input[str], description: str, *, revoke: bool = False, **options: Any
) -> aws.ec2.SecurityGroup:
    """Declare a group without rules. `revoke` removes rules that others added before it is deleted."""
    return aws.ec2.SecurityGroup(
        f"{scope.name}-{suffix}",
        vpc_id=vpc_id,
        description=description,
        revoke_rules_on_delete=revoke or None,
        tags=scope.build_tags(suffix),
        opts=scope.child_options(**options),
    )


def allow(
    scope: Scope,
    suffix: str,
    caller: Peer,
    called: Peer,
    port: pulumi.Input[int] | None,
    why: str,
    protocol: str = "tcp",
    *,
    last_port: int | None = None,
) -> list[pulumi.Resource]:
    """Let `caller` open connections to `called` on one port, or on those to `last_port`; returns the rules.

    Declares the egress rule of the caller and the ingress rule of the called, for whichever of the two is a security
    group. `port=None` with `protocol="-1"` is every port of every protocol, for a NAT instance and the like.
    `why` becomes the description that the AWS console shows.
    """
    name = f"{scope.name}-{suffix}"
    if not _DESCRIPTION.fullmatch(why):
        raise ValueError(f"{name}: {why!r} is not a description that AWS accepts")
    ports: dict[str, Any] = {"ip_protocol": protocol, "description": why}
    if port is not None:
        ports |= {"from_port": port, "to_port": last_port or port}
    more = {**ports, "tags": {"Name": name}, "opts": scope.child_options(replace_on_changes=_ADMITTED)}
    rules: list[pulumi.Resource] = []
    if isinstance(caller, Group):
        out = aws.vpc.SecurityGroupEgressRule(
            f"{name}-egress", security_group_id=caller.id, **_name_peer(called), **more
        )
        rules.append(out)
    if isinstance(called, Group):
        into = aws.vpc.SecurityGroupIngressRule(
            f"{name}-ingress", security_group_id=called.id, **_name_peer(caller), **more
        )
        rules.append(into)
    return rules


def allow_services(
    scope: Scope, suffix: str, caller: Peer, called: Peer, services: Sequence[str], why: str
) -> list[pulumi.Resource]:
    """Let `caller` call the endpoints of these services on their ports; returns the rules."""
    rules: list[pulumi.Resource] = []
    for ports in endpoint_ports.merge_ports(services):
        first, last = ports
        https = ports == endpoint_ports.HTTPS
        name = suffix if https else f"{suffix}-{endpoint_ports.format_range(ports)}"
        reason = f"{'HTTPS' if https else endpoint_ports.format_ports([ports])} {why}"
        rules += allow(scope, name, caller, called, first, reason, last_port=last)
    return rules


def _name_peer(peer: Peer) -> dict[str, Any]:
    match peer:
        case Group(id=group):
            return {"referenced_security_group_id": group}
        case PrefixList(id=prefix_list):
            return {"prefix_list_id": prefix_list}
        case Cidr(cidr=cidr, ipv6=ipv6):
            return {"cidr_ipv6" if ipv6 else "cidr_ipv4": cidr}
