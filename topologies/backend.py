"""The backend that a stack's settings ask for, and what its callers need to know of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from components.ec2_backend import Ec2BackendArgs

from components import Ec2Backend, PrivateNetwork, UrlBackend
from components.url_backend import UrlBackendArgs
from settings import Settings
from settings.backend import Ec2, Url

from .network import egress_of


@dataclass(frozen=True)
class Reached:
    """Where a caller inside the VPC finds the backend."""

    url: pulumi.Input[str]
    port: int
    security_group_id: pulumi.Input[str] | None = None
    cidrs: Sequence[pulumi.Input[str]] = ()


def backend(settings: Settings, network: PrivateNetwork) -> Reached:
    """Declare the backend in the network."""
    match settings.backend:
        case Ec2() as wanted:
            return _ec2(wanted, settings, network)
        case Url() as wanted:
            return _url(wanted, network)
    raise NotImplementedError(settings.backend.kind)


def _ec2(wanted: Ec2, settings: Settings, network: PrivateNetwork) -> Reached:
    args: Ec2BackendArgs = {
        "vpc_id": network.vpc_id,
        "subnet_ids": network.private_subnet_ids,
        "port": wanted.port,
        "instance_type": wanted.instance_type,
        "disk_gib": wanted.disk_gib,
        "environment": dict(wanted.environment),
        "secrets": dict(wanted.secrets),
        "health_check_path": wanted.health_check_path,
        "access": wanted.access.value,
        "egress": egress_of(settings),
    }
    optional: dict[str, Any] = {
        "s3_prefix_list_id": network.s3_prefix_list_id,
        "dynamodb_prefix_list_id": network.dynamodb_prefix_list_id,
        "endpoint_security_group_id": network.endpoint_security_group_id,
        "image": wanted.image,
        "user_data": wanted.user_data,
        "image_id": wanted.image_id,
        "instance_connect_security_group_id": network.instance_connect_security_group_id,
    }
    made = Ec2Backend("backend", args | {key: value for key, value in optional.items() if value is not None})
    return Reached(made.url, wanted.port, made.security_group_id)


def _url(wanted: Url, network: PrivateNetwork) -> Reached:
    args: UrlBackendArgs = {"url": wanted.url, "fallback_cidr": network.vpc_cidr}
    if wanted.cidrs:
        args["cidrs"] = list(wanted.cidrs)
    if wanted.security_group_id:
        args["security_group_id"] = wanted.security_group_id
    made = UrlBackend("backend", args)
    return Reached(wanted.url, made.port_number, made.security_group_id, made.cidr_list)
