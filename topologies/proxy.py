"""The forwarder of a stack's settings."""

import math

from components import PrivateNetwork, ServerlessProxy
from components.api_front_args import TargetArgs
from components.serverless_proxy import ServerlessProxyArgs, WebhookArgs
from facts.limits import STREAM_MILLISECONDS
from settings import Settings
from settings.proxy import Webhook

from .backend import BackendEndpoint


def forwarder(settings: Settings, network: PrivateNetwork, backend: BackendEndpoint) -> ServerlessProxy:
    """Declare the forwarder between the API and the backend."""
    wanted = settings.proxy
    args: ServerlessProxyArgs = {
        "vpc_id": network.vpc_id,
        "subnet_ids": network.private_subnet_ids,
        "url": backend.url,
        "port": backend.port,
        "memory": wanted.memory,
        "architecture": wanted.architecture,
        "forward_host": wanted.forward_host,
        "strip_prefix": settings.api.stripped_prefix,
        "identity": settings.passes_identity,
        "rewrite_redirects": wanted.rewrite_redirects,
        "publish_versions": wanted.publish_versions,
        "keep_warm": wanted.keep_warm,
        "precompiled": wanted.precompiled,
        "log_level": wanted.log_level,
        "log_retention_days": wanted.log_retention_days,
    }
    domain = settings.api.domain
    if domain is not None and domain.base_path and settings.api.kind == "http":
        args["custom_domain"] = f"{domain.name}/{domain.base_path}"
    if backend.caller_group_id is not None:
        args["backend_security_group_id"] = backend.caller_group_id
    elif backend.cidrs:
        args["backend_cidrs"] = backend.cidrs
    else:
        args["vpc_cidr"] = network.vpc_cidr
    if backend.over_ipv6:
        args["ipv6"] = True
    if wanted.timeout_seconds is not None:
        args["timeout_seconds"] = wanted.timeout_seconds
    if streams := _streams(settings):
        args["stream_seconds"] = max(streams)
    if wanted.mean_milliseconds is not None:
        args["mean_milliseconds"] = wanted.mean_milliseconds
    if wanted.reserved_concurrency is not None:
        args["reserved_concurrency"] = wanted.reserved_concurrency
    if wanted.webhook is not None:
        args["webhook"] = _webhook(wanted.webhook)
    return ServerlessProxy("proxy", args)


def forwarder_target(settings: Settings, made: ServerlessProxy) -> TargetArgs:
    """The forwarder as a target of routes."""
    target: TargetArgs = {"function_name": made.function_name, "invoke_arn": made.invoke_arn}
    if settings.proxy.publish_versions:
        target["alias_name"] = made.alias_name.apply(str)
    return target


def _streams(settings: Settings) -> list[int]:
    """How many seconds each of the routes that stream through the forwarder lasts at most."""
    return [
        math.ceil((route.timeout_milliseconds or STREAM_MILLISECONDS) / 1000)
        for route in settings.api.routes
        if settings.api.streams(route) and settings.is_forwarded(route)
    ]


def _webhook(wanted: Webhook) -> WebhookArgs:
    args: WebhookArgs = {
        "scheme": wanted.scheme,
        "secret": wanted.secret,
        "tolerance_seconds": wanted.tolerance_seconds,
    }
    if wanted.previous_secret is not None:
        args["previous_secret"] = wanted.previous_secret
    return args
