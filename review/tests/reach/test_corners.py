"""Ways that few programs take, each in a small graph."""

from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.aws.network.route import Family
from review.graph import UNKNOWN, Invoke
from review.reach import Kind, trace
from review.tests.front_parts import endpoint, link_stack
from review.tests.graph_builder import Builder, Json, Made
from review.tests.parts import (
    ANYWHERE,
    allowing,
    attach,
    backend,
    balancer,
    calls,
    edge,
    egress,
    group,
    ingress,
    machine,
    nat_machine,
    network,
    paths,
    permission,
    profile,
    proxy_stack,
    rest,
    subnet,
    trust,
)


def lines(build: Builder, kind: Kind = Kind.INBOUND, *, invokes: tuple[Invoke, ...] = ()) -> list[str]:
    graph = build.graph()
    graph.invokes = invokes
    return [str(path) for path in paths(graph) if path.kind is kind]


def public_machine(build: Builder, **inputs: Any) -> Made:
    net = network(build)
    members = group(build, net.vpc, "members")
    ingress(build, "web", members, 80, cidrIpv4=ANYWHERE)
    return machine(build, "server", subnetId=net.public.id, vpcSecurityGroupIds=[members.id], **inputs)


def test_an_elastic_ip_makes_a_machine_public(build: Builder) -> None:
    server = public_machine(build)
    assert "internet → tcp 80 → server: no, server has no public IPv4 address" in lines(build)
    build("ec2/eip:Eip", "address", domain="vpc", instance=server.id)
    assert "internet → tcp 80 → server" in lines(build)


def test_an_elastic_ip_by_association(build: Builder) -> None:
    server = public_machine(build)
    build("ec2/eipAssociation:EipAssociation", "association", instanceId=server.id, allocationId="eipalloc-1")
    assert "internet → tcp 80 → server" in lines(build)


def test_a_network_acl_reads_its_lines_by_number(build: Builder) -> None:
    server = public_machine(build, associatePublicIpAddress=True)
    subnet = next(resource for resource in build.resources.values() if resource.name == "public")
    allow = {"protocol": "-1", "action": "allow", "cidrBlock": ANYWHERE, "ruleNo": 200}
    refuse = {"protocol": "tcp", "action": "deny", "cidrBlock": ANYWHERE, "ruleNo": 100, "fromPort": 80, "toPort": 80}
    build("ec2/networkAcl:NetworkAcl", "acl", subnetIds=[subnet.id], ingress=[allow, refuse], egress=[allow])
    assert server.urn
    assert "internet → tcp 80 → server: no, network ACL acl" in lines(build)


def test_a_machine_reached_over_ipv6_alone(build: Builder) -> None:
    net = network(build)
    members = group(build, net.vpc, "members")
    ingress(build, "web", members, 443, cidrIpv6="::/0")
    machine(build, "server", subnetId=net.public.id, vpcSecurityGroupIds=[members.id], ipv6AddressCount=1)
    assert "internet → tcp 443 → server: no, no internet gateway is routed to the subnets of server" in lines(build)
    six = {"destinationIpv6CidrBlock": "::/0", "gatewayId": net.gateway.id}
    build("ec2/route:Route", "public-out-six", routeTableId=net.outside.id, **six)
    assert "internet → tcp 443 → server" in lines(build)


def test_a_narrow_range_is_named_by_its_subnet(build: Builder) -> None:
    stack = proxy_stack(build)
    ingress(build, "near", stack.backend.group, 8080, cidrIpv4="10.0.2.0/24")
    ingress(build, "far", stack.backend.group, 8080, cidrIpv4="192.168.7.0/24")
    assert {"anything in private-2 → tcp 8080 → backend", "192.168.7.0/24 → tcp 8080 → backend"} <= set(lines(build))


def test_cloudfront_comes_by_its_own_list(build: Builder) -> None:
    net = network(build)
    front = balancer(build, net, internal=False, subnets=[net.public.id, net.private[0].id])
    ingress(build, "edge", front.group, 80, prefixListId="pl-1")
    behind = backend(build, net)
    edge(build, front.group, behind.group, 8080, "front-to-backend")
    attach(build, front.targets, behind.server)
    name = "com.amazonaws.global.cloudfront.origin-facing"
    looked_up = Invoke(
        "aws:ec2/getManagedPrefixList:getManagedPrefixList", {"name": name}, {"id": "pl-1", "name": name}
    )
    assert "CloudFront → tcp 80 → balancer → tcp 8080 → backend" in lines(build, invokes=(looked_up,))


@pytest.mark.parametrize("may", [True, False])
def test_sessions_by_an_inline_policy_and_by_exec(build: Builder, may: bool) -> None:
    net = network(build)
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("ec2.amazonaws.com"))
    sessions = allowing("ssmmessages:OpenDataChannel", "ssm:UpdateInstanceInformation")
    build("iam/rolePolicy:RolePolicy", "sessions", role=role.name, policy=sessions)
    own = build("iam/instanceProfile:InstanceProfile", "profile", role=role.name)
    behind = backend(build, net, iamInstanceProfile=own.name)
    configuration = {"subnets": [net.private[0].id], "securityGroups": [behind.group.id]}
    # Of a task, its own role has to allow it.
    of_task: dict[str, Any] = {"taskRoleArn": role.arn} if may else {}
    task = build("ecs/taskDefinition:TaskDefinition", "task", family="t", containerDefinitions=Json([]), **of_task)
    tasks: dict[str, Any] = {
        "taskDefinition": task.arn,
        "networkConfiguration": configuration,
        "enableExecuteCommand": True,
    }
    build("ecs/service:Service", "tasks", **tasks)
    by_exec = ["people → ECS Exec → tasks"] if may else []
    assert lines(build, Kind.PEOPLE) == ["people → Session Manager → backend", *by_exec]


@pytest.mark.parametrize("private_dns", [True, False])
def test_sessions_without_a_way_to_the_service(build: Builder, private_dns: bool) -> None:
    net = network(build, egress="none")
    behind = backend(build, net, iamInstanceProfile=profile(build).name)
    (line,) = lines(build, Kind.PEOPLE)
    assert line.endswith("and there is no endpoint for ssm and ssmmessages")
    for service in ("ssm", "ssmmessages"):
        made = endpoint(build, net, service, privateDnsEnabled=private_dns)
        edge(build, behind.group, made.group, 443, f"to-{service}")
    doubt = "whether AWS's names lead to the endpoints of ssm and ssmmessages, without private DNS"
    expected = "people → Session Manager → backend" + ("" if private_dns else f" (cannot tell: {doubt})")
    assert lines(build, Kind.PEOPLE) == [expected]
    assert "backend → endpoints (tcp 443) → ssm, ssmmessages" in lines(build, Kind.OUTBOUND)


def test_a_nat_instance_and_its_faults(build: Builder) -> None:
    stack = proxy_stack(build, egress="instance")
    assert "nat-interface, which no instance holds: a black hole" in lines(build, Kind.OUTBOUND)[0]
    nat_machine(build, stack.net.interface)
    assert lines(build, Kind.OUTBOUND) == ["backend → tcp 443 → nat-interface → internet (IPv4)"]


def test_functions_in_different_vpcs_do_not_meet(build: Builder) -> None:
    stack = proxy_stack(build)
    other = build("ec2/vpc:Vpc", "other", cidrBlock="10.9.0.0/16")
    place = build("ec2/subnet:Subnet", "other-1", vpcId=other.id, cidrBlock="10.9.1.0/24")
    address = "http://" + stack.backend.server.privateIp + ":8080"
    function = build(
        "lambda/function:Function",
        "lost",
        environment={"variables": {"BACKEND_URL": address}},
        vpcConfig={"subnetIds": [place.id], "securityGroupIds": [stack.proxy.group.id]},
    )
    gate = rest(build, {"/lost": {"get": calls(function)}})
    permission(build, gate.api, function)
    assert any("lost and backend are in different VPCs" in line for line in lines(build))


def test_a_function_outside_any_vpc_reaches_no_private_address(build: Builder) -> None:
    function = build("lambda/function:Function", "f", environment={"variables": {"BACKEND_URL": "http://10.0.0.9:80"}})
    gate = rest(build, {"/x": {"get": calls(function)}})
    permission(build, gate.api, function)
    assert lines(build)[0].endswith("no, 10.0.0.9 is a private address")


@pytest.mark.parametrize(("allowed", "closed"), [(False, True), (True, False)])
def test_a_function_sends_ipv6_only_where_it_is_allowed_to(build: Builder, allowed: bool, closed: bool) -> None:
    net = network(build, egress="none")
    caller = group(build, net.vpc, "caller")
    egress(build, "out", caller, 8080, cidrIpv6="fd00::9/128")
    function = build(
        "lambda/function:Function",
        "f",
        environment={"variables": {"BACKEND_URL": "http://[fd00::9]:8080"}},
        vpcConfig={
            "subnetIds": [net.private[0].id],
            "securityGroupIds": [caller.id],
            "ipv6AllowedForDualStack": allowed,
        },
    )
    gate = rest(build, {"/x": {"get": calls(function)}})
    permission(build, gate.api, function)
    assert lines(build)[0].endswith("no, f sends no IPv6 without ipv6AllowedForDualStack") is closed


@pytest.mark.parametrize("allowed", [False, True])
def test_a_function_leaves_by_ipv6_only_where_it_is_allowed_to(build: Builder, allowed: bool) -> None:
    net = network(build, egress="none", assignGeneratedIpv6CidrBlock=True)
    gate = build("ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway", "gate", vpcId=net.vpc.id)
    route = {"routeTableId": net.tables[0].id, "destinationIpv6CidrBlock": "::/0", "egressOnlyGatewayId": gate.id}
    build("ec2/route:Route", "six", **route)
    inside = group(build, net.vpc, "inside")
    egress(build, "out", inside, 443, cidrIpv6="::/0")
    place = {"subnetIds": [net.private[0].id], "securityGroupIds": [inside.id], "ipv6AllowedForDualStack": allowed}
    build("lambda/function:Function", "f", vpcConfig=place)
    ways = [way for way in paths(build.graph()) if "internet" in (way.source, way.target.partition(" (")[0])]
    assert [(way.source, way.target, way.open) for way in ways] == [
        ("f", "internet (IPv6)" if allowed else "internet", allowed)
    ]


def test_names_come_from_components(build: Builder) -> None:
    link_stack(build)
    build.resources = {
        urn: _moved(resource, {"link": "ingress", "balancer": "ingress", "api": "front", "backend": "server"})
        for urn, resource in build.resources.items()
    }
    for name in ("ingress", "front", "server"):
        build("gatehouse:index:Part", name)
    expected = "internet → front (IAM, 100/s) → ingress link → tcp 80 → ingress alb → tcp 8080 → server"
    assert lines(build)[0] == expected


def _moved(resource: Any, parents: dict[str, str]) -> Any:
    from dataclasses import replace

    if resource.name not in parents:
        return resource
    return replace(resource, parent=f"urn:pulumi:dev::small::gatehouse:index:Part::{parents[resource.name]}")


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("check", [True, False])
def test_a_nat_instance_is_found_by_the_interface_that_it_was_made_with(known: bool, check: bool) -> None:
    build = Builder(known=known)
    net = network(build)
    closed = subnet(build, net.vpc, "closed", "10.0.90.0/24", "a")
    table = build("ec2/routeTable:RouteTable", "closed-table", vpcId=net.vpc.id)
    build("ec2/routeTableAssociation:RouteTableAssociation", "closed-join", subnetId=closed.id, routeTableId=table.id)
    members = group(build, net.vpc, "members")
    egress(build, "all", members, ipProtocol="-1", cidrIpv4="0.0.0.0/0")
    placed: dict[str, Any] = {
        "vpcSecurityGroupIds": [members.id],
        "associatePublicIpAddress": True,
        "sourceDestCheck": check,
    }
    nat = build("ec2/instance:Instance", "nat", subnetId=net.public.id, instanceType="t4g.nano", **placed)
    named: dict[str, Any] = {"networkInterfaceId": nat.primaryNetworkInterfaceId, "destinationCidrBlock": "0.0.0.0/0"}
    build("ec2/route:Route", "out", routeTableId=table.id, **named)
    server = build("ec2/instance:Instance", "server", subnetId=closed.id, vpcSecurityGroupIds=[members.id])
    reach = trace(AwsModel(build.graph()))
    way = reach.outbound.way_out(reach.model.nodes.of(build.resources[server.urn]), Family.IPV4)
    assert way.open is not check
    assert ("source/destination check is on" in way.blocked_by) is check
    assert [hop.name for hop in way.hops][-1:] == ([] if check else ["nat"])


def test_the_rule_that_lets_out_is_the_one_for_the_internet(build: Builder) -> None:
    """A rule for the list of a service on the same port is no evidence for the internet."""
    stack = proxy_stack(build)
    list_id = "pl-0123456789abcdef0"
    members = stack.backend.group
    egress(build, "a-list", members, 443, prefixListId=list_id)
    graph = build.graph()
    graph.invokes = (Invoke("aws:ec2/getPrefixList:getPrefixList", {}, {"id": list_id, "name": "com.amazonaws.x.s3"}),)
    # The list's rule comes first among the group's.
    graph.resources = dict(sorted(graph.resources.items(), key=lambda one: one[1].name != "a-list"))
    (way,) = [path for path in paths(graph) if path.kind is Kind.OUTBOUND and "internet (IPv4)" in str(path)]
    assert way.hops[0].rule == "backend-out"


@pytest.mark.parametrize(
    ("stage", "policy", "why"),
    [
        ("live", {}, None),
        ("another", {}, "api requires keys and is in no usage plan"),
        (UNKNOWN, {}, None),
        ("live", {"policy": '{"Statement": []}'}, "the resource policy of api admits nobody"),
    ],
)
def test_a_usage_plan_is_for_stages_and_admits_nobody_by_itself(
    stage: Any, policy: dict[str, Any], why: str | None
) -> None:
    build = Builder()
    function = build("lambda/function:Function", "function", role="role")
    gate = rest(build, {"/orders": {"get": calls(function)}}, planned=False, **policy)
    build("apigateway/usagePlan:UsagePlan", "plan", apiStages=[{"apiId": gate.api.id, "stage": stage}])
    permission(build, gate.api, function)
    (way,) = (path for path in paths(build.graph()) if path.kind is Kind.INBOUND)
    assert way.open is (why is None)
    assert why is None or str(way).endswith(f": no, {why}")
