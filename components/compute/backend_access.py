"""Whom a backend's instance lets in, and where it may call: its security group.

A caller that comes after the backend, such as the forwarder, declares its edge itself; one that is there before it is
admitted here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from ..arguments.words import Access
from ..facts import aws_permissions, egress_modes, endpoint_ports, limits
from ..resource_options.scope import Scope
from ..security_groups.peers import ANYWHERE, Cidr, Group, Peer, PrefixList
from ..security_groups.rules import allow, allow_services, declare_security_group
from .backend_args import EgressArgs
from .called_servers import CalledServerArgs, allow_calls

_ANY_OVER_HTTPS: Final = "ssm"
_SCHEMES: Final = {limits.HTTPS_PORT: "https", limits.HTTP_PORT: "http"}
_DOWNLOADS: Final = (limits.HTTPS_PORT, limits.HTTP_PORT)


def connect_command(access: Access, instance_id: pulumi.Input[str]) -> pulumi.Output[str]:
    """The command that opens a shell on an instance; empty if it depends on more than the instance."""
    commands: dict[Access, str] = {
        "session-manager": "aws ssm start-session --target ",
        "instance-connect": "aws ec2-instance-connect ssh --connection-type eice --instance-id ",
    }
    begin = commands.get(access)
    return pulumi.Output.concat(begin, instance_id) if begin else pulumi.Output.from_input("")


def connect_through(
    bastion_id: pulumi.Input[str], instance_id: pulumi.Input[str], private_ip: pulumi.Input[str]
) -> pulumi.Output[str]:
    """The command that opens a shell through a bastion: a tunnel of Session Manager's, and a key that lives a minute.

    You need `ssm:StartSession` and `ec2-instance-connect:SendSSHPublicKey` to run it; the bastion needs neither.
    https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html
    """
    return pulumi.Output.format(
        "aws ssm start-session --target {0} --document-name AWS-StartPortForwardingSessionToRemoteHost "
        "--parameters host={1},portNumber=22,localPortNumber=2222 & sleep 5 && "
        "aws ec2-instance-connect send-ssh-public-key --instance-id {2} --instance-os-user ec2-user "
        "--ssh-public-key file://~/.ssh/id_ed25519.pub && ssh -p 2222 ec2-user@localhost",
        bastion_id,
        private_ip,
        instance_id,
    )


def declare_backend_group(
    scope: Scope,
    vpc_id: pulumi.Input[str],
    egress: EgressArgs,
    ssh_from: pulumi.Input[str] | None,
    *,
    internet_ports: Sequence[int] = (),
    calls: Mapping[str, CalledServerArgs] | None = None,
) -> aws.ec2.SecurityGroup:
    """The backend's security group: it allows calls to the network's egress and to `calls`, and SSH from at most one
    other group."""
    group = declare_security_group(scope, "group", vpc_id, "Backend: called by the gateway alone")
    own = Group(group.id)
    if ssh_from is not None:
        allow(scope, "ssh", Group(ssh_from), own, limits.SSH_PORT, "SSH from bastion or Instance Connect")
    called, ports = calls or {}, dict.fromkeys((*_DOWNLOADS, *internet_ports))
    open_internet(scope, own, egress.egress, ports, called, "packages, images and other downloads of the backend")
    open_services(scope, own, egress)
    allow_calls(scope, own, called, list_endpoint_peers(egress))
    return group


def allow_callers(
    scope: Scope, group_id: pulumi.Input[str], port: int, callers: Mapping[str, pulumi.Input[str]]
) -> list[pulumi.Resource]:
    """Let the callers' groups, by the caller's name, call the backend on its port; returns the rules."""
    return [
        rule
        for caller, caller_group in callers.items()
        for rule in allow(
            scope,
            f"from-{caller}",
            Group(caller_group),
            Group(group_id),
            port,
            f"{caller} calls the backend, health checks included",
        )
    ]


def open_internet(
    scope: Scope,
    own: Group,
    egress: Collection[str],
    ports: Iterable[int],
    calls: Mapping[str, CalledServerArgs],
    why: str,
) -> list[pulumi.Resource]:
    """Let the group call these ports as far as the network leads out, and those of `calls` to any address; returns the
    rules. Their names do not depend on which of both opens a port, so that one rule serves."""
    leads = {"ipv4": bool(egress_modes.NAT & set(egress)), "ipv6": egress_modes.IPV6 in egress}
    reasons = {(family, port): why for family, is_open in leads.items() if is_open for port in ports}
    for name, server in calls.items():
        if server.anywhere is not None:
            reasons.setdefault(server.anywhere, f"{scope.name} calls {name}")
    return [
        rule
        for (family, port), reason in reasons.items()
        for rule in allow(
            scope, f"to-{_SCHEMES.get(port, f'tcp-{port}')}-{family}", own, ANYWHERE[family], port, reason
        )
    ]


def open_services(scope: Scope, own: Group, egress: EgressArgs) -> list[pulumi.Resource]:
    """Let the group call what has an endpoint in the VPC; returns the rules.

    A gateway endpoint's addresses are public ones, to a security group.
    """
    rules: list[pulumi.Resource] = []
    lists = {"s3": egress.s3_prefix_list_id, "dynamodb": egress.dynamodb_prefix_list_id}
    for service, prefix_list_id in lists.items():
        if prefix_list_id is not None and not egress_modes.NAT & set(egress.egress):
            rules += allow(
                scope,
                f"to-{service}",
                own,
                PrefixList(prefix_list_id),
                limits.HTTPS_PORT,
                "through the free gateway endpoint",
            )
    for name, called, services in _list_endpoint_services(egress):
        rules += allow_services(scope, name, own, called, services, "to AWS services")
    return rules


def list_endpoint_peers(egress: EgressArgs) -> list[tuple[Peer, int]]:
    """Returns peers and single ports that `open_services` opens for interface endpoints."""
    return [
        (called, first)
        for _, called, services in _list_endpoint_services(egress)
        for first, last in endpoint_ports.merge_ports(services)
        if first == last
    ]


def _list_endpoint_services(egress: EgressArgs) -> Iterator[tuple[str, Peer, Sequence[str]]]:
    """Yields the name of the rule, peer and services of interface endpoints, the network's own and those that exist."""
    endpoints: list[tuple[str, Peer, Sequence[str]]] = []
    if egress.endpoint_security_group_id is not None:
        endpoints.append(("to-endpoints", Group(egress.endpoint_security_group_id), egress.endpoint_services))
    if egress.endpoint_cidr is not None:
        existing = egress.existing_endpoint_services
        endpoints.append(("to-existing-endpoints", Cidr(egress.endpoint_cidr), existing))
    for name, called, services in endpoints:
        interfaces = [service for service in services if service not in aws_permissions.GATEWAY_ENDPOINTS]
        yield name, called, interfaces or [_ANY_OVER_HTTPS]
