"""What components refuse by their region: partitions that are not served, what lies elsewhere, what a region lacks."""

import json
import re
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components import (
    Alerts,
    ApiFront,
    ApiFunction,
    Ec2Backend,
    PrivateApiEndpoint,
    PrivateIngress,
    PrivateNetwork,
    ServerlessProxy,
)
from components.facts.regions import find_partition
from components.testing import Mocks
from tests.components.front import ARGS, FUNCTION, ROUTE
from tests.helpers.declare import ProgramError, evaluate

ZONES = {"zones": ["us-gov-west-1a"]}
LINK = {"backend": {"link_id": "l", "listener_arn": "x"}}
IN_VPC = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001"]}
ENDPOINT = {**IN_VPC, "vpc_cidr": "10.0.0.0/16"}
POOL = {"kind": "cognito", "user_pool_arns": ["arn:aws-cn:cognito-idp:cn-north-1:111122223333:userpool/cn-north-1_a"]}
DOMAIN = {"domain": {"name": "api.example.com", "zone_id": "Z0123456789ABC"}}
NAMED = {
    "kind": "nlb",
    "link": "v2",
    "port": 443,
    "certificate_arn": "arn:aws-us-gov:acm:us-gov-west-1:111122223333:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
    "server_name": "orders.example.com",
    "private_record": True,
}
GUARDED = {"authorizers": {"people": POOL}, "routes": [{**ROUTE, "authorization": "people"}]}
INVOKE = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations"
LAYER = "arn:aws:lambda:us-east-1:111122223333:layer:tools:1"
CODE = {"folder": "handlers/greeter", "handler": "handler.handler", "runtime": "python3.13"}
QUEUE = {"kind": "queue", "name": "arn:aws-eusc:sqs:eusc-de-east-1:111122223333:jobs", "allow": ["send"]}
KEY = "arn:aws-cn:kms:cn-north-1:111122223333:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
TOPIC = "arn:aws:sns:us-east-1:111122223333:alarms"
BUDGET = {"budget_monthly_usd": 10, "budget_emails": ["a@example.com"]}


@pytest.mark.parametrize(
    ("region", "component", "args", "words"),
    [
        ("eusc-de-east-1", Alerts, {}, "Alerts: region: got 'eusc-de-east-1'; a region of the partitions aws, aws-cn"),
        ("us-isob-east-1", ApiFront, ARGS, "us-isob-east-1 lies in another one"),
        ("us-gov-east-1", ApiFront, {**ARGS, "kind": "http", "targets": LINK}, "lacks private integrations of HTTP"),
        ("us-gov-west-1", ApiFront, {**ARGS, "minimum_tls": "1.3"}, "lacks security policies that demand TLS 1.3"),
        ("us-gov-east-1", ApiFront, {**ARGS, **DOMAIN}, "domain.zone_id.*lacks public hosted zones"),
        ("us-gov-west-1", PrivateIngress, {**IN_VPC, **NAMED}, "private_record.*lacks alias records"),
        ("cn-north-1", ApiFront, {**ARGS, **GUARDED}, "authorizers.people.kind.*lacks Cognito authorizers"),
        ("us-gov-west-1", PrivateIngress, {**IN_VPC, "kind": "cloud-map", "link": "v2"}, "with Cloud Map"),
        ("us-gov-west-1", PrivateNetwork, {**ZONES, "egress": ["nat-gateway"], "nat_gateways": "regional"}, "regional"),
        ("cn-north-1", PrivateNetwork, {**IN_VPC, "endpoints": ["sqs"]}, "lacks interface endpoints"),
        ("cn-north-1", PrivateApiEndpoint, ENDPOINT, "lacks interface endpoints"),
        ("us-gov-west-1", Alerts, BUDGET, "lacks budgets"),
        ("eu-west-1", PrivateNetwork, ZONES, r"zones\[0\]: got 'us-gov-west-1a'; a zone of eu-west-1"),
        ("eu-west-1", Alerts, {"topic_arn": TOPIC}, "a topic of eu-west-1"),
        ("eu-west-1", ApiFunction, {**CODE, "layers": [LAYER]}, r"layers\[0\].*a layer of eu-west-1"),
        ("eu-west-1", ApiFront, {**ARGS, "targets": {"backend": {**FUNCTION, "invoke_arn": INVOKE}}}, "an invoke ARN"),
        ("cn-north-1", Alerts, {"topic_arn": TOPIC.replace("us-east-1", "cn-north-1")}, "a topic of the partition"),
        ("cn-north-1", ServerlessProxy, {**ENDPOINT, "url": "http://10.0.0.1", "alarm_topic_arn": TOPIC}, "a topic"),
        ("eu-west-1", Ec2Backend, {**IN_VPC, "image": "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/a:1",
          "egress": ["nat-gateway"]}, "an image in ECR of the partition aws"),
        ("eu-west-1", ApiFunction, {**CODE, "permissions": {"jobs": QUEUE}}, "a resource of the partition"),
        ("eu-west-1", ApiFunction, {**CODE, "permissions": {"jobs": {**QUEUE, "name": "a", "kms_key": KEY}}}, "a key"),
    ],
)  # fmt: skip
def test_a_component_refuses_by_its_region(
    region: str, component: Callable[..., Any], args: dict[str, Any], words: str
) -> None:
    def of_config() -> None:
        component("each", args)

    def of_provider() -> None:
        provider = aws.Provider("there", aws.ProviderArgs(region=region))
        component("each", args, pulumi.ResourceOptions(providers=[provider]))

    with pytest.raises(ProgramError, match=words):
        evaluate(of_config, Mocks(), config={"aws:region": region})
    if "endpoints" in args:
        return  # lookups on mocks fail before the provider's region is known
    with pytest.raises(ProgramError, match=words):
        evaluate(of_provider, Mocks(), config={"aws:region": "ap-south-1"})


def test_the_region_of_the_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eusc-de-east-1")
    with pytest.raises(ProgramError, match="eusc-de-east-1 lies in another one"):
        evaluate(lambda: Alerts("alerts", {}), Mocks())


def test_the_provider_of_a_parent_counts() -> None:
    def program() -> None:
        provider = aws.Provider("there", aws.ProviderArgs(region="us-east-1"))
        parent = pulumi.ComponentResource("a:b:C", "parent", opts=pulumi.ResourceOptions(providers=[provider]))
        Alerts("alerts", {"topic_arn": TOPIC}, pulumi.ResourceOptions(parent=parent))

    assert evaluate(program, Mocks(), config={"aws:region": "eu-west-1"}).resources


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1"])
def test_every_arn_and_address_is_of_the_partition(region: str) -> None:
    """AWS refuses others: pulumi/pulumi-aws-apigateway#347. The names of services in policies have no suffix."""
    own, mocks = find_partition(region), Mocks(region=region)

    def program() -> Any:
        network = PrivateNetwork("network", {"zones": [f"{region}a"], "egress": ["nat-instance"]})
        place = {"vpc_id": network.vpc_id, "subnet_ids": network.private_subnet_ids, "egress": ["nat-instance"]}
        backend = Ec2Backend("backend", {**place, "image": f"111122223333.dkr.ecr.{region}.{own.dns_suffix}/a:1"})
        proxy = ServerlessProxy("proxy", {**ENDPOINT, "url": backend.url, "port": 8080, "keep_warm": True})
        target = {"function_name": proxy.function_name, "invoke_arn": proxy.invoke_arn}
        return ApiFront("front", {**ARGS, "targets": {"backend": target}}).url

    assert mocks.run(program) == f"https://front-api-id.execute-api.{region}.{own.dns_suffix}/live"
    texts = [json.dumps(each.inputs, default=str) for each in mocks.declared]
    arns = {arn for text in texts for arn in re.findall(r"arn:[a-z-]+:[a-z0-9-]+", text)}
    assert any(arn.endswith(":iam") for arn in arns)
    assert [arn for arn in arns if not arn.startswith(f"arn:{own.name}:")] == []
