"""Drift that somebody plants in AWS is found and named, and nothing else is."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from review.graph import Graph
from review.report.render import verification as report
from review.tests.verify.fake_aws import FakeAws, deployed
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
_RULES = "ec2.describe_security_group_rules"

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
        "ec2.describe_instances",
        put(*_INSTANCE, "PublicIpAddress", value="203.0.113.9"),
        "publicIp",
    ),
    "another image": (
        MAP,
        "ecs.describe_task_definition",
        put("taskDefinition", "containerDefinitions", 0, "image", value="evil:1"),
        "parse(containerDefinitions)[].image",
    ),
    "another type of a machine": (
        WEBHOOK,
        "ec2.describe_instances",
        put(*_INSTANCE, "InstanceType", value="m7g.large"),
        "instanceType",
    ),
    "IMDSv1": (
        WEBHOOK,
        "ec2.describe_instances",
        put(*_INSTANCE, "MetadataOptions", "HttpTokens", value="optional"),
        "metadataOptions.httpTokens",
    ),
    "another group of a machine": (
        WEBHOOK,
        "ec2.describe_instances",
        put(*_INSTANCE, "SecurityGroups", value=[{"GroupId": "sg-0bad"}]),
        "vpcSecurityGroupIds",
    ),
    "another role of a machine": (
        WEBHOOK,
        "ec2.describe_instances",
        put(*_INSTANCE, "IamInstanceProfile", "Arn", value="arn:aws:iam::1:instance-profile/admin"),
        "iamInstanceProfile",
    ),
    "a terminated machine": (
        WEBHOOK,
        "ec2.describe_instances",
        put(*_INSTANCE, "State", value={"Name": "terminated"}),
        "Instance gone",
    ),
    "a policy statement": (WEBHOOK, "iam.get_role_policy", put("PolicyDocument", value=statement("*")), "policy"),
    "a trust policy": (
        WEBHOOK,
        "iam.get_role",
        put("Role", "AssumeRolePolicyDocument", value=statement("sts:AssumeRole")),
        "assumeRolePolicy",
    ),
    "an inline policy added by hand": (
        WEBHOOK,
        "iam.list_role_policies",
        append("PolicyNames", value="hand"),
        "RolePolicy made by hand",
    ),
    "a managed policy attached by hand": (
        WEBHOOK,
        "iam.list_attached_role_policies",
        append(
            "AttachedPolicies",
            value={"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess", "PolicyName": "AdministratorAccess"},
        ),
        "RolePolicyAttachment made by hand",
    ),
    "a listener added by hand": (
        ALB,
        "elbv2.describe_listeners",
        append("Listeners", value={"ListenerArn": "arn:hand", "Port": 8443, "Protocol": "HTTP"}),
        "Listener made by hand",
    ),
    "a listener's other target": (
        ALB,
        "elbv2.describe_listeners",
        put("Listeners", 0, "DefaultActions", value=[{"Type": "forward", "TargetGroupArn": "arn:other"}]),
        "defaultActions[].targetGroupArn",
    ),
    "a listener rule added by hand": (
        ALB,
        "elbv2.describe_rules",
        append("Rules", value={"RuleArn": "arn:rule", "Priority": "1", "IsDefault": False}),
        "ListenerRule made by hand",
    ),
    "a load balancer on the internet": (
        ALB,
        "elbv2.describe_load_balancers",
        put("LoadBalancers", 0, "Scheme", value="internet-facing"),
        "internal",
    ),
    "headers that are not dropped": (
        ALB,
        "elbv2.describe_load_balancer_attributes",
        attribute("routing.http.drop_invalid_header_fields.enabled", "false"),
        "dropInvalidHeaderFields",
    ),
    "deletion protection off": (
        FORTRESS,
        "elbv2.describe_load_balancer_attributes",
        attribute("deletion_protection.enabled", "false"),
        "enableDeletionProtection",
    ),
    "another health check": (
        ALB,
        "elbv2.describe_target_groups",
        put("TargetGroups", 0, "HealthCheckPath", value="/none"),
        "healthCheck.path",
    ),
    "a default route by hand": (
        NAT,
        "ec2.describe_route_tables",
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
        "ec2.describe_subnets",
        put("Subnets", 0, "MapPublicIpOnLaunch", value=True),
        "mapPublicIpOnLaunch",
    ),
    "a subnet in another table": (
        NAT,
        "ec2.describe_route_tables",
        only(
            lambda answer: "Associations" in answer["RouteTables"][0],
            put("RouteTables", 0, "Associations", 0, "RouteTableId", value="rtb-0bad"),
        ),
        "routeTableId",
    ),
    "the check of an interface": (
        NAT,
        "ec2.describe_network_interfaces",
        put("NetworkInterfaces", 0, "SourceDestCheck", value=True),
        "sourceDestCheck",
    ),
    "an address that is let go": (NAT, "ec2.describe_addresses", nothing(), "Eip gone"),
    "an open endpoint policy": (
        ALB,
        "ec2.describe_vpc_endpoints",
        put("VpcEndpoints", 0, "PolicyDocument", value=statement("*")),
        "policy",
    ),
    "an ACL entry": (
        ALB,
        "ec2.describe_network_acls",
        put("NetworkAcls", 0, "Entries", 0, "CidrBlock", value="10.0.0.0/8"),
        "ingress",
    ),
    "no DNS": (
        ALB,
        "ec2.describe_vpc_attribute",
        only(lambda answer: "EnableDnsSupport" in answer, put("EnableDnsSupport", "Value", value=False)),
        "enableDnsSupport",
    ),
    "another launch template": (
        ALB,
        "ec2.describe_launch_template_versions",
        put("LaunchTemplateVersions", 0, "LaunchTemplateData", "InstanceType", value="m7g.large"),
        "instanceType",
    ),
    "a group that grew": (
        ALB,
        "autoscaling.describe_auto_scaling_groups",
        put("AutoScalingGroups", 0, "MaxSize", value=20),
        "maxSize",
    ),
    "suspended processes": (
        ALB,
        "autoscaling.describe_auto_scaling_groups",
        append("AutoScalingGroups", 0, "SuspendedProcesses", value={"ProcessName": "HealthCheck"}),
        "suspendedProcesses",
    ),
    "an HTTP route by hand": (
        JWT,
        "apigatewayv2.get_routes",
        append("Items", value={"RouteId": "hand", "RouteKey": "GET /hand", "Target": "integrations/x"}),
        "Route made by hand",
    ),
    "a route without authorization": (
        JWT,
        "apigatewayv2.get_routes",
        put("Items", 0, "AuthorizationType", value="NONE"),
        "authorizationType",
    ),
    "another issuer": (
        JWT,
        "apigatewayv2.get_authorizers",
        put("Items", 0, "JwtConfiguration", "Issuer", value="https://evil.example.com"),
        "jwtConfiguration.issuer",
    ),
    "another integration": (
        JWT,
        "apigatewayv2.get_integrations",
        put("Items", 0, "IntegrationUri", value="https://evil.example.com"),
        "integrationUri",
    ),
    "no access log": (
        JWT,
        "apigatewayv2.get_stage",
        put("AccessLogSettings", value=None),
        "accessLogSettings.destinationArn",
    ),
    "a higher throttle": (
        JWT,
        "apigatewayv2.get_stage",
        put("DefaultRouteSettings", "ThrottlingRateLimit", value=9999),
        "defaultRouteSettings.throttlingRateLimit",
    ),
    "an origin of CORS": (
        JWT,
        "apigatewayv2.get_api",
        put("CorsConfiguration", value={"AllowOrigins": ["*"]}),
        "corsConfiguration.allowOrigins",
    ),
    "another deployment": (WEBHOOK, "apigateway.get_stage", put("deploymentId", value="hand"), "deployment"),
    "a method's throttle": (
        WEBHOOK,
        "apigateway.get_stage",
        lambda answer: (
            [one.update(throttlingRateLimit=9999) for one in answer.get("methodSettings", {}).values()] and None
        ),
        "settings.throttlingRateLimit",
    ),
    "an open default address": (
        FORTRESS,
        "apigateway.get_rest_api",
        put("disableExecuteApiEndpoint", value=False),
        "disableExecuteApiEndpoint",
    ),
    "a key in a plan by hand": (
        FORTRESS,
        "apigateway.get_usage_plan_keys",
        append("items", value={"id": "hand", "type": "API_KEY"}),
        "UsagePlanKey made by hand",
    ),
    "no mutual TLS": (
        FORTRESS,
        "apigateway.get_domain_name",
        put("mutualTlsAuthentication", value=None),
        "mutualTlsAuthentication.truststoreUri",
    ),
    "no firewall": (FORTRESS, "wafv2.get_web_acl_for_resource", nothing(), "WebAclAssociation gone"),
    "a firewall's rule": (FORTRESS, "wafv2.get_web_acl", lambda answer: answer["WebACL"]["Rules"].pop(), "rules"),
    "logs that never end": (
        FORTRESS,
        "logs.describe_log_groups",
        put("logGroups", 0, "retentionInDays", value=None),
        "retentionInDays",
    ),
    "an alarm without actions": (
        FORTRESS,
        "cloudwatch.describe_alarms",
        put("MetricAlarms", 0, "AlarmActions", value=[]),
        "alarmActions",
    ),
    "a budget": (
        FORTRESS,
        "budgets.describe_budget",
        put("Budget", "BudgetLimit", "Amount", value="99999"),
        "limitAmount",
    ),
    "a recipient by hand": (
        FORTRESS,
        "sns.list_subscriptions_by_topic",
        append(
            "Subscriptions",
            value={"Endpoint": "who@example.com", "Protocol": "email", "SubscriptionArn": "arn:aws:sns:x"},
        ),
        "TopicSubscription made by hand",
    ),
    "another task": (
        MAP,
        "ecs.describe_services",
        put("services", 0, "taskDefinition", value="arn:other"),
        "taskDefinition",
    ),
    "a task's public address": (
        MAP,
        "ecs.describe_services",
        put("services", 0, "networkConfiguration", "awsvpcConfiguration", "assignPublicIp", value="ENABLED"),
        "networkConfiguration.assignPublicIp",
    ),
    "a shell in tasks": (
        NLB,
        "ecs.describe_services",
        put("services", 0, "enableExecuteCommand", value=True),
        "enableExecuteCommand",
    ),
    "another role of tasks": (
        MAP,
        "ecs.describe_task_definition",
        put("taskDefinition", "taskRoleArn", value="arn:aws:iam::1:role/admin"),
        "taskRoleArn",
    ),
    "a deleted service": (MAP, "ecs.describe_services", put("services", 0, "status", value="INACTIVE"), "Service gone"),
    "other code": (WEBHOOK, "lambda.get_function_configuration", put("Handler", value="evil.handler"), "handler"),
    "a variable": (
        WEBHOOK,
        "lambda.get_function_configuration",
        put("Environment", "Variables", value={"EVIL": "x"}),
        "keys(environment.variables)",
    ),
    "a permission by hand": (WEBHOOK, "lambda.get_policy", permitted_to_all, "Permission made by hand"),
    "a function URL by hand": (
        WEBHOOK,
        "lambda.list_function_url_configs",
        append(
            "FunctionUrlConfigs",
            value={"FunctionUrl": "https://x.lambda-url.example.com/" + "x" * 40, "AuthType": "NONE"},
        ),
        "FunctionUrl made by hand",
    ),
    "a schedule that is off": (
        WEBHOOK,
        "scheduler.get_schedule",
        put("ScheduleExpression", value="rate(9 days)"),
        "scheduleExpression",
    ),
    "a record": (
        FORTRESS,
        "route53.list_resource_record_sets",
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
