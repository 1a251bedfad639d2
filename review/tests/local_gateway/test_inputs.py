"""Inputs and values of served resources: each is served and read, has no effect, or is named."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import Asset, Graph
from review.graph.asked import record_reads
from review.local_gateway.apis import list_served_apis
from review.local_gateway.inputs import SERVED, list_unread_inputs
from review.tests.helpers import plain_http, private_stacks, stack_parts
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.sdk_classes import sdk_names
from review.tests.helpers.stacks import ALL, graph_of
from review.tests.local_gateway.calling import asked, call, stack
from review.tests.local_gateway.programs import changed, guarded, integration_of, lambda_function, neighbours, shop
from review.tests.local_gateway.test_gateway import to_a_url
from review.try_page.introduction import introduce_stack


def stacks() -> Iterator[Graph]:
    examples = ("partner-api", "jwt-http", "rest-nlb-ec2", "http-alb-ec2", "private-ec2")
    yield from map(graph_of, ("dev", *(f"examples/{name}.yaml" for name in examples)))
    yield guarded("", rest=False)
    yield to_a_url(domain="a.example.com", base="v1")
    yield shop().graph()
    linked = Builder()
    private_stacks.link_stack(linked)
    yield changed(changed(linked.graph(), "balancer", loadBalancerType="network"), "listener", protocol="TCP")
    build = neighbours()
    called = next(resource for resource in build.resources.values() if resource.name == "called")
    for number, given in enumerate(({"cidrIpv6": "fd00::/8"}, {"prefixListId": "pl-1"})):
        rule: dict[str, Any] = {"ipProtocol": "tcp", "fromPort": 8080, "toPort": 8080, **given}
        kind = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
        build(kind, f"in-{number}", securityGroupId=called.id, **rule)
    yield build.graph()


def test_every_input_that_is_served_is_read() -> None:
    seen: dict[str, set[str]] = {}
    for graph in stacks():
        recording, reads = record_reads(graph)
        with stack(recording) as served:
            for line in itertools.islice(served.routes(), 1):
                call(served, line.method, line.path, headers={"X-Token": "x"})
            plain_http.get(f"{served.url()}/orders/1")
        for resource in graph:
            seen.setdefault(resource.type.removeprefix("aws:"), set())
        for urn, path in reads:
            # A block is read by its parts.
            parts = itertools.accumulate(path.split("."), "{}.{}".format)
            seen[graph.resources[urn].type.removeprefix("aws:")].update(parts)
    # A mapping of a domain has the same name.
    seen["apigatewayv2/domainName:DomainName"].add("domainName")
    unread = {kind: sorted(set(paths) - seen.get(kind, set())) for kind, paths in SERVED.items() if kind in seen}
    assert {kind: paths for kind, paths in unread.items() if paths} == {}


def test_the_inputs_are_those_of_the_provider() -> None:
    for kind, paths in SERVED.items():
        assert {path.partition(".")[0] for path in paths} <= sdk_names(f"aws:{kind}")


def named(graph: Graph) -> list[tuple[str, str]]:
    model = AwsModel(graph)
    return [(one["resource"], one["input"]) for one in list_unread_inputs(model, list_served_apis(model))]


@pytest.mark.parametrize(
    ("name", "inputs", "path"),
    [
        ("near-subnet", {"ipv6Native": True}, "ipv6Native"),
        ("near-routes", {"propagatingVgws": ["vgw-1"]}, "propagatingVgws"),
        ("callers", {"anInputOfTomorrow": 1}, "anInputOfTomorrow"),
        ("stage", {"canarySettings": {"percentTraffic": 5}}, "canarySettings"),
        ("throttle", {"settings": {"cachingEnabled": True, "throttlingRateLimit": 1}}, "settings.cachingEnabled"),
        ("token", {"layers": ["arn:x"]}, "layers"),
    ],
)
def test_an_input_that_is_not_served_is_named(name: str, inputs: dict[str, Any], path: str) -> None:
    graphs = (guarded("", rest=True), neighbours().graph())
    graph = next(one for one in graphs if any(each.name == name for each in one))
    assert named(graph) == []
    assert named(changed(graph, name, **inputs)) == [(name, path)]


@pytest.mark.parametrize(
    ("kind", "key", "default", "other"),
    [
        ("apigateway/restApi:RestApi", "apiKeySource", "HEADER", "AUTHORIZER"),
        ("apigateway/restApi:RestApi", "minimumCompressionSize", "-1", "0"),
        ("apigateway/restApi:RestApi", "parameters", {"basepath": "ignore"}, {"basepath": "split"}),
        ("apigateway/domainName:DomainName", "routingMode", "API_MAPPING_ONLY", "ROUTING_RULE_ONLY"),
        ("lb/loadBalancer:LoadBalancer", "idleTimeout", 60, 61),
        ("lb/targetGroup:TargetGroup", "protocolVersion", "HTTP1", "GRPC"),
        ("ec2/vpc:Vpc", "enableDnsSupport", True, False),
    ],
)
def test_a_default_of_aws_is_not_named(kind: str, key: str, default: Any, other: Any) -> None:
    for value, found in ((default, []), (other, [("one", key)])):
        build = Builder()
        build(kind, "one", **{key: value})
        assert named(build.graph()) == found


def test_a_key_of_a_document_that_is_not_served_is_named() -> None:
    graph = guarded("", rest=True)
    (one,) = (resource for resource in graph if "body" in resource.inputs)
    body = json.loads(one.inputs["body"])
    body["x-amazon-apigateway-tag"] = "x"
    body["paths"]["/guarded"]["get"]["x-amazon-apigateway-integration"]["contentHandling"] = "CONVERT_TO_TEXT"
    body["components"]["securitySchemes"]["gate"]["x-amazon-apigateway-authorizer"]["sendsMail"] = True
    parameters = {"gatewayresponse.header.X": "context.stage"}
    body["x-amazon-apigateway-gateway-responses"] = {
        "DEFAULT_4XX": {"statusCode": 418, "responseParameters": parameters}
    }
    assert [path for _, path in named(changed(graph, one.name, body=json.dumps(body)))] == [
        "x-amazon-apigateway-tag", "GET /guarded: contentHandling", "gate: sendsMail", "DEFAULT_4XX: statusCode",
        "DEFAULT_4XX: gatewayresponse.header.X: context.stage",
    ]  # fmt: skip


def test_resources_that_are_not_served_are_named() -> None:
    build = Builder()
    build("apigateway/method:Method", "get-orders", httpMethod="GET")
    build("lambda/functionUrl:FunctionUrl", "side", authorizationType="NONE")
    build("lb/listenerRule:ListenerRule", "rule", priority=1)
    assert named(build.graph()) == [("get-orders", "Method"), ("side", "FunctionUrl"), ("rule", "ListenerRule")]
    graph = changed(guarded("", rest=True), "stage", cacheClusterEnabled=True)
    with stack(graph) as served:
        assert "stage: cacheClusterEnabled is not served." in list(served.stack.describe_unserved())


@pytest.mark.parametrize(
    ("name", "backend"), [("prod", "backend"), ("examples/existing-backend.yaml", "http://10.20.30.40:8080")]
)
def test_the_first_lines_say_whose_software_does_not_run(name: str, backend: str) -> None:
    note = f"Requests to {backend} are returned as JSON. Start your backend, and name it with --backend."
    for given in ((), ("http://127.0.0.1:1",)):
        with stack(graph_of(name), backends=given) as served:
            printed = "\n".join(introduce_stack(name, served.stack))
            assert (f"Different from AWS:\n  {note}\n" in printed) is (not given)


@pytest.mark.parametrize("name", ALL)
def test_our_own_stacks_have_nothing_to_name(name: str) -> None:
    # Client certificates and layers are not served, and named.
    assert [one for one in named(graph_of(name)) if one[1] not in ("mutualTlsAuthentication", "layers")] == []


# Values: references in addresses, kinds of integrations, mappings, authorizers, names that Pulumi makes up


PATHS = """
import json
def handler(event, context):
    return {"statusCode": 200, "body": event.get("rawPath") or event["path"]}
"""


def one_route(*, rest: bool, kind: str = "HTTP_PROXY", uri: str = "https://up.example/", **more: Any) -> Graph:
    """An API with one route to a URL, or to a function."""
    build = Builder()
    function = lambda_function(build, "green", code=Asset(members={"main.py": Asset(text=PATHS)}), timeout=20)
    if rest:
        to = function.invokeArn if kind.startswith("AWS") else uri
        integration = {"type": kind.lower(), "httpMethod": "POST", "uri": to, **more}
        api = stack_parts.rest(build, {"/c": {"get": {"x-amazon-apigateway-integration": integration}}}).api
    else:
        api = stack_parts.http(build).api
        to = function.arn if kind == "AWS_PROXY" else uri
        declared = integration_of(build, api, to, integrationType=kind, payloadFormatVersion="2.0", **more)
        private_stacks.route(build, api, declared, routeKey="GET /c", authorizationType="NONE")
    stack_parts.permission(build, api, function)
    return build.graph()


@pytest.mark.parametrize(
    ("kind", "uri", "note", "line"),
    [
        ("HTTP_PROXY", "https://up.example/${context.stage}/a", "${context.stage} in uri is not served",
         "api: GET /c: ${context.stage} in uri is not served."),
        ("AWS", "", "an integration of type AWS is not served",
         "api: GET /c: mapping by templates (type AWS) is not served."),
        ("HTTP", "https://up.example/", "an integration of type HTTP is not served",
         "api: GET /c: mapping by templates (type HTTP) is not served."),
    ],
)  # fmt: skip
def test_an_integration_that_is_not_served_is_refused_and_named(kind: str, uri: str, note: str, line: str) -> None:
    with stack(one_route(rest=True, kind=kind, uri=uri)) as served:
        assert asked(served, "/live/c") == (500, note)
        assert line in list(served.stack.describe_unserved())


@pytest.mark.parametrize(
    ("place", "value", "fits"),
    [
        ("overwrite:path", "/v1$request.path", True),
        ("overwrite:header.x", "${request.header.a}, $context.stage.", True), ("remove:header.x", "''", True),
        ("append:header.x", "a", False), ("overwrite:querystring.x", "a", False),
        ("overwrite:header.x", "$request.cookie.a", False), ("overwrite:header.x", "$context.dataProcessed", False),
        ("overwrite:header.x", "${request.header.a", False),
        ("integration.request.header.x", "method.request.body", False),
        ("integration.request.header.x", "context.identity.sourceIp", True),
        ("integration.request.cookie.x", "'a'", False), ("integration.request.header.x", "plain", False),
    ],
)  # fmt: skip
def test_a_mapping_that_nothing_evaluates_is_named(place: str, value: str, fits: bool) -> None:
    graph = one_route(rest=place.startswith("integration"), requestParameters={place: value})
    with stack(graph) as served:
        assert [place in one for one in served.stack.describe_unserved() if "is not served" in one] == [True] * (
            not fits
        )


@pytest.mark.parametrize("kind", ["JWT", "CUSTOM"])
def test_an_authorizer_outside_the_stack_admits_no_one_and_is_named(kind: str) -> None:
    with stack(changed(one_route(rest=False), "route", authorizationType=kind, authorizerId="a1")) as served:
        assert asked(served, "/c")[0] == 500
        assert "integration: authorizer a1 is not served." in list(served.stack.describe_unserved())


def test_a_stage_without_a_name_has_the_one_that_pulumi_makes() -> None:
    graph = one_route(rest=False, kind="AWS_PROXY")
    (stage,) = (resource for resource in graph if resource.name == "stage")
    inputs = {key: value for key, value in stage.inputs.items() if key != "name"}
    named = replace(stage, inputs=inputs, state={**stage.state, "name": "s-1a2"})
    with stack(replace(graph, resources={**graph.resources, stage.urn: named})) as served:
        assert plain_http.get(f"{served.url()}/c").status_code == 404
        assert plain_http.get(f"{served.url()}/s-1a2/c").text == "/s-1a2/c"
        assert "/s-1a2/c" in next(served.routes()).url
