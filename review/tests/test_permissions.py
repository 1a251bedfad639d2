"""The policies of a stack: what is in them, how narrow they are, and what is said not to be in them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.aws.catalog import actions
from review.aws.catalog.catalog import token_of
from review.aws.gateway.documents import PolicyKind, policy_faults, policy_size
from review.aws.identity.callers import ANONYMOUS
from review.aws.identity.iam import allows
from review.graph import Graph, Invoke, Options
from review.permissions import LONGEST, Permissions, permissions
from review.tests.graph_builder import Builder, Json
from review.tests.helpers.stacks import ALL, graph_of

READ_ONLY = ("Get", "List", "Describe", "View", "BatchGet", "BatchCheck")


def reads(action: str) -> bool:
    name = action.partition(":")[2]
    return name == "GET" or name.startswith(READ_ONLY)


def statements(policies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [statement for policy in policies for statement in policy["Statement"]]


def all_actions(policies: list[dict[str, Any]]) -> set[str]:
    return {action for each in statements(policies) for action in each["Action"]}


def resources(policies: list[dict[str, Any]], action: str) -> set[str]:
    return {resource for each in statements(policies) if action in each["Action"] for resource in each["Resource"]}


def allowed(policies: list[dict[str, Any]], action: str, resource: str, **context: str) -> bool:
    known = {key.replace("_", ":", 1): value for key, value in context.items()}
    return any(
        allows(policy, caller=ANONYMOUS, action=action, resource=resource, context=known).allowed for policy in policies
    )


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_no_action_of_a_refresh_changes_anything() -> None:
    table = json.loads(Path(actions.__file__).with_suffix(".json").read_text(encoding="utf-8"))
    rows = [row for name in table["types"] if (row := actions.of_type(token_of(name))) is not None]
    grants = [grant for row in rows for grant in (*row.grants, *row.hooks)]
    grants += [grant for token in table["lookups"] for grant in actions.of_lookup(token) or ()]
    assert [one for grant in grants if grant.reads for one in grant.actions if not reads(one)] == []
    assert len(rows) == len(table["types"])


@pytest.mark.parametrize("stack", ALL)
def test_every_type_and_lookup_of_a_stack_is_known(stack: str) -> None:
    assert permissions(graph_of(stack)).not_known == []


@pytest.mark.parametrize("stack", ALL)
def test_iam_accepts_the_policies(stack: str) -> None:
    policies = permissions(graph_of(stack))
    for policy in (*policies.up, *policies.refresh, *policies.preview):
        assert policy_size(policy) <= LONGEST
        assert list(policy_faults(policy, PolicyKind.IDENTITY)) == []


@pytest.mark.parametrize("stack", ALL)
def test_a_preview_only_reads_and_an_update_may_do_all_that_a_preview_does(stack: str) -> None:
    found = permissions(graph_of(stack))
    for policies in (found.preview, found.refresh):
        assert [action for action in all_actions(policies) if not reads(action)] == []
    for smaller, larger in ((found.preview, found.refresh), (found.refresh, found.up)):
        actions_of = [
            {one for each in statements(policies) for one in each["Action"]} for policies in (smaller, larger)
        ]
        assert actions_of[0] <= actions_of[1]


@pytest.mark.parametrize("stack", ALL)
def test_only_roles_of_the_stack_are_written_and_passed(stack: str) -> None:
    graph = graph_of(stack)
    roles = {f"arn:aws:iam::*:role/{resource.name}-*" for resource in graph.of_type("aws:iam/role:Role")}
    found = permissions(graph).up
    for each in statements(found):
        if any(one.startswith("iam:") and not reads(one) for one in each["Action"]):
            assert "*" not in each["Resource"]
        if "iam:PassRole" in each["Action"]:
            assert set(each["Resource"]) <= roles
            assert each["Condition"]["StringEquals"]["iam:PassedToService"]
        if "iam:CreateServiceLinkedRole" in each["Action"]:
            service = each["Condition"]["StringEquals"]["iam:AWSServiceName"]
            assert each["Resource"] == [f"arn:aws:iam::*:role/aws-service-role/{service}/*"]


def test_a_role_is_passed_only_to_the_service_that_it_trusts() -> None:
    found = permissions(graph_of("examples/rest-alb-fargate.yaml")).up
    role = "arn:aws:iam::111122223333:role/backend-task-role-1a2b3c4"
    assert allowed(found, "iam:PassRole", role, iam_PassedToService="ecs-tasks.amazonaws.com")
    assert not allowed(found, "iam:PassRole", role, iam_PassedToService="ec2.amazonaws.com")


def linked(stack: str) -> set[str]:
    made = (each for each in statements(permissions(graph_of(stack)).up) if "Condition" in each)
    return {each["Condition"]["StringEquals"].get("iam:AWSServiceName") for each in made} - {None}


def test_services_may_create_the_roles_that_they_need() -> None:
    assert linked("prod") == {
        "ec2-nat-gateway.amazonaws.com",
        "ecs.amazonaws.com",
        "ecs.application-autoscaling.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "ops.apigateway.amazonaws.com",
    }
    # An alarm reboots the NAT instance.
    assert linked("examples/nat-instance.yaml") == {"events.amazonaws.com"}
    assert {"autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com"} <= linked("examples/http-alb-ec2.yaml")


def test_a_nat_instance_needs_the_scheduler() -> None:
    found = permissions(graph_of("examples/nat-instance.yaml")).up
    schedule = "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/network-nat-starter-1a2b3c4"
    assert allowed(found, "scheduler:CreateSchedule", schedule)
    assert not allowed(found, "scheduler:CreateSchedule", schedule.replace("network", "other"))


def test_lookups_are_allowed_by_what_they_ask_for() -> None:
    preview = permissions(graph_of("dev")).preview
    image = "parameter/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
    assert resources(preview, "ssm:GetParameter") == {f"arn:aws:ssm:eu-west-1:*:{image}"}
    assert resources(preview, "apigateway:GET") == {"arn:aws:apigateway:eu-west-1::/account"}
    assert resources(preview, "ec2:DescribeAvailabilityZones") == {"*"}


@pytest.mark.parametrize(
    ("inputs", "autonaming", "want"),
    [
        ({}, None, "jobs-*"),
        ({"name": "exactly"}, None, "exactly"),
        ({"namePrefix": "some-"}, None, "some-*"),
        ({}, {"mode": "verbatim"}, "jobs"),
        ({}, {"pattern": "${stack}-${name}"}, "*"),
    ],
)
def test_a_resource_is_named_as_narrowly_as_is_known(
    inputs: dict[str, Any], autonaming: Mapping[str, str] | None, want: str
) -> None:
    build = Builder()
    build.config["pulumi:autonaming"] = autonaming
    build("sns/topic:Topic", "jobs", **inputs)
    assert resources(permissions(build.graph()).up, "sns:CreateTopic") == {f"arn:aws:sns:eu-west-1:*:{want}"}


def test_a_name_is_followed_through_references() -> None:
    build = Builder()
    role = build("iam/role:Role", "writer", assumeRolePolicy=trust("lambda.amazonaws.com"))
    build("iam/rolePolicy:RolePolicy", "may", role=role.name, policy="{}")
    api = build("apigateway/restApi:RestApi", "api")
    build("cloudwatch/logGroup:LogGroup", "log", name="API-Gateway-Execution-Logs_" + api.id + "/live")
    found = permissions(build.graph()).up
    assert resources(found, "iam:PutRolePolicy") == {"arn:aws:iam::*:role/writer-*"}
    assert "arn:aws:logs:eu-west-1:*:log-group:API-Gateway-Execution-Logs_*/live" in resources(
        found, "logs:CreateLogGroup"
    )


@pytest.mark.parametrize(
    ("token", "inputs", "action", "want"),
    [
        ("ecs/service:Service", {"name": "web", "cluster": "ecs:eu-west-1:1:cluster/c"}, "ecs:UpdateService",
         "ecs:eu-west-1:*:service/c/web"),
        ("lb/listener:Listener",
         {"loadBalancerArn": "elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/0123456789abcdef"},
         "elasticloadbalancing:DeleteListener", "elasticloadbalancing:eu-west-1:*:listener/*/web/*")
    ]
)  # fmt: skip
def test_an_arn_that_is_written_as_text_is_a_name(token: str, inputs: dict[str, str], action: str, want: str) -> None:
    build = Builder()
    arns: dict[str, Any] = {key: f"arn:aws:{value}" if ":" in value else value for key, value in inputs.items()}
    build(token, "it", **arns)
    assert f"arn:aws:{want}" in resources(permissions(build.graph()).up, action)


def test_a_path_is_a_part_of_the_arn() -> None:
    build = Builder()
    build("iam/role:Role", "app", name="app", path="/svc/", assumeRolePolicy=trust("ec2.amazonaws.com"))
    policies = permissions(build.graph())
    for action in ("iam:CreateRole", "iam:PassRole"):
        assert resources(policies.up, action) == {"arn:aws:iam::*:role/svc/app"}


def test_inputs_decide_whether_a_role_may_be_given_policies() -> None:
    build = Builder()
    build("iam/role:Role", "plain", assumeRolePolicy=trust("ec2.amazonaws.com"))
    assert resources(permissions(build.graph()).up, "iam:AttachRolePolicy") == set()
    build("iam/role:Role", "managed", assumeRolePolicy=trust("ec2.amazonaws.com"), managedPolicyArns=["arn"])
    assert resources(permissions(build.graph()).up, "iam:AttachRolePolicy") == {"arn:aws:iam::*:role/managed-*"}


def test_a_role_that_is_only_named_is_passed_too() -> None:
    role = "arn:aws:iam::111122223333:role/made-elsewhere"
    build = Builder()
    build("lambda/function:Function", "f", role=role)
    assert allowed(permissions(build.graph()).up, "iam:PassRole", role)


def test_the_account_and_the_region_are_named_where_they_are_known() -> None:
    build = Builder()
    build("sns/topic:Topic", "jobs")
    build.config["aws:allowedAccountIds"] = ["111122223333"]
    assert resources(permissions(build.graph()).up, "sns:CreateTopic") == {"arn:aws:sns:eu-west-1:111122223333:jobs-*"}


def not_known(build: Builder, *invokes: Invoke) -> list[str]:
    return permissions(replace(build.graph(), invokes=invokes)).not_known


def test_what_has_no_row_is_named() -> None:
    build = Builder()
    build("s3/bucketAnalyticsConfiguration:BucketAnalyticsConfiguration", "visits")
    build("random:index/randomId:RandomId", "suffix")
    build("sns/topic:Topic", "hooked", options=Options(hooks={"after_create": ("tell",)}))
    build("iam/role:Role", "odd", assumeRolePolicy="{")
    token = "aws:kms/getKey:getKey"
    found = not_known(build, Invoke(token=token, arguments={}, result={}))
    assert found == [
        "aws:s3/bucketAnalyticsConfiguration:BucketAnalyticsConfiguration (visits)",
        "calls of hooks of aws:sns/topic:Topic (hooked)",
        *[one for one in found if one.startswith("iam:PassRole for odd: ")],
        f"the lookup {token}",
    ]
    assert len(found) == 4


def test_a_resource_that_is_only_read_is_never_written() -> None:
    build = Builder()
    build("sns/topic:Topic", "theirs", name="theirs")
    urn, topic = next(iter(build.resources.items()))
    graph: Graph = replace(build.graph(), resources={urn: replace(topic, existing=True)})
    policies = permissions(graph)
    assert resources(policies.preview, "sns:GetTopicAttributes") == {"arn:aws:sns:eu-west-1:*:theirs"}
    assert resources(policies.up, "sns:CreateTopic") == set()


def test_policies_that_are_too_long_are_split() -> None:
    build = Builder()
    for number in range(300):
        build("sns/topic:Topic", f"a-topic-with-a-rather-long-name-{number}")
    build("cloudwatch/logGroup:LogGroup", "log")
    policies: Permissions = permissions(build.graph())
    assert len(policies.up) > 1
    assert all(policy_size(policy) <= LONGEST for policy in policies.up)
    assert len(resources(policies.up, "sns:CreateTopic")) == 300


def test_the_longest_time_limit_is_found() -> None:
    build = Builder()
    build("sns/topic:Topic", "jobs", options=Options(custom_timeouts={"create": "90s", "delete": "1h30m"}))
    assert permissions(build.graph()).longest_wait == 5400


def test_a_document_of_json_is_read() -> None:
    build = Builder()
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"Service": ["a.amazonaws.com", "b.amazonaws.com"]}}]}
    build("iam/role:Role", "both", assumeRolePolicy=Json(policy))
    (passing,) = (each for each in statements(permissions(build.graph()).up) if "iam:PassRole" in each["Action"])
    assert passing["Condition"]["StringEquals"]["iam:PassedToService"] == ["a.amazonaws.com", "b.amazonaws.com"]
