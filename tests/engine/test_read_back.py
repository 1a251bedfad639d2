"""The comparison of REST APIs with what AWS holds."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError
from botocore.httpsession import URLLib3Session

from tests.engine.cli import Engine
from tests.engine.read_back import client, differences

ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc"
BODY: dict[str, Any] = {"paths": {}, "x-amazon-apigateway-policy": {"Statement": [{"Resource": "execute-api:/*"}]}}


def found(policy: Any, *stages: Any) -> list[str]:
    # GetRestApi gives the policy as a JSON text that is escaped once more.
    text = json.dumps(json.dumps(policy))[1:-1] if policy else None
    return list(differences("front", ARN, BODY, text, dict(zip("abc", stages, strict=False))))


def test_a_connection_that_is_refused_for_a_moment_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = iter(range(6))

    def send(self: URLLib3Session, request: Any) -> Any:
        if next(refusals, None) is not None:
            raise EndpointConnectionError(endpoint_url=request.url)
        return AWSResponse(request.url, 200, {}, SimpleNamespace(stream=lambda: [b'{"item": []}']))

    monkeypatch.setattr(URLLib3Session, "send", send)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    engine = cast(Engine, SimpleNamespace(endpoint="http://127.0.0.1:1"))
    assert client(engine, "apigateway").get_rest_apis()["items"] == []


def test_a_policy_is_equal_with_whole_arns_and_different_otherwise() -> None:
    assert found({"Statement": [{"Resource": f"{ARN}/*"}]}) == []
    assert found({"Statement": []})
    assert found(None)


def test_a_stage_that_serves_an_older_document_is_found() -> None:
    (fault,) = found({"Statement": [{"Resource": f"{ARN}/*"}]}, BODY, {**BODY, "paths": {"/": {}}})
    assert fault.startswith("stage b of front serves another document")
