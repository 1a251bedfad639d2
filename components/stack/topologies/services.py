"""The services of a stack's settings besides `backend`."""

from dataclasses import dataclass

import pulumi

from ... import PrivateIngress, PrivateNetwork, ServerlessProxy
from ...arguments.connections import TargetArgs
from ..settings import Settings
from ..settings.backend import Container
from .backend import DeclaredBackend, declare_backend
from .ingress import describe_targets
from .proxy import declare_forwarder
from .service_calls import build_called_urls, declare_service_calls


@dataclass(frozen=True, kw_only=True)
class DeclaredService:
    """A service, its forwarder if it has one, and the target of its routes."""

    backend: DeclaredBackend
    target: TargetArgs
    forwarder: ServerlessProxy | None = None


def declare_services(
    settings: Settings,
    network: PrivateNetwork,
    ingress: PrivateIngress | None,
    alarm_topic_arn: pulumi.Output[str] | None,
    first: DeclaredBackend | None = None,
) -> dict[str, DeclaredService]:
    """Declare them, by name, and the calls between them and `first`, which is `backend`.

    They share the network and the ingress, and nothing else.
    """
    declared: dict[str, DeclaredService] = {}
    for name in settings.services:
        own = settings.select(name)
        wanted = own.backend
        entry = (
            ingress.add_service(name, **describe_targets(wanted))
            if ingress is not None and isinstance(wanted, Container)
            else None
        )
        urls = build_called_urls(settings, ingress, name)
        backend = declare_backend(own, network, entry, alarm_topic_arn, urls)
        if entry is not None and own.uses_link:
            declared[name] = DeclaredService(backend=backend, target=entry.target(*backend.ready))
            continue
        forwarder = declare_forwarder(own, network, backend, alarm_topic_arn)
        declared[name] = DeclaredService(backend=backend, target=forwarder.target, forwarder=forwarder)
    named = {name: service.backend for name, service in declared.items()}
    declare_service_calls(settings, ingress, named if first is None else {"backend": first, **named})
    return declared
