"""Routes whose answers are passed on as they come: the configuration of API Gateway and of the function."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.api import streaming
from components.api.routes import RouteArgs, operations
from components.api_front import ApiFront
from components.argument_types import Method
from components.facts.limits import METHODS
from forwarder.streaming_route import stream_seconds
from tests.components.front import ARGS, ROUTE, body, front
from tests.helpers.declare import one, refusal
from tests.helpers.declared import Graph

INVOKE = (
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:f/invocations"
)
FUNCTION = {"function_name": "f", "invoke_arn": INVOKE}
LINK = {"link_id": "link-1", "url": "http://balancer.invalid:80"}
STREAMING: dict[str, Any] = {**ROUTE, "streaming": True}


def integration(graph: Graph, path: str = "/forward", method: str = "get") -> dict[str, Any]:
    found: dict[str, Any] = body(graph)["paths"][path][method]["x-amazon-apigateway-integration"]
    return found


def test_a_link_streams_for_as_long_as_there_is() -> None:
    graph = front(routes=[STREAMING], targets={"backend": LINK})
    assert integration(graph)["responseTransferMode"] == "STREAM"
    assert integration(graph)["timeoutInMillis"] == 900_000
    assert integration(graph)["type"] == "http_proxy"
    assert "variables" not in one(graph, "Stage").inputs


def test_a_link_of_the_second_version_streams_too() -> None:
    graph = front(routes=[STREAMING], targets={"backend": {**LINK, "load_balancer_arn": "arn:alb"}})
    assert integration(graph, "/forward/{proxy+}")["responseTransferMode"] == "STREAM"
    assert integration(graph)["integrationTarget"] == "arn:alb"


def test_a_function_is_called_by_the_operation_that_streams() -> None:
    graph = front(routes=[{**STREAMING, "timeout_milliseconds": 60_500}], targets={"backend": FUNCTION})
    assert integration(graph) == {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": "arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/arn:aws:lambda:eu-west-1:1:function:f"
        "/response-streaming-invocations",
        "timeoutInMillis": 60_500,
        "responseTransferMode": "STREAM",
    }
    told = "GET:/forward=61,POST:/forward=61,GET:/forward/~proxy=61,POST:/forward/~proxy=61"
    assert one(graph, "Stage").inputs["variables"] == {"streaming": told}


def test_nothing_streams_that_does_not_say_so() -> None:
    graph = front(targets={"backend": FUNCTION})
    assert "responseTransferMode" not in integration(graph)
    assert integration(graph)["uri"] == INVOKE
    assert integration(graph)["timeoutInMillis"] == 29_000
    assert "variables" not in one(graph, "Stage").inputs


def test_a_route_may_say_otherwise_than_its_api() -> None:
    routes = [
        {**ROUTE, "include_subpaths": False},
        {**ROUTE, "path": "/whole", "include_subpaths": False, "streaming": False},
    ]
    graph = front(routes=routes, streaming=True, targets={"backend": FUNCTION})
    assert integration(graph)["responseTransferMode"] == "STREAM"
    assert "responseTransferMode" not in integration(graph, "/whole")
    assert one(graph, "Stage").inputs["variables"] == {"streaming": "GET:/forward=900,POST:/forward=900"}


def test_a_preflight_is_no_stream() -> None:
    graph = front(routes=[STREAMING], targets={"backend": LINK}, cors={"origins": ["*"]})
    assert integration(graph, method="options")["type"] == "mock"
    assert "responseTransferMode" not in integration(graph, method="options")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "http", "routes": [STREAMING]}, "kind: rest"),
        ({"kind": "http", "streaming": True}, "kind: rest"),
        ({"routes": [{**STREAMING, "timeout_milliseconds": 900_001}]}, "900,000"),
        ({"routes": [{**STREAMING, "timeout_milliseconds": 49}]}, "50 to"),
        ({"routes": [{**STREAMING, "path": f"/a/long/way/to/{n}"} for n in range(10)]}, "512 characters"),
    ],
)
def test_what_aws_would_refuse(changes: dict[str, Any], words: str) -> None:
    assert words in str(refusal(lambda: ApiFront("front", {**ARGS, **changes})))


def test_an_api_that_streams_from_a_link_has_no_such_limit() -> None:
    routes = [{**STREAMING, "path": f"/a/long/way/to/{number}"} for number in range(10)]
    assert len(body(front(routes=routes, targets={"backend": LINK}))["paths"]) == 20


PARTS = st.text("abcXYZ019-_.:", min_size=1, max_size=8)
PATHS = st.lists(PARTS | st.just("{x}"), min_size=1, max_size=3)


@given(
    st.dictionaries(
        PATHS.map(lambda parts: "/" + "/".join(parts)), st.tuples(st.booleans(), st.integers(50, 900_000)), max_size=4
    ),
    st.sampled_from([("ANY",), ("GET", "POST"), ("PUT",)]),
)
def test_the_function_reads_what_the_stage_tells(
    wanted: dict[str, tuple[bool, int]], methods: tuple[Method, ...]
) -> None:
    routes = [
        RouteArgs(path=path, methods=methods, target="backend", timeout_milliseconds=timeout, streaming=streams)
        for path, (streams, timeout) in wanted.items()
    ]
    found = operations(routes)
    told = streaming.stage_variable(found, {"backend"})
    declared = {(operation.path, operation.method): operation.route for operation in found}
    for operation in found:
        for method in METHODS:
            event = {
                "httpMethod": method,
                "requestContext": {"resourcePath": operation.path},
                "stageVariables": {"streaming": told} if told else None,
            }
            route = declared.get((operation.path, method)) or declared.get((operation.path, "ANY"))
            expected = streaming.seconds(route) if route and route.streaming else None
            assert stream_seconds(event) == expected


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda below: st.lists(below) | st.dictionaries(st.text(), below)
    )
)
def test_no_event_confuses_it(value: Any) -> None:
    for event in (value, {"stageVariables": value}, {"stageVariables": {"streaming": value}, "requestContext": value}):
        assert stream_seconds(event) is None
    told = {"stageVariables": {"streaming": value}, "requestContext": {"resourcePath": "/"}, "httpMethod": "GET"}
    assert stream_seconds(told) in (None, *range(10_000))
