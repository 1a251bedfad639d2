"""Deployed and broken: requests and packets that cannot get through, and checks that can never pass."""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.compute.functions import read_environment
from ..aws.network.dns import Address
from ..aws.network.load_balancer_kind import Kind, read_kind
from ..aws.network.route import Family
from ..facts import limits
from ..facts.host_names import is_private_name
from ..graph import UNKNOWN, Resource, list_texts, reveal_all
from ..graph.addresses import ANYWHERE
from ..graph.prose import join_names
from ..graph.reading import (
    Doubt,
    as_integer,
    as_list,
    as_text,
    find_referenced,
    find_referring,
    get_declared_input,
    require_declared_input,
)
from ..paths import Reachability
from ..paths.api_paths import ApiPaths
from ..paths.onward import Onward
from ..paths.path import PartialPath
from .certificates import is_private_host
from .registry import Message, Severity, rule

_BALANCED: Final = ("HTTP", "HTTPS", "TCP", "TLS", "TCP_UDP")


@rule("LIVE-01", Severity.HIGH, on=types.APIS)
def require_open_paths_of_routes(reach: Reachability, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """Every route reaches its target.
    Why: Otherwise every call gets 500 or 503.
    Remedy: Add what the message names: the permission, listener, target or security group rule that is missing.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/private-integration.html
    """
    api = reach.model.apis.find(resource)
    paths = ApiPaths(reach.model, Onward(reach.model, reach.connections))
    for path in paths.trace_into(PartialPath(source="a call"), api):
        if not path.open:
            stopped = f"a call of {resource.name} never reaches {path.target}: {path.blocked_by}"
            yield path.blocked_at or resource, stopped


@rule("LIVE-02", Severity.HIGH, on=types.TARGET_GROUP)
def require_passing_health_checks(reach: Reachability, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """Health checks reach the targets.
    Why: Otherwise no target becomes healthy, and deployments wait.
    Remedy: Admit the health check port from the balancer's group, and let the balancer's group out to it.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """
    check_port = require_declared_input(resource, "healthCheck", "port")
    for listener in reach.model.balancers.list_group_listeners(resource):
        balancer = reach.model.balancers.find_balancer(listener)
        if balancer is None:
            continue
        for target in reach.model.targets.list_targets(resource):
            port = target.port if check_port in (None, "traffic-port") else as_integer(check_port)
            if target.resource is None or target.resource.type in types.FUNCTION or port is None:
                continue
            nodes = reach.model.nodes
            edge = reach.connections.connect(nodes.find(balancer), nodes.find(target.resource), port)
            if edge.blocked_by:
                on_own_port = f"on port {port} does not reach {target.resource.name}"
                fails = "does not get through" if port == target.port else on_own_port
                yield target.resource, f"the health check of {resource.name} {fails}: {edge.blocked_by}"


@rule("LIVE-03", Severity.HIGH, on=types.HTTP_LINK)
def require_served_link_zones(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A VPC link is in zones that serve VPC links.
    Why: In other zones, creating the link fails after minutes.
    Remedy: Choose subnets in other zones; which zone id a zone name means differs from account to account.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html
    """
    region = resource.region or reach.model.graph.region
    if (served := limits.VPC_LINK_ZONE_IDS.get(region)) is None:
        yield Doubt(f"AWS's page does not list {region}, so which of its zones serve VPC links is not known")
        return
    for subnet in reach.model.nodes.find(resource).subnets:
        # Which zone id a zone name means differs from account to account: a mock's is worth nothing.
        zone = get_declared_input(subnet, "availabilityZoneId")
        if zone in (None, UNKNOWN):
            if region not in limits.VPC_LINKS_IN_SOME_ZONES:
                continue
            yield Doubt(f"the zone id of {subnet.name} is known only after deployment")
        elif zone not in served:
            yield subnet, f"{resource.name} has {subnet.name} in zone {zone}, which serves no VPC links"


@rule("LIVE-04", Severity.HIGH, on=types.LOAD_BALANCER)
def require_two_zones_of_balancer(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """An ALB has subnets in two zones.
    Why: AWS refuses one with fewer.
    Remedy: Give it a second subnet in another zone.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-subnets.html
    """
    if require_declared_input(resource, "loadBalancerType") not in (None, "application"):
        return
    ids = [subnet for key in ("subnets", "subnetMappings") for subnet in as_list(get_declared_input(resource, key))]
    subnets = reach.model.nodes.find(resource).subnets
    # AWS chooses a zone that is not given, and one that exists has its own.
    zones = set[str]()
    for subnet in subnets:
        zone = as_text(get_declared_input(subnet, "availabilityZone"))
        zones.add(zone or as_text(get_declared_input(subnet, "availabilityZoneId")))
    if UNKNOWN in ids or (len(ids) > 1 and "" in zones):
        if len(zones - {""}) < 2:
            yield Doubt(f"the zones of the subnets of {resource.name} are known only after deployment")
        return
    if resource.inputs.get("subnets") == [] and not ids:
        yield f"{resource.name} has no subnets"
    if len(ids) == len(subnets) > len(zones) > 1:
        yield f"{resource.name} has {len(subnets)} subnets in {join_names(sorted(zones))}, and takes one for each zone"
    if ids and (len(ids) < 2 or (len(subnets) == len(ids) and len(zones) == 1)):
        yield f"{resource.name} has all of its subnets ({len(ids)}) in {join_names(sorted(zones)) or 'one zone'}"


@rule("LIVE-05", Severity.HIGH, on=types.ENDPOINT)
def require_dns_for_private_dns(reach: Reachability, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """Endpoints with private DNS are in a VPC with DNS support and DNS host names.
    Why: AWS refuses private DNS in a VPC without both.
    Remedy: Set enable_dns_support and enable_dns_hostnames on the VPC.
    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    vpc = reach.model.network.find_vpc(resource)
    if vpc is None or vpc.existing or require_declared_input(resource, "privateDnsEnabled") is not True:
        return
    missing = [] if require_declared_input(vpc, "enableDnsHostnames") is True else ["DNS host names"]
    if require_declared_input(vpc, "enableDnsSupport") is False:
        missing.append("DNS support")
    if missing:
        yield vpc, f"{vpc.name} has no {join_names(missing)}, which {resource.name} needs for private DNS"


@rule("LIVE-07", Severity.HIGH, on=types.TARGET_GROUP)
def require_registered_targets(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A listener's target group has targets.
    Why: A listener without a target returns 503.
    Remedy: Attach the instance, or name the group in the service or the scaling group.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
    """
    if reach.model.balancers.list_group_listeners(resource) and not reach.model.targets.list_targets(resource):
        if _is_handed_on(reach, resource):
            yield Doubt(f"nothing is registered with {resource.name} here, and others may register targets with it")
        else:
            yield f"nothing is registered with {resource.name}"


def _is_handed_on(reach: Reachability, group: Resource) -> bool:
    """Whether something outside learns of a target group: by an export, or by another resource."""
    graph = reach.model.graph
    registering_nothing = (*types.LISTENER, "aws:cloudwatch/metricAlarm:MetricAlarm")
    for resource in graph:
        if resource.type not in registering_nothing and group.urn in set().union(
            *resource.property_dependencies.values()
        ):
            return True
    own_names = {as_text(group.state.get(key)) for key in ("arn", "id", "name")} - {""}
    return UNKNOWN in graph.exports.values() or not own_names.isdisjoint(list_texts(reveal_all(graph.exports)))


@rule("LIVE-08", Severity.HIGH, on=types.LISTENER)
def require_admitted_listener(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A load balancer's security group allows the port of each listener.
    Why: Otherwise the listener gets no request.
    Remedy: Allow the listener's port from its callers, such as the VPC link's group.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html
    """
    balancer = reach.model.balancers.find_balancer(resource)
    port = as_integer(require_declared_input(resource, "port"))
    if balancer is None or port is None or require_declared_input(resource, "protocol") not in (None, *_BALANCED):
        return
    node = reach.model.nodes.find(balancer)
    # A VPC link of the first version leads past the groups if the balancer lets it.
    passes_groups = get_declared_input(balancer, "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic") == "off"
    linked = passes_groups and find_referring(reach.model.graph, balancer, types.REST_LINK, "targetArn")
    if not node.filtered or linked:
        return
    if not node.groups or not reach.model.groups.can_tell(*node.groups, inward=True):
        yield Doubt(f"the security groups of {balancer.name} are not in this stack")
        return
    balancers = reach.model.balancers
    permits = reach.model.groups.list_ingress(*node.groups)

    def is_admitted(listener: Resource) -> bool:
        return any(permit.carries("tcp", as_integer(get_declared_input(listener, "port"))) for permit in permits)

    admitted = list(filter(is_admitted, balancers.list_listeners(balancer)))
    groups = balancers.list_forwarded_groups(admitted)
    # A listener without callers can keep a target group in use that admitted listeners forward to.
    if not is_admitted(resource) and not (groups and balancers.list_forwarded_groups([resource]) <= groups):
        yield f"no security group of {balancer.name} admits port {port} from anybody"


@rule("LIVE-10", Severity.HIGH, on=(*types.INTEGRATING, *types.REST_LINK))
def require_fitting_link_target(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A VPC link and its integration have a target that this kind of API can call.
    Why: Otherwise API Gateway refuses the integration or the link, or returns 500.
    Remedy: REST with a v2 link: integration_target is the load balancer's ARN; a v1 link takes only a network load
    balancer; HTTP APIs: integration_uri is the ARN of a listener or a Cloud Map service.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-private-integration.html
    """
    for balancer in find_referenced(reach.model.graph, resource, "targetArn", types=types.LOAD_BALANCER):
        if read_kind(balancer) is Kind.APPLICATION:
            yield f"{resource.name} names {balancer.name}, where a VPC link of the first version wants an NLB"
    for integration in reach.model.apis.list_integrations(resource):
        link, target = integration.link, integration.balancer
        if integration.linked and not integration.certain:  # of an unknown definition: everything that it depends on
            yield Doubt(f"what {resource.name} names for its VPC link is known only after deployment")
            continue
        if link is None or (
            target is None and UNKNOWN in (integration.uri, get_declared_input(resource, "integrationTarget"))
        ):
            continue
        of_http_api, is_first_version = resource.type in types.HTTP_INTEGRATION, link.type in types.REST_LINK
        is_balancer = target is not None and target.type in types.LOAD_BALANCER
        if of_http_api and is_first_version:
            yield f"{resource.name} is of an HTTP API, which takes no VPC link of the first version"
        elif of_http_api and is_balancer and target is not None:
            yield f"{resource.name} names the balancer {target.name}, where an HTTP API wants a listener"
        elif of_http_api or is_first_version:
            continue
        elif not integration.names_target:
            yield f"{resource.name} names no integration target: a VPC link of the second version requires one"
        elif not is_balancer and target is not None:
            yield f"{resource.name} names {target.name}, where a REST API wants a load balancer"


@rule("LIVE-13", Severity.HIGH, on=types.FUNCTION)
def require_private_backend_address(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A function without egress calls a backend at a private address.
    Why: Calls of a public address time out, and the API returns 504.
    Remedy: Name the backend by its private address or private DNS name, or name its group: backend.securityGroupId. If
    a name of your own domain has a private address, waive the rule with that reason.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
    """
    address = Address.parse(as_text(read_environment(resource).get("BACKEND_URL")))
    node = reach.model.nodes.find(resource)
    if address is None or not node.interfaces or reach.model.hosts.find(address.host) is not None:
        return
    if any(reach.outbound.find_internet_egress(node, family, address.port).open for family in Family):
        return
    inside = reach.model.network.is_inside(address.host) if address.is_ip else is_private_name(address.host)
    permits = [permit for permit in reach.model.groups.list_egress(*node.groups) if permit.carries("tcp", address.port)]
    if address.is_ip and not inside:
        yield Doubt(f"whether {resource.name} has a way to {address.host}, a public address, is not known")
    elif inside is False:
        yield f"{resource.name} calls {address.host}, a public name, and has no egress to the internet"
    elif inside is None and not any(permit.group for permit in permits):
        ranges = join_names(permit.cidr for permit in permits if permit.cidr) or "a private range"
        yield Doubt(f"whether {address.host} has an address in {ranges}, where {resource.name} may call it")


@rule("LIVE-14", Severity.MEDIUM, on=types.FUNCTION)
def require_trusted_backend(_reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A forwarder trusts the authority of its backend's certificate.
    Why: Public authorities sign no certificate for a private name or address, so each call gets 502.
    Remedy: Name the private authority of backend.url in backend.certificateAuthority. In front of an ingress with
    certificateArn, use a public name and a certificate of a public authority, or TLS only up to the forwarder. If a
    public authority signed a certificate for this name, waive the rule with that reason.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-private.html
    """
    variables = read_environment(resource)
    scheme, _, _ = as_text(variables.get("BACKEND_URL")).lower().partition("://")
    address = Address.parse(as_text(variables.get("BACKEND_URL")))
    if address is None:
        return
    if "CERTIFICATE_AUTHORITY" in variables:
        if scheme != "https":
            yield f"{resource.name} has a certificate authority and calls by {scheme}, so it does not start"
        return
    if scheme == "https" and is_private_host(address.host):
        yield Doubt(
            f"whether {resource.name} trusts the certificate of {address.host}, which no public authority signs"
        )


@rule("ROUTE-01", Severity.HIGH, on=types.ROUTE_TABLE)
def require_forwarding_default_route(reach: Reachability, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """The target of a default route forwards packets.
    Why: Otherwise packets are dropped, and boot scripts and updates wait.
    Remedy: Attach the NAT instance's interface, turn its source/destination check off, and put the NAT where the
    internet gateway is routed to.
    https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
    """
    for route in reach.model.network.list_routes(resource.urn):
        for family in Family:
            if route.destination == family.anywhere and (reason := reach.outbound.routes.find_obstacle(route, family)):
                yield route.resource, reason


@rule("ROUTE-05", Severity.MEDIUM, on=types.MACHINES)
def require_ipv6_egress_rule(reach: Reachability, resource: Resource) -> Iterator[str]:
    """The security group of a machine with IPv6 egress allows IPv6.
    Why: A rule for 0.0.0.0/0 does not cover IPv6, which programs try first.
    Remedy: Give the group the same egress rule for ::/0.
    https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
    """
    node = reach.model.nodes.find(resource)
    routed = any(reach.model.network.find_default_route(subnet, Family.IPV6) for subnet in node.subnets)
    if not routed or not reach.model.groups.can_tell(*node.groups, inward=False):
        return
    permits = reach.model.groups.list_egress(*node.groups)
    families = {permit.cidr for permit in permits if permit.cidr in ANYWHERE}
    if Family.IPV4.anywhere in families and Family.IPV6.anywhere not in families:
        yield f"{resource.name} has a route out over IPv6, and its groups let nothing out there"
