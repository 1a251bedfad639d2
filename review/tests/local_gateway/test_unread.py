"""What is not served is named once, and answers nothing: other people's APIs, and what a transform changes of ours."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from review.graph import Graph
from review.local_gateway.testing import Served
from review.local_gateway.unread import TABLE
from review.tests.helpers import plain_http
from review.tests.helpers.fixture_types import Run
from review.tests.helpers.sdk_classes import sdk_names
from review.tests.helpers.stacks import graph_with
from review.tests.local_gateway.calling import ask, stack
from review.tests.local_gateway.programs import add, changed, functions, guarded, shop, with_document, without
from review.try_page.introduction import introduce_stack

TYPES: Mapping[str, Any] = TABLE["types"]
ADMITS = "def handler(event, context):\n    return {'isAuthorized': True}\n"


def named(graph: Graph) -> list[str]:
    with stack(graph) as served:
        return [*map(str, served.unread)]


def test_the_inputs_are_those_of_the_provider() -> None:
    for kind, row in TYPES.items():
        given = {*row["served"], *row["withoutEffect"], *TABLE["fixed"].get(kind, {})}
        assert given <= sdk_names(f"aws:{kind}"), kind
        # One rule for each input.
        assert not {*row["served"]} & {*row["withoutEffect"]}, kind
    for kind in (*TABLE["named"], *TABLE["adding"]):
        assert sdk_names(f"aws:{kind}"), kind


def test_the_rules_name_objects_that_there_are() -> None:
    objects: Mapping[str, Any] = TABLE["objects"]
    rows = [*objects.values(), *(row["served"] for row in TYPES.values()), *TABLE["fixed"].values()]
    used = {rule[1:] for row in rows for rule in row.values() if rule and rule.startswith("@")}
    # A document, an operation and a scheme are looked up by their names.
    assert used | {"document", "operation", "scheme"} == objects.keys()


RAW = """
import json, pulumi, pulumi_aws as aws
role = aws.iam.Role("role", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
code = pulumi.AssetArchive({"main.py": pulumi.StringAsset("def handler(event, context): return {}")})
asks = aws.lambda_.Function("asks", role=role.arn, runtime="python3.13", handler="main.handler", code=code)
"""
REST = f"""{RAW}
own = aws.apigateway.RestApi("own", body=asks.arn.apply(lambda arn: json.dumps({{"openapi": "3.0.1", "paths": {{}}}})))
deployment = aws.apigateway.Deployment("deployment", rest_api=own.id)
aws.apigateway.Stage("stage", rest_api=own.id, deployment=deployment.id, stage_name="v1")
gate = aws.apigateway.Authorizer("gate", rest_api=own.id, type="TOKEN", authorizer_uri=asks.invoke_arn)
part = aws.apigateway.Resource("a", rest_api=own.id, parent_id=own.root_resource_id, path_part="a")
to = {{"rest_api": own.id, "resource_id": part.id, "http_method": "GET"}}
aws.apigateway.Method("get-a", **to, authorization="CUSTOM", authorizer_id=gate.id)
"""
HTTP = f"""{RAW}
own = aws.apigatewayv2.Api("own", protocol_type="HTTP")
to = {{"integration_type": "AWS_PROXY", "integration_uri": asks.invoke_arn, "payload_format_version": "1.0"}}
integration = aws.apigatewayv2.Integration("to", api_id=own.id, **to)
asked = {{"authorizer_type": "REQUEST", "authorizer_uri": asks.invoke_arn, "identity_sources": ["$request.header.A"]}}
gate = aws.apigatewayv2.Authorizer("gate", api_id=own.id, **asked)
route = {{"target": integration.id, "authorization_type": "CUSTOM", "authorizer_id": gate.id}}
aws.apigatewayv2.Route("get-a", api_id=own.id, route_key="GET /a", **route)
aws.apigatewayv2.Stage("stage", api_id=own.id, name="$default", auto_deploy=True)
aws.apigatewayv2.Api("socket", protocol_type="WEBSOCKET", route_selection_expression="$request.body.action")
"""
OTHERS = f"""{RAW}
aws.lambda_.FunctionUrl("side", function_name=asks.name, authorization_type="NONE")
balancer = aws.lb.LoadBalancer("balancer", internal=True, subnets=["subnet-0a1b2c3d4e5f60718"])
fixed = {{"type": "fixed-response", "fixed_response": {{"content_type": "text/plain", "status_code": "200"}}}}
listener = aws.lb.Listener("listener", load_balancer_arn=balancer.arn, port=80, default_actions=[fixed])
on = [{{"path_pattern": {{"values": ["/a"]}}}}]
aws.lb.ListenerRule("rule", listener_arn=listener.arn, actions=[fixed], conditions=on)
"""


@pytest.mark.parametrize(
    ("program", "names"),
    [
        (REST, ["own (RestApi)", "gate (Authorizer)", "get-a (Method)"]),
        (HTTP, ["own (Api)", "socket (Api)", "gate (Authorizer)", "get-a (Route)"]),
        (OTHERS, ["side (FunctionUrl)", "balancer (LoadBalancer)", "listener (Listener)", "rule (ListenerRule)"]),
    ],
)
def test_what_no_component_declares_is_named_once_with_its_type_and_answers_nothing(
    run_program: Run, program: str, names: list[str]
) -> None:
    with stack(run_program(program)) as served:
        assert sorted(map(str, served.unread)) == sorted(
            f"{name} is not served: no component declares it" for name in names
        )
        assert served.stack.urls == {}
        told = "\n".join(introduce_stack("own", served.stack))
        assert "No API is served: no ApiFront of this stack declares one." in told
        assert all(told.count(f"{name} is not served") == 1 for name in names)
        with pytest.raises(LookupError, match="no component declares it"):
            served.url()


def answered(graph: Graph, path: str = "/live/orders", **headers: str) -> tuple[int, str, Served]:
    with stack(graph) as served:
        return (answer := plain_http.get(served.url() + path, headers=headers)).status_code, answer.text, served


REST_SHOP: dict[str, Any] = {
    "topology": "public-proxy",
    "backend": {"kind": "greeter"},
    "api": {"kind": "rest", "routes": [{"path": "/orders", "methods": ["GET"], "authorization": "iam"}]},
}
OPERATION = "/orders"


def set_integration(**parts: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["paths"][OPERATION]["get"]["x-amazon-apigateway-integration"].update(parts)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (set_integration(type="aws"), "x-amazon-apigateway-integration.type: aws"),
        (set_integration(requestParameters={"integration.request.querystring.a": "'b'"}), "querystring.a"),
        (set_integration(cacheKeyParameters=["a"]), "cacheKeyParameters"),
        (set_integration(uri="arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:"
                             "123456789012:function:other/invocations"), ""),
        (lambda document: document["paths"][OPERATION]["get"].update({"x-amazon-apigateway-auth": {"type": "NONE"}}),
         "x-amazon-apigateway-auth"),
        (lambda document: document["components"]["securitySchemes"]["aws_sigv4"].update({"in": "query"}),
         "aws_sigv4: in"),
        (lambda document: document["paths"].update({"/new": document["paths"]["/orders"]}), ""),
    ],
)  # fmt: skip
def test_a_method_that_a_transform_changes_is_refused_and_named(change: Any, said: str) -> None:
    status, text, served = answered(with_document(graph_with(REST_SHOP), change))
    if said:
        assert (status, said in text) == (501, True), text
        assert any(said in str(one) and "GET /orders" in str(one) for one in served.unread)
    else:
        # The function that is called now is none of the stack, or the request is refused as declared.
        assert status in (403, 500)


def test_a_route_that_a_transform_adds_is_refused_and_named() -> None:
    def change(document: dict[str, Any]) -> None:
        document["paths"]["/new"] = json.loads(json.dumps(document["paths"]["/orders"]))

    status, text, served = answered(with_document(graph_with(REST_SHOP), change), "/live/new")
    assert (status, "a route that front does not state" in text) == (501, True)
    assert [one.part for one in served.unread] == ["GET /new: a route that front does not state"]


@pytest.mark.parametrize(
    ("name", "inputs", "said"),
    [
        ("front-gate", {"enableSimpleResponses": False}, "enableSimpleResponses: False"),
        ("front-gate", {"authorizerPayloadFormatVersion": "1.0"}, "authorizerPayloadFormatVersion: 1.0"),
        ("front-gate", {"identitySources": ["$request.querystring.a"]}, "identitySources: $request.querystring.a"),
        ("front-to-backend", {"responseParameters": [{"statusCode": "200"}]}, "responseParameters"),
        ("front-to-backend", {"requestParameters": {"append:header.x": "a"}}, "requestParameters.append:header.x"),
        ("front-get-guarded", {"authorizationType": "OTHER"}, "authorizationType: OTHER"),
        ("front-get-guarded", {"anInputOfTomorrow": 1}, "anInputOfTomorrow"),
    ],
)
def test_a_route_of_an_http_api_that_a_transform_changes_is_refused_and_named(
    name: str, inputs: dict[str, Any], said: str
) -> None:
    graph = changed(guarded(ADMITS, rest=False), name, altered=tuple(inputs), **inputs)
    status, text, served = answered(graph, "/guarded", **{"X-Token": "a"})
    assert (status, said in text) == (501, True), text
    assert any(said in str(one) for one in served.unread)


def test_what_a_transform_changes_and_the_gateway_reads_is_served() -> None:
    graph = changed(
        guarded(ADMITS, rest=False), "front-gate", altered=("identitySources",), identitySources=["$request.header.Y"]
    )
    assert [answered(graph, "/guarded", **{name: "a"})[0] for name in ("X-Token", "Y")] == [401, 200]


@pytest.mark.parametrize(
    ("name", "inputs", "said"),
    [
        ("front-stage", {"cacheClusterEnabled": True}, "front-stage (Stage): cacheClusterEnabled is not served"),
        (
            "front-settings",
            {"settings": {"cachingEnabled": True}},
            "front-settings (MethodSettings): settings.cachingEnabled",
        ),
        ("front-api", {"apiKeySource": "AUTHORIZER"}, "front-api (RestApi): apiKeySource is not served"),
        ("function-echo-function", {"layers": ["arn:x"]}, "function-echo-function (Function): layers is not served"),
    ],
)
def test_an_input_that_nothing_reads_is_named(name: str, inputs: dict[str, Any], said: str) -> None:
    assert any(one.startswith(said) for one in named(changed(functions(""), name, **inputs)))


def test_a_key_of_the_document_that_nothing_reads_is_named() -> None:
    graph = with_document(functions(""), lambda document: document.update({"x-amazon-apigateway-tag": "x"}))
    assert named(graph) == ["front-api (RestApi): x-amazon-apigateway-tag is not served"]


def test_a_change_of_a_component_on_the_way_is_named_and_puts_the_call_in_doubt() -> None:
    graph = changed(shop(), "backend-from-alb-ingress", altered=("fromPort",), fromPort=1)
    status, _, served = answered(graph, "/orders")
    assert status == 200
    assert (
        "cannot tell: whether backend does as it states, since a transform changes fromPort" in served.traces[-1].note
    )
    said = "backend-from-alb-ingress (SecurityGroupIngressRule): fromPort, which a transform changes is not served"
    assert [*map(str, served.unread)] == [said]


@pytest.mark.parametrize(
    ("kind", "beside", "said"),
    [
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "backend-group", "and it adds to backend"),
        ("aws:apigatewayv2/route:Route", "front-api", "no component declares it"),
        ("aws:lb/listenerRule:ListenerRule", "ingress-listener", "no component declares it"),
        ("aws:apigatewayv2/stage:Stage", "front-api", "and it adds to front"),
        ("aws:apigatewayv2/stage:Stage", "", None),
    ],
)
def test_a_resource_that_adds_to_ours_is_named(kind: str, beside: str, said: str | None) -> None:
    unread = named(add(shop(), kind, "mine", depends_on=beside))
    assert [str(said) in one for one in unread] == ([True] if said else []), unread


def test_a_front_whose_statement_a_transform_changes_is_not_served() -> None:
    graph = shop()
    (front,) = (one for one in graph if one.kind == "ApiFront")
    with stack(
        changed(graph, front.name, altered=("reach",), reach={**front.inputs["reach"], "kind": "rest"})
    ) as served:
        assert served.stack.urls == {}
        assert any(
            one.startswith("front (ApiFront) is not served: a transform changes its statement")
            for one in map(str, served.unread)
        )


def test_a_way_over_a_link_that_no_component_states_is_not_served() -> None:
    graph = shop()
    (ingress,) = (one.name for one in graph if one.kind == "PrivateIngress")
    status, text, served = answered(changed(graph, ingress, altered=("reach",), reach={}), "/orders")
    assert (status, "its link ingress-link, which no component states" in text) == (501, True)
    assert any("its link ingress-link" in str(one) for one in served.unread)
    assert [*served.routes()] == []


def test_a_route_without_its_integration_is_not_served() -> None:
    assert ask(without(functions("", kind="http"), "front-to-echo"), "/a")[0] == 501
