"""Calls of functions to AWS: judged by the function's network, the endpoint's policy and the function's role."""

import asyncio
import json
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.facts import aws_permissions
from review.graph import Asset, Graph
from review.reach import trace
from review.serve.aws_calls import AwsCall, AwsCaller
from review.serve.aws_endpoint import AwsEndpoint
from review.serve.called_resources import called_arns
from review.serve.request import Request
from review.serve.stack import Options
from review.serve.testing import Served, serving
from review.tests.front_parts import endpoint
from review.tests.graph_builder import Builder, Json
from review.tests.parts import allowing, egress, group, network, trust
from review.tests.serve.programs import called_by_http, lambda_function
from tests.helpers import plain_http
from tests.helpers.stacks import graph_of

READS = """
import http.client, json, os

def handler(event, context):
    api = http.client.HTTPConnection(os.environ["AWS_ENDPOINT_URL"].partition("//")[2])
    signed = "AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/secretsmanager/aws4_request"
    headers = {"X-Amz-Target": "secretsmanager.GetSecretValue", "Authorization": signed}
    api.request("POST", "/", json.dumps({"SecretId": "the-secret"}), headers)
    return {"statusCode": 200, "body": api.getresponse().read().decode()}
"""
GET = "secretsmanager:GetSecretValue"


def program(
    *, inside: bool = True, way: str = "nat", lets_out: bool = True, allowed: Any = "arn", policy: Any = None
) -> Graph:
    """An HTTP API before a function that reads a secret. `way` is `nat`, `none` or `endpoint`."""
    build = Builder()
    secret = build("secretsmanager/secret:Secret", "secret", name="the-secret")
    build("secretsmanager/secretVersion:SecretVersion", "version", secretId=secret.id, secretString="sesame")
    given: dict[str, Any] = {}
    if inside:
        net = network(build, egress="none" if way == "endpoint" else way)
        members = group(build, net.vpc, "members")
        if lets_out:
            egress(build, "out", members, 443, cidrIpv4="0.0.0.0/0")
        if way == "endpoint":
            endpoint(build, net, "secretsmanager", **({"policy": policy} if policy else {}))
        given["vpcConfig"] = {"subnetIds": [net.private[0].id], "securityGroupIds": [members.id]}
    code = Asset(members={"main.py": Asset(text=READS)})
    role = build("iam/role:Role", "own-role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    function = lambda_function(build, "reader", code=code, timeout=1, role=role.arn, **given)
    if allowed is not None:
        resource = secret.arn if allowed == "arn" else allowed
        build("iam/rolePolicy:RolePolicy", "reads", role=role.name, policy=allowing(GET, resource=resource))
    called_by_http(build, function)
    return build.graph()


def judged(graph: Graph, call: AwsCall | None = None) -> tuple[bool, str, str]:
    """Whether the network blocks the call for the secret, the permission that it lacks, and the doubt."""
    model = AwsModel(graph)
    (function,) = (resource for resource in graph if resource.name == "reader")
    caller = AwsCaller(trace(model), function)
    (secret,) = (resource for resource in graph if resource.name == "secret")
    arns = (str(secret.state["arn"]),) if call is None else ()
    blocked, lacking = caller.judge(call or AwsCall("secretsmanager", "GetSecretValue"), arns)
    return blocked, lacking, caller.verdict.doubt


DENIED = Json({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]})


@pytest.mark.parametrize(
    ("given", "blocked", "lacking"),
    [
        ({}, False, ""),
        ({"inside": False}, False, ""),
        ({"way": "endpoint"}, False, ""),
        ({"way": "none"}, True, ""),
        ({"lets_out": False}, True, ""),
        ({"way": "endpoint", "lets_out": False}, True, ""),
        ({"way": "endpoint", "policy": DENIED}, False, "policy of endpoint"),
        ({"allowed": None}, False, "own-role does not allow secretsmanager:GetSecretValue"),
        ({"allowed": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:other"}, False, "own-role does not"),
        ({"inside": False, "allowed": None}, False, "own-role does not allow"),
    ],
)
def test_a_call_needs_a_way_and_a_permission(given: dict[str, Any], blocked: bool, lacking: str) -> None:
    found, missing, doubt = judged(program(**given))
    assert (found, doubt) == (blocked, "")
    assert lacking in missing
    assert bool(missing) == bool(lacking)


def test_a_permission_that_is_not_known_is_a_doubt() -> None:
    build_of = program(allowed=None)
    (role,) = (resource for resource in build_of if resource.name == "own-role")
    role.inputs["managedPolicyArns"] = ["arn:aws:iam::123456789012:policy/made-elsewhere"]  # type: ignore[index] # a graph's inputs are read-only to others
    blocked, lacking, doubt = judged(build_of)
    assert (blocked, lacking) == (False, "")
    assert "secretsmanager:GetSecretValue" in doubt


def test_what_needs_no_permission_or_has_no_name_is_judged_by_the_network_only() -> None:
    for call in (AwsCall("sts", "GetCallerIdentity"), AwsCall("s3"), AwsCall("dynamodb", "TransactWriteItems")):
        assert judged(program(allowed=None), call) == (False, "", "")
        assert judged(program(way="none"), call)[0]


@pytest.mark.parametrize(
    ("service", "headers", "body", "action"),
    [
        ("dynamodb", {"x-amz-target": "DynamoDB_20120810.GetItem"}, b"{}", "dynamodb:GetItem"),
        ("kms", {"x-amz-target": "TrentService.Decrypt"}, b"{}", "kms:Decrypt"),
        ("sqs", {"x-amz-target": "AmazonSQS.SendMessageBatch"}, b"{}", "sqs:SendMessage"),
        ("sns", {"content-type": "application/x-www-form-urlencoded"}, b"Action=Publish&TopicArn=x", "sns:Publish"),
        (
            "monitoring",
            {"x-amz-target": "GraniteServiceVersion20100801.PutMetricData"},
            b"",
            "cloudwatch:PutMetricData",
        ),
        ("s3", {}, b"", ""),
    ],
)
def test_the_permission_follows_from_signature_and_form(
    service: str, headers: dict[str, str], body: bytes, action: str
) -> None:
    signed = f"AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host"
    call = AwsCall.of(Request("POST", "/", "", [*headers.items(), ("authorization", signed)], body))
    assert (call.service, call.action) == (service, action)


def url_of(served: Served) -> str:
    return next(served.routes()).url


def test_a_function_without_the_permission_reads_why_and_the_trace_names_it() -> None:
    with serving(program(inside=False, allowed=None), Options()) as served:
        told = plain_http.get(url_of(served)).json()
        trace = served.traces[-1]
    assert told["__type"] == "AccessDeniedException"
    assert "reader → secretsmanager:GetSecretValue: own-role does not allow" in trace.note
    assert [name for name, _ in trace.hops] == ["reader", "secretsmanager"]
    assert trace.stopped_at == "secretsmanager"


def test_a_function_that_the_network_cuts_off_waits_and_the_trace_names_the_hop() -> None:
    with serving(program(lets_out=False), Options()) as served:
        answer = plain_http.get(url_of(served))
        trace = served.traces[-1]
        assert any("lets no tcp 443 out" in line for line in served.log)
    assert answer.status_code == 500
    assert "members lets no tcp 443 out to the internet" in trace.note


def test_a_function_reads_the_secret_of_the_graph() -> None:
    with serving(program(inside=False), Options()) as served:
        assert plain_http.get(url_of(served)).json()["SecretString"] == "sesame"


def answered(graph: Graph, target: str, body: Any) -> Any:
    (function,) = (resource for resource in graph if resource.name == "reader")
    caller = AwsCaller(trace(AwsModel(graph)), function)
    request = Request("POST", "/", "", [("host", "127.0.0.1"), ("x-amz-target", target)], json.dumps(body).encode())
    answer = asyncio.run(AwsEndpoint(graph, "", {}, print).answer(request, caller))
    assert answer is not None
    return json.loads(answer.body)


@pytest.mark.parametrize(
    ("service", "sent", "told"),
    [
        ("s3", "", "<Error><Code>AccessDenied</Code>"),
        (
            "sns",
            "Action=Publish&TopicArn=arn:aws:sns:eu-west-1:123456789012:t",
            "<ErrorResponse><Error><Code>AccessDenied",
        ),
    ],
)
def test_a_refusal_has_the_form_of_the_service(service: str, sent: str, told: str) -> None:
    graph = program(inside=False)
    (function,) = (resource for resource in graph if resource.name == "reader")
    signed = f"AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/{service}/aws4_request"
    form = [("content-type", "application/x-www-form-urlencoded")] if sent else []
    request = Request(
        "PUT", "/bucket/key", "", [("host", "127.0.0.1"), ("authorization", signed), *form], sent.encode()
    )
    caller = AwsCaller(trace(AwsModel(graph)), function)
    answer = asyncio.run(AwsEndpoint(graph, "", {}, print).answer(request, caller))
    assert answer is not None
    assert answer.status == 403
    assert answer.body.decode().startswith(told)


@pytest.mark.parametrize(
    ("allowed", "lacking", "doubtful"),
    [
        ("secret:made-elsewhere-??????", False, False),
        ("secret:made-*", False, False),
        ("secret:made-elsewhere-AbCdEf", False, True),
        ("secret:made-else*-Ab*", False, True),
        ("secret:other-??????", True, False),
        ("secret:made-elsewhere-too-AbCdEf", True, False),
    ],
)
def test_a_secret_outside_the_graph_is_compared_by_its_name(allowed: str, lacking: bool, doubtful: bool) -> None:
    graph = program(inside=False, allowed=f"arn:aws:secretsmanager:eu-west-1:123456789012:{allowed}")
    (function,) = (resource for resource in graph if resource.name == "reader")
    caller = AwsCaller(trace(AwsModel(graph)), function)
    signed = "AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/secretsmanager/aws4_request"
    headers = [("host", "127.0.0.1"), ("x-amz-target", "secretsmanager.GetSecretValue"), ("authorization", signed)]
    request = Request("POST", "/", "", headers, b'{"SecretId": "made-elsewhere"}')
    answer = asyncio.run(AwsEndpoint(graph, "", {}, print).answer(request, caller))
    assert answer is not None
    assert (json.loads(answer.body).get("__type") == "AccessDeniedException") == lacking
    assert bool(caller.verdict.doubt) == doubtful


def test_a_call_that_is_not_answered_here_is_named() -> None:
    build = Builder()
    build("ssm/parameter:Parameter", "url", name="/shop/url", type="String", value="of the shop")
    role = build("iam/role:Role", "own-role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    build("iam/rolePolicy:RolePolicy", "all", role=role.name, policy=allowing("*", resource="*"))
    lambda_function(build, "reader", role=role.arn)
    told = answered(build.graph(), "AmazonSSM.GetParameters", {"Names": ["/shop/url"]})
    assert [(one["Name"], one["Value"]) for one in told["Parameters"]] == [("/shop/url", "of the shop")]
    for target in ("AmazonSSM.GetParametersByPath", "secretsmanager.BatchGetSecretValue", "DynamoDB_20120810.GetItem"):
        assert answered(build.graph(), target, {})["message"] == f"gatehouse try does not serve {target}"


PLACE = aws_permissions.Place("aws", "eu-west-1", "123456789012")
OWN = "eu-west-1:123456789012"


@pytest.mark.parametrize(
    ("service", "method", "path", "body", "action", "arns"),
    [
        ("dynamodb", "GetItem", "/", {"TableName": "t"}, "dynamodb:GetItem", [f"arn:aws:dynamodb:{OWN}:table/t"]),
        (
            "dynamodb",
            "Query",
            "/",
            {"TableName": "t", "IndexName": "i"},
            "dynamodb:Query",
            [f"arn:aws:dynamodb:{OWN}:table/t/index/i"],
        ),
        (
            "dynamodb",
            "BatchGetItem",
            "/",
            {"RequestItems": {"t": {}, "u": {}}},
            "dynamodb:BatchGetItem",
            [f"arn:aws:dynamodb:{OWN}:table/{name}" for name in "tu"],
        ),
        (
            "sqs",
            "SendMessage",
            "/",
            {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs"},
            "sqs:SendMessage",
            [f"arn:aws:sqs:{OWN}:jobs"],
        ),
        (
            "events",
            "PutEvents",
            "/",
            {"Entries": [{}, {"EventBusName": "own"}, {}]},
            "events:PutEvents",
            [f"arn:aws:events:{OWN}:event-bus/{name}" for name in ("default", "own")],
        ),
        ("s3", "GET", "/reports/a/b%20c", None, "s3:GetObject", ["arn:aws:s3:::reports/a/b c"]),
        ("s3", "GET", "/reports?list-type=2", None, "s3:ListBucket", ["arn:aws:s3:::reports"]),
        ("s3", "PUT", "/reports/a?partNumber=1&uploadId=x", None, "s3:PutObject", ["arn:aws:s3:::reports/a"]),
        ("s3", "GET", "/reports/a?tagging=", None, "", ["arn:aws:s3:::reports/a"]),
        # Parts of an upload.
        ("s3", "GET", "/reports/a?uploadId=x", None, "", ["arn:aws:s3:::reports/a"]),
        ("s3", "GET", "/reports?versions=", None, "", ["arn:aws:s3:::reports"]),
        (
            "lambda",
            "POST",
            "/2015-03-31/functions/f/invocations",
            None,
            "lambda:InvokeFunction",
            [f"arn:aws:lambda:{OWN}:function:f"],
        ),
        (
            "lambda",
            "POST",
            "/2015-03-31/functions/f/invocations?Qualifier=live",
            None,
            "lambda:InvokeFunction",
            [f"arn:aws:lambda:{OWN}:function:f:live"],
        ),
        (
            "bedrock",
            "POST",
            "/model/amazon.nova-lite-v1%3A0/converse",
            None,
            "bedrock:InvokeModel",
            ["arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0"],
        ),
        (
            "bedrock",
            "POST",
            "/model/eu.amazon.nova-lite-v1%3A0/converse-stream",
            None,
            "bedrock:InvokeModelWithResponseStream",
            [f"arn:aws:bedrock:{OWN}:inference-profile/eu.amazon.nova-lite-v1:0"],
        ),
        ("polly", "GET", "/v1/voices", None, "", []),
    ],
)
def test_the_resource_follows_from_path_and_body(
    service: str, method: str, path: str, body: Any, action: str, arns: list[str]
) -> None:
    signed = f"AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host"
    headers = [("authorization", signed), *([("x-amz-target", f"X.{method}")] if body is not None else [])]
    raw, _, query = path.partition("?")
    request = Request("POST" if body is not None else method, raw, query, headers, json.dumps(body).encode())
    assert AwsCall.of(request).action == action
    assert called_arns(service, request, PLACE) == arns


def test_a_copy_of_an_object_needs_more_than_the_permission_to_put_one() -> None:
    signed = "AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host"
    headers = [("authorization", signed), ("x-amz-copy-source", "/others/secret")]
    assert AwsCall.of(Request("PUT", "/reports/a", "", headers, b"")).action == ""


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("email", "SendEmail", "ses:SendEmail"),
        ("sns", "PublishBatch", "sns:Publish"),
        ("dynamodb", "ExecuteStatement", ""),
        ("dynamodb", "BatchExecuteStatement", ""),
        ("dynamodb", "BatchGetItem", "dynamodb:BatchGetItem"),
    ],
)
def test_the_permission_that_an_operation_needs(service: str, operation: str, action: str) -> None:
    assert AwsCall(service, operation).action == action


def calls_as(served: Served, target: str, body: Any) -> Any:
    """The answer to a call of AWS that the only backend makes."""
    (url,) = served.stack.aws_urls.values()
    service = {"DynamoDB_20120810": "dynamodb", "AmazonSQS": "sqs"}[target.partition(".")[0]]
    signed = f"AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host"
    headers = {"x-amz-target": target, "authorization": signed}
    return plain_http.post(url, content=json.dumps(body).encode(), headers=headers).json()


def test_calls_of_a_backend_are_judged_by_its_role() -> None:
    with serving(graph_of("examples/aws-services.yaml"), Options()) as running:
        told = calls_as(running, "DynamoDB_20120810.GetItem", {"TableName": "orders"})
        assert "does not serve" in told["message"]  # it passed, and there is no emulator
        told = calls_as(running, "DynamoDB_20120810.GetItem", {"TableName": "orders-archive"})
        assert told["__type"] == "AccessDeniedException"
        told = calls_as(running, "AmazonSQS.ReceiveMessage", {"QueueUrl": "https://x/123456789012/jobs.fifo"})
        assert "does not allow sqs:ReceiveMessage" in told["message"]
        assert any("backend-service → dynamodb:GetItem" in line for line in running.log)
