"""The forwarder of a stack's settings."""

import math
from typing import Any

import pulumi

from ... import PrivateNetwork, ServerlessProxy
from ...api.route_operations import choose_timeout
from ..settings import Settings
from .backend import DeclaredBackend


def declare_forwarder(
    settings: Settings,
    network: PrivateNetwork,
    backend: DeclaredBackend,
    alarm_topic_arn: pulumi.Output[str] | None = None,
) -> ServerlessProxy:
    """Declare the forwarder between the API and the backend."""
    assert backend.endpoint is not None, "a rule of the settings demands one"
    args: dict[str, Any] = {
        "vpc_id": network.vpc_id,
        "subnet_ids": network.private_subnet_ids,
        **backend.endpoint,
        "strip_prefix": settings.api.stripped_prefix,
        "identity": settings.passes_identity,
        **settings.proxy.read_arguments(),
    }
    domain = settings.api.domain
    if domain is not None and domain.base_path and settings.api.kind == "http":
        args["custom_domain"] = f"{domain.name}/{domain.base_path}"
    if not args.keys() & {"backend_security_group_id", "backend_cidrs"}:
        if len(network.ipv4_cidrs) > 1:
            args["backend_cidrs"] = network.ipv4_cidrs
        else:
            args["vpc_cidr"] = network.vpc_cidr
    if alarm_topic_arn is not None:
        args["alarm_topic_arn"] = alarm_topic_arn
    if streams := _list_stream_seconds(settings):
        args["stream_seconds"] = max(streams)
    return ServerlessProxy(settings.name("proxy"), args)


def _list_stream_seconds(settings: Settings) -> list[int]:
    """How many seconds each of the routes that stream through the forwarder lasts at most."""
    return [
        math.ceil(choose_timeout(route.timeout_milliseconds, streams=True) / 1000)
        for route in settings.api.routes
        if settings.api.streams(route) and settings.is_forwarded(route)
    ]
