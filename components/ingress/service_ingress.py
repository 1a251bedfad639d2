"""A listener of a shared load balancer for one more service: its target group, its port, its alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from ..arguments.connections import Endpoint, Registration, TargetArgs
from ..reach.of_ingress import state_ingress
from ..reach.statement import add_reach
from ..resource_options.child_names import check_name
from ..resource_options.ordering import add_dependencies
from ..resource_options.scope import Scope
from ..security_groups.peers import Group
from ..security_groups.rules import allow
from .ingress_args import PrivateIngressArgs
from .load_balancer import declare_listener, declare_targets
from .service_ports import choose_standby_port


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What the services behind one load balancer share."""

    load_balancer: aws.lb.LoadBalancer
    security_group_id: pulumi.Input[str]
    """Of the load balancer."""
    link_id: pulumi.Output[str] | None
    link_security_group_id: pulumi.Input[str] | None
    """Of the VPC link, if rules decide about its requests: a link of the second version."""
    server_name: pulumi.Input[str] | None
    """Host name of the listeners' certificate, if they use TLS."""
    records: Sequence[pulumi.Resource]
    """Make that name resolve in the VPC."""

    def build_url(self, port: int, host: str | None = None) -> pulumi.Output[str]:
        """Returns the URL of a listener, at a name of its own or at the one that all share.

        Resources that use it wait until the shared name resolves, and for no listener.
        """
        scheme = "http" if self.server_name is None else "https"
        if host is not None:
            return pulumi.Output.concat(scheme, "://", host, f":{port}")
        shared = self.load_balancer.dns_name if self.server_name is None else self.server_name
        return add_dependencies(pulumi.Output.concat(scheme, "://", shared, f":{port}"), *self.records)


def build_endpoint(spec: PrivateIngressArgs, url: pulumi.Output[str], security_group_id: pulumi.Input[str]) -> Endpoint:
    """Returns the arguments of a forwarder that calls a listener."""
    arguments: Endpoint = {"url": url, "port": spec.port, "backend_security_group_id": security_group_id}
    if spec.idle_seconds is not None:
        arguments["idle_seconds"] = spec.idle_seconds
    return arguments


class ServiceIngress(pulumi.ComponentResource):
    """A listener on a port of its own: the API chooses the service, and the load balancer needs no rules for paths.

    Costs nothing besides the load balancer's capacity units.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
    """

    def __init__(self, name: str, spec: PrivateIngressArgs, shared: Shared, own: Mapping[str, Any]) -> None:
        """`spec` is the ingress's, with the port and the backend of the service; `own` are the arguments of that."""
        check_name("ServiceIngress", name, spec)
        statement = state_ingress(spec, shared.load_balancer.arn)
        super().__init__("gatehouse:index:ServiceIngress", name, add_reach(own, statement))
        self._spec, self.shared = spec, shared
        self._scope = scope = Scope(name, self, spec.tags)
        tls = spec.certificate_arn is not None
        self._balanced = declare_targets(scope, spec, shared.load_balancer, choose_standby_port(name, tls=tls))
        why = f"{name}: the VPC link calls the listener"
        self._rules = (
            []
            if shared.link_security_group_id is None
            else allow(
                scope,
                "link-to-listener",
                Group(shared.link_security_group_id),
                Group(shared.security_group_id),
                spec.port,
                why,
            )
        )

    def listen(self, *backends: pulumi.Resource) -> None:
        """Declare the listener, which forwards to the service once `backends` exist."""
        self._listener = declare_listener(self._scope, self._spec, self._balanced, backends)
        self.register_outputs({})

    @property
    def request_count_label(self) -> pulumi.Output[str] | None:
        """Label of ALB and target group, for scaling by requests."""
        return self._balanced.request_count_label

    @property
    def registration(self) -> Registration:
        """Arguments of the backend."""
        arguments: Registration = {
            "port": self._spec.backend_port,
            "callers": {self._spec.kind: self.shared.security_group_id},
            "target_group_arn": self._balanced.target_group_arn,
            "deregistration_delay_seconds": self._spec.deregistration_delay_seconds,
        }
        if self.request_count_label is not None:
            arguments["request_count_label"] = self.request_count_label
        return arguments

    def target(self, *_backends: pulumi.Resource) -> TargetArgs:
        """Target of an API's routes."""
        assert self.shared.link_id is not None, "only routes through a VPC link have this target"
        return TargetArgs(
            link_id=add_dependencies(self.shared.link_id, *self._rules) if self._rules else self.shared.link_id,
            listener_arn=self._listener.arn,
            load_balancer_arn=self.shared.load_balancer.arn if self._spec.link == "v2" else None,
            url=self._url,
            server_name=self._spec.server_name,
            insecure_skip_verification=self._spec.insecure_skip_verification,
            idle_seconds=self._spec.idle_seconds,
        )

    @property
    def endpoint(self) -> Endpoint:
        """Arguments of a forwarder that calls the listener."""
        return build_endpoint(self._spec, self._url, self.shared.security_group_id)

    @property
    def _url(self) -> pulumi.Output[str]:
        return add_dependencies(self.shared.build_url(self._spec.port), self._listener)
