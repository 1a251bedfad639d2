"""A declared stack: its components by name, and its outputs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from ... import (
    ApiConsumer,
    ApiFront,
    Ec2Backend,
    FargateBackend,
    PrivateApiEndpoint,
    PrivateIngress,
    PrivateNetwork,
    ServerlessProxy,
    UrlBackend,
)
from ..settings import Settings
from .backend import DeclaredBackend
from .outputs import Outputs, build_outputs
from .services import DeclaredService


@dataclass(frozen=True, kw_only=True)
class Built:
    """A declared stack. A component that the stack file does not ask for is None."""

    front: ApiFront
    """The API."""
    network: PrivateNetwork | None = None
    ingress: PrivateIngress | None = None
    backend: Ec2Backend | FargateBackend | UrlBackend | None = None
    """The backend, if it is no function and no existing load balancer."""
    forwarder: ServerlessProxy | None = None
    services: Mapping[str, DeclaredService] = field(default_factory=dict)
    """The services besides `backend`, by name."""
    endpoint: PrivateApiEndpoint | None = None
    """The VPC endpoint of a private API."""
    consumer: ApiConsumer | None = None
    """The instance that calls a private API."""
    outputs: Outputs
    """What `run` exports, by name."""


def build_stack(
    settings: Settings,
    front: ApiFront,
    *,
    url: pulumi.Output[str] | None = None,
    network: PrivateNetwork | None = None,
    ingress: PrivateIngress | None = None,
    backend: DeclaredBackend | None = None,
    forwarder: ServerlessProxy | None = None,
    services: Mapping[str, DeclaredService] | None = None,
    link_security_group_id: pulumi.Input[str] = "",
) -> Built:
    """Returns the stack of these components, with the outputs that every topology has."""
    return Built(
        front=front,
        network=network,
        ingress=ingress,
        backend=backend.component if backend else None,
        forwarder=forwarder,
        services=services or {},
        outputs=build_outputs(
            settings,
            front,
            url=url,
            network=network,
            ingress=ingress,
            backend=backend,
            forwarder=forwarder,
            services=services or {},
            link_security_group_id=link_security_group_id,
        ),
    )
