"""Private entry to a backend: a load balancer or a Cloud Map service, and the VPC link that calls it."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from .arguments.connections import Endpoint, Registration, TargetArgs
from .arguments.inputs import ArgsOrMapping
from .arguments.reader import resolve
from .ingress import cloud_map
from .ingress.ingress_args import PrivateIngressArgs
from .ingress.load_balancer import declare_listener, declare_load_balancer, declare_targets
from .ingress.private_record import declare_private_record
from .ingress.service_ingress import ServiceIngress, Shared, build_endpoint
from .ingress.service_ports import choose_port
from .ingress.service_registry import ServiceRegistry, SharedRegistry
from .reach.of_ingress import state_ingress
from .reach.statement import add_reach
from .refused_changes.ingress import list_ingress_changes
from .resource_hooks.refused_updates import add_update_hooks
from .resource_options.declaration import check_declaration
from .resource_options.ordering import add_dependencies
from .resource_options.scope import Scope
from .security_groups.peers import Group
from .security_groups.rules import allow, declare_security_group

# The same for every kind of ingress: a changed description would replace the group, and then also the VPC link.
_LINK_DESCRIPTION: Final = "VPC link: to the next hop alone"


# For mypy these outputs always exist, so programs need no check for None. In the package's schema they are optional.
if TYPE_CHECKING:
    _Present = pulumi.Output[str]
else:
    _Present = pulumi.Output[str] | None
_ABSENT: Final = {
    "link_id": "exists only with link v1 or v2",
    "listener_arn": "exists only after listen(), which a program calls if deferred is true, and only with has_backend",
    "target_group_arn": "exists only with kind alb or nlb, and with has_backend",
    "endpoint": "exists only with kind alb or nlb, which have a URL, and with has_backend",
}


class PrivateIngress(pulumi.ComponentResource):
    """A VPC link and the load balancer or Cloud Map service that it calls.

    Each hop has its own security group, with one port between them.

    VPC link → listener → backend. The backend declares the last hop: in Python, give it `**ingress.registration`; in
    other languages, put `caller_security_group_id` into its `callers` and repeat the port.
    If the port or the kind of backend changes, a second target group is created beside the old one. With `deferred`,
    the listener forwards to it once the backend is healthy in it, so that no call is lost; otherwise immediately.
    A link is free and immutable. After 60 days without a request AWS deletes its network interfaces, and the first
    requests after that fail for minutes. In Python, reading `link_id`, `listener_arn` or `target_group_arn` raises
    AttributeError if the ingress has none. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html
    """

    link_id: _Present
    """VPC link, unless `link` is none."""
    listener_arn: _Present
    """The target of an HTTP API's integration: a listener, or a Cloud Map service. With `deferred` it exists
    once `listen` was called."""
    load_balancer_arn: pulumi.Output[str] | None
    """The target of a REST API's link of the second version."""
    url: pulumi.Output[str] | None
    """`http(s)://host:port` of the listener; none with Cloud Map."""
    target_group_arn: _Present
    """Target group in which the backend registers. Without `deferred`, resources that use it wait until the listener
    forwards to it. With `kind: cloud-map` there is none."""
    registry_arn: pulumi.Output[str] | None
    """Cloud Map service in which a backend registers."""
    request_count_label: pulumi.Output[str] | None
    """Label of ALB and target group, for scaling by requests."""
    entry_security_group_id: pulumi.Output[str]
    """Security group in front of the backend, which callers inside the VPC must be allowed to call: the load
    balancer's. With Cloud Map, the VPC link's."""
    caller_security_group_id: pulumi.Output[str]
    """Security group from which the backend is called. Pass it to the backend in `callers`."""

    def __init__(
        self, name: str, args: ArgsOrMapping[PrivateIngressArgs], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        spec = resolve(PrivateIngressArgs, args)
        check_declaration("PrivateIngress", name, spec, opts)
        opts = add_update_hooks(self, name, list_ingress_changes, opts)
        super().__init__("gatehouse:index:PrivateIngress", name, add_reach(args, state_ingress(spec)), opts)
        scope = Scope(name, self, spec.tags)
        self._spec = spec
        self.shared: Shared | None = None
        self._listener: Callable[[Sequence[pulumi.Resource]], aws.lb.Listener] | None = None
        if spec.kind == "cloud-map":
            self._declare_cloud_map(scope, spec)
        else:
            self._declare_balancer(scope, spec)
        if not spec.deferred:
            self.listen()

    def listen(self, *backends: pulumi.Resource) -> None:
        """Declare the listener, which forwards to the backend once `backends` exist; with Cloud Map there is none."""
        if self._listener is not None:
            made = self._listener(backends)
            self.listener_arn = made.arn
            # Resources that use the URL wait for the listener.
            self.url = self.url and add_dependencies(self.url, made)
        self.register_outputs({key: getattr(self, key, None) for key in PrivateIngress.__annotations__})

    def target(self, *backends: pulumi.Resource) -> TargetArgs:
        """Target of an API's routes, in Python. With Cloud Map, routes wait for `backends`, which register there."""
        link_id = self.link_id
        return TargetArgs(
            link_id=add_dependencies(link_id, *backends) if self.registry_arn is not None and backends else link_id,
            listener_arn=self.listener_arn,
            load_balancer_arn=self.load_balancer_arn if self._spec.link == "v2" else None,
            url=self.url,
            server_name=self._spec.server_name,
            insecure_skip_verification=self._spec.insecure_skip_verification,
            idle_seconds=self._spec.idle_seconds,
        )

    def add_service(self, name: str, **of_backend: Any) -> ServiceIngress | ServiceRegistry:
        """Declare a further service behind the load balancer, or in the namespace. `of_backend` are this component's
        arguments that describe its backend: `backend_port`, `target_type`, `target_zones`, `health_check_path`."""
        if self.shared is None:
            return ServiceRegistry(name, dataclasses.replace(self._spec, **of_backend), self._registry, of_backend)
        spec = dataclasses.replace(self._spec, port=self.find_port(name), **of_backend)
        return ServiceIngress(name, spec, self.shared, of_backend)

    def find_port(self, service: str = "") -> int:
        """Returns the port of the listener of a further service; without a name, of the ingress's own listener."""
        return choose_port(service, tls=self._spec.certificate_arn is not None) if service else self._spec.port

    @property
    def registration(self) -> Registration:
        """Arguments of the backend, in Python, as `**ingress.registration`: its port, its callers, and the target group
        or Cloud Map service in which it registers."""
        arguments: Registration = {
            "port": self._spec.backend_port,
            # The key names the kind. So if the kind changes, the new rule exists before the old one is deleted.
            "callers": {self._spec.kind: self.caller_security_group_id},
        }
        if self.registry_arn is not None:
            arguments["registry_arn"] = self.registry_arn
        else:
            arguments["target_group_arn"] = self.target_group_arn
            arguments["deregistration_delay_seconds"] = self._spec.deregistration_delay_seconds
        if self.request_count_label is not None:
            arguments["request_count_label"] = self.request_count_label
        return arguments

    @property
    def endpoint(self) -> Endpoint:
        """Arguments of a forwarder that calls the listener, in Python: `**ingress.endpoint`."""
        if self.url is None:
            raise AttributeError
        return build_endpoint(self._spec, self.url, self.entry_security_group_id)

    def __getattr__(self, name: str) -> Any:
        """An output that this ingress does not have. Raises AttributeError."""
        raise AttributeError(f"{type(self).__name__}: {name} {_ABSENT.get(name, 'is not an attribute')}")

    def _declare_cloud_map(self, scope: Scope, spec: PrivateIngressArgs) -> None:
        """Without a load balancer, API Gateway looks the backend up in Cloud Map and calls it through the link."""
        group = _declare_group(scope, spec, "link", _LINK_DESCRIPTION)
        namespace_id = cloud_map.declare_namespace(scope, spec.vpc_id)
        self.link_id = _declare_link(scope, spec, group)
        self._registry = SharedRegistry(
            namespace_id=namespace_id, link_id=self.link_id, link_security_group_id=group.id
        )
        self.load_balancer_arn = self.url = self.request_count_label = self.registry_arn = None
        if spec.has_backend:
            self.listener_arn = self.registry_arn = cloud_map.declare_service(scope, namespace_id).arn
        self.entry_security_group_id = self.caller_security_group_id = group.id

    def _declare_balancer(self, scope: Scope, spec: PrivateIngressArgs) -> None:
        group = _declare_group(scope, spec, spec.kind, "Load balancer: from its callers to the backend alone")
        balancer = declare_load_balancer(scope, spec, group.id)
        own = declare_targets(scope, spec, balancer) if spec.has_backend else None
        link_id, caller = self._declare_balancer_link(scope, spec, group, balancer.arn)
        if link_id is not None:
            self.link_id = link_id
        records = []
        if spec.private_record:
            assert spec.server_name is not None, "find_faults() demands it"
            records.append(declare_private_record(scope, spec.server_name, spec.vpc_id, balancer))
        self.shared = Shared(
            load_balancer=balancer,
            security_group_id=group.id,
            link_id=link_id,
            link_security_group_id=caller,
            server_name=spec.server_name,
            records=records,
        )
        self.load_balancer_arn = balancer.arn
        self.registry_arn = self.url = self.request_count_label = None
        if own is not None:
            self._listener = functools.partial(declare_listener, scope, spec, own)
            self.url = self.shared.build_url(spec.port)
            self.target_group_arn = own.target_group_arn
            self.request_count_label = own.request_count_label
        self.entry_security_group_id = self.caller_security_group_id = group.id

    def _declare_balancer_link(
        self,
        scope: Scope,
        spec: PrivateIngressArgs,
        group: "aws.ec2.SecurityGroup",
        load_balancer_arn: pulumi.Output[str],
    ) -> tuple[pulumi.Output[str] | None, pulumi.Input[str] | None]:
        """Returns the link, and its security group if its requests pass by rules."""
        match spec.link:
            case "v1":
                # PrivateLink brings the requests in; no rule of the balancer's group applies to them.
                link = aws.apigateway.VpcLink(
                    f"{scope.name}-link",
                    target_arn=load_balancer_arn,
                    tags=scope.build_tags("link"),
                    opts=scope.child_options(),
                )
                return link.id, None
            case "v2":
                caller = _declare_group(scope, spec, "link", _LINK_DESCRIPTION)
                why = f"{scope.name}: the VPC link calls the listener"
                listener = (Group(caller.id), Group(group.id), spec.port, why)
                rules = allow(scope, "link-to-listener", *listener) if spec.has_backend else []
                return _declare_link(scope, spec, caller, rules), caller.id
        return None, None


def _declare_group(scope: Scope, spec: PrivateIngressArgs, suffix: str, description: str) -> "aws.ec2.SecurityGroup":
    return declare_security_group(scope, f"{suffix}-group", spec.vpc_id, description, revoke=True)


def _declare_link(
    scope: Scope, spec: PrivateIngressArgs, group: "aws.ec2.SecurityGroup", rules: Sequence[pulumi.Resource] = ()
) -> pulumi.Output[str]:
    """The link is created after the rules that allow it to call the listener."""
    return aws.apigatewayv2.VpcLink(
        f"{scope.name}-link",
        subnet_ids=spec.subnet_ids,
        security_group_ids=[group.id],
        tags=scope.build_tags("link"),
        opts=scope.child_options(depends_on=rules),
    ).id
