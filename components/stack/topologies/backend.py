"""The backend of a stack's settings, and how the forwarder calls it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from ... import ApiConsumer, Ec2Backend, FargateBackend, PrivateNetwork, UrlBackend
from ...arguments.connections import Endpoint
from ...compute.backend_access import connect_through
from ...facts.instance_types import IMAGE_PLATFORM_TAG
from ..settings import Settings
from ..settings.backend import Container, Ec2, Fargate, Url
from ..settings.egress import list_internet_ports
from .private_name import Entry, declare_private_name


@dataclass(frozen=True, kw_only=True)
class DeclaredBackend:
    """The backend, for the parts of the stack that call it or name it in outputs."""

    component: Ec2Backend | FargateBackend | UrlBackend
    endpoint: Endpoint | None = None
    """Arguments of a forwarder that calls it, or the balancer in front of it. None if it has no URL."""
    security_group_id: pulumi.Input[str] | None = None
    """Security group of the backend itself."""
    instance_ids: pulumi.Input[list[str]] = field(default_factory=list)
    """The instance, if it is one that an id names for as long as it lives."""
    connect: pulumi.Output[str] | None = None
    """The command that opens a shell on it, if anything lets a person in."""
    log_group_name: pulumi.Output[str] | None = None
    """Log group of its container, if it has one."""
    ready: Sequence[pulumi.Resource] = ()
    """The registrations of the backend: an API leads there after these."""


def declare_backend(
    settings: Settings,
    network: PrivateNetwork,
    ingress: Entry | None,
    alarm_topic_arn: pulumi.Output[str] | None = None,
    called_urls: Mapping[str, pulumi.Input[str]] | None = None,
) -> DeclaredBackend:
    """Declare the backend in the network, registered with the ingress if there is one.

    `called_urls` are environment variables with the addresses of other services.
    """
    match settings.backend:
        case Ec2() as wanted:
            bastion = _declare_bastion(settings.name("bastion"), network) if wanted.access == "bastion" else None
            args = _build_ec2_args(wanted, settings, network, ingress, bastion, called_urls)
            ec2 = Ec2Backend(settings.name("backend"), args)
            declare_private_name(wanted, settings.name("backend"), ec2, network, ingress)
            return DeclaredBackend(
                component=ec2,
                endpoint=_choose_endpoint(ingress, ec2),
                security_group_id=ec2.security_group_id,
                instance_ids=ec2.instance_ids,
                connect=_connect_command(ec2, bastion),
                log_group_name=ec2.log_group_name,
                ready=ec2.ready,
            )
        case Fargate() as wanted:
            args = _build_common_args(wanted, settings, network, ingress, called_urls)
            fargate = FargateBackend(settings.name("backend"), drop_omitted(args, alarm_topic_arn=alarm_topic_arn))
            declare_private_name(wanted, settings.name("backend"), fargate, network, ingress)
            return DeclaredBackend(
                component=fargate,
                endpoint=_choose_endpoint(ingress, fargate),
                security_group_id=fargate.security_group_id,
                log_group_name=fargate.log_group_name,
                ready=fargate.ready,
            )
        case Url() as wanted:
            return _declare_url(wanted, settings)
    raise ValueError(f"a {settings.backend.kind} is in no network")


def _choose_endpoint(ingress: Entry | None, made: Ec2Backend | FargateBackend) -> Endpoint | None:
    """Returns the balancer's endpoint, which leads to the backend from now on, or else the backend's own."""
    if ingress is not None:
        ingress.listen(*made.ready)
    return getattr(ingress, "endpoint", None) or getattr(made, "endpoint", None)


def _connect_command(ec2: Ec2Backend, bastion: ApiConsumer | None) -> pulumi.Output[str]:
    """The command that opens a shell; empty for a group, whose instances come and go."""
    if bastion is None or getattr(ec2, "endpoint", None) is None:
        return ec2.connect
    return connect_through(bastion.instance_id, ec2.instance_ids.apply(lambda ids: ids[0]), ec2.private_ip)


def _build_ec2_args(
    wanted: Ec2,
    settings: Settings,
    network: PrivateNetwork,
    ingress: Entry | None,
    bastion: ApiConsumer | None,
    called_urls: Mapping[str, pulumi.Input[str]] | None,
) -> dict[str, Any]:
    return drop_omitted(
        _build_common_args(wanted, settings, network, ingress, called_urls),
        instance_connect_security_group_id=network.instance_connect_security_group_id,
        bastion_security_group_id=bastion.security_group_id if bastion else None,
    )


def _build_common_args(
    wanted: Container,
    settings: Settings,
    network: PrivateNetwork,
    ingress: Entry | None,
    called_urls: Mapping[str, pulumi.Input[str]] | None,
) -> dict[str, Any]:
    """Arguments of every backend that runs a container: the settings' by their names, the network's, the ingress's."""
    args = wanted.arguments()
    for key in ("user_data", "environment", "files", "command"):
        if key in args:
            args[key] = settings.keep("backend", args[key])
    if called_urls:
        args["environment"] = {**args.get("environment", {}), **called_urls}
    return drop_omitted(
        args,
        tags={IMAGE_PLATFORM_TAG: wanted.platform} if wanted.platform else None,
        internet_ports=list_internet_ports(settings.network, settings.region) or None,
        **{**network.client(), "subnet_ids": network.private_subnets[: wanted.zones]},
        **(ingress.registration if ingress else {}),
    )


def drop_omitted(args: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Returns the arguments that have a value; the component's defaults apply to all others."""
    return {key: value for key, value in {**args, **more}.items() if value is not None}


def _declare_bastion(name: str, network: PrivateNetwork) -> ApiConsumer:
    """An instance from which to log in to the backend, itself reachable only through Session Manager."""
    return ApiConsumer(name, network.client(gateways=False))


def _declare_url(wanted: Url, settings: Settings) -> DeclaredBackend:
    args = drop_omitted(
        {"url": wanted.url},
        secret="backend" in settings.encrypted or None,
        cidrs=list(wanted.cidrs) or None,
        security_group_id=wanted.security_group_id,
        certificate_authority=wanted.certificate_authority,
    )
    made = UrlBackend(settings.name("backend"), args)
    return DeclaredBackend(component=made, endpoint=made.endpoint, security_group_id=wanted.security_group_id)
