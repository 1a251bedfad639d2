"""A VPC link to a load balancer that exists already."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from .arguments.addresses import DomainNameInput, VpcRangeInput, VpcRanges
from .arguments.connections import TargetArgs
from .arguments.errors import as_errors, refuse
from .arguments.faults import Fault
from .arguments.inputs import ArgsOrMapping
from .arguments.names import ListenerArn, SecurityGroupId, SubnetIds, VpcId, VpcLinkId
from .arguments.numbers import WaitSeconds
from .arguments.reader import resolve
from .arguments.tags import TaggedArgs
from .aws_lookups.listeners import FoundListener, find_link_vpc_id, find_listener
from .facts import limits
from .ingress.ingress_statements import state_existing_ingress
from .reach.references import Promised
from .reach.statement import add_reach
from .resource_options.declaration import check_declaration
from .resource_options.scope import Scope
from .security_groups.peers import Cidr, Group, name_range, parse_range
from .security_groups.rules import allow, declare_security_group

_COMPONENT: Final = "ExistingIngress"
_ENCRYPTED: Final = ("HTTPS", "TLS")
_PLAIN: Final = ("HTTP", "TCP")


@dataclass(frozen=True, kw_only=True)
class ExistingIngressArgs(TaggedArgs):
    """Arguments of ExistingIngress."""

    listener_arn: ListenerArn
    """Internal listener in the VPC, with protocol HTTP, HTTPS, TCP or TLS. It is not changed."""
    vpc_id: VpcId
    """VPC of the load balancer."""
    vpc_cidr: VpcRangeInput
    """IPv4 range of the VPC. The link may call the listener's port there, unless `security_group_id` is given."""
    further_vpc_cidrs: VpcRanges = ()
    """Further IPv4 ranges of the VPC, if it has several: `ipv4_cidrs` of `PrivateNetwork`, from the second on."""
    subnet_ids: SubnetIds
    """Private subnets for the network interfaces of a new link."""
    link_id: VpcLinkId | None = None
    """Existing VPC link of the second version in the same VPC. It is not changed. If omitted, a link and its security
    group are created, at no charge."""
    security_group_id: SecurityGroupId | None = None
    """Security group of the load balancer. It gets one rule that allows calls from the new link. A group with inline
    rules would lose it at its next update. If omitted, the load balancer's groups are not
    changed: allow calls from the link's group there yourself."""
    server_name: DomainNameInput | None = None
    """Host name of the listener's certificate. Required with protocol HTTPS or TLS. With TCP, the target behind the
    listener terminates TLS."""
    insecure_skip_verification: bool = False
    """Let a REST API accept a certificate that a private authority signed. API Gateway then still checks its expiry and
    host name, but any authority may have signed it. HTTP APIs cannot do this. Only with `server_name`. Defaults to
    false.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-extensions-integration-tls-config.html
    """
    rest: bool = False
    """A REST API calls the listener, which allows only the ports 80, 443 and 1024 to 65535. Defaults to false."""
    longest_wait_seconds: WaitSeconds = 0
    """Longest time for which a caller waits for the next byte of a response: the timeouts of routes, 300 for streams.
    An ALB whose idle timeout is shorter is refused. Defaults to 0."""

    def find_faults(self) -> Iterator[Fault]:
        """Yields arguments that exclude each other."""
        if self.link_id is not None and self.security_group_id is not None:
            want = "link_id or security_group_id, not both: an existing link has security groups of its own"
            yield Fault("security_group_id", self.security_group_id, want, "take one out")
        if self.insecure_skip_verification and self.server_name is None:
            yield Fault("insecure_skip_verification", True, "only with server_name", "take it out")


class ExistingIngress(pulumi.ComponentResource):
    """A VPC link that calls a load balancer which exists already, and is left as it is.

    Listener, load balancer and link are looked up and checked before anything is created. API Gateway reaches an ALB
    or NLB by links of the second version, from HTTP, REST and private APIs.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html
    """

    link_id: pulumi.Output[str]
    """The VPC link."""
    listener_arn: pulumi.Output[str]
    """Target of an HTTP API's integration."""
    load_balancer_arn: pulumi.Output[str]
    """Target of a REST API's integration."""
    url: pulumi.Output[str]
    """`http(s)://host:port` of the listener."""
    link_security_group_id: pulumi.Output[str]
    """Security group of the new link. Empty with `link_id`."""

    def __init__(
        self, name: str, args: ArgsOrMapping[ExistingIngressArgs], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        spec = resolve(ExistingIngressArgs, args)
        check_declaration("ExistingIngress", name, spec, opts)
        port = Promised()
        statement = state_existing_ingress(spec, port.value)
        super().__init__("gatehouse:index:ExistingIngress", name, add_reach(args, statement), opts)
        self._spec = spec
        listener = _find_checked_listener(spec, self)
        port.keep(listener.apply(lambda known: known.port))
        self.listener_arn = listener.apply(lambda known: known.arn)
        self.load_balancer_arn = listener.apply(lambda known: known.load_balancer_arn)
        self.url = pulumi.Output.all(listener, spec.server_name).apply(lambda both: _build_url(both[0], both[1]))
        if spec.link_id is None:
            self._declare_link(Scope(name, self, spec.tags), spec, listener)
        else:
            self.link_id = pulumi.Output.all(spec.link_id, listener).apply(lambda both: str(both[0]))
            self.link_security_group_id = pulumi.Output.from_input("")
        self.register_outputs({key: getattr(self, key) for key in ExistingIngress.__annotations__})

    @property
    def target(self) -> TargetArgs:
        """Target of an API's routes, in Python."""
        return TargetArgs(
            link_id=self.link_id,
            listener_arn=self.listener_arn,
            load_balancer_arn=self.load_balancer_arn,
            url=self.url,
            server_name=self._spec.server_name,
            insecure_skip_verification=self._spec.insecure_skip_verification,
        )

    def _declare_link(self, scope: Scope, spec: ExistingIngressArgs, found: pulumi.Output[FoundListener]) -> None:
        group = declare_security_group(
            scope, "link-group", found.apply(lambda known: known.vpc_id), "VPC link: to the listener alone", revoke=True
        )
        called = Cidr(spec.vpc_cidr) if spec.security_group_id is None else Group(spec.security_group_id)
        rules = allow(
            scope,
            "link-to-listener",
            Group(group.id),
            called,
            found.apply(lambda known: known.port),
            f"{scope.name}: the VPC link calls the listener",
        )
        for cidr in spec.further_vpc_cidrs if spec.security_group_id is None else ():
            rules += allow(
                scope,
                f"link-to-{name_range(cidr)}",
                Group(group.id),
                parse_range(cidr),
                found.apply(lambda known: known.port),
                f"{scope.name}: the VPC link calls the listener",
            )
        link = aws.apigatewayv2.VpcLink(
            f"{scope.name}-link",
            subnet_ids=spec.subnet_ids,
            security_group_ids=[group.id],
            tags=scope.build_tags("link"),
            opts=scope.child_options(depends_on=rules),
        )
        self.link_id = link.id
        self.link_security_group_id = group.id


def _find_checked_listener(spec: ExistingIngressArgs, parent: pulumi.Resource) -> pulumi.Output[FoundListener]:
    """Returns the listener, once it and the link are known to fit."""
    link_vpc = spec.vpc_id if spec.link_id is None else find_link_vpc_id(spec.link_id, parent)

    def check(found: FoundListener, **known: Any) -> FoundListener:
        refuse(as_errors(_COMPONENT, _find_faults(spec, found, **known)))
        return found

    return pulumi.Output.all(
        found=find_listener(spec.listener_arn, parent),
        vpc_id=spec.vpc_id,
        link_vpc=link_vpc,
        group=spec.security_group_id,
        server_name=spec.server_name,
    ).apply(lambda known: check(**known))


def _find_faults(
    spec: ExistingIngressArgs,
    found: FoundListener,
    vpc_id: str,
    link_vpc: str,
    group: str | None,
    server_name: str | None,
) -> Iterator[Fault]:
    """Yields mistakes that show once AWS has named listener, load balancer and link."""
    if found.vpc_id != vpc_id:
        yield Fault("listener_arn", found.arn, f"its load balancer is in {found.vpc_id}; name a listener in {vpc_id}")
    if not found.internal:
        want = "its load balancer is internet-facing, and can be called past the API; name an internal one"
        yield Fault("listener_arn", found.arn, want)
    if found.protocol not in (*_ENCRYPTED, *_PLAIN):
        want = f"its protocol is {found.protocol}; name a listener with HTTP, HTTPS, TCP or TLS"
        yield Fault("listener_arn", found.arn, want)
    if spec.rest and found.port not in limits.REST_API_PORTS:
        want = f"its port is {found.port}; a REST API calls only the ports 80, 443 and 1024 to 65535"
        yield Fault("listener_arn", found.arn, want)
    if found.idle_seconds is not None and found.idle_seconds < spec.longest_wait_seconds:
        want = (
            f"its load balancer ends calls after {found.idle_seconds} s without a byte, and a route waits for "
            f"{spec.longest_wait_seconds}; raise its idle timeout, or lower the route's"
        )
        yield Fault("listener_arn", found.arn, want)
    if found.protocol in _ENCRYPTED and server_name is None:
        want = f"the listener's protocol is {found.protocol}: name the host of its certificate"
        yield Fault("server_name", None, want)
    if found.protocol == "HTTP" and server_name is not None:
        want = "the listener's protocol is HTTP, without a certificate; take it out"
        yield Fault("server_name", server_name, want)
    if group is not None and group not in found.security_group_ids:
        known = ", ".join(found.security_group_ids) or "none"
        yield Fault("security_group_id", group, f"a security group of the load balancer, which has {known}")
    if link_vpc != vpc_id:
        yield Fault("link_id", spec.link_id, f"it is in {link_vpc}; name a link in {vpc_id}")


def _build_url(listener: FoundListener, server_name: str | None) -> str:
    if server_name is not None:
        return f"https://{server_name}:{listener.port}"
    return f"http://{listener.dns_name}:{listener.port}"
