"""The table beside the models of AWS's services and of the provider, and answers as AWS's own documents have them."""

import re
from datetime import UTC, datetime
from typing import Any

import botocore.session
import jmespath
import pulumi_aws as aws
import pytest
from botocore.stub import validate_parameters

from review.graph import UNKNOWN, Resource, Secret
from review.tests.graph_builder import Builder
from review.verify.cloud import READING
from review.verify.drift import Found, _differences
from review.verify.health import PROBES
from review.verify.table import Call, identity, normal, reads, search

JSON = dict[str, Any]
ROWS = [(token, row) for token, rows in reads().items() for row in rows]


CALLS = [*(row for _, row in ROWS), *PROBES.values()]


def model(call: str) -> Any:
    service, _, operation = call.partition(".")
    return botocore.session.get_session().get_service_model(service).operation_model(operation)


@pytest.mark.parametrize("call", sorted({row.call for row in CALLS}))
def test_a_call_only_reads(call: str) -> None:
    assert model(call).name.startswith(READING)
    assert READING == ("Describe", "Get", "List", "Head", "Filter")


def test_every_argument_is_one_of_the_call() -> None:
    for row in CALLS:
        tree = jmespath.compile(row.given).parsed
        assert {one["value"] for one in tree.get("children", [])} <= {*model(row.call).input_shape.members}, row.call


def test_no_answer_has_a_member_of_the_name_by_which_expressions_reach_the_resource() -> None:
    assert not [row.call for row in CALLS if "ours" in model(row.call).output_shape.members]


def below(node: JSON, shape: Any) -> Any:
    """The shape that an expression leads to; None where it is not known. Fails for a member that AWS does not have."""
    kind, inner = node["type"], node.get("children", [])
    if shape is None:
        return None
    match kind:
        case "field":
            if node["value"] == "ours":
                return None
            if shape.type_name == "map":
                return shape.value
            assert node["value"] in shape.members, f"{shape.name} has no {node['value']}"
            return shape.members[node["value"]]
        case "subexpression" | "pipe":
            for one in inner:
                shape = below(one, shape)
            return shape
        case "index_expression":
            found = below(inner[0], shape)
            return found.member if found is not None and found.type_name == "list" else found
        case "flatten":
            return below(inner[0], shape)
        case "projection" | "filter_projection":
            found = below(inner[0], shape)
            member = found.member if found is not None and found.type_name == "list" else found
            for one in inner[2:]:
                below(one, member)
            return below(inner[1], member)
        case "identity" | "current":
            return shape
        case "multi_select_dict":
            for one in inner:
                below(one["children"][0], shape)
        case "and_expression":
            return [below(one, shape) for one in inner][-1]
        case "function_expression" if node["value"] == "member":
            return below(inner[0], shape).value
        case "comparator" | "or_expression" | "not_expression" | "function_expression":
            for one in inner:
                below(one, shape)
    return None


def part(row: Call) -> Any:
    """The shape of the part of an answer that a call is about; None if it is of another document."""
    shape = model(row.call).output_shape
    if row.at:
        shape = below(jmespath.compile(row.at).parsed, shape)
    return shape.member if shape is not None and shape.type_name == "list" else shape


def test_every_field_is_one_of_the_answer() -> None:
    for row in CALLS:
        shape = part(row)
        for name in ("id", "public", "private", "good", "bad"):
            if expression := getattr(row, name, ""):
                below(jmespath.compile(expression).parsed, shape)
        for theirs in getattr(row, "fields", {}).values():
            below(jmespath.compile(theirs).parsed, shape)


def test_every_input_is_one_of_the_provider() -> None:
    for token, rows in reads().items():
        module, kind = re.fullmatch(r"aws:(\w+)/\w+:(\w+)", token).groups()  # type: ignore[union-attr] # every token has this form
        outputs = {
            re.sub("_(.)", lambda found: found[1].upper(), name)
            for name in dir(getattr(getattr(aws, module.replace("lambda", "lambda_")), kind))
        }
        for row in rows:
            for ours in row.fields:
                first = re.search(
                    r"\w+(?![\w(])", ours.replace("keys(", "").replace("parse(", "").replace("not_null(", "")
                )
                assert first, ours
                assert first[0] in outputs, f"{token} has no {first[0]}"


# Answers as AWS's own documents show them, shortened, and the resource as the provider has it.
DOCUMENTED: dict[str, tuple[JSON, JSON]] = {
    "vpc.SecurityGroupIngressRule": (
        {
            "id": "sgr-0fd2a1b3",
            "securityGroupId": "sg-1",
            "ipProtocol": "tcp",
            "fromPort": 22,
            "toPort": 22,
            "cidrIpv4": "10.0.0.0/16",
        },
        {
            "SecurityGroupRules": [
                {
                    "SecurityGroupRuleId": "sgr-0fd2a1b3",
                    "GroupId": "sg-1",
                    "GroupOwnerId": "123456789012",
                    "IsEgress": False,
                    "IpProtocol": "tcp",
                    "FromPort": 22,
                    "ToPort": 22,
                    "CidrIpv4": "10.0.0.0/16",
                    "Tags": [],
                }
            ]
        },
    ),
    "vpc.SecurityGroupEgressRule": (
        {"id": "sgr-2", "securityGroupId": "sg-1", "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"},
        {
            "SecurityGroupRules": [
                {
                    "SecurityGroupRuleId": "sgr-2",
                    "GroupId": "sg-1",
                    "IsEgress": True,
                    "IpProtocol": "-1",
                    "FromPort": -1,
                    "ToPort": -1,
                    "CidrIpv4": "0.0.0.0/0",
                    "Tags": [],
                }
            ]
        },
    ),
    "ec2.Instance": (
        {
            "id": "i-1",
            "ami": "ami-1",
            "instanceType": "t4g.micro",
            "subnetId": "subnet-1",
            "publicIp": "",
            "vpcSecurityGroupIds": ["sg-2", "sg-1"],
            "iamInstanceProfile": "web",
            "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1, "httpEndpoint": "enabled"},
            "tagsAll": {"Name": "web"},
        },
        {
            "Reservations": [
                {
                    "ReservationId": "r-1",
                    "OwnerId": "123456789012",
                    "Instances": [
                        {
                            "InstanceId": "i-1",
                            "ImageId": "ami-1",
                            "InstanceType": "t4g.micro",
                            "SubnetId": "subnet-1",
                            "State": {"Code": 16, "Name": "running"},
                            "SecurityGroups": [
                                {"GroupName": "a", "GroupId": "sg-1"},
                                {"GroupName": "b", "GroupId": "sg-2"},
                            ],
                            "IamInstanceProfile": {
                                "Arn": "arn:aws:iam::123456789012:instance-profile/web",
                                "Id": "AIPA1",
                            },
                            "MetadataOptions": {
                                "State": "applied",
                                "HttpTokens": "required",
                                "HttpPutResponseHopLimit": 1,
                                "HttpEndpoint": "enabled",
                            },
                            "Tags": [
                                {"Key": "Name", "Value": "web"},
                                {"Key": "aws:autoscaling:groupName", "Value": "x"},
                            ],
                        }
                    ],
                }
            ]
        },
    ),
    "apigateway.RestApi": (
        {
            "id": "a1",
            "name": "front",
            "disableExecuteApiEndpoint": False,
            "endpointConfiguration": {"types": "REGIONAL"},
            "policy": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",'
            '"Action":"execute-api:Invoke","Resource":"arn:x/*"}]}',
        },
        {
            "id": "a1",
            "name": "front",
            "disableExecuteApiEndpoint": False,
            "endpointConfiguration": {"types": ["REGIONAL"]},
            "apiKeySource": "HEADER",
            "policy": '{\\"Version\\":\\"2012-10-17\\",\\"Statement\\":[{\\"Effect\\":\\"Allow\\",'
            '\\"Principal\\":\\"*\\",\\"Action\\":\\"execute-api:Invoke\\",'
            '\\"Resource\\":\\"arn:x\\/*\\"}]}',
        },
    ),
    "lambda.Permission": (
        {
            "id": "front",
            "function": "f",
            "statementId": "front",
            "action": "lambda:InvokeFunction",
            "principal": "apigateway.amazonaws.com",
            "sourceArn": "arn:aws:execute-api:eu-west-1:123456789012:a1/live/*",
        },
        {
            "Policy": '{"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"front","Effect":"Allow",'
            '"Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:InvokeFunction",'
            '"Resource":"arn:aws:lambda:eu-west-1:123456789012:function:f",'
            '"Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:eu-west-1:123456789012:a1/live/*"}}}]}',
            "RevisionId": "1",
        },
    ),
    "lb.Listener": (
        {
            "id": "arn:l",
            "loadBalancerArn": "arn:lb",
            "port": 80,
            "protocol": "HTTP",
            "sslPolicy": "",
            "defaultActions": [{"type": "forward", "targetGroupArn": "arn:tg", "order": 1}],
        },
        {
            "Listeners": [
                {
                    "ListenerArn": "arn:l",
                    "LoadBalancerArn": "arn:lb",
                    "Port": 80,
                    "Protocol": "HTTP",
                    "DefaultActions": [
                        {
                            "Type": "forward",
                            "TargetGroupArn": "arn:tg",
                            "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "arn:tg", "Weight": 1}]},
                        }
                    ],
                }
            ]
        },
    ),
    "cloudwatch.MetricAlarm": (
        {
            "id": "down",
            "metricName": "5XXError",
            "namespace": "AWS/ApiGateway",
            "dimensions": {"ApiName": "front", "Stage": "live"},
            "threshold": 0.05,
            "comparisonOperator": "GreaterThanOrEqualToThreshold",
            "evaluationPeriods": 3,
            "period": 60,
            "statistic": "Average",
            "treatMissingData": "notBreaching",
            "actionsEnabled": True,
            "alarmActions": ["arn:t"],
            "okActions": ["arn:t"],
        },
        {
            "MetricAlarms": [
                {
                    "AlarmName": "down",
                    "MetricName": "5XXError",
                    "Namespace": "AWS/ApiGateway",
                    "Dimensions": [{"Name": "Stage", "Value": "live"}, {"Name": "ApiName", "Value": "front"}],
                    "Threshold": 0.05,
                    "EvaluationPeriods": 3,
                    "Period": 60,
                    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                    "Statistic": "Average",
                    "TreatMissingData": "notBreaching",
                    "ActionsEnabled": True,
                    "AlarmActions": ["arn:t"],
                    "OKActions": ["arn:t"],
                    "InsufficientDataActions": [],
                    "StateValue": "OK",
                }
            ]
        },
    ),
    "autoscaling.Group": (
        {
            "id": "g",
            "minSize": 2,
            "maxSize": 2,
            "healthCheckType": "ELB",
            "vpcZoneIdentifiers": ["subnet-a", "subnet-b"],
            "targetGroupArns": ["arn:tg"],
            "launchTemplate": {"id": "lt-1", "version": "1"},
        },
        {
            "AutoScalingGroups": [
                {
                    "AutoScalingGroupName": "g",
                    "MinSize": 2,
                    "MaxSize": 2,
                    "DesiredCapacity": 2,
                    "DefaultCooldown": 300,
                    "AvailabilityZones": ["eu-west-1a"],
                    "HealthCheckType": "ELB",
                    "VPCZoneIdentifier": "subnet-b,subnet-a",
                    "TargetGroupARNs": ["arn:tg"],
                    "LaunchTemplate": {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "template", "Version": "1"},
                    "SuspendedProcesses": [],
                    "CreatedTime": datetime(2026, 11, 22, tzinfo=UTC),
                }
            ]
        },
    ),
    "route53.Record": (
        {
            "id": "Z_x_A",
            "zoneId": "Z",
            "name": "api.example.com",
            "type": "A",
            "aliases": [{"name": "d-1.execute-api.eu-west-1.amazonaws.com"}],
        },
        {
            "ResourceRecordSets": [
                {
                    "Name": "api.example.com.",
                    "Type": "A",
                    "AliasTarget": {
                        "HostedZoneId": "Z2",
                        "DNSName": "d-1.execute-api.eu-west-1.amazonaws.com.",
                        "EvaluateTargetHealth": False,
                    },
                }
            ],
            "IsTruncated": False,
            "MaxItems": "1",
        },
    ),
}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_documented_answer_is_no_drift(name: str) -> None:
    state, answer = DOCUMENTED[name]
    build = Builder()
    module, _, kind = name.partition(".")
    build(f"{module}/{kind[0].lower()}{kind[1:]}:{kind}", "one")
    graph = build.graph()
    (one,) = graph.resources.values()
    resource = Resource(**{**vars(one), "state": state, "inputs": {}})
    (row, *_) = reads()[resource.type]
    shape = model(row.call).output_shape
    validate_parameters(answer, shape)
    found = search(row.at, answer) if row.at else answer
    if row.id:
        (found,) = [each for each in found if identity(row.id, each) == identity(row.match, state)]
    assert found not in (None, UNKNOWN)
    assert [*_differences(graph, resource, row, found)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("80", 80), (True, "true"), (False, None), ([], None), (["a", "b"], ["b", "a"]), (["a"], "a"),
        ("a.example.", "a.example"),
        ('{"a": ["x"]}', {"a": "x"}), ([{"Key": "a", "Value": "b"}], {"a": "b"}), (200.0, "200.0"),
    ],
)  # fmt: skip
def test_values_that_mean_the_same(one: Any, other: Any) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("80", "81"),
        (True, False),
        (["a", "b"], ["a"]),
        ("123456789012", "123456789013"),
        ("10.0.0.0/16", "10.0.0.0/8"),
        ("1e5", "100000"),
    ],
)
def test_values_that_do_not(one: Any, other: Any) -> None:
    assert normal(one) != normal(other)


def test_a_record_is_identified_as_the_state_has_it() -> None:
    assert identity("Name", {"Name": "\\052.example.com."}) == identity("name", {"name": "*.example.com"})
    assert identity("Name", {"Name": UNKNOWN}) is UNKNOWN


def test_what_is_gone_is_not_confirmed() -> None:
    standing: Any = {"urn:a": None, "urn:c": None}
    found = Found(standing, read={"urn:a", "urn:b"})
    assert found.confirmed == {"urn:a"}


def test_a_secret_is_not_known_to_an_expression() -> None:
    assert search("a", {"a": Secret("x")}) is UNKNOWN
    assert search("a[].b", {"a": [{"b": "x"}, {"b": Secret("y")}]}) is UNKNOWN
