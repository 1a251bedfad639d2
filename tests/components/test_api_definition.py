"""The definition that ApiFront gives among its inputs: what the body will be, while that is unknown as a whole."""

from typing import Any

import pulumi
import pytest

from components.greeter import Greeter
from components.recording.values import UNKNOWN, Secret
from components.testing.recorder import Graph
from tests.components.front import FUNCTION, ROUTE, body, front, made
from tests.helpers.declare import declare, one

_ENDPOINT = {"endpoint_ids": ["vpce-00000001"], "allow_endpoint_ids": ["vpce-00000001"]}
_CORS = {"origins": ["https://app.example.com"]}


def definition(graph: Graph) -> Any:
    return one(graph, "ApiFront").inputs.get("definition")


def without_names(document: Any) -> Any:
    if isinstance(document, dict):
        return {key: without_names(value) for key, value in document.items() if key != "x-gatehouse-function"}
    return document


@pytest.mark.parametrize(
    "changes", [{}, {"kind": "private", **_ENDPOINT}, {"cors": _CORS, "routes": [{**ROUTE, "methods": ["ANY"]}]}]
)
def test_it_is_the_body_with_the_names_of_functions(changes: dict[str, Any]) -> None:
    graph = front(**changes)
    given = definition(graph)
    assert without_names(given) == body(graph)
    assert given != body(graph)
    assert "x-gatehouse-function" not in str(body(graph))
    operations = [operation for item in given["paths"].values() for operation in item.values()]
    called = [operation["x-amazon-apigateway-integration"] for operation in operations]
    names = {each.get("x-gatehouse-function") for each in called if each["type"] == "aws_proxy"}
    assert names == {FUNCTION["function_name"]}
    assert definition(front(kind="http")) is None


def test_only_what_the_deployment_gives_is_unknown_in_a_first_preview() -> None:
    """The body as a whole, and a function's ARN in the definition."""

    def program() -> None:
        function = Greeter("backend", {})
        targets = {"backend": {"function_name": "greeter", "invoke_arn": function.invoke_arn}}
        made(routes=[{**ROUTE, "authorization": "iam"}], targets=targets)

    graph = declare(program, known=False)
    assert one(graph, "RestApi").inputs["body"] is UNKNOWN
    operation = definition(graph)["paths"]["/forward"]["get"]
    assert operation["security"] == [{"aws_sigv4": []}]
    assert operation["x-amazon-apigateway-integration"] == {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "timeoutInMillis": 29_000,
        "uri": UNKNOWN,
        "x-gatehouse-function": "greeter",
    }


def test_a_secret_address_stays_secret() -> None:
    def program() -> None:
        made(targets={"backend": {"link_id": "link-1", "url": pulumi.Output.secret("http://hidden.invalid:80")}})

    integration = definition(declare(program))["paths"]["/forward"]["get"]["x-amazon-apigateway-integration"]
    assert isinstance(integration["uri"], Secret)
    assert integration["connectionId"] == "link-1"
