"""Exposure: public addresses, open security groups, and endpoints without a policy."""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.identity.iam import list_allow_statements
from ..aws.network.endpoints import is_gateway, parse_service
from ..aws.network.nodes import Node
from ..aws.network.route import Family
from ..aws.network.security_groups import SHELLS, AllowRule
from ..graph import Resource
from ..graph.addresses import ANYWHERE, count_public_addresses, is_internet_wide, is_private, parse_network, share
from ..graph.evidence import contains_unknown, get_deployed_inputs
from ..graph.prose import join_names
from ..graph.reading import (
    AFTER_DEPLOYMENT,
    Doubt,
    as_list,
    find_referenced,
    get_declared_input,
    get_value,
    require_declared_input,
)
from ..paths import Reachability
from ..paths.anyone import read_acknowledged
from ..paths.path import INTERNET
from .registry import Message, Severity, rule

_ADMITTING: Final = (
    *("cidrIpv4", "cidrIpv6", "cidrBlocks", "ipv6CidrBlocks"),
    *("ipProtocol", "protocol", "fromPort", "toPort"),
)
"""Inputs of a rule, apart or inline, that say from where and on which ports."""


_SUBNET_LOOKUP: Final = "aws:ec2/getSubnet:getSubnet"
_SEE_SUBNETS: Final = "see by aws ec2 describe-subnets whether they assign {family} addresses, then waive the rule"


@rule("NET-01", Severity.CRITICAL, on=types.MACHINES)
def forbid_public_address_of_backend(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """No backend has a public IPv4 address, or an IPv6 address that the internet can route to.
    Why: With a public address, one wrong rule lets callers reach the backend without the API.
    Remedy: Put it into a private subnet: assign_public_ip and associate_public_ip_address off, no Elastic IP.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-outbound.html
    """
    node = reach.model.nodes.find(resource)
    if resource.urn not in reach.backends or node.forwards:
        return
    for family in Family:
        public = node.has_public_address(family)
        answers = [reach.model.network.is_public(subnet, family) for subnet in node.subnets]
        in_default_vpc = node.zones == 0
        all_known = answers and None not in answers and not node.may_be_in_unread_subnet
        routed = True if in_default_vpc or True in answers else False if all_known else None
        if public is not False and routed is not False and None in (public, routed):
            question = f"whether {resource.name} is public over {family.value} depends on its subnets"
            asks = any(invoke.token == _SUBNET_LOOKUP and invoke.made_up for invoke in reach.model.graph.invokes)
            check = "`gatehouse answers` asks AWS for them" if asks else _SEE_SUBNETS.format(family=family.value)
            yield Doubt(f"{question}; {check}" if node.may_be_in_unread_subnet or not answers else question)
        # IPv6 has no other addresses; one of IPv4 waits for a route.
        elif public and (routed or family is Family.IPV4):
            yield f"{resource.name} is a backend and has a public {family.value} address"


@rule("NET-02", Severity.CRITICAL, on=types.GROUP_RULES)
def forbid_open_group(reach: Reachability, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """Only an internet-facing load balancer's security group allows the whole internet.
    Why: Any address with a route to the group's members may connect.
    Remedy: Name the caller's security group, or the narrowest address range, in place of 0.0.0.0/0 and ::/0.
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
    """
    for group, permit in _list_ingress_rules(reach, resource):
        members = reach.model.nodes.list_in_group(group)
        any_public = any(count_public_addresses([permit.cidr], version) for version in (4, 6))
        if not any_public or not is_internet_wide(reach.model.groups.list_combined_ranges(group, permit)):
            continue
        of_endpoints = members and all(node.resource.type in types.ENDPOINT for node in members)  # NET-09
        of_balancers = members and all(_is_meant_open(reach, member, permit) for member in members)
        if not (permit.is_shell or of_endpoints or of_balancers):  # a shell is NET-03's
            opened = f"{reach.model.groups.keys.name(group)} is open to any address that can route to it"
            yield permit.resource, f"{opened}: {permit.traffic} from {_name_source(reach, permit)}"
    _require_known_ranges(reach, resource)


@rule("NET-03", Severity.CRITICAL, on=types.GROUP_RULES)
def forbid_open_shell(reach: Reachability, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """No remote shell is open to outside addresses.
    Why: Attackers try SSH and RDP with stolen passwords and keys.
    Remedy: Use Session Manager, or an EC2 Instance Connect Endpoint, which is free; both need no open port.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/connect-with-ec2-instance-connect-endpoint.html
    """
    for group, permit in _list_ingress_rules(reach, resource):
        if permit.is_everything or not _is_public(reach, permit):
            continue
        admits = f"{reach.model.groups.keys.name(group)} admits"
        for port, name in SHELLS.items():
            if permit.carries("tcp", port):
                yield permit.resource, f"{admits} {name} from {_name_source(reach, permit)}"
    _require_known_ranges(reach, resource)


@rule("NET-04", Severity.HIGH, on=types.GROUP_RULES)
def require_named_ports(reach: Reachability, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """Inbound rules name their ports.
    Why: A rule for every port also allows servers that are started later, such as a debugger.
    Remedy: Admit the one port that the service listens on. Only a NAT instance passes on every port.
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
    """
    for group, permit in _list_ingress_rules(reach, resource):
        gateway = any(member.forwards for member in reach.model.nodes.list_in_group(group))
        if permit.is_everything and permit.cidr not in ANYWHERE and permit.group != group and not gateway:
            yield permit.resource, f"{reach.model.groups.keys.name(group)}: {reach.model.groups.name_of(permit)}"


@rule("NET-05", Severity.MEDIUM, on=types.GROUP_RULES)
def forbid_whole_networks(reach: Reachability, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """A backend or its load balancer allows its caller's group, not a whole network.
    Why: A range also allows a machine that an attacker controls.
    Remedy: Reference the caller's security group in the rule. A network load balancer can have one too.
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
    """
    for group, permit in _list_ingress_rules(reach, resource):
        members = [node for node in reach.model.nodes.list_in_group(group) if _is_backend_or_balancer(reach, node)]
        ranges = [permit.cidr] if permit.cidr else []
        together = reach.model.groups.list_combined_ranges(group, permit)
        if not members or not ranges or is_internet_wide(together):
            continue
        vpcs = [vpc for node in members for vpc in reach.model.nodes.list_vpcs(node)]
        networks = [cidr for vpc in vpcs for cidr in reach.model.network.list_cidrs(vpc)]
        # Rules that admit a network in pieces admit the network.
        admits_vpc = any(share(together, cidr) == 1 and share(ranges, cidr) > 0 for cidr in networks)
        admits_16 = any(
            is_private(cidr) and (parsed := parse_network(cidr)) and parsed.prefixlen <= 16 for cidr in ranges
        )
        # Up to 16 public addresses may be somebody's own machines.
        many_public = sum(count_public_addresses(ranges, version) for version in (4, 6)) > 16
        if (
            admits_vpc
            or admits_16
            or (many_public and not all(_is_meant_open(reach, node, permit) for node in members))
        ):
            names = join_names(node.resource.name for node in members)
            yield permit.resource, f"{names} is open to the whole network {_name_source(reach, permit)}"


@rule("NET-06", Severity.HIGH, on=types.MACHINES)
def require_private_backend_subnet(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A backend's subnet has no route to an internet gateway.
    Why: Otherwise only the security group protects the backend from the internet.
    Remedy: Route private subnets to a NAT or an egress-only gateway; leave the internet gateway to public ones.
    https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
    """
    node, network_model = reach.model.nodes.find(resource), reach.model.network
    if resource.urn not in reach.backends or node.forwards:
        return
    for subnet in node.subnets:
        for family in Family:
            is_public = network_model.is_public(subnet, family)
            if is_public is None and not subnet.existing:
                yield Doubt(f"not all routes of {subnet.name} are known")
            elif is_public:
                yield subnet, f"{resource.name} is in {subnet.name}, which is routed to an internet gateway"
                break


@rule("NET-07", Severity.CRITICAL, on=types.LOAD_BALANCER)
def require_internal_balancer(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A load balancer of an API's backend is internal, or acknowledged as open.
    Why: An internet-facing load balancer answers everybody, without the API's keys, throttles and policies.
    Remedy: Set internal to true; API Gateway reaches it through the VPC link. If everybody may call it, add its name to
    the list protection.acknowledgePublic in the stack's config.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/private-integration.html
    """
    if require_declared_input(resource, "internal") is True or resource.name in read_acknowledged(reach.model.graph):
        return
    if resource.urn in reach.beside_apis:
        where = "behind an API" if resource.urn in reach.behind_apis else "in front of an API's backend"
        yield f"{resource.name} is {where} and is internet-facing"
    elif unknown := _list_unknown_targets(reach, resource):
        yield Doubt(f"whether {join_names(unknown)}, which everybody calls through {resource.name}, is a backend")


def _list_unknown_targets(reach: Reachability, balancer: Resource) -> list[str]:
    """Targets that everybody calls through a balancer, and that no resource of the stack is known to be."""
    paths = (path for path in reach.inbound if path.open and path.backend is None and INTERNET in path.source)
    through = (path for path in paths if any(hop.resource is balancer for hop in path.hops))
    return [*dict.fromkeys(path.target for path in through)] if reach.behind_apis else []


@rule("NET-08", Severity.MEDIUM, on=("aws:ec2/vpc:Vpc",))
def require_closed_default_group(reach: Reachability, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """The default security group of every VPC is closed.
    Why: Resources that name no group get the default group, whose members may all call each other.
    Remedy: Declare aws.ec2.DefaultSecurityGroup for the VPC with no rules at all.
    https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html
    """
    for group in reach.model.groups.keys.find_default(resource):
        if "#" in group:
            members = join_names(node.resource.name for node in reach.model.nodes.list_in_group(group))
            advice = f"; {members} use it: give them groups of their own first" if members else ""
            yield resource, f"the default security group of {resource.name} is as AWS made it, with rules{advice}"
        elif reach.model.groups.list_ingress(group) or reach.model.groups.list_egress(group):
            declared = reach.model.graph.resources[group]
            yield declared, f"{declared.name} is the default group of {resource.name} and has rules"


@rule("NET-09", Severity.HIGH, on=types.ENDPOINT)
def forbid_outside_callers_of_endpoint(reach: Reachability, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """An interface endpoint allows only its own networks.
    Why: The security group of the execute-api endpoint decides who can call a private API.
    Remedy: Allow 443 from the VPC's range, or better from the callers' security groups.
    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    for permit in reach.model.groups.list_ingress(*reach.model.nodes.find(resource).groups):
        if _is_public(reach, permit):
            yield permit.resource, f"{resource.name} admits {permit.traffic} from {_name_source(reach, permit)}"


@rule("NET-10", Severity.MEDIUM, on=types.FUNCTION)
def forbid_wide_egress_of_function(reach: Reachability, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """A function in a VPC can send only to what it calls.
    Why: An attacker in the code can send data to every address that the group allows.
    Remedy: Give the function's group one egress rule to the backend's group and port.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    for group in reach.model.nodes.find(resource).groups:
        for permit in reach.model.groups.list_egress(group):
            if permit.is_everything or is_internet_wide(reach.model.groups.list_combined_ranges(group, permit)):
                destination = reach.model.groups.name_of(permit).partition(" to ")[2]
                yield permit.resource, f"{resource.name} may call {destination}"


@rule("NET-12", Severity.MEDIUM, on=types.ENDPOINT)
def require_policy_of_gateway_endpoint(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A gateway endpoint that is the only egress has a policy that names its destinations.
    Why: Otherwise data can leave the network through a bucket of any account.
    Remedy: Give the endpoint a policy with the buckets that the machines need: packages, images, their own data.
    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
    """
    if not is_gateway(resource) or parse_service(resource) != "s3":
        return
    tables = find_referenced(reach.model.graph, resource, "routeTableIds", types=types.ROUTE_TABLE)
    routes = [route for table in tables for route in reach.model.network.list_routes(table.urn)]
    if not tables or any(route.destination in ANYWHERE for route in routes):
        return
    policy = require_declared_input(resource, "policy")
    statements = () if policy is None else list_allow_statements(policy)
    wide = any("*" in as_list(statement.get("Resource")) and not statement.get("Condition") for statement in statements)
    if policy is None or wide:
        yield f"{resource.name} is the only way out and lets everything through"


def _require_known_ranges(reach: Reachability, resource: Resource) -> None:
    """Raise Doubt of a rule that lets in the ranges of a prefix list which is not AWS's own."""
    for group, permit in reach.model.groups.list_declared(resource):
        if permit.inward and not reach.model.groups.prefix_lists.is_aws_owned(permit.prefix_list):
            named = reach.model.graph.resources.get(permit.prefix_list)
            list_name = named.name if named is not None else permit.prefix_list
            raise Doubt(f"which ranges of {list_name} {reach.model.groups.keys.name(group)} admits")


def _list_ingress_rules(reach: Reachability, resource: Resource) -> Iterator[tuple[str, AllowRule]]:
    """The ingress rules that a resource declares; raises Doubt if one of them is not known."""
    for group, permit in reach.model.groups.list_declared(resource):
        if permit.inward:
            yield group, permit
    inline = resource.type in types.SECURITY_GROUP
    if inline or resource.type in types.INGRESS_RULE:
        for entry in (
            as_list(require_declared_input(resource, "ingress")) if inline else [get_deployed_inputs(resource)]
        ):
            for key in _ADMITTING:
                if contains_unknown(get_value(entry, key)):
                    raise Doubt(f"{resource.name}: {key} is {AFTER_DEPLOYMENT}")


def _is_meant_open(reach: Reachability, node: Node, permit: AllowRule) -> bool:
    """Whether this is an internet-facing balancer, open on ports that it listens on."""
    if node.resource.type not in types.LOAD_BALANCER or get_declared_input(node.resource, "internal") is True:
        return False
    ports = {get_declared_input(listener, "port") for listener in reach.model.balancers.list_listeners(node.resource)}
    return not permit.is_everything and ports >= {permit.first, *range(permit.first, permit.last + 1)}


def _name_source(reach: Reachability, permit: AllowRule) -> str:
    """The source that a rule allows, in words."""
    return reach.model.groups.name_of(permit).partition(" from ")[2]


def _is_public(reach: Reachability, permit: AllowRule) -> bool:
    ranges = filter(parse_network, [permit.cidr])
    return not all(map(reach.model.network.is_inside, ranges))


def _is_backend_or_balancer(reach: Reachability, node: Node) -> bool:
    """A backend, or a load balancer in front of one."""
    if node.resource.type in types.LOAD_BALANCER:
        return True
    return node.resource.urn in reach.backends and node.resource.type not in types.FUNCTION and not node.forwards
