"""Parts that the graphs of tests are put together from."""

from typing import Any

from review.tests.helpers.graph_builder import Builder, Json, Made


def trust(service: str) -> Json:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return Json({"Version": "2012-10-17", "Statement": [statement]})


def calls(function: Made, *, key: bool = True) -> dict[str, Any]:
    """An operation that calls a function."""
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": function.invokeArn}
    return {"x-amazon-apigateway-integration": integration, **({"security": [{"key": []}]} if key else {})}


def operation(to: Made, end: str = "response-streaming-invocations", **integration: Any) -> dict[str, Any]:
    """An operation that streams from a function."""
    uri = "arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/" + to.arn + "/" + end
    streamed = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri, "responseTransferMode": "STREAM", **integration}
    return {"x-amazon-apigateway-integration": streamed}


def http_route(build: Builder, name: str, api: Made, to: str, **inputs: Any) -> None:
    """A route of an HTTP API to a function."""
    proxy: dict[str, Any] = {"integrationType": "AWS_PROXY", "integrationUri": to}
    made = build("apigatewayv2/integration:Integration", f"{name}-to", apiId=api.id, **proxy)
    build("apigatewayv2/route:Route", name, apiId=api.id, target="integrations/" + made.id, **inputs)
