"""The made-up outputs have the names that the SDK's classes have, and look like AWS's."""

import json
import re
import typing
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest
from pulumi import _types
from pulumi.runtime import rpc

from review.aws.catalog.catalog import ROWS
from review.evaluate.host import types
from review.evaluate.mocks import sdk_types
from review.evaluate.mocks.location import Location, build_zone_prefix
from review.evaluate.mocks.lookups import ANSWERS, Lookups
from review.evaluate.mocks.resources import DECLARED, Resources
from review.graph import UNKNOWN
from review.recording.call_error import CallError
from review.recording.marks import UNKNOWN_TEXT
from review.recording.wire import read, write
from review.tests.helpers.sdk_classes import sdk_class

Values = dict[str, Any]
SHAPES = {token: row.mock for token, row in ROWS.items() if row.mock is not None}
IRELAND = Location("eu-west-1", "123456789012", "aws")


AWS_TYPES = sorted(token for token in SHAPES if token.startswith("aws:"))


@pytest.mark.parametrize("service", sorted({token.split(":")[1].partition("/")[0] for token in AWS_TYPES}))
def test_every_shape_is_of_a_type_that_exists_and_says_outputs_that_it_has(service: str) -> None:
    for token in AWS_TYPES:
        if token.split(":")[1].partition("/")[0] == service:
            hints = {"id": str, **_types.resource_types(sdk_class(token))}
            made = Resources(IRELAND).answer("t::n", token, "n", {}, "eu-west-1")
            assert set(SHAPES[token]) | set(made) <= set(hints), token
            assert {key for key in set(SHAPES[token]) & set(made) if not _fits(hints[key], made[key])} == set(), token


@pytest.mark.parametrize("token", sorted(ANSWERS))
def test_every_lookup_answers_fields_that_its_result_has(token: str) -> None:
    arguments = {"name": "x", "functionName": "x", "instanceType": "t4g.nano", "statements": []}
    answer = Lookups(IRELAND).fill(ANSWERS[token], arguments)
    assert set(answer) <= set(_types.output_type_types(sdk_class(token, "Result"))) | {"ownerId"}, token


@pytest.mark.parametrize(
    "filters", [[{"name": "name", "values": ["web"]}], UNKNOWN, [{"name": "id", "values": UNKNOWN}]]
)
def test_a_filter_of_a_lookup_is_not_the_argument_of_its_name(filters: Any) -> None:
    answer, given = ANSWERS["aws:ec2/getSecurityGroup:getSecurityGroup"], {"filters": filters}
    found = Lookups(IRELAND).fill(answer, given)
    assert (found["name"], found["id"][:4]) == ("existing", "sg-0")


def test_a_lookup_by_id_keeps_the_id() -> None:
    given = {"id": "sg-1", "name": "web"}
    found = Lookups(IRELAND).fill(ANSWERS["aws:ec2/getSecurityGroup:getSecurityGroup"], given)
    assert (found["id"], found["name"], found["arn"][-4:]) == ("sg-1", "web", "sg-1")


def answer(type_: str, inputs: Values | None = None, name: str = "it", region: str = "eu-west-1") -> Values:
    return Resources(IRELAND).answer(f"{type_}::{name}", type_, name, inputs or {}, region)


def test_ids_are_shaped_like_awss_differ_and_are_the_same_in_every_run() -> None:
    first, again, other = (answer("aws:ec2/vpc:Vpc", name=name) for name in ("a", "a", "b"))
    assert first == again
    assert first["id"] != other["id"]
    assert re.fullmatch(r"vpc-0[0-9a-f]{16}", first["id"])
    assert first["arn"] == f"arn:aws:ec2:eu-west-1:123456789012:vpc/{first['id']}"
    assert first["mainRouteTableId"] == first["defaultRouteTableId"]


def test_an_instance_on_an_interface_has_its_address_and_subnet() -> None:
    made = Resources(IRELAND)
    subnet = made.answer("s", "aws:ec2/subnet:Subnet", "s", {"cidrBlock": "10.9.8.0/24"}, "eu-west-1")
    eni = made.answer("e", "aws:ec2/networkInterface:NetworkInterface", "e", {"subnetId": subnet["id"]}, "eu-west-1")
    primary = {"primaryNetworkInterface": {"networkInterfaceId": eni["id"]}}
    instance = made.answer("i", "aws:ec2/instance:Instance", "i", primary, "eu-west-1")
    assert eni["privateIp"].startswith("10.9.8.")
    assert instance["privateIp"] == eni["privateIp"]
    assert instance["primaryNetworkInterfaceId"] == eni["id"]
    assert instance["subnetId"] == subnet["id"]
    assert instance["publicIp"] == ""


def test_an_instance_in_a_public_subnet_gets_a_public_address() -> None:
    made = Resources(IRELAND)
    inputs = {"cidrBlock": "10.0.0.0/24", "mapPublicIpOnLaunch": True}
    subnet = made.answer("s", "aws:ec2/subnet:Subnet", "s", inputs, "eu-west-1")
    at = {"subnetId": subnet["id"]}
    assert made.answer("i", "aws:ec2/instance:Instance", "i", at, "eu-west-1")["publicIp"].startswith("203.0.113.")
    at["associatePublicIpAddress"] = False
    assert made.answer("j", "aws:ec2/instance:Instance", "j", at, "eu-west-1")["publicIp"] == ""


ENDPOINT = {"serviceName": "com.amazonaws.eu-west-1.ecr.api", "vpcEndpointType": "Interface"}
PRIVATE = {"serviceName": "com.amazonaws.eu-west-1.execute-api", "vpcEndpointType": "Interface"}
FRONT, DOOR = "lb/loadBalancer:LoadBalancer", "ec2/vpcEndpoint:VpcEndpoint"
BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/net/front/a"
CALLED, FORWARD = "lambda/function:Function", "arn:aws:lambda:eu-west-1:123456789012:function:forward"


@pytest.mark.parametrize(
    ("kind", "inputs", "output", "pattern"),
    [
        ("ec2/vpc:Vpc", {}, "ipv6CidrBlock", ""),
        ("ec2/vpc:Vpc", {"assignGeneratedIpv6CidrBlock": True}, "ipv6CidrBlock", ".*::/56"),
        # The host of an endpoint has its region once.
        (DOOR, ENDPOINT, "dnsEntries", r".*'[^.]+\.api\.ecr\.eu-west-1\.vpce\.amazonaws.*"),
        (DOOR, PRIVATE, "dnsEntries", r".*'[^.]+\.execute-api\.eu-west-1\.vpce\.amazonaws.*"),
        ("lambda/function:Function", {"name": "forward"}, "arn", FORWARD),
        (CALLED, {"name": "forward"}, "invokeArn", f".*:lambda:path/2015-03-31/functions/{FORWARD}/.*"),
        ("lambda/function:Function", {"name": "forward", "publish": True}, "qualifiedArn", f"{FORWARD}:1"),
        ("lambda/function:Function", {"name": "forward", "publish": True}, "qualifiedInvokeArn", f".*{FORWARD}:1/.*"),
        ("apigateway/stage:Stage", {"restApi": "a", "stageName": "v1"}, "invokeUrl", "https://a.execute-api.eu-west-1.*/v1"),
        ("apigatewayv2/stage:Stage", {"apiId": "a", "name": "$default"}, "invokeUrl", "https://a.execute-api.eu-west-1.*com/"),
        ("apigatewayv2/stage:Stage", {"apiId": "a", "name": "$default"}, "id", r"\$default"),
        ("apigateway/stage:Stage", {"stageName": "v1"}, "invokeUrl", "None"),
        ("apigatewayv2/stage:Stage", {"stageName": "v1"}, "invokeUrl", "None"),
        (FRONT, {"name": "front", "loadBalancerType": "network"}, "arn", ".*:loadbalancer/net/front/.*"),
        (FRONT, {"loadBalancerType": "network"}, "dnsName", r".*\.elb\.eu-west-1\.amazonaws\.com"),
        (FRONT, {"internal": True}, "dnsName", "internal-.*"),
        ("lb/listener:Listener", {"loadBalancerArn": BALANCER}, "arn", ".*:listener/net/front/.*"),
        ("ec2/subnet:Subnet", {}, "availabilityZone", "None|unknown"),
        ("ec2/subnet:Subnet", {"availabilityZoneId": "euw1-az2"}, "availabilityZone", "eu-west-1b"),
        ("ec2/subnet:Subnet", {"availabilityZoneId": "x"}, "availabilityZone", "None|unknown"),
        ("rds/subnetGroup:SubnetGroup", {}, "name", "it-.*"),
        ("rds/subnetGroup:SubnetGroup", {}, "arn", "arn:aws:.*"),
    ],
)  # fmt: skip
def test_an_output_is_shaped_as_awss(kind: str, inputs: Values, output: str, pattern: str) -> None:
    assert re.fullmatch(pattern, str(answer(f"aws:{kind}", inputs).get(output)))


def test_a_certificate_has_a_record_to_validate_for_each_name() -> None:
    made = answer("aws:acm/certificate:Certificate", {"domainName": "a.test", "subjectAlternativeNames": ["*.a.test"]})
    options = made["domainValidationOptions"]
    assert [option["domainName"] for option in options] == ["a.test", "*.a.test"]
    assert all(option["resourceRecordName"].endswith(".a.test.") for option in options)


def test_partitions_and_other_regions() -> None:
    china = Resources(Location("cn-north-1", "123456789012", "aws-cn"))
    made = china.answer("r", "aws:ecr/repository:Repository", "r", {"name": "app"}, "cn-north-1")
    assert made["arn"].startswith("arn:aws-cn:ecr:cn-north-1:")
    assert made["repositoryUrl"].endswith(".amazonaws.com.cn/app")
    assert ":us-west-2:" in answer("aws:ec2/vpc:Vpc", region="us-west-2")["arn"]


def test_a_type_that_the_review_does_not_know_has_an_id_and_of_aws_an_arn() -> None:
    made = answer("aws:mq/broker:Broker")
    assert made["id"].startswith("broker-")
    assert made["arn"].startswith("arn:aws:mq:eu-west-1:123456789012:broker/")
    assert set(answer("other:index:Thing")) == {"id"}


def look_up(
    token: str, arguments: Values | None = None, config: str = "", region: str = "eu-west-1", *, strict: bool = True
) -> Values:
    return Lookups(Location(region, "123456789012", "aws"), config, strict=strict).answer(token, arguments or {})


def test_zones_by_region_and_filter() -> None:
    token = "aws:index/getAvailabilityZones:getAvailabilityZones"
    assert look_up(token)["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert look_up(token)["zoneIds"] == ["euw1-az1", "euw1-az2", "euw1-az3"]
    assert len(look_up(token, region="us-east-1")["names"]) == 6
    assert look_up(token, {"excludeZoneIds": ["euw1-az1"]})["names"] == ["eu-west-1b", "eu-west-1c"]
    assert look_up(token, {"filters": [{"name": "zone-id", "values": ["euw1-az3"]}]})["names"] == ["eu-west-1c"]


@pytest.mark.parametrize(
    ("region", "prefix"),
    [("us-east-1", "use1"), ("eu-west-1", "euw1"), ("ap-southeast-2", "apse2"), ("us-gov-west-1", "usgw1")],
)
def test_zone_ids_begin_with_the_regions_short_name(region: str, prefix: str) -> None:
    assert build_zone_prefix(region) == prefix


def test_an_image_parameter_answers_an_image_and_any_other_is_not_guessed() -> None:
    token = "aws:ssm/getParameter:getParameter"
    image = {"name": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"}
    assert re.fullmatch(r"ami-0[0-9a-f]{16}", look_up(token, image)["value"])
    assert look_up(token, {"name": "/my/own"})["value"] == UNKNOWN_TEXT


def test_subnets_that_the_config_names_belong_to_its_vpc_and_lie_one_to_a_zone() -> None:
    config = json.dumps({"vpcId": "vpc-0a1b2c3d", "subnetIds": ["subnet-0aaaaaaa", "subnet-0bbbbbbb"]})
    token = "aws:ec2/getSubnet:getSubnet"
    first, second = (look_up(token, {"id": f"subnet-0{letter * 7}"}, config) for letter in "ab")
    assert first["vpcId"] == second["vpcId"] == "vpc-0a1b2c3d"
    assert [first["availabilityZone"], second["availabilityZone"]] == ["eu-west-1a", "eu-west-1b"]
    assert first["cidrBlock"] != second["cidrBlock"]


def test_a_policy_document_is_put_together_as_the_provider_does() -> None:
    statement = {
        "sid": "Read",
        "actions": ["s3:GetObject"],
        "resources": ["a", "b"],
        "principals": [{"type": "Service", "identifiers": ["ec2.amazonaws.com"]}],
        "conditions": [{"test": "StringEquals", "variable": "aws:SourceVpc", "values": ["vpc-1"]}],
    }
    base = json.dumps({"Statement": [{"Sid": "Read", "Effect": "Deny"}, {"Sid": "Kept", "Effect": "Deny"}]})
    result = look_up(
        "aws:iam/getPolicyDocument:getPolicyDocument", {"statements": [statement], "sourcePolicyDocuments": [base]}
    )
    read, kept = json.loads(result["json"])["Statement"]
    assert kept == {"Sid": "Kept", "Effect": "Deny"}
    assert read == {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": ["b", "a"],
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
    }


def test_an_unplanned_lookup_is_refused_by_name_or_answered_with_unknowns(monkeypatch: pytest.MonkeyPatch) -> None:
    token = "aws:mq/getBroker:getBroker"
    assert sdk_class(token, "Result")
    with pytest.raises(CallError, match=r"aws:mq/getBroker:getBroker.*existing\.json"):
        look_up(token)
    monkeypatch.setitem(sdk_types._reported, token, types.make_lookup_result(token))
    answered = look_up(token, {"brokerId": "b"}, strict=False)
    assert answered["brokerId"] == "b"
    assert repr(read(write(answered))["arn"]) == "unknown"
    assert answered["publiclyAccessible"] is False


@pytest.mark.parametrize("kind", [pulumi.Archive, pulumi.Asset])
def test_a_result_that_is_an_archive_or_an_asset_is_one(kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of `pulumi_command.local.run`, whose class takes nothing else."""
    monkeypatch.setattr(_types, "output_type_types", lambda _kind: {"made": kind})
    assert isinstance(rpc.deserialize_properties(write(types._fill_fields(dict, 0)))["made"], kind)


@pytest.mark.parametrize("token", sorted(DECLARED))
@pytest.mark.parametrize("value", [["x"], {"a": 1}, 1.5, "", "no range", [{}], {"networkInterfaceId": []}], ids=str)
def test_an_input_of_the_wrong_type_leaves_what_follows_from_it_unknown(token: str, value: Any) -> None:
    class Alike(dict[str, Any]):
        def get(self, *_: Any) -> Any:
            return value

    made = Resources(IRELAND)
    made.made["s"] = {"cidrBlock": value, "subnetId": value}
    for inputs in (Alike(), {"subnetId": "s"}):
        made.answer("t::n", token, "n", inputs, "eu-west-1")
    made.answer("t::n", token, "n", {}, "no region")


def _fits(hint: Any, value: Any) -> bool:
    """Whether a value is of a type, and a block has no fields that its class has not."""
    if isinstance(value, list):
        (inner,) = typing.get_args(hint)
        return all(_fits(inner, item) for item in value)
    if isinstance(value, dict) and _types.is_output_type(hint):
        fields = _types.output_type_types(hint)
        return all(_fits(fields[key], item) for key, item in value.items())
    return isinstance(value, dict if typing.get_origin(hint) is Mapping else hint)
