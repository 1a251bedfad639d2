"""Regions, as two SDKs list them."""

import json
import re
from collections.abc import Callable
from typing import Any

import botocore.loaders
import pulumi_aws as aws
import pytest

from components.facts import regions
from tests.settings.wrong_configs import BASE, FARGATE, PRIVATE


def test_every_region_of_the_provider_is_one_of_aws() -> None:
    assert all(map(regions.is_region, (region.value for region in aws.Region)))


def test_a_region_that_does_not_exist_has_no_quota(mistakes: Callable[..., list[Any]]) -> None:
    region, rate = mistakes(BASE | {"aws:region": "eu-west-1a", "api": {"throttle": {"rate": 20_000}}})
    assert region.key == "aws:region"
    assert rate.allowed == "at most 10,000, the account's quota unless AWS raised it"


def test_partitions_are_those_of_the_sdk() -> None:
    for partition in botocore.loaders.Loader().load_data("partitions")["partitions"]:
        for region in partition["regions"]:
            if regions.find_refusal(region) is None:
                ours = regions.find_partition(region.removeprefix("aws-").replace("global", "x"))
                if not region.endswith("-global"):
                    assert (ours.name, ours.dns_suffix) == (partition["id"], partition["outputs"]["dnsSuffix"])
            else:
                assert partition["id"] not in ("aws", "aws-cn", "aws-us-gov")


@pytest.mark.parametrize("region", ["eusc-de-east-1", "us-iso-east-1", "us-isof-south-1", "eu-isoe-west-1"])
def test_a_partition_that_is_not_served_is_the_only_mistake(mistakes: Callable[..., list[Any]], region: str) -> None:
    image = f"111122223333.dkr.ecr.{region}.amazonaws.eu/shop:1"
    found = mistakes(BASE | {"aws:region": region, "backend": {"image": image}, "network": {"zones": [f"{region}a"]}})
    assert [(one.key, one.got) for one in found] == [("aws:region", region)]


LINKED: dict[str, Any] = FARGATE | {"api": {"kind": "http"}}
MAPPED = LINKED | {"ingress": {"kind": "cloud-map"}}
BUDGET = {"monthlyUsd": 10, "emails": ["a@example.com"]}
POOL = "arn:aws-cn:cognito-idp:cn-north-1:111122223333:userpool/cn-north-1_a"
GUARDED = {
    "authorizers": {"people": {"kind": "cognito", "userPoolArns": [POOL]}},
    "routes": [{"path": "/a", "authorization": "people"}],
}
NAMED: dict[str, Any] = FARGATE | {"backend": FARGATE["backend"] | {"name": "orders.internal.example.com"}}
CERTIFICATE = "arn:aws-us-gov:acm:us-gov-east-1:111122223333:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
CERTIFIED = {"name": "api.example.com", "certificateArn": CERTIFICATE}
ZONE = {"name": "api.example.com", "zoneId": "Z0123456789ABC"}
REGIONAL = {"egress": "nat-gateway", "natGateways": "regional"}
ENDPOINTS = {"endpoints": ["sqs"], "egress": "nat-gateway"}


@pytest.mark.parametrize(
    ("region", "config", "key"),
    [
        ("us-gov-east-1", LINKED, "api.kind"),
        ("us-gov-east-1", LINKED | {"ingress": {"kind": "nlb"}}, "api.kind"),
        ("us-gov-west-1", MAPPED, "ingress.kind"),
        ("cn-north-1", MAPPED, "ingress.kind"),
        ("us-gov-west-1", BASE | {"api": {"minimumTls": "1.3"}}, "api.minimumTls"),
        ("us-gov-west-1", BASE | {"protection": {"budget": BUDGET}}, "protection.budget"),
        ("us-gov-west-1", BASE | {"network": REGIONAL}, "network.natGateways"),
        ("us-gov-east-1", BASE | {"api": {"domain": ZONE}}, "api.domain.zoneId"),
        ("us-gov-west-1", NAMED, "backend.name"),
        ("us-gov-east-1", PRIVATE | {"api": {"domain": CERTIFIED}}, "api.domain"),
        ("cn-northwest-1", BASE | {"network": ENDPOINTS}, "network.endpoints"),
        ("cn-north-1", BASE | {"api": GUARDED}, "api.authorizers.people.kind"),
        ("cn-north-1", PRIVATE, "topology"),
    ],
)  # fmt: skip
def test_what_a_region_lacks_is_refused(
    mistakes: Callable[..., list[Any]], read: Callable[..., Any], region: str, config: dict[str, Any], key: str
) -> None:
    """AWS's page stands in the message as it is."""
    (found,) = mistakes(config | {"aws:region": region})
    assert (found.key, "https://docs.a" in found.allowed, "enUs" in found.allowed) == (f"gatehouse:{key}", True, False)
    elsewhere = re.sub("arn:aws-[a-z-]+", "arn:aws", json.dumps(config | {"aws:region": region})).replace(
        region, "eu-west-1"
    )
    if "cognito" not in elsewhere:  # for REST APIs only
        assert read(json.loads(elsewhere))
