"""The network of a stack's settings."""

import ipaddress
from collections.abc import Sequence
from typing import Any

import pulumi

from ... import PrivateNetwork
from ...facts import egress_modes, limits
from ..settings import Settings, Topology
from ..settings.backend import Container, Ec2, Listener, Url
from ..settings.egress import list_modes
from ..settings.mistakes import ConfigError, Mistake, qualify
from ..settings.network import AdoptedNetwork, NewNetwork
from ..settings.section import to_plain
from .link_version import choose_link_version
from .zones import choose_zone_names, refuse_zones_without


def declare_network(
    settings: Settings, alarm_topic_arn: pulumi.Input[str] | None = None, endpoints: Sequence[str] = ()
) -> PrivateNetwork:
    """A new VPC, or the one that exists. `endpoints` are those that the topology needs besides the config's own."""
    wanted = settings.network
    listed = list(dict.fromkeys([*wanted.endpoints, *endpoints]))
    args: dict[str, Any] = {
        "egress": list_modes(settings.network),
        "endpoints": listed,
        "instance_connect": _has_instance_connect(settings),
    }
    if listed:
        args["endpoint_zones"] = wanted.endpoint_zones
    if permissions := _merge_permissions(settings):
        args["permissions"] = permissions
    if isinstance(wanted, AdoptedNetwork):
        private = settings.api.private
        resolved = private.own_endpoint and private.private_dns
        args["private_dns"] = settings.topology is Topology.PRIVATE_API and resolved
        # Zones without links are those of the second version.
        ingress = settings.ingress
        makes_link = isinstance(settings.backend, Listener) and settings.backend.link_id is None
        args["vpc_link"] = makes_link or (ingress is not None and choose_link_version(settings, ingress) == "v2")
        args["calls_over_ipv6"] = any(isinstance(one, Url) and one.over_ipv6 for one in settings.backends.values())
        args |= {"vpc_id": wanted.vpc_id, "subnet_ids": wanted.subnet_ids, "route_table_ids": wanted.route_table_ids}
        args["existing_endpoints"] = wanted.existing_endpoints
        made = PrivateNetwork("network", args)
        _refuse_dockers_range(settings, wanted, made.ipv4_cidrs)
        return made
    return PrivateNetwork("network", args | _build_new_args(wanted, settings, alarm_topic_arn))


def _refuse_dockers_range(settings: Settings, wanted: AdoptedNetwork, ranges: Sequence[str]) -> None:
    """Raises ConfigError for a VPC whose addresses a container on EC2 looks for on Docker's bridge, DNS among them."""
    if not any(isinstance(one, Ec2) and one.image for one in settings.backends.values()):
        return
    bridge = ipaddress.IPv4Network(limits.DOCKER_BRIDGE)
    mistakes = [
        Mistake(
            qualify("network.vpcId"),
            wanted.vpc_id,
            f"a VPC without addresses of {limits.DOCKER_BRIDGE}, which Docker uses inside every instance; it has "
            f"{cidr}",
            "use another VPC, or backend.kind: fargate",
        )
        for cidr in ranges
        if ipaddress.IPv4Network(cidr).overlaps(bridge)
    ]
    if mistakes:
        raise ConfigError(pulumi.get_stack(), mistakes)


def _list_instance_types(settings: Settings, wanted: NewNetwork) -> dict[str, tuple[str, int | None]]:
    """Instance types by their keys, each with the number of zones that it runs in."""
    found: dict[str, tuple[str, int | None]] = {}
    for place, backend in settings.backends.items():
        if isinstance(backend, Ec2):
            zones = backend.zones if backend.spec.several else 1
            found[f"{place}.instanceType"] = (backend.spec.instance_type, zones)
    if egress_modes.NAT_INSTANCE in list_modes(wanted):
        found["network.natInstance.instanceType"] = (wanted.nat_instance.instance_type, 1)
    if settings.consumer is not None:
        found["consumer.instanceType"] = (settings.consumer.instance_type, 1)
    return found


def list_containers(settings: Settings) -> list[Container]:
    """The backends that run a container."""
    return [backend for backend in settings.backends.values() if isinstance(backend, Container)]


def _merge_permissions(settings: Settings) -> dict[str, Any]:
    """Permissions of all programs in the network, each resource once."""
    programs = list_containers(settings)
    together: dict[tuple[str, object], dict[str, Any]] = {}
    for program in [*programs, *settings.api.functions_in_vpc.values()]:
        for permission in program.permissions.values():
            named = together.setdefault((permission.kind, permission.name), to_plain(permission))
            named["allow"] = list(dict.fromkeys([*named["allow"], *permission.allow]))
    return {f"{kind}-{name}": permission for (kind, name), permission in together.items()}


def _build_new_args(
    wanted: NewNetwork, settings: Settings, alarm_topic_arn: pulumi.Input[str] | None
) -> dict[str, Any]:
    containers = list_containers(settings)
    of_image = [container.image_bucket for container in containers if container.image_bucket]
    zones = choose_zone_names(wanted.zones, vpc_link=_has_link(settings))
    if not isinstance(wanted.zones, int):
        refuse_zones_without(_list_instance_types(settings, wanted), zones)
    egress = list_modes(wanted)
    args: dict[str, Any] = {
        "cidr": wanted.cidr,
        "zones": zones,
        "zones_stay": isinstance(wanted.zones, int),
        "readable_buckets": list(dict.fromkeys([*wanted.readable_buckets, *of_image])),
        "ecr_layers": any(container.pulls_from_ecr for container in containers),
    }
    if egress_modes.NAT_GATEWAY in egress:
        args["nat_gateways"] = wanted.nat_gateways
    if egress_modes.NAT_INSTANCE in egress:
        args["nat_instance"] = to_plain(wanted.nat_instance)
    if wanted.flow_logs_retention_days:
        args["flow_logs_retention_days"] = wanted.flow_logs_retention_days
    if alarm_topic_arn is not None:
        args["alarm_topic_arn"] = alarm_topic_arn
    return args


def _has_link(settings: Settings) -> bool:
    return settings.ingress is not None and settings.topology is not Topology.PUBLIC_PROXY


def _has_instance_connect(settings: Settings) -> bool:
    sections = (*settings.backends.values(), settings.consumer)
    return any(getattr(section, "access", None) == "instance-connect" for section in sections)
