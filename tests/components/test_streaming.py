"""Routes whose answers are passed on as they come: the configuration of API Gateway and of the function."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.api import streaming
from components.api.args.routes import RouteArgs
from components.arguments.words import Method
from components.callers.operations import list_operations
from components.facts.limits import METHODS
from components.testing.recorder import Graph
from forwarder.streaming_route import stream_seconds
from tests.components.front import ROUTE, body, front
from tests.helpers.declare import one

INVOKE = (
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:f/invocations"
)
FUNCTION = {"function_name": "f", "invoke_arn": INVOKE}
LINK = {"link_id": "link-1", "url": "http://balancer.invalid:80"}
STREAMING: dict[str, Any] = {**ROUTE, "streaming": True}


def integration(graph: Graph, path: str = "/forward", method: str = "get") -> dict[str, Any]:
    found: dict[str, Any] = body(graph)["paths"][path][method]["x-amazon-apigateway-integration"]
    return found


def test_a_link_streams_for_as_long_as_there_is_and_a_preflight_does_not() -> None:
    link = {**LINK, "load_balancer_arn": "arn:alb"}
    graph = front(routes=[STREAMING], targets={"backend": link}, cors={"origins": ["*"]})
    found = integration(graph, "/forward/{proxy+}")
    assert (found["responseTransferMode"], found["timeoutInMillis"], found["type"]) == ("STREAM", 900_000, "http_proxy")
    assert found["integrationTarget"] == "arn:alb"
    assert "variables" not in one(graph, "Stage").inputs
    assert "responseTransferMode" not in integration(graph, method="options")


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
    variable = "GET:/forward=61,POST:/forward=61,GET:/forward/~proxy=61,POST:/forward/~proxy=61"
    assert one(graph, "Stage").inputs["variables"] == {"streaming": variable}


def test_a_route_may_say_otherwise_than_its_api() -> None:
    whole = {**ROUTE, "include_subpaths": False}
    routes = [whole, {**whole, "path": "/whole", "streaming": False}]
    graph = front(routes=routes, streaming=True, targets={"backend": FUNCTION})
    assert integration(graph)["responseTransferMode"] == "STREAM"
    assert "responseTransferMode" not in integration(graph, "/whole")
    assert (integration(graph, "/whole")["uri"], integration(graph, "/whole")["timeoutInMillis"]) == (INVOKE, 29_000)
    assert one(graph, "Stage").inputs["variables"] == {"streaming": "GET:/forward=900,POST:/forward=900"}
    assert "variables" not in one(front(), "Stage").inputs


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
    found = list_operations(routes)
    variable = streaming.build_stage_variable(found, {"backend"})
    declared = {(operation.path, operation.method): operation.route for operation in found}
    for operation in found:
        for method in METHODS:
            event = {
                "httpMethod": method,
                "requestContext": {"resourcePath": operation.path},
                "stageVariables": {"streaming": variable} if variable else None,
            }
            route = declared.get((operation.path, method)) or declared.get((operation.path, "ANY"))
            expected = streaming.round_timeout(route) if route and route.streaming else None
            assert stream_seconds(event) == expected


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda below: st.lists(below) | st.dictionaries(st.text(), below)
    )
)
def test_no_event_confuses_it(value: Any) -> None:
    for event in (value, {"stageVariables": value}, {"stageVariables": {"streaming": value}, "requestContext": value}):
        assert stream_seconds(event) is None
    variable = {"stageVariables": {"streaming": value}, "requestContext": {"resourcePath": "/"}, "httpMethod": "GET"}
    assert stream_seconds(variable) in (None, *range(10_000))
