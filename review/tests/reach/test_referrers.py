"""A resource that the review does not read puts in doubt each "no" that rests on what it refers to, and no other."""

from dataclasses import replace
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.aws.model.unread import referring, unread
from review.graph import UNKNOWN
from review.graph.graph import Invoke
from review.graph.unread import referrers
from review.reach import Kind
from review.rules import Status, check
from review.tests.front_parts import link_stack
from review.tests.graph_builder import Builder
from review.tests.parts import group, machine, network, paths, proxy_stack


def test_a_doubt_names_the_resource(build: Builder) -> None:
    stack = proxy_stack(build)
    build("ec2/securityGroupRule:SecurityGroupRule", "more", securityGroupId=stack.backend.group.id, type="ingress")
    doubts = [path.uncertainty for path in paths(build.graph()) if path.open and path.target == "backend"]
    name = f"the review does not read more, which refers to {name_of(build, stack.backend.group.urn)}"
    assert any(name in doubt for doubt in doubts), doubts


def name_of(build: Builder, urn: str) -> str:
    return build.resources[urn].name


def test_an_id_that_is_looked_up_may_be_of_any_resource_of_its_kind(build: Builder) -> None:
    proxy_stack(build)
    build("ec2/securityGroupRule:SecurityGroupRule", "rule", securityGroupId="sg-0123456789abcdef0", type="ingress")
    apart = build.graph()
    assert [*referring(apart)] == []
    call = Invoke("aws:ec2/getSecurityGroup:getSecurityGroup", {"name": "a"}, {"id": "sg-0123456789abcdef0"})
    looked_up = replace(apart, invokes=(call,))
    AwsModel(looked_up)
    assert [*referring(looked_up)] == ["rule"]
    assert {resource.kind for resource in looked_up if referrers(resource)} <= {"SecurityGroup", "DefaultSecurityGroup"}


def test_a_reference_that_is_not_known_may_be_to_anything(build: Builder) -> None:
    proxy_stack(build)
    build("ec2/securityGroupRule:SecurityGroupRule", "rule", securityGroupId=UNKNOWN, type="ingress")
    ways = [path for path in paths(build.graph()) if path.kind is Kind.INBOUND and path.target == "backend"]
    assert all(path.uncertainty for path in ways if path.open), ways
    assert any("does not read rule" in path.uncertainty for path in ways), ways


def test_a_name_may_be_that_of_any_resource(build: Builder) -> None:
    proxy_stack(build)
    function = next(resource for resource in build.resources.values() if resource.type.endswith(":Function"))
    build("lambda/functionUrl:FunctionUrl", "url", functionName=function.state["name"], authorizationType="NONE")
    graph = build.graph()
    AwsModel(graph)
    assert [*referring(graph)] == ["url"]


def test_a_rule_of_a_listener_may_send_requests_elsewhere(build: Builder) -> None:
    stack = link_stack(build)
    build("lb/listenerRule:ListenerRule", "rule", listenerArn=stack.front.listener.arn, actions=[])
    lines = [str(path) for path in paths(build.graph())]
    assert any("which targets" in line and "forwards to" in line for line in lines), lines


def test_a_policy_of_another_type_may_allow_what_a_role_lacks(build: Builder) -> None:
    """`no role lets it write its log` would be a false "no"."""
    stack = proxy_stack(build)
    role = next(resource for resource in build.resources.values() if resource.type.endswith("role:Role"))
    build(
        "iam/policyAttachment:PolicyAttachment", "more", roles=[role.state["name"]], policyArn="arn:aws:iam::1:policy/p"
    )
    failed = {finding.rule.id for finding in check(build.graph()) if finding.status is Status.FAILED}
    assert not failed & {"FIT-15", "FIT-16", "BOOT-06"}, (failed, stack)


@pytest.mark.parametrize("elsewhere", ["read", "named by its id"])
def test_a_route_on_an_api_of_another_stack_may_call_what_is_here(elsewhere: str) -> None:
    build = Builder()
    stack = proxy_stack(build)
    api = build("apigatewayv2/api:Api", "theirs", protocolType="HTTP")
    chosen = api.id if elsewhere == "read" else "a1b2c3d4e5"
    build.resources[api.urn] = replace(build.resources[api.urn], existing=True)
    given: dict[str, Any] = {"integrationType": "AWS_PROXY", "integrationUri": stack.proxy.function.invokeArn}
    to = build("apigatewayv2/integration:Integration", "to", apiId=chosen, **given)
    build("apigatewayv2/route:Route", "admin", apiId=chosen, routeKey="POST /admin", target="integrations/" + to.id)
    graph = build.graph()
    AwsModel(graph)
    assert {name for names in unread(graph).values() for name in names} == {"to", "admin"}
    assert "to" in [*referring(graph)]


def test_a_rule_that_is_not_read_may_let_a_machine_call_a_gateway_endpoint(build: Builder) -> None:
    net = network(build, egress="none")
    members = group(build, net.vpc, "members")
    machine(build, "server", subnetId=net.private[0].id, vpcSecurityGroupIds=[members.id])
    door: dict[str, Any] = {"vpcEndpointType": "Gateway", "serviceName": "com.amazonaws.eu-west-1.s3"}
    build("ec2/vpcEndpoint:VpcEndpoint", "s3", vpcId=net.vpc.id, routeTableIds=[one.id for one in net.tables], **door)

    def said() -> list[str]:
        return [str(path) for path in paths(build.graph()) if path.source == "server" and path.target.startswith("S3")]

    assert said() == ["server → S3 endpoint (any bucket) → S3: no, members lets out no tcp 443 to S3"]
    build("ec2/securityGroupRule:SecurityGroupRule", "more", securityGroupId=members.id, type="egress")
    (line,) = said()
    assert "cannot tell" in line
    assert "does not read more" in line


def test_a_group_to_which_something_unread_refers_is_closed_for_no_rule(build: Builder) -> None:
    stack = proxy_stack(build)
    build("ec2/securityGroupRule:SecurityGroupRule", "more", securityGroupId=stack.backend.group.id, type="ingress")
    found = {
        one.rule.id: one for one in check(build.graph()) if one.resource and one.resource.urn == stack.backend.group.urn
    }
    assert found["NET-02"].status is found["NET-03"].status is Status.INCONCLUSIVE
    assert "does not read more" in found["NET-02"].message
