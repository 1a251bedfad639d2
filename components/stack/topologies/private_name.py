"""The private DNS name of a service."""

import pulumi
import pulumi_aws as aws

from ... import Ec2Backend, FargateBackend, PrivateIngress, PrivateNetwork
from ...ingress.private_record import declare_private_record
from ...ingress.service_ingress import ServiceIngress
from ...ingress.service_registry import ServiceRegistry
from ...reach.of_services import state_private_name
from ...reach.statement import add_reach
from ...resource_options.scope import Scope
from ..settings.backend import Container


class PrivateName(pulumi.ComponentResource):
    """A DNS name by which programs in the VPC call a service."""

    def __init__(
        self,
        scope: Scope,
        name: str,
        vpc_id: pulumi.Input[str],
        destination: "aws.lb.LoadBalancer | pulumi.Output[str]",
        zone_id: pulumi.Input[str] | None,
    ) -> None:
        """`scope` is that of the service."""
        own = f"{scope.name}-name"
        leads = destination.dns_name if isinstance(destination, aws.lb.LoadBalancer) else destination
        inputs = add_reach({}, state_private_name(name, vpc_id, leads, zone_id))
        super().__init__("gatehouse:index:PrivateName", own, inputs, scope.child_options())
        declare_private_record(Scope(own, self, {}), name, vpc_id, destination, zone_id)
        self.register_outputs({})


Entry = PrivateIngress | ServiceIngress | ServiceRegistry
"""How requests come to a backend in the VPC."""


def declare_private_name(
    wanted: Container,
    name: str,
    component: Ec2Backend | FargateBackend,
    network: PrivateNetwork,
    ingress: Entry | None,
) -> None:
    """Declare the DNS name of a service, if it has one."""
    if wanted.name is None:
        return
    if ingress is not None:
        shared = None if isinstance(ingress, ServiceRegistry) else ingress.shared
        assert shared is not None, "a rule of the settings demands a load balancer"
        destination: aws.lb.LoadBalancer | pulumi.Output[str] = shared.load_balancer
    else:
        assert isinstance(component, Ec2Backend), "a rule of the settings demands an ingress for Fargate"
        destination = component.private_ip
    PrivateName(Scope(name, component, {}), wanted.name, network.vpc_id, destination, wanted.zone_id)
