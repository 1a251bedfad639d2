"""private-api: PRIVATE REST API behind an execute-api endpoint, reached only from inside the VPC."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pulumi

from ... import ApiFront, PrivateApiEndpoint, PrivateIngress, PrivateNetwork, ServerlessProxy
from ...arguments.connections import TargetArgs
from ...facts.egress_modes import Need, can_reach
from ..settings import Settings
from ..settings.api import Private
from ..settings.backend import Greeter, Listener, NoBackend
from ..settings.egress import list_modes
from .alerts import choose_alarm_topic, declare_alerts
from .backend import DeclaredBackend, declare_backend
from .built import Built, build_stack
from .consumer import declare_consumer
from .front import declare_front
from .functions import declare_function_targets
from .greeter import declare_greeter
from .ingress import declare_ingress
from .listener import declare_listener_target
from .network import declare_network
from .outputs import Outputs
from .proxy import declare_forwarder

_SESSION_MANAGER_ENDPOINTS = ("ssm", "ssmmessages")


def build(settings: Settings) -> Built:
    """Declare the stack."""
    topic = declare_alerts(settings)
    vpc = declare_network(settings, topic, _list_endpoints(settings))
    endpoint = _declare_endpoint(settings, vpc) if settings.api.private.own_endpoint else None
    link_group: pulumi.Input[str] = ""
    private_ingress = declared = made_forwarder = None
    if isinstance(settings.backend, Listener):
        linked, link_group = declare_listener_target(settings, settings.backend, vpc)
        targets = {"backend": linked}
    else:
        private_ingress = declare_ingress(settings, vpc, choose_alarm_topic(settings, topic))
        targets, declared, made_forwarder = _declare_backend(
            settings, vpc, private_ingress, choose_alarm_topic(settings, topic)
        )
    targets |= declare_function_targets(settings, vpc)
    api = declare_front(
        settings, targets, vpc, alarm_topic_arn=topic, more=_build_private_args(settings, vpc, endpoint)
    )
    url = _choose_url(settings, api)
    made = build_stack(
        settings,
        api,
        url=url,
        network=vpc,
        ingress=private_ingress,
        backend=declared,
        forwarder=made_forwarder,
        link_security_group_id=link_group,
    )
    own: Outputs = {
        "SecureApiUrl": url,
        # One name for each associated endpoint, which resolves with private DNS or without.
        "endpointUrls": api.endpoint_urls,
        # Another stack in the network uses the endpoint by this: api.private.endpointId.
        "endpointId": endpoint.endpoint_id if endpoint else "",
    }
    called_by = None
    if settings.consumer is not None and endpoint is not None:
        called_by, of_consumer = declare_consumer(settings, vpc, endpoint, url)
        own |= of_consumer
    return replace(made, endpoint=endpoint, consumer=called_by, outputs=made.outputs | own)


def _choose_url(settings: Settings, api: ApiFront) -> pulumi.Output[str]:
    """Returns the address that callers resolve: the domain, the API's own name, or its name at an endpoint.

    Without an endpoint of its own, the stack does not know if a caller's endpoint has private DNS: its name is right
    with private DNS or without.
    """
    private = settings.api.private
    own_name = private.private_dns if private.own_endpoint else not private.vpc_endpoint_ids
    if settings.api.domain is not None or own_name:
        return api.url
    return api.endpoint_urls.apply(lambda urls: urls[0])


def _list_endpoints(settings: Settings) -> tuple[str, ...]:
    """Returns endpoints that Session Manager needs to reach the consumer, if nothing else leads there."""
    wanted = settings.consumer is not None and settings.consumer.access == "session-manager"
    reached = can_reach(list_modes(settings.network), settings.network.served, Need.SESSION_MANAGER)
    return tuple(
        each for each in _SESSION_MANAGER_ENDPOINTS if wanted and not reached and each not in settings.network.served
    )


def _declare_endpoint(settings: Settings, vpc: PrivateNetwork) -> PrivateApiEndpoint:
    private = settings.api.private
    subnets = vpc.private_subnets[:1] if settings.network.endpoint_zones == "one" else vpc.private_subnets
    if private.endpoint_id is not None:
        existing = {"vpc_id": vpc.vpc_id, "endpoint_id": private.endpoint_id, "vpc_cidr": vpc.vpc_cidr}
        return PrivateApiEndpoint("endpoint", existing)
    args = {
        "vpc_id": vpc.vpc_id,
        "subnet_ids": subnets,
        "vpc_cidr": vpc.vpc_cidr,
        "private_dns": private.private_dns,
        **_build_callers(private, vpc.ipv4_cidrs[1:]),
    }
    return PrivateApiEndpoint("endpoint", args)


def _build_callers(private: Private, further: Sequence[str]) -> dict[str, Any]:
    """Returns the endpoint's callers. If the whole VPC may call, all of its ranges may."""
    wanted = dict(private.callers)
    if private.admits_vpc and further:
        listed = [*wanted.get("allow_cidrs", ())]
        wanted["allow_cidrs"] = [*listed, *(cidr for cidr in further if cidr not in listed)]
    return wanted


def _declare_backend(
    settings: Settings,
    vpc: PrivateNetwork,
    private_ingress: PrivateIngress | None,
    alarm_topic_arn: pulumi.Output[str] | None,
) -> tuple[dict[str, TargetArgs], DeclaredBackend | None, ServerlessProxy | None]:
    """The targets of the API's routes besides functions: none, a greeter, a VPC link, or the forwarder."""
    if isinstance(settings.backend, NoBackend):
        return {}, None, None
    if isinstance(settings.backend, Greeter):
        return {"backend": declare_greeter(settings.backend)}, None, None
    declared = declare_backend(settings, vpc, private_ingress, alarm_topic_arn)
    targets: dict[str, TargetArgs] = {}
    if private_ingress is not None and settings.uses_link:
        targets["backend"] = private_ingress.target(*declared.ready)
    if not any(map(settings.is_forwarded, settings.api.routes)):
        return targets, declared, None
    made = declare_forwarder(settings, vpc, declared, alarm_topic_arn)
    target = made.target
    return {"backend": target, "proxy": target} | targets, declared, made


def _build_private_args(settings: Settings, vpc: PrivateNetwork, endpoint: PrivateApiEndpoint | None) -> dict[str, Any]:
    """Returns arguments that only private APIs have."""
    private, domain = settings.api.private, settings.api.domain
    admitted = [*([endpoint.endpoint_id] if endpoint else []), *private.vpc_endpoint_ids]
    args: dict[str, Any] = {
        "kind": "private",
        "endpoint_ids": admitted,
        "allow_endpoint_ids": admitted,
        "allow_vpc_ids": list(private.vpc_ids),
        "domain": None,
    }
    if domain is not None and endpoint is not None:
        args["private_domain"] = {
            "name": domain.name,
            "certificate_arn": domain.certificate_arn,
            "vpc_id": vpc.vpc_id,
            "endpoint_id": endpoint.endpoint_id,
            "endpoint_dns_name": endpoint.dns_name,
            "endpoint_zone_id": endpoint.zone_id,
            "base_path": domain.base_path,
        }
    return args
