"""Features of HTTP APIs: mappings of responses, URLs of integrations, CORS and default routes of documents, stages."""

from typing import Any

import pytest

from review.graph import Graph
from review.serve.stack import Options
from review.serve.testing import serving
from review.tests.front_parts import route
from review.tests.graph_builder import Builder
from review.tests.helpers import plain_http
from review.tests.serve.programs import changed, without


def proxied(key: str, uri: str, *, stage: dict[str, Any] | None = None, **inputs: Any) -> Graph:
    """An HTTP API with one route to a URL on the internet, which the backend of this machine stands in for."""
    build = Builder()
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    given = {"autoDeploy": True} if stage is None else stage
    build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="$default", **given)
    integration = build(
        "apigatewayv2/integration:Integration", "integration", apiId=api.id, integrationType="HTTP_PROXY",
        integrationMethod="ANY", integrationUri=uri, payloadFormatVersion="1.0", **inputs,
    )  # fmt: skip
    route(build, api, integration, routeKey=key, authorizationType="NONE")
    return build.graph()


def test_mappings_of_responses_are_named() -> None:
    listed = [{"statusCode": "200", "mappings": {"overwrite:statuscode": "299"}}]
    with serving(proxied("GET /a", "http://backend.invalid/b", responseParameters=listed), Options()) as served:
        assert plain_http.get(f"{served.url()}/a").status_code == 200
        assert [one["input"] for one in served.stack.unread] == ["responseParameters"]


@pytest.mark.parametrize(
    ("stage", "status"),
    [({}, 404), ({"autoDeploy": False}, 404), ({"autoDeploy": True}, 200), ({"deploymentId": "abc"}, 200)],
)
def test_a_stage_without_a_deployment_answers_nothing(stage: dict[str, Any], status: int) -> None:
    with serving(proxied("GET /a", "http://backend.invalid/b", stage=stage), Options()) as served:
        answer = plain_http.get(f"{served.url()}/a")
        note = served.traces[-1].note
    assert answer.status_code == status
    assert ("has no deployment" in note) == (status == 404)


def test_an_http_api_without_a_stage_is_not_found() -> None:
    with serving(without(changed(proxied("GET /a", "http://b.invalid/b"), "api"), "stage"), Options()) as served:
        assert plain_http.get(f"{served.url()}/a").json() == {"message": "Not Found"}
