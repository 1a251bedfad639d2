"""The catalog: one row for each type that a component declares or looks up, true to the SDK."""

import importlib
import inspect
import re
from typing import Final

import pulumi
import pytest
from botocore.loaders import Loader

from review.aws.catalog import catalog
from review.aws.catalog.catalog import ROWS, make_token, normalize_token
from review.cost.estimate import FUNCTIONS
from review.cost.prices import load_prices
from review.evaluate.mocks.resources import DECLARED
from review.facts.resource_names import RULES as NAMES
from review.rules import RULES
from review.rules.ownership import LISTS
from review.tests.helpers.sdk_classes import sdk_names
from review.tests.helpers.stacks import PROGRAM, REVIEW

TOKEN = re.compile(r"\baws:[a-z0-9]+/(?!get)[A-Za-z0-9]+:[A-Za-z0-9]+")
DECLARES = re.compile(r"\b(awsx?)\.([a-z0-9]+)_?\.([A-Z]\w+)\(")


def test_every_type_that_a_component_declares_is_read() -> None:
    sources = [path.read_text() for path in (PROGRAM / "components").rglob("*.py")]
    declared = set()
    for package, module, kind in (found for source in sources for found in DECLARES.findall(source)):
        sdk = importlib.util.find_spec(f"pulumi_{package}.{module}")
        sdk = sdk or importlib.util.find_spec(f"pulumi_{package}.{module}_")
        home = importlib.import_module(sdk.name) if sdk else None
        resource = getattr(home, kind, None)
        if inspect.isclass(resource) and issubclass(resource, pulumi.Resource):
            declared.add(resource.__dict__.get("pulumi_type") or f"{package}:{module}:{kind}")
    assert len(declared) > 60
    assert declared - ROWS.keys() == set()


def test_every_token_in_the_review_is_read() -> None:
    files = (path for path in REVIEW.rglob("*.py") if "tests" not in path.parts)
    named = {token for path in files for token in TOKEN.findall(path.read_text())}
    named |= {token for rule in RULES.values() for token in rule.types if token.startswith("aws:")}
    named |= {token for token in DECLARED if token.startswith("aws:")}
    # The SDK marks each value of this type as a secret, of plain ones too, and a program may have one.
    named.remove("aws:ssm/parameter:Parameter")
    others = {normalize_token(token) for token in named} - ROWS.keys()
    # What a program declares beside components is read for one question, and has no row.
    assert {token for token in others if not sdk_names(token)} == set()
    assert ROWS.keys().isdisjoint(others)


@pytest.mark.parametrize("token", ROWS)
def test_rows_are_of_types_that_the_sdk_has(token: str) -> None:
    assert token not in map(make_token, NAMES) or "name" in sdk_names(token)


_OPERATIONS: Final = {
    "apigatewayv2.Api": ("apigatewayv2", "CreateApi", "Name"),
    "apigatewayv2.Authorizer": ("apigatewayv2", "CreateAuthorizer", "Name"),
    "apigatewayv2.Stage": ("apigatewayv2", "CreateStage", "StageName"),
    "apigatewayv2.VpcLink": ("apigatewayv2", "CreateVpcLink", "Name"),
    "appautoscaling.Policy": ("application-autoscaling", "PutScalingPolicy", "PolicyName"),
    "autoscaling.Group": ("autoscaling", "CreateAutoScalingGroup", "AutoScalingGroupName"),
    "autoscaling.Policy": ("autoscaling", "PutScalingPolicy", "PolicyName"),
    "budgets.Budget": ("budgets", "DescribeBudget", "BudgetName"),
    "cloudwatch.LogGroup": ("logs", "CreateLogGroup", "logGroupName"),
    "cloudwatch.LogMetricFilter": ("logs", "PutMetricFilter", "filterName"),
    "cloudwatch.MetricAlarm": ("cloudwatch", "PutMetricAlarm", "AlarmName"),
    "ecr.Repository": ("ecr", "CreateRepository", "repositoryName"),
    "iam.InstanceProfile": ("iam", "CreateInstanceProfile", "InstanceProfileName"),
    "iam.Policy": ("iam", "CreatePolicy", "PolicyName"),
    "iam.Role": ("iam", "CreateRole", "RoleName"),
    "iam.RolePolicy": ("iam", "PutRolePolicy", "PolicyName"),
    "lambda.Alias": ("lambda", "CreateAlias", "Name"),
    "scheduler.Schedule": ("scheduler", "CreateSchedule", "Name"),
    "servicediscovery.PrivateDnsNamespace": ("servicediscovery", "CreatePrivateDnsNamespace", "Name"),
    "wafv2.IpSet": ("wafv2", "CreateIPSet", "Name"),
    "wafv2.WebAcl": ("wafv2", "CreateWebACL", "Name"),
}
"""Types whose names the models of AWS's services have, with the operation that takes it."""
_PAGES: Final = {
    "ec2.LaunchTemplate": "AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html",
    "ec2.SecurityGroup": "AWSEC2/latest/APIReference/API_CreateSecurityGroup.html",
    "ecs.Cluster": "AmazonECS/latest/APIReference/API_CreateCluster.html",
    "ecs.Service": "AmazonECS/latest/APIReference/API_CreateService.html",
    "lambda.Function": "lambda/latest/api/API_CreateFunction.html",
    "lb.LoadBalancer": "elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
    "lb.TargetGroup": "elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html",
    "sns.Topic": "sns/latest/api/API_CreateTopic.html",
}
"""Types whose names only a page of https://docs.aws.amazon.com has."""
_WITHOUT: Final = {
    **dict.fromkeys(
        ("apigateway.ApiKey", "apigateway.RestApi", "apigateway.UsagePlan", "apigateway.VpcLink"), "not published"
    ),
    **dict.fromkeys(("apigateway.UsagePlanKey", "ec2.DefaultSecurityGroup"), "an output"),
    **dict.fromkeys(("route53.Record", "route53.Zone"), "a name in DNS"),
    "servicediscovery.Service": "named by the component",
}
"""Types with names of no known limit, and why."""


def test_every_name_has_the_limit_of_aws_or_a_reason_for_having_none() -> None:
    named = {token for token in ROWS if "name" in sdk_names(token)}
    assert named == {make_token(short) for short in (*_OPERATIONS, *_PAGES, *_WITHOUT)}
    assert named - {*map(make_token, NAMES)} == {*map(make_token, _WITHOUT)}


@pytest.mark.parametrize("short", _OPERATIONS)
def test_names_are_as_the_models_of_aws_have_them(short: str) -> None:
    service, operation, member = _OPERATIONS[short]
    model = Loader().load_service_model(service, "service-2")
    name = model["shapes"][model["operations"][operation]["input"]["shape"]]["members"][member]["shape"]
    shape, rule = model["shapes"][name], NAMES[short]
    # API Gateway's model has the limit in the name of the text's type: StringWithLengthBetween1And128.
    assert rule.longest == (shape.get("max") or int(name.rpartition("And")[2]))
    if (pattern := shape.get("pattern")) and not re.search(r"\{Print\}|uD7FF|\(\?i\)", pattern):
        for text in (*_TEXTS, *(f"{text}-live" for text in _TEXTS)):
            accepted = re.fullmatch(pattern, text, re.ASCII) is not None and len(text) >= shape.get("min", 0)
            # Ours may be narrower, as what a page adds.
            assert accepted or not re.fullmatch(rule.pattern, text), (text, pattern)
            if rule.allowed and re.fullmatch(r"[a-z]{2,}(-[a-z]+)*", text):
                assert re.fullmatch(rule.pattern, text), text


_TEXTS: Final = (
    *(
        "shop",
        "Shop",
        "shop-live",
        "order_service",
        "shop.eu",
        "shop eu",
        "shop:eu",
        "shop/eu",
        "shop*",
        "shop#1",
        "-shop",
    ),
    *(
        "shop-",
        "caf\u00e9",
        "1234",
        "a",
        "shop\\eu",
        "shop+eu",
        "shop=eu,a@b",
        "arn:shop",
        "$default",
        "shop..eu",
        "sh(op)",
    ),
)
"""Names with each kind of character."""


def test_costs_name_functions_and_items_that_exist() -> None:
    assert {name for row in ROWS.values() if row.cost for name in row.cost.functions} == FUNCTIONS.keys()
    for token, row in ROWS.items():
        for item in row.cost.items if row.cost else ():
            assert load_prices().find_price(item.name, "eu-west-1") is not None, (token, item.name)


def test_no_type_is_both_read_and_harmless() -> None:
    assert [token for token in ROWS if catalog.is_harmless(token)] == []


def test_classes_that_the_sdk_publishes_twice_have_one_row() -> None:
    """By the module of a token, whose classes are the same: `aws.alb` is `aws.lb`."""
    alb, lb = (importlib.import_module(f"pulumi_aws.{name}") for name in ("alb", "lb"))
    for name, found in inspect.getmembers(alb, inspect.isclass):
        if issubclass(found, pulumi.CustomResource):
            token, same = (getattr(home, name).__dict__["pulumi_type"] for home in (alb, lb))
            assert normalize_token(token) == same
            assert catalog.find_row(token) is catalog.find_row(normalize_token(token))


def test_names_of_classes_lead_to_tokens() -> None:
    assert make_token("ec2.NatGateway") == "aws:ec2/natGateway:NatGateway"


def test_owned_lists_are_of_inputs_that_the_sdk_has() -> None:
    for owner, lists in LISTS.items():
        for key, members in lists.items():
            assert key in sdk_names(owner)
            for member in members:
                assert {member.owner_key, member.key or member.owner_key} <= sdk_names(member.type), member
