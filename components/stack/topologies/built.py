"""A declared stack: its components by name, and its outputs."""

from dataclasses import dataclass

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
from .outputs import Outputs


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
    endpoint: PrivateApiEndpoint | None = None
    """The VPC endpoint of a private API."""
    consumer: ApiConsumer | None = None
    """The instance that calls a private API."""
    outputs: Outputs
    """What `run` exports, by name."""
