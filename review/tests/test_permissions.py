"""The policies of a stack: what is in them, how narrow they are, and what is said not to be in them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.aws.catalog import actions
from review.aws.catalog.catalog import make_token
from review.aws.identity.callers import ANONYMOUS
from review.aws.identity.iam import evaluate_policy
from review.aws.identity.policy_size import measure_policy
from review.graph import Invoke, Options
from review.permissions import LONGEST, build_permissions
from review.tests.helpers.graph_builder import Builder, Json
from review.tests.helpers.stacks import ALL, graph_of

READ_ONLY = ("Get", "List", "Describe", "View", "BatchGet", "BatchCheck")
Policies = list[dict[str, Any]]


def trust(service: str) -> Json:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return Json({"Version": "2012-10-17", "Statement": [statement]})


def reads(action: str) -> bool:
    name = action.partition(":")[2]
    return name == "GET" or name.startswith(READ_ONLY)


def statements(policies: Policies) -> list[dict[str, Any]]:
    return [statement for policy in policies for statement in policy["Statement"]]


def all_actions(policies: Policies) -> set[str]:
    return {action for each in statements(policies) for action in each["Action"]}


def resources(policies: Policies, action: str) -> set[str]:
    return {resource for each in statements(policies) if action in each["Action"] for resource in each["Resource"]}


def allowed(policies: Policies, action: str, resource: str, **context: str) -> bool:
    known = {key.replace("_", ":", 1): value for key, value in context.items()}
    given: Any = {"caller": ANONYMOUS, "action": action, "resource": resource, "context": known}
    return any(evaluate_policy(policy, **given).allowed for policy in policies)


def test_no_action_of_a_refresh_changes_anything() -> None:
    table = json.loads(Path(actions.__file__).with_suffix(".json").read_text(encoding="utf-8"))
    rows = [row for name in table["types"] if (row := actions.find_actions(make_token(name))) is not None]
    grants = [grant for row in rows for grant in (*row.grants, *row.hooks)]
    grants += [grant for token in table["lookups"] for grant in actions.find_lookup_actions(token) or ()]
    assert [one for grant in grants if grant.reads for one in grant.actions if not reads(one)] == []
    assert len(rows) == len(table["types"])


@pytest.mark.parametrize("stack", ALL)
def test_the_policies_of_a_stack_are_whole_and_narrow(stack: str) -> None:
    graph = graph_of(stack)
    found = build_permissions(graph)
    assert found.not_known == []
    for policy in (*found.up, *found.refresh, *found.preview):
        assert measure_policy(policy) <= LONGEST
    preview, refresh, up = map(all_actions, (found.preview, found.refresh, found.up))
    assert preview <= refresh <= up
    assert [action for action in refresh if not reads(action)] == []
    roles = {f"arn:aws:iam::*:role/{resource.name}-*" for resource in graph.list_by_type("aws:iam/role:Role")}
    for each in statements(found.up):
        if any(one.startswith("iam:") and not reads(one) for one in each["Action"]):
            assert "*" not in each["Resource"]
        if "iam:PassRole" in each["Action"]:
            assert set(each["Resource"]) <= roles
            assert each["Condition"]["StringEquals"]["iam:PassedToService"]
        if "iam:CreateServiceLinkedRole" in each["Action"]:
            service = each["Condition"]["StringEquals"]["iam:AWSServiceName"]
            assert each["Resource"] == [f"arn:aws:iam::*:role/aws-service-role/{service}/*"]


def test_a_role_is_passed_only_to_the_service_that_it_trusts() -> None:
    found = build_permissions(graph_of("examples/rest-alb-fargate.yaml")).up
    role = "arn:aws:iam::111122223333:role/backend-task-role-1a2b3c4"
    for service, passes in (("ecs-tasks", True), ("ec2", False)):
        assert allowed(found, "iam:PassRole", role, iam_PassedToService=f"{service}.amazonaws.com") is passes


@pytest.mark.parametrize(
    ("stack", "services"),
    [
        ("prod", {"ec2-nat-gateway", "ecs", "ecs.application-autoscaling", "elasticloadbalancing", "ops.apigateway"}),
        # An alarm reboots the NAT instance.
        ("examples/nat-instance.yaml", {"events"}),
    ],
)
def test_services_may_create_the_roles_that_they_need(stack: str, services: set[str]) -> None:
    conditions = [each["Condition"]["StringEquals"] for each in statements(build_permissions(graph_of(stack)).up)
                  if "Condition" in each]  # fmt: skip
    linked = {each["iam:AWSServiceName"] for each in conditions if "iam:AWSServiceName" in each}
    assert linked == {f"{service}.amazonaws.com" for service in services}


def test_a_nat_instance_needs_the_scheduler() -> None:
    found = build_permissions(graph_of("examples/nat-instance.yaml")).up
    schedule = "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/network-nat-starter-1a2b3c4"
    assert allowed(found, "scheduler:CreateSchedule", schedule)
    assert not allowed(found, "scheduler:CreateSchedule", schedule.replace("network", "other"))


def test_lookups_are_allowed_by_what_they_ask_for() -> None:
    preview = build_permissions(graph_of("dev")).preview
    image = "parameter/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
    assert resources(preview, "ssm:GetParameter") == {f"arn:aws:ssm:eu-west-1:*:{image}"}
    assert resources(preview, "apigateway:GET") == {"arn:aws:apigateway:eu-west-1::/account"}


@pytest.mark.parametrize(
    ("inputs", "config", "want"),
    [
        ({}, {}, "*:jobs-*"),
        ({"name": "exactly"}, {}, "*:exactly"),
        ({"namePrefix": "some-"}, {}, "*:some-*"),
        ({}, {"pulumi:autonaming": {"mode": "verbatim"}}, "*:jobs"),
        ({}, {"pulumi:autonaming": {"pattern": "${stack}-${name}"}}, "*:*"),
        ({}, {"aws:allowedAccountIds": ["111122223333"]}, "111122223333:jobs-*"),
    ],
)
def test_a_resource_is_named_as_narrowly_as_is_known(inputs: dict[str, Any], config: dict[str, Any], want: str) -> None:
    build = Builder()
    build.config |= config
    build("sns/topic:Topic", "jobs", **inputs)
    assert resources(build_permissions(build.graph()).up, "sns:CreateTopic") == {f"arn:aws:sns:eu-west-1:{want}"}


BALANCER = "elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/0123456789abcdef"
ROLE = "arn:aws:iam::111122223333:role/made-elsewhere"


@pytest.mark.parametrize(
    ("token", "inputs", "action", "want"),
    [
        ("ecs/service:Service", {"name": "web", "cluster": "arn:aws:ecs:eu-west-1:1:cluster/c"}, "ecs:UpdateService",
         {"arn:aws:ecs:eu-west-1:*:service/c/web"}),
        ("lb/listener:Listener", {"loadBalancerArn": f"arn:aws:{BALANCER}"}, "elasticloadbalancing:DeleteListener",
         {"arn:aws:elasticloadbalancing:eu-west-1:*:listener/*/web/*"}),
        ("iam/role:Role", {"name": "app", "path": "/svc/", "assumeRolePolicy": trust("ec2.amazonaws.com")},
         "iam:PassRole", {"arn:aws:iam::*:role/svc/app"}),
        # Inputs decide whether a role may be given policies.
        ("iam/role:Role", {"assumeRolePolicy": trust("ec2.amazonaws.com")}, "iam:AttachRolePolicy", set()),
        ("iam/role:Role", {"assumeRolePolicy": trust("ec2.amazonaws.com"), "managedPolicyArns": ["arn"]},
         "iam:AttachRolePolicy", {"arn:aws:iam::*:role/it-*"}),
        # A role that is only named is passed too.
        ("lambda/function:Function", {"role": ROLE}, "iam:PassRole", {ROLE}),
    ],
)  # fmt: skip
def test_inputs_decide_what_is_allowed(token: str, inputs: dict[str, Any], action: str, want: set[str]) -> None:
    build = Builder()
    build(token, "it", **inputs)
    found = resources(build_permissions(build.graph()).up, action)
    assert want <= found if want else not found


def test_a_name_is_followed_through_references() -> None:
    build = Builder()
    role = build("iam/role:Role", "writer", assumeRolePolicy=trust("lambda.amazonaws.com"))
    build("iam/rolePolicy:RolePolicy", "may", role=role.name, policy="{}")
    api = build("apigateway/restApi:RestApi", "api")
    build("cloudwatch/logGroup:LogGroup", "log", name="API-Gateway-Execution-Logs_" + api.id + "/live")
    found = build_permissions(build.graph()).up
    assert resources(found, "iam:PutRolePolicy") == {"arn:aws:iam::*:role/writer-*"}
    log = "arn:aws:logs:eu-west-1:*:log-group:API-Gateway-Execution-Logs_*/live"
    assert log in resources(found, "logs:CreateLogGroup")


def test_what_has_no_row_is_named() -> None:
    build = Builder()
    build("s3/bucketAnalyticsConfiguration:BucketAnalyticsConfiguration", "visits")
    build("random:index/randomId:RandomId", "suffix")
    build("sns/topic:Topic", "hooked", options=Options(hooks={"after_create": ("tell",)}))
    build("iam/role:Role", "odd", assumeRolePolicy="{")
    invoke = Invoke(token="aws:kms/getKey:getKey", arguments={}, result={})
    found = build_permissions(replace(build.graph(), invokes=(invoke,))).not_known
    assert [one.partition(" for odd: ")[0] for one in found] == [
        "aws:s3/bucketAnalyticsConfiguration:BucketAnalyticsConfiguration (visits)",
        "calls of hooks of aws:sns/topic:Topic (hooked)",
        "iam:PassRole",
        "the lookup aws:kms/getKey:getKey",
    ]


def test_a_resource_that_is_only_read_is_never_written() -> None:
    build = Builder()
    topic = build("sns/topic:Topic", "theirs", name="theirs")
    build.resources[topic.urn] = replace(build.resources[topic.urn], existing=True)
    policies = build_permissions(build.graph())
    assert resources(policies.preview, "sns:GetTopicAttributes") == {"arn:aws:sns:eu-west-1:*:theirs"}
    assert resources(policies.up, "sns:CreateTopic") == set()


def test_policies_that_are_too_long_are_split() -> None:
    build = Builder()
    for number in range(300):
        build("sns/topic:Topic", f"a-topic-with-a-rather-long-name-{number}")
    up = build_permissions(build.graph()).up
    assert len(up) > 1
    assert all(measure_policy(policy) <= LONGEST for policy in up)
    assert len(resources(up, "sns:CreateTopic")) == 300


def test_the_longest_time_limit_is_found_and_all_trusted_services_are_named() -> None:
    build = Builder()
    build("sns/topic:Topic", "jobs", options=Options(custom_timeouts={"create": "90s", "delete": "1h30m"}))
    services = ["a.amazonaws.com", "b.amazonaws.com"]
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"Service": services}}]}
    build("iam/role:Role", "both", assumeRolePolicy=Json(policy))
    found = build_permissions(build.graph())
    (passing,) = (each for each in statements(found.up) if "iam:PassRole" in each["Action"])
    assert passing["Condition"]["StringEquals"]["iam:PassedToService"] == services
    assert found.longest_wait == 5400
