"""A Cloud Map service for one more service of a stack, in the namespace of the first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from ..arguments.connections import Registration, TargetArgs
from ..reach.of_ingress import state_ingress
from ..reach.statement import add_reach
from ..resource_options.ordering import add_dependencies
from ..resource_options.scope import Scope
from .cloud_map import declare_service
from .ingress_args import PrivateIngressArgs


@dataclass(frozen=True, kw_only=True)
class SharedRegistry:
    """What the services of one namespace share."""

    namespace_id: pulumi.Output[str]
    link_id: pulumi.Output[str]
    link_security_group_id: pulumi.Input[str]


class ServiceRegistry(pulumi.ComponentResource):
    """A service that the API looks up by itself: the VPC link calls its copies. Costs $0.10 a month for each copy."""

    def __init__(self, name: str, spec: PrivateIngressArgs, shared: SharedRegistry, own: Mapping[str, Any]) -> None:
        """`spec` is the ingress's, with the port of the service; `own` are the arguments of that."""
        statement = state_ingress(spec, shared.link_id)
        super().__init__("gatehouse:index:ServiceRegistry", name, add_reach(own, statement))
        self._spec, self._shared = spec, shared
        self._service = declare_service(Scope(name, self, spec.tags), shared.namespace_id, name)
        self.register_outputs({})

    def listen(self, *_backends: pulumi.Resource) -> None:
        """Nothing listens: copies register themselves."""

    @property
    def registration(self) -> Registration:
        """Arguments of the backend."""
        return {
            "port": self._spec.backend_port,
            "callers": {self._spec.kind: self._shared.link_security_group_id},
            "registry_arn": self._service.arn,
        }

    def target(self, *backends: pulumi.Resource) -> TargetArgs:
        """Target of an API's routes, which wait for `backends`."""
        return TargetArgs(
            link_id=add_dependencies(self._shared.link_id, *backends),
            listener_arn=self._service.arn,
            server_name=None,
        )
