"""The backend of a stack's settings, and what its callers need to know of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pulumi

from components import ApiConsumer, Ec2Backend, FargateBackend, PrivateIngress, PrivateNetwork, UrlBackend
from components.api_consumer import ApiConsumerArgs
from components.compute.backend_access import connect_through
from components.url_backend import UrlBackendArgs
from facts.instance_types import IMAGE_PLATFORM_TAG
from settings import Settings
from settings.backend import Container, Ec2, Fargate, Url
from settings.egress import modes


@dataclass(frozen=True, kw_only=True)
class BackendEndpoint:
    """Where a caller inside the VPC finds the backend."""

    url: pulumi.Input[str]
    port: int
    caller_group_id: pulumi.Input[str] | None = None
    """Security group to call: of the backend, or of the balancer in front of it."""
    cidrs: Sequence[str] = ()
    """Its ranges. With neither these nor a group to call, it can be anywhere in the VPC."""
    over_ipv6: bool = False
    """Whether it is called at an IPv6 address."""
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


def backend(settings: Settings, network: PrivateNetwork, ingress: PrivateIngress | None) -> BackendEndpoint:
    """Declare the backend in the network, registered with the ingress if there is one."""
    match settings.backend:
        case Ec2() as wanted:
            bastion = _bastion(settings, network) if wanted.access == "bastion" else None
            ec2 = Ec2Backend("backend", _ec2_args(wanted, settings, network, ingress, bastion))
            straight = BackendEndpoint(
                url=ec2.url,
                port=ec2.port_number,
                caller_group_id=ec2.security_group_id,
                security_group_id=ec2.security_group_id,
                instance_ids=ec2.instance_ids,
                connect=_connect(ec2, bastion),
                ready=ec2.ready,
            )
        case Fargate() as wanted:
            fargate = FargateBackend("backend", _fargate_args(wanted, settings, network, ingress))
            straight = BackendEndpoint(
                url="",
                port=fargate.port_number,
                caller_group_id=fargate.security_group_id,
                security_group_id=fargate.security_group_id,
                log_group_name=fargate.log_group_name,
                ready=fargate.ready,
            )
        case Url() as wanted:
            return _url(wanted, settings)
        case _:
            raise ValueError(f"a {settings.backend.kind} is in no network")
    if ingress is not None:
        ingress.listen(*straight.ready)
    if settings.ingress is None or ingress is None or ingress.url is None:
        return straight
    return replace(
        straight, url=ingress.url, port=settings.ingress.port, caller_group_id=ingress.entry_security_group_id
    )


def _connect(ec2: Ec2Backend, bastion: ApiConsumer | None) -> pulumi.Output[str]:
    if bastion is None:
        return ec2.connect
    one = ec2.instance_ids.apply(lambda ids: ids[0] if ids else "")
    return connect_through(bastion.instance_id, one, ec2.private_ip)


def _ec2_args(
    wanted: Ec2,
    settings: Settings,
    network: PrivateNetwork,
    ingress: PrivateIngress | None,
    bastion: ApiConsumer | None,
) -> Any:
    return given(
        _common(wanted, settings, network),
        instance_connect_security_group_id=network.instance_connect_security_group_id,
        bastion_security_group_id=bastion.security_group_id if bastion else None,
        registry_id=ingress.registry_id if ingress else None,
        **_registered(settings, ingress),
    )


def _fargate_args(wanted: Fargate, settings: Settings, network: PrivateNetwork, ingress: PrivateIngress | None) -> Any:
    registry_arn = ingress.registry_arn if ingress else None
    return given(_common(wanted, settings, network), registry_arn=registry_arn, **_registered(settings, ingress))


def _common(wanted: Container, settings: Settings, network: PrivateNetwork) -> dict[str, Any]:
    """Arguments of every backend that runs a container: those of the settings by their names, and the network's."""
    args = wanted.arguments()
    for key in ("user_data", "environment", "files", "command"):
        if key in args:
            args[key] = settings.keep("backend", args[key])
    return args | {
        "vpc_id": network.vpc_id,
        "subnet_ids": network.private_subnets,
        "tags": {IMAGE_PLATFORM_TAG: wanted.platform} if wanted.platform else None,
        "egress": modes(settings.network),
        "s3_prefix_list_id": network.s3_prefix_list_id,
        "dynamodb_prefix_list_id": network.dynamodb_prefix_list_id,
        "endpoint_security_group_id": network.endpoint_security_group_id,
    }


def _registered(settings: Settings, ingress: PrivateIngress | None) -> dict[str, Any]:
    """Where the backend registers, and who calls it then."""
    if ingress is None or settings.ingress is None:
        return {}
    return {
        # By its kind, so that the rules of the old and the new ingress exist together while one takes over.
        "callers": {settings.ingress.kind: ingress.caller_security_group_id},
        "target_group_arn": getattr(ingress, "target_group_arn", None),
        "request_count_label": ingress.request_count_label,
    }


def given(args: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The arguments that have a value; the component's defaults apply to all others."""
    return {key: value for key, value in {**args, **more}.items() if value is not None}


def _bastion(settings: Settings, network: PrivateNetwork) -> ApiConsumer:
    """An instance from which to log in to the backend, itself reachable only through Session Manager."""
    args = given(
        {
            "vpc_id": network.vpc_id,
            "subnet_ids": network.private_subnets,
            "egress": modes(settings.network),
            "endpoint_security_group_id": network.endpoint_security_group_id,
        }
    )
    return ApiConsumer("bastion", cast(ApiConsumerArgs, args))


def _url(wanted: Url, settings: Settings) -> BackendEndpoint:
    args = given(
        {"url": wanted.url},
        secret="backend" in settings.encrypted or None,
        cidrs=list(wanted.cidrs) or None,
        security_group_id=wanted.security_group_id,
    )
    made = UrlBackend("backend", cast(UrlBackendArgs, args))
    group = made.security_group_id
    return BackendEndpoint(
        url=made.url,
        port=made.port_number,
        caller_group_id=group,
        cidrs=made.cidr_list,
        over_ipv6=wanted.over_ipv6,
        security_group_id=group,
    )
