"""Inputs of served resources: each is served and read, has no effect, or is named."""

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import Graph
from review.serve.apis import served_apis
from review.serve.inputs import SERVED, unread_inputs
from review.serve.printed_calls import introduction
from review.serve.stack import Options
from review.serve.testing import serving
from review.tests.front_parts import link_stack
from review.tests.graph_builder import Builder
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import ALL, graph_of
from review.tests.sdk import sdk_names
from review.tests.serve.programs import changed, guarded, neighbours, shop
from review.tests.serve.test_gateway import on_a_domain
from review.tests.serve.test_serving import call

STACKS = (
    "dev",
    "examples/partner-api.yaml",
    "examples/jwt-http.yaml",
    "examples/rest-nlb-ec2.yaml",
    "examples/http-alb-ec2.yaml",
    "examples/private-ec2.yaml",
)


class Recorded(dict[str, Any]):
    """Inputs that know which of them were read."""

    def __init__(self, values: Mapping[str, Any], seen: set[str], prefix: str = "") -> None:
        super().__init__(values)
        self._seen, self._prefix = seen, prefix

    def get(self, key: str, default: Any = None) -> Any:
        self._seen.add(f"{self._prefix}{key}")
        found = super().get(key, default)
        if isinstance(found, Mapping):
            return Recorded(found, self._seen, f"{self._prefix}{key}.")
        if isinstance(found, list):
            inner = f"{self._prefix}{key}."
            return [Recorded(one, self._seen, inner) if isinstance(one, Mapping) else one for one in found]
        return found

    def __getitem__(self, key: str) -> Any:
        return self.get(key)


def recorded(graph: Graph, seen: dict[str, set[str]]) -> Graph:
    made = {
        urn: replace(one, inputs=Recorded(one.inputs, seen.setdefault(one.type.removeprefix("aws:"), set())))
        for urn, one in graph.resources.items()
    }
    return replace(graph, resources=made)


def stacks() -> Iterator[Graph]:
    yield from map(graph_of, STACKS)
    yield guarded("", rest=False)
    yield on_a_domain("a.example.com", "v1")
    yield shop().graph()
    linked = Builder()
    link_stack(linked)
    yield changed(changed(linked.graph(), "balancer", loadBalancerType="network"), "listener", protocol="TCP")
    build = neighbours()
    called = next(resource for resource in build.resources.values() if resource.name == "called")
    sources: tuple[dict[str, Any], ...] = ({"cidrIpv6": "fd00::/8"}, {"prefixListId": "pl-1"})
    for number, given in enumerate(sources):
        build("vpc/securityGroupIngressRule:SecurityGroupIngressRule", f"in-{number}", securityGroupId=called.id,
              ipProtocol="tcp", fromPort=8080, toPort=8080, **given)  # fmt: skip
    yield build.graph()


def test_every_input_that_is_served_is_read() -> None:
    seen: dict[str, set[str]] = {}
    for graph in stacks():
        with serving(recorded(graph, seen), Options()) as served:
            for line in itertools.islice(served.routes(), 1):
                call(served, line.method, line.path, headers={"X-Token": "x"})
            plain_http.get(f"{served.url()}/orders/1")
    unread = {kind: sorted(set(paths) - seen.get(kind, set())) for kind, paths in SERVED.items() if kind in seen}
    assert {kind: paths for kind, paths in unread.items() if paths} == {}


def test_the_inputs_are_those_of_the_provider() -> None:
    unknown = {kind: {path.partition(".")[0] for path in paths} - sdk_names(f"aws:{kind}")
               for kind, paths in SERVED.items()}  # fmt: skip
    assert {kind: names for kind, names in unknown.items() if names} == {}


def named(graph: Graph) -> list[tuple[str, str]]:
    model = AwsModel(graph)
    return [(one["resource"], one["input"]) for one in unread_inputs(model, served_apis(model))]


@pytest.mark.parametrize(
    ("name", "inputs", "path"),
    [
        ("near", {"enableDnsSupport": False}, "enableDnsSupport"),
        ("near-subnet", {"ipv6Native": True}, "ipv6Native"),
        ("near-routes", {"propagatingVgws": ["vgw-1"]}, "propagatingVgws"),
        ("near-route", {"coreNetworkArn": "arn:x"}, "coreNetworkArn"),
        ("callers", {"anInputOfTomorrow": 1}, "anInputOfTomorrow"),
        ("stage", {"canarySettings": {"percentTraffic": 5}}, "canarySettings"),
        ("stage", {"cacheClusterEnabled": True}, "cacheClusterEnabled"),
        ("api", {"parameters": {"basepath": "prepend"}}, "parameters"),
        ("api", {"apiKeySource": "AUTHORIZER"}, "apiKeySource"),
        ("throttle", {"settings": {"cachingEnabled": True, "throttlingRateLimit": 1}}, "settings.cachingEnabled"),
        ("token", {"layers": ["arn:x"]}, "layers"),
        ("token", {"fileSystemConfig": {"arn": "x"}}, "fileSystemConfig"),
        ("token", {"anInputOfTomorrow": 1}, "anInputOfTomorrow"),
    ],
)
def test_an_input_that_is_not_served_is_named(name: str, inputs: dict[str, Any], path: str) -> None:
    graph = next(
        one for one in (guarded("", rest=True), neighbours().graph()) if any(each.name == name for each in one)
    )
    assert named(graph) == []
    assert named(changed(graph, name, **inputs)) == [(name, path)]


@pytest.mark.parametrize(
    ("kind", "key", "default", "other"),
    [
        ("apigateway/restApi:RestApi", "apiKeySource", "HEADER", "AUTHORIZER"),
        ("apigateway/restApi:RestApi", "minimumCompressionSize", "-1", "0"),
        ("apigateway/restApi:RestApi", "minimumCompressionSize", -1, 1),
        ("apigateway/restApi:RestApi", "parameters", {"basepath": "ignore"}, {"basepath": "split"}),
        ("apigateway/domainName:DomainName", "routingMode", "API_MAPPING_ONLY", "ROUTING_RULE_ONLY"),
        ("lb/loadBalancer:LoadBalancer", "idleTimeout", 60, 61),
        ("lb/loadBalancer:LoadBalancer", "xffHeaderProcessingMode", "append", "remove"),
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
    responses = {
        "DEFAULT_4XX": {"statusCode": 418, "responseParameters": {"gatewayresponse.header.X": "context.stage"}}
    }
    body["x-amazon-apigateway-gateway-responses"] = responses
    assert named(changed(graph, one.name, body=json.dumps(body))) == [
        ("api", "x-amazon-apigateway-tag"),
        ("api", "GET /guarded: contentHandling"),
        ("api", "gate: sendsMail"),
        ("api", "DEFAULT_4XX: statusCode"),
        ("api", "DEFAULT_4XX: gatewayresponse.header.X: context.stage"),
    ]


def test_resources_that_are_not_served_are_named() -> None:
    build = Builder()
    build("apigateway/method:Method", "get-orders", httpMethod="GET")
    build("lb/listenerRule:ListenerRule", "rule", priority=1)
    assert named(build.graph()) == [("get-orders", "Method"), ("rule", "ListenerRule")]


def test_the_first_lines_name_it() -> None:
    graph = changed(guarded("", rest=True), "stage", cacheClusterEnabled=True)
    with serving(graph, Options()) as served:
        assert "stage: cacheClusterEnabled is not served." in list(served.stack.not_served())


@pytest.mark.parametrize("given", [(), ("http://127.0.0.1:1",)])
def test_the_first_lines_say_whose_software_does_not_run(given: tuple[str, ...]) -> None:
    with serving(graph_of("prod"), Options(backends=given)) as served:
        note = "Requests to backend are returned as JSON. Start your backend, and name it with --backend."
        assert (note in served.stack.not_served()) is (not given)
        printed = "\n".join(introduction("prod", served.stack))
        assert (f"Different from AWS:\n  {note}\n" in printed) is (not given)


def test_the_first_lines_name_a_backend_that_is_elsewhere() -> None:
    with serving(graph_of("examples/existing-backend.yaml"), Options()) as served:
        note = (
            "Requests to http://10.20.30.40:8080 are returned as JSON. Start your backend, and name it with --backend."
        )
        assert note in served.stack.not_served()


@pytest.mark.parametrize("name", ALL)
def test_our_own_stacks_have_nothing_to_name(name: str) -> None:
    # Client certificates and layers are not served, and named.
    assert [one for one in named(graph_of(name)) if one[1] not in ("mutualTlsAuthentication", "layers")] == []
