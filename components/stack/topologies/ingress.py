"""The ingress of a stack's settings, and how an API integrates with it."""

import math
from typing import Any

import pulumi

from ... import PrivateIngress, PrivateNetwork
from ...api.route_operations import choose_timeout
from ...facts import limits
from ...ingress.ingress_args import UNUSED_BY_CLOUD_MAP
from ...serverless_proxy import choose_forwarder_timeout
from ..settings import Settings
from ..settings.api import Route
from ..settings.backend import Container, Ec2
from ..settings.services import merge_routes
from .backend import drop_omitted
from .link_version import choose_link_version


def declare_ingress(
    settings: Settings, network: PrivateNetwork, alarm_topic_arn: pulumi.Output[str] | None = None
) -> PrivateIngress | None:
    """Declare it, where the settings have one."""
    wanted, backend = settings.ingress, settings.backend
    if wanted is None or not any(isinstance(one, Container) for one in settings.backends.values()):
        return None
    args: dict[str, Any] = {
        **wanted.read_arguments(),
        "link": choose_link_version(settings, wanted),
        "vpc_id": network.vpc_id,
        "subnet_ids": network.private_subnet_ids,
        **(describe_targets(backend) if isinstance(backend, Container) else {"has_backend": False}),
        "longest_wait_seconds": find_longest_wait(settings),
        "alarm_topic_arn": alarm_topic_arn,
        # `declare_backend` calls `listen`, so that requests are led to what answers.
        "deferred": True,
    }
    if wanted.kind == "cloud-map":
        args = {key: value for key, value in args.items() if key not in UNUSED_BY_CLOUD_MAP}
    args = drop_omitted(args)
    if wanted.server_name:
        # API Gateway uses the name only for TLS; the forwarder and services without a name of their own resolve it.
        called = {name for names in settings.called_services.values() for name in names}
        args["private_record"] = any(map(settings.is_forwarded, settings.api.routes)) or any(
            settings.find_container(name).name is None for name in called
        )
    return PrivateIngress("ingress", args)


def describe_targets(backend: Container) -> dict[str, Any]:
    """Returns the ingress's arguments that describe a backend."""
    return {
        "backend_port": backend.port,
        "target_type": "instance" if isinstance(backend, Ec2) else "ip",
        "health_check_path": backend.health_check_path,
        "target_zones": 1 if isinstance(backend, Ec2) and not backend.spec.several else backend.zones,
    }


def find_longest_wait(settings: Settings) -> int:
    """Returns the seconds for which a route to the backend waits for the next byte of a response."""
    proxy = settings.proxy
    waits = [1]
    for route in merge_routes(settings.api, settings.services).routes:
        if settings.api.streams(route):
            waits.append(min(_find_timeout_seconds(settings, route), limits.STREAM_PAUSE_SECONDS))
        elif settings.is_forwarded(route):
            waits.append(proxy.timeout_seconds or choose_forwarder_timeout(proxy.mean_milliseconds))
        elif route.target == "backend":
            waits.append(_find_timeout_seconds(settings, route))
    return max(waits)


def _find_timeout_seconds(settings: Settings, route: Route) -> int:
    streams, http = settings.api.streams(route), settings.api.kind == "http"
    return math.ceil(choose_timeout(route.timeout_milliseconds, streams=streams, http=http) / 1000)
