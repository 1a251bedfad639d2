"""Drift that somebody plants in AWS is found and named, and nothing else is."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from review.graph import Graph, Options, Secret
from review.report.render import verification as report
from review.tests.verify.fake_aws import FakeAws, deployed
from review.verify import drift
from review.verify.calls import Caller
from review.verify.cloud import Cloud
from review.verify.verification import Verification, verify
from tests.stacks import ALL, graph_of

JSON = dict[str, Any]


def verified(graph: Graph, aws: FakeAws) -> Verification:
    return verify(graph, Cloud(aws), Caller(), offline=True)


@pytest.mark.parametrize("stack", ALL)
def test_nothing_drifts_from_what_was_just_deployed(stack: str) -> None:
    graph = deployed(graph_of(stack))
    found = verified(graph, FakeAws(graph))
    assert report.document(found)["drift"] == []
    assert found.unread == ()
    assert found.compared == sum(one.custom and not one.existing and one.type.startswith("aws:") for one in graph)


def put(*path: str | int, value: Any) -> Callable[[JSON], None]:
    """Set a member deep in an answer."""

    def change(answer: Any) -> None:
        for key in path[:-1]:
            answer = answer[key]
        answer[path[-1]] = value

    return change


def append(*path: str | int, value: Any) -> Callable[[JSON], None]:
    def change(answer: Any) -> None:
        for key in path[:-1]:
            answer = answer[key]
        answer.setdefault(path[-1], []).append(value) if isinstance(answer, dict) else answer[path[-1]].append(value)

    return change


def only(test: Callable[[JSON], bool], change: Callable[[JSON], None]) -> Callable[[JSON], None]:
    """A change of the answers that a test picks."""
    return lambda answer: change(answer) if test(answer) else None


def rule(group: str, *, egress: bool = False) -> JSON:
    opened = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "0.0.0.0/0"}
    return {"SecurityGroupRuleId": "sgr-0hand", "GroupId": group, "IsEgress": egress, **opened}


def statement(action: str) -> str:
    allowed = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})


def permitted_to_all(answer: JSON) -> None:
    written = answer["Policy"]
    written.statements.append({"Sid": "hand", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction"})


def attribute(key: str, value: str) -> Callable[[JSON], None]:
    def change(answer: JSON) -> None:
        next(one for one in answer["Attributes"] if one["Key"] == key)["Value"] = value

    return change


def nothing(*path: str) -> Callable[[JSON], None]:
    return lambda answer: answer.clear()


ALB, NAT, WEBHOOK, FORTRESS, JWT = (
    f"examples/{name}.yaml" for name in ("http-alb-ec2", "nat-instance", "webhook", "fortress", "jwt-http")
)
NLB, MAP = "examples/rest-nlb-fargate.yaml", "examples/http-cloudmap-fargate.yaml"
_INSTANCE = ("Reservations", 0, "Instances", 0)
_RULES = "ec2.DescribeSecurityGroupRules"

PLANTED: dict[str, tuple[str, str, Callable[[JSON], Any], str]] = {
    "a rule added by hand": (
        ALB,
        _RULES,
        append("SecurityGroupRules", value=rule("x")),
        "SecurityGroupIngressRule made by hand",
    ),
    "an egress rule added by hand": (
        ALB,
        _RULES,
        append("SecurityGroupRules", value=rule("x", egress=True)),
        "SecurityGroupEgressRule made by hand",
    ),
    "a wider rule": (
        ALB,
        _RULES,
        lambda answer: [one.update(CidrIpv4="0.0.0.0/1") for one in answer.get("SecurityGroupRules", ())] and None,
        "cidrIpv4",
    ),
    "all rules taken away": (ALB, _RULES, nothing(), "SecurityGroupEgressRule gone"),
    "a public address": (
        WEBHOOK,
        "ec2.DescribeInstances",
        put(*_INSTANCE, "PublicIpAddress", value="203.0.113.9"),
        "publicIp",
    ),
    "another image": (
        MAP,
        "ecs.DescribeTaskDefinition",
        put("taskDefinition", "containerDefinitions", 0, "image", value="evil:1"),
        "parse(containerDefinitions)[].image",
    ),
    "another type of a machine": (
        WEBHOOK,
        "ec2.DescribeInstances",
        put(*_INSTANCE, "InstanceType", value="m7g.large"),
        "instanceType",
    ),
    "IMDSv1": (
        WEBHOOK,
        "ec2.DescribeInstances",
        put(*_INSTANCE, "MetadataOptions", "HttpTokens", value="optional"),
        "metadataOptions.httpTokens",
    ),
    "another group of a machine": (
        WEBHOOK,
        "ec2.DescribeInstances",
        put(*_INSTANCE, "SecurityGroups", value=[{"GroupId": "sg-0bad"}]),
        "vpcSecurityGroupIds",
    ),
    "another role of a machine": (
        WEBHOOK,
        "ec2.DescribeInstances",
        put(*_INSTANCE, "IamInstanceProfile", "Arn", value="arn:aws:iam::1:instance-profile/admin"),
        "iamInstanceProfile",
    ),
    "a terminated machine": (
        WEBHOOK,
        "ec2.DescribeInstances",
        put(*_INSTANCE, "State", value={"Name": "terminated"}),
        "Instance gone",
    ),
    "a policy statement": (WEBHOOK, "iam.GetRolePolicy", put("PolicyDocument", value=statement("*")), "policy"),
    "a trust policy": (
        WEBHOOK,
        "iam.GetRole",
        put("Role", "AssumeRolePolicyDocument", value=statement("sts:AssumeRole")),
        "assumeRolePolicy",
    ),
    "an inline policy added by hand": (
        WEBHOOK,
        "iam.ListRolePolicies",
        append("PolicyNames", value="hand"),
        "RolePolicy made by hand",
    ),
    "a managed policy attached by hand": (
        WEBHOOK,
        "iam.ListAttachedRolePolicies",
        append(
            "AttachedPolicies",
            value={"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess", "PolicyName": "AdministratorAccess"},
        ),
        "RolePolicyAttachment made by hand",
    ),
    "a listener added by hand": (
        ALB,
        "elbv2.DescribeListeners",
        append("Listeners", value={"ListenerArn": "arn:hand", "Port": 8443, "Protocol": "HTTP"}),
        "Listener made by hand",
    ),
    "a listener's other target": (
        ALB,
        "elbv2.DescribeListeners",
        put("Listeners", 0, "DefaultActions", value=[{"Type": "forward", "TargetGroupArn": "arn:other"}]),
        "defaultActions[].targetGroupArn",
    ),
    "a listener rule added by hand": (
        ALB,
        "elbv2.DescribeRules",
        append("Rules", value={"RuleArn": "arn:rule", "Priority": "1", "IsDefault": False}),
        "ListenerRule made by hand",
    ),
    "a load balancer on the internet": (
        ALB,
        "elbv2.DescribeLoadBalancers",
        put("LoadBalancers", 0, "Scheme", value="internet-facing"),
        "internal",
    ),
    "headers that are not dropped": (
        ALB,
        "elbv2.DescribeLoadBalancerAttributes",
        attribute("routing.http.drop_invalid_header_fields.enabled", "false"),
        "dropInvalidHeaderFields",
    ),
    "deletion protection off": (
        FORTRESS,
        "elbv2.DescribeLoadBalancerAttributes",
        attribute("deletion_protection.enabled", "false"),
        "enableDeletionProtection",
    ),
    "another health check": (
        ALB,
        "elbv2.DescribeTargetGroups",
        put("TargetGroups", 0, "HealthCheckPath", value="/none"),
        "healthCheck.path",
    ),
    "a default route by hand": (
        NAT,
        "ec2.DescribeRouteTables",
        only(
            lambda answer: "Associations" not in answer["RouteTables"][0],
            append(
                "RouteTables",
                0,
                "Routes",
                value={"DestinationCidrBlock": "192.0.2.0/24", "GatewayId": "igw-1", "Origin": "CreateRoute"},
            ),
        ),
        "Route made by hand",
    ),
    "a subnet with public addresses": (
        ALB,
        "ec2.DescribeSubnets",
        put("Subnets", 0, "MapPublicIpOnLaunch", value=True),
        "mapPublicIpOnLaunch",
    ),
    "a subnet in another table": (
        NAT,
        "ec2.DescribeRouteTables",
        only(
            lambda answer: "Associations" in answer["RouteTables"][0],
            put("RouteTables", 0, "Associations", 0, "RouteTableId", value="rtb-0bad"),
        ),
        "routeTableId",
    ),
    "the check of an interface": (
        NAT,
        "ec2.DescribeNetworkInterfaces",
        put("NetworkInterfaces", 0, "SourceDestCheck", value=True),
        "sourceDestCheck",
    ),
    "an address that is let go": (NAT, "ec2.DescribeAddresses", nothing(), "Eip gone"),
    "an open endpoint policy": (
        ALB,
        "ec2.DescribeVpcEndpoints",
        put("VpcEndpoints", 0, "PolicyDocument", value=statement("*")),
        "policy",
    ),
    "an ACL entry": (
        ALB,
        "ec2.DescribeNetworkAcls",
        put("NetworkAcls", 0, "Entries", 0, "CidrBlock", value="10.0.0.0/8"),
        "ingress",
    ),
    "no DNS": (
        ALB,
        "ec2.DescribeVpcAttribute",
        only(lambda answer: "EnableDnsSupport" in answer, put("EnableDnsSupport", "Value", value=False)),
        "enableDnsSupport",
    ),
    "another launch template": (
        ALB,
        "ec2.DescribeLaunchTemplateVersions",
        put("LaunchTemplateVersions", 0, "LaunchTemplateData", "InstanceType", value="m7g.large"),
        "instanceType",
    ),
    "a group that grew": (
        ALB,
        "autoscaling.DescribeAutoScalingGroups",
        put("AutoScalingGroups", 0, "MaxSize", value=20),
        "maxSize",
    ),
    "suspended processes": (
        ALB,
        "autoscaling.DescribeAutoScalingGroups",
        append("AutoScalingGroups", 0, "SuspendedProcesses", value={"ProcessName": "HealthCheck"}),
        "suspendedProcesses",
    ),
    "an HTTP route by hand": (
        JWT,
        "apigatewayv2.GetRoutes",
        append("Items", value={"RouteId": "hand", "RouteKey": "GET /hand", "Target": "integrations/x"}),
        "Route made by hand",
    ),
    "a route without authorization": (
        JWT,
        "apigatewayv2.GetRoutes",
        put("Items", 0, "AuthorizationType", value="NONE"),
        "authorizationType",
    ),
    "another issuer": (
        JWT,
        "apigatewayv2.GetAuthorizers",
        put("Items", 0, "JwtConfiguration", "Issuer", value="https://evil.example.com"),
        "jwtConfiguration.issuer",
    ),
    "another integration": (
        JWT,
        "apigatewayv2.GetIntegrations",
        put("Items", 0, "IntegrationUri", value="https://evil.example.com"),
        "integrationUri",
    ),
    "no access log": (
        JWT,
        "apigatewayv2.GetStage",
        put("AccessLogSettings", value=None),
        "accessLogSettings.destinationArn",
    ),
    "a higher throttle": (
        JWT,
        "apigatewayv2.GetStage",
        put("DefaultRouteSettings", "ThrottlingRateLimit", value=9999),
        "defaultRouteSettings.throttlingRateLimit",
    ),
    "an origin of CORS": (
        JWT,
        "apigatewayv2.GetApi",
        put("CorsConfiguration", value={"AllowOrigins": ["*"]}),
        "corsConfiguration.allowOrigins",
    ),
    "another deployment": (WEBHOOK, "apigateway.GetStage", put("deploymentId", value="hand"), "deployment"),
    "a method's throttle": (
        WEBHOOK,
        "apigateway.GetStage",
        lambda answer: (
            [one.update(throttlingRateLimit=9999) for one in answer.get("methodSettings", {}).values()] and None
        ),
        "settings.throttlingRateLimit",
    ),
    "an open default address": (
        FORTRESS,
        "apigateway.GetRestApi",
        put("disableExecuteApiEndpoint", value=False),
        "disableExecuteApiEndpoint",
    ),
    "a key in a plan by hand": (
        FORTRESS,
        "apigateway.GetUsagePlanKeys",
        append("items", value={"id": "hand", "type": "API_KEY"}),
        "UsagePlanKey made by hand",
    ),
    "no mutual TLS": (
        FORTRESS,
        "apigateway.GetDomainName",
        put("mutualTlsAuthentication", value=None),
        "mutualTlsAuthentication.truststoreUri",
    ),
    "no firewall": (FORTRESS, "wafv2.GetWebACLForResource", nothing(), "WebAclAssociation gone"),
    "a firewall's rule": (FORTRESS, "wafv2.GetWebACL", lambda answer: answer["WebACL"]["Rules"].pop(), "rules"),
    "logs that never end": (
        FORTRESS,
        "logs.DescribeLogGroups",
        put("logGroups", 0, "retentionInDays", value=None),
        "retentionInDays",
    ),
    "an alarm without actions": (
        FORTRESS,
        "cloudwatch.DescribeAlarms",
        put("MetricAlarms", 0, "AlarmActions", value=[]),
        "alarmActions",
    ),
    "a budget": (
        FORTRESS,
        "budgets.DescribeBudget",
        put("Budget", "BudgetLimit", "Amount", value="99999"),
        "limitAmount",
    ),
    "a recipient by hand": (
        FORTRESS,
        "sns.ListSubscriptionsByTopic",
        append(
            "Subscriptions",
            value={"Endpoint": "who@example.com", "Protocol": "email", "SubscriptionArn": "arn:aws:sns:x"},
        ),
        "TopicSubscription made by hand",
    ),
    "another task": (
        MAP,
        "ecs.DescribeServices",
        put("services", 0, "taskDefinition", value="arn:other"),
        "taskDefinition",
    ),
    "a task's public address": (
        MAP,
        "ecs.DescribeServices",
        put("services", 0, "networkConfiguration", "awsvpcConfiguration", "assignPublicIp", value="ENABLED"),
        "networkConfiguration.assignPublicIp",
    ),
    "a shell in tasks": (
        NLB,
        "ecs.DescribeServices",
        put("services", 0, "enableExecuteCommand", value=True),
        "enableExecuteCommand",
    ),
    "another role of tasks": (
        MAP,
        "ecs.DescribeTaskDefinition",
        put("taskDefinition", "taskRoleArn", value="arn:aws:iam::1:role/admin"),
        "taskRoleArn",
    ),
    "a task definition that is not active": (
        MAP,
        "ecs.DescribeTaskDefinition",
        put("taskDefinition", "status", value="INACTIVE"),
        "TaskDefinition gone",
    ),
    "a deleted service": (MAP, "ecs.DescribeServices", put("services", 0, "status", value="INACTIVE"), "Service gone"),
    "other code": (WEBHOOK, "lambda.GetFunctionConfiguration", put("Handler", value="evil.handler"), "handler"),
    "a variable": (
        WEBHOOK,
        "lambda.GetFunctionConfiguration",
        put("Environment", "Variables", value={"EVIL": "x"}),
        "keys(environment.variables)",
    ),
    "a permission by hand": (WEBHOOK, "lambda.GetPolicy", permitted_to_all, "Permission made by hand"),
    "a function URL by hand": (
        WEBHOOK,
        "lambda.ListFunctionUrlConfigs",
        append(
            "FunctionUrlConfigs",
            value={"FunctionUrl": "https://x.lambda-url.example.com/" + "x" * 40, "AuthType": "NONE"},
        ),
        "FunctionUrl made by hand",
    ),
    "a schedule that is off": (
        WEBHOOK,
        "scheduler.GetSchedule",
        put("ScheduleExpression", value="rate(9 days)"),
        "scheduleExpression",
    ),
    "a record": (
        FORTRESS,
        "route53.ListResourceRecordSets",
        only(
            lambda answer: "AliasTarget" in answer["ResourceRecordSets"][0],
            put("ResourceRecordSets", 0, "AliasTarget", "DNSName", value="evil.example.com"),
        ),
        "aliases[].name",
    ),
}


def named(one: JSON) -> set[str]:
    """What the report names of one drift: its inputs, or its kind."""
    if one["kind"] != "changed":
        return {f"{one['type'].rpartition(':')[2]} {one['kind']}"}
    return {each["input"].partition("[0]")[0].partition(".Statement")[0] for each in one["differences"]}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_drift_is_found_and_named(name: str) -> None:
    stack, call, change, wanted = PLANTED[name]
    graph = deployed(graph_of(stack))
    aws = FakeAws(graph)
    aws.change(call, change)
    drift = report.document(verified(graph, aws))["drift"]
    found = {each for one in drift for each in named(one)}
    assert any(each == wanted or each.startswith(f"{wanted}[") or each.startswith(f"{wanted}.") for each in found), (
        found
    )
    assert all(one["remedy"] and one["resource"] for one in drift)


def test_many_are_planted() -> None:
    assert len(PLANTED) >= 40


def test_a_rule_by_hand_is_judged_like_a_declared_one() -> None:
    graph = deployed(graph_of(WEBHOOK))
    aws = FakeAws(graph)
    aws.change(_RULES, append("SecurityGroupRules", value=rule("x")))
    assert [one for one in report.document(verified(graph, aws))["breaks"] if one.startswith("NET-")]


def changed(graph: Graph, kind: str, **fields: Any) -> Graph:
    """A graph whose resources of a kind have other options, inputs or outputs."""
    found = {one.urn: replace(one, **fields) if one.kind == kind else one for one in graph}
    return replace(graph, resources=found)


@pytest.mark.parametrize(
    "options", [Options(ignore_changes=("handler",)), Options(additional_secret_outputs=("handler",))]
)
def test_an_ignored_or_secret_input_is_not_compared(options: Options) -> None:
    graph = deployed(graph_of(WEBHOOK))
    aws = FakeAws(graph)
    aws.change("lambda.GetFunctionConfiguration", put("Handler", value="evil.handler"))
    assert not asked(changed(graph, "Function", options=options), aws).changed


def asked(graph: Graph, aws: FakeAws) -> drift.Found:
    found = drift.Found(dict(graph.resources))
    drift.find(graph, Cloud(aws), found, {})
    return found


def by_hand(graph: Graph, aws: FakeAws) -> tuple[list[str], list[str]]:
    """Members made by hand, and what is not read."""
    found = asked(graph, aws)
    made = [one.kind for urn, one in found.standing.items() if urn not in graph.resources]
    return made, [line for line, _ in found.unread]


def test_members_of_existing_parents_and_of_those_that_declare_them_themselves_are_not_looked_for() -> None:
    graph = deployed(graph_of(WEBHOOK))
    aws = FakeAws(graph)
    aws.change("iam.ListRolePolicies", append("PolicyNames", value="hand"))
    assert set(by_hand(graph, aws)[0]) == {"RolePolicy"}
    assert by_hand(changed(graph, "Role", inputs={"inlinePolicies": [{"name": "hand"}]}), aws) == ([], [])
    assert by_hand(changed(graph, "Role", existing=True), aws)[0] == []


def test_members_of_parents_without_a_known_id_are_a_gap_and_not_made_by_hand() -> None:
    graph = deployed(graph_of(WEBHOOK))
    policies = [one for one in graph if one.kind == "RolePolicy"]
    hidden = {one.urn: replace(one, state={**one.state, "name": Secret("x")}) for one in policies}
    found, unread = by_hand(replace(graph, resources={**graph.resources, **hidden}), FakeAws(graph))
    assert found == []
    assert any("members made by hand cannot be found" in line for line in unread)


def test_an_argument_that_the_state_lacks_is_a_gap() -> None:
    graph = deployed(graph_of(WEBHOOK))
    lacking = {one.urn: replace(one, state={}) for one in graph if one.kind == "Instance"}
    found = asked(replace(graph, resources={**graph.resources, **lacking}), FakeAws(graph))
    assert found.read.isdisjoint(lacking)
    assert any("{InstanceIds: [id]}" in line for line, _ in found.unread)


def test_what_differs_in_one_answer_and_is_in_no_other_is_gone() -> None:
    graph = deployed(graph_of(ALB))
    aws = FakeAws(graph)
    aws.change("elbv2.DescribeTargetGroups", put("TargetGroups", 0, "HealthCheckPath", value="/none"))
    aws.errors = {"elbv2.DescribeTargetGroupAttributes": "TargetGroupNotFound"}
    (one,) = report.document(verified(graph, aws))["drift"]
    assert one["kind"] == "gone"


def test_aws_has_a_graph_of_inputs_and_of_nothing_else() -> None:
    graph = deployed(graph_of(WEBHOOK))
    aws = FakeAws(graph)
    aws.change("lambda.GetFunctionConfiguration", put("Environment", "Variables", value={"EVIL": "x"}))
    aws.change("lambda.GetFunctionConfiguration", put("Handler", value="evil.handler"))
    aws.change(_RULES, append("SecurityGroupRules", value=rule("x")))
    found = asked(graph, aws)
    (function, *_) = [one for one in found.standing.values() if one.kind == "Function" and one.urn in found.changed]
    assert {each.name for each in found.changed[function.urn]} == {"handler", "keys(environment.variables)"}
    assert (function.inputs["handler"], function.state["handler"]) == ("evil.handler", "evil.handler")
    assert all(key.isidentifier() for one in found.standing.values() for key in one.inputs)


@pytest.mark.parametrize(("address", "drifts"), [("192.0.2.7", False), ("203.0.113.9", True)])
def test_an_address_that_another_resource_gave_is_no_drift(address: str, drifts: bool) -> None:
    graph = changed(deployed(graph_of(NAT)), "Eip", state={"publicIp": "192.0.2.7"})
    aws = FakeAws(graph)
    aws.change("ec2.DescribeInstances", put(*_INSTANCE, "PublicIpAddress", value=address))
    named = {each.name for properties in asked(graph, aws).changed.values() for each in properties}
    assert ("publicIp" in named) is drifts
