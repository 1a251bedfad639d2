"""What holds for each resource that our components declare, whatever the stack. Each row is a property of a kind."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from components.recording.resources import Resource
from tests.helpers.stacks import ALL, graph_of
from tests.oracle.connections import read_rules
from tests.oracle.gateway import Gateway
from tests.oracle.stack import Inputs, Stack, plain, statements_of

_PRIVATE: Final = ("10.", "172.", "192.168.", "fd")
_OPEN: Final = ("0.0.0.0/0", "::/0")
_RETENTION: Final = "retentionInDays"


def _trusts_one_service(given: Inputs) -> bool:
    [statement] = statements_of(given["assumeRolePolicy"])
    principal = statement["Principal"]
    return [*principal] == ["Service"] and isinstance(principal["Service"], str)


def _is_encrypted(given: Inputs) -> bool:
    return given.get("rootBlockDevice", {"encrypted": True})["encrypted"] is True


def _asks_for_tokens(given: Inputs) -> bool:
    return bool(given["metadataOptions"]["httpTokens"] == "required")


def _has_encrypted_disks(given: Inputs) -> bool:
    return all(disk["ebs"]["encrypted"] == "true" for disk in given["blockDeviceMappings"])


def _names_source(given: Inputs) -> bool:
    return given["principal"] == "apigateway.amazonaws.com" and "sourceArn" in given


def _is_behind_link_or_function(given: Inputs) -> bool:
    return given["integrationType"] == "AWS_PROXY" or bool(given["connectionType"] == "VPC_LINK")


def _passes_no_role(given: Inputs) -> bool:
    allowed = [one for one in statements_of(given["policy"]) if one["Effect"] == "Allow"]
    return not any("PassRole" in action or action.endswith("*") for one in allowed for action in one["Action"])


PROPERTIES: Final[dict[str, tuple[str, Callable[[Inputs], bool]]]] = {
    "a role trusts one service": ("aws:iam/role:Role", _trusts_one_service),
    "a role may pass no role": ("aws:iam/rolePolicy:RolePolicy", _passes_no_role),
    "an instance has session tokens": ("aws:ec2/instance:Instance", _asks_for_tokens),
    "an instance's disk is encrypted": ("aws:ec2/instance:Instance", _is_encrypted),
    "an instance has no public address": (
        "aws:ec2/instance:Instance",
        lambda given: "primaryNetworkInterface" in given or given["associatePublicIpAddress"] is False,
    ),
    "a template has session tokens": ("aws:ec2/launchTemplate:LaunchTemplate", _asks_for_tokens),
    "a template's disks are encrypted": ("aws:ec2/launchTemplate:LaunchTemplate", _has_encrypted_disks),
    "a task has no public address": (
        "aws:ecs/service:Service",
        lambda given: given["networkConfiguration"]["assignPublicIp"] is False,
    ),
    "a log group has a retention": ("aws:cloudwatch/logGroup:LogGroup", lambda given: given[_RETENTION] > 0),
    "a REST API's stage writes access logs": ("aws:apigateway/stage:Stage", lambda given: "accessLogSettings" in given),
    "an HTTP API's stage writes access logs": (
        "aws:apigatewayv2/stage:Stage",
        lambda given: "accessLogSettings" in given,
    ),
    "a load balancer is internal": ("aws:lb/loadBalancer:LoadBalancer", lambda given: given["internal"] is True),
    "a service may invoke a function for one API": ("aws:lambda/permission:Permission", _names_source),
    "an integration calls no public URL": ("aws:apigatewayv2/integration:Integration", _is_behind_link_or_function),
    "a default group is closed": (
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        lambda given: not given.get("ingress") and not given.get("egress"),
    ),
    "a group's rules stand alone": (
        "aws:ec2/securityGroup:SecurityGroup",
        lambda given: "ingress" not in given and "egress" not in given,
    ),
}


@pytest.mark.parametrize("name", ALL)
def test_each_resource_is_safe(name: str) -> None:
    stack = Stack(graph_of(name))
    wrong = [
        f"{resource.name}: not so that {words}"
        for words, (type_, holds) in PROPERTIES.items()
        for resource in stack.graph.of_type(type_)
        if not holds(plain(resource))
    ]
    assert wrong == []


def test_each_property_is_of_a_resource_that_some_stack_declares() -> None:
    declared = {resource.type for name in ALL for resource in graph_of(str(name.values[0]))}
    # No example scales instances.
    assert {type_ for type_, _ in PROPERTIES.values()} - declared <= {"aws:ec2/launchTemplate:LaunchTemplate"}


@pytest.mark.parametrize("name", ALL)
def test_no_group_is_open(name: str) -> None:
    """Inbound rules name a port, which only a NAT instance does not, and no range of everybody."""
    stack = Stack(graph_of(name))
    nat = {stack.group(component) for component, _ in stack.of("NatInstance")}
    for direction, group, peer, ports in read_rules(stack):
        if direction == "in":
            assert peer not in _OPEN
            assert group in nat or None not in ports
        if group in nat:
            assert peer.startswith(_PRIVATE if direction == "in" else _OPEN)


@pytest.mark.parametrize("name", ALL)
def test_every_vpc_has_a_closed_default_group(name: str) -> None:
    stack = Stack(graph_of(name))
    closed = {stack.name(plain(group)["vpcId"]) for group in stack.list_all("DefaultSecurityGroup")}
    assert closed == {vpc.urn for vpc in stack.list_all("Vpc")}


@pytest.mark.parametrize("name", ALL)
def test_a_private_subnet_has_no_route_to_an_internet_gateway(name: str) -> None:
    stack = Stack(graph_of(name))
    routes = [plain(route) for route in stack.list_all("Route") if route.type.startswith("aws:ec2/")]
    public = {route["routeTableId"] for route in routes if "gatewayId" in route}
    associated = [plain(one) for one in stack.list_all("RouteTableAssociation")]
    exposed = {one["subnetId"] for one in associated if one["routeTableId"] in public}
    nat = {component.urn for component, _ in stack.of("NatInstance")}
    for resource in stack.list_all(
        "Instance", "Function", "LoadBalancer", "Group", "VpcEndpoint", "Service", "VpcLink"
    ):
        text = json.dumps(plain(resource), default=str)
        assert resource.parent in nat or not any(f'"{subnet}"' in text for subnet in exposed), resource.urn


@pytest.mark.parametrize("name", ALL)
def test_each_service_may_take_on_its_role(name: str) -> None:
    stack = Stack(graph_of(name))
    for resource, role, service in _list_assumed(stack):
        [statement] = statements_of(plain(stack.graph.resources[stack.name(role)])["assumeRolePolicy"])
        assert statement["Principal"] == {"Service": service}, resource.urn


def _list_assumed(stack: Stack) -> Iterator[tuple[Resource, Any, str]]:
    """Resources that name a role, and the service that takes it on."""
    for resource in stack.graph:
        given = plain(resource) if resource.custom else {}
        match resource.type:
            case "aws:lambda/function:Function":
                yield resource, given["role"], "lambda.amazonaws.com"
            case "aws:ecs/taskDefinition:TaskDefinition":
                yield from ((resource, given[key], "ecs-tasks.amazonaws.com") for key in _TASK_ROLES)
            case "aws:scheduler/schedule:Schedule":
                yield resource, given["target"]["roleArn"], "scheduler.amazonaws.com"
            case "aws:ec2/flowLog:FlowLog":
                yield resource, given["iamRoleArn"], "vpc-flow-logs.amazonaws.com"
            case "aws:iam/instanceProfile:InstanceProfile":
                [role] = [one for one in stack.list_all("Role") if given["role"] in (one.id, one.state.get("name"))]
                yield resource, role.id, "ec2.amazonaws.com"


_TASK_ROLES: Final = ("executionRoleArn", "taskRoleArn")


@pytest.mark.parametrize("name", ALL)
def test_a_private_api_names_its_entries_and_an_authorizer_is_declared(name: str) -> None:
    stack = Stack(graph_of(name))
    for front, _ in stack.of("ApiFront"):
        gateway = Gateway(stack, front)
        document = gateway.document or {}
        if gateway.is_private:
            assert gateway.policy is not None
            denied = [one for one in gateway.policy["Statement"] if one["Effect"] == "Deny"]
            assert any("StringNotEquals" in one.get("Condition", {}) for one in denied)
        schemes = document.get("components", {}).get("securitySchemes", {})
        for item in document.get("paths", {}).values():
            named = {key for operation in item.values() for each in operation.get("security", ()) for key in each}
            assert named <= schemes.keys()
        for domain in stack.children(front, "DomainName"):
            if "mutualTlsAuthentication" in domain.inputs:
                assert gateway.asks_for_certificate, "the API's own address asks for no certificate"
