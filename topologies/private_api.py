"""private-api: PRIVATE REST API behind an execute-api endpoint, reached only from inside the VPC."""

from typing import Any

import pulumi

from components import PrivateApiEndpoint, PrivateNetwork
from components.api_front_args import TargetArgs
from components.network.egress import Need, can_reach
from settings import Settings
from settings.backend import Access, Greeter

from .alerts import alerts
from .backend import Reached, backend
from .consumer import consumer
from .front import front
from .functions import function_targets
from .greeter import greeter_target
from .ingress import ingress, link_target
from .network import egress_of, network
from .outputs import Outputs, outputs
from .proxy import proxy_target

_SESSION_MANAGER_ENDPOINTS = ("ssm", "ssmmessages")


def build(settings: Settings) -> Outputs:
    """Declare the stack."""
    topic = alerts(settings)
    vpc = network(settings, topic, _endpoints(settings))
    door = _door(settings, vpc)
    target, reached = _backend(settings, vpc)
    targets = {"backend": target, **function_targets(settings)}
    if any(route.target == "proxy" for route in settings.api.routes) and reached is not None:
        targets["proxy"] = target if settings.ingress is None else proxy_target(settings, vpc, reached)
    gate = front(settings, targets, alarm_topic_arn=topic, more=_private(settings, vpc, door))
    made = outputs(settings, gate, vpc, reached)
    made["SecureApiUrl"] = gate.url
    if settings.consumer is not None:
        made |= consumer(settings, vpc, door, gate.url)
    return made


def _endpoints(settings: Settings) -> tuple[str, ...]:
    """What Session Manager needs to reach the consumer, where nothing else leads there."""
    wanted = settings.consumer is not None and settings.consumer.access is Access.SESSION_MANAGER
    reached = can_reach(egress_of(settings), settings.network.endpoints, Need.SESSION_MANAGER)
    return _SESSION_MANAGER_ENDPOINTS if wanted and not reached else ()


def _door(settings: Settings, vpc: PrivateNetwork) -> PrivateApiEndpoint:
    private = settings.api.private
    subnets: pulumi.Output[list[str]] = vpc.private_subnet_ids
    if settings.network.endpoint_zones.value == "one":
        subnets = subnets.apply(lambda ids: ids[:1])
    return PrivateApiEndpoint(
        "endpoint",
        {
            "vpc_id": vpc.vpc_id,
            "subnet_ids": subnets,
            "vpc_cidr": vpc.vpc_cidr,
            "private_dns": private.private_dns,
            "allow_security_group_ids": list(private.allow_security_group_ids),
            "allow_cidrs": list(private.allow_cidrs),
        },
    )


def _backend(settings: Settings, vpc: PrivateNetwork) -> tuple[TargetArgs, Reached | None]:
    """The target of the API's routes: a greeter, a VPC link, or the forwarder."""
    if isinstance(settings.backend, Greeter):
        return greeter_target(settings.backend), None
    way_in = ingress(settings, vpc)
    reached = backend(settings, vpc, way_in)
    if way_in is not None:
        return link_target(settings, way_in), reached
    return proxy_target(settings, vpc, reached), reached


def _private(settings: Settings, vpc: PrivateNetwork, door: PrivateApiEndpoint) -> dict[str, Any]:
    """What only a private API is told."""
    private, domain = settings.api.private, settings.api.domain
    args: dict[str, Any] = {
        "kind": "private",
        "endpoint_ids": [door.endpoint_id, *private.vpc_endpoint_ids],
        "admitted_endpoint_ids": [door.endpoint_id, *private.vpc_endpoint_ids],
        "admitted_vpc_ids": list(private.vpc_ids),
        "domain": None,
    }
    if domain is not None:
        args["private_domain"] = {
            "name": domain.name,
            "certificate_arn": domain.certificate_arn,
            "vpc_id": vpc.vpc_id,
            "endpoint_id": door.endpoint_id,
            "endpoint_dns_name": door.dns_name,
            "endpoint_zone_id": door.zone_id,
            "base_path": domain.base_path,
        }
    return args
