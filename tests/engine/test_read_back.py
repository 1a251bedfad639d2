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
from tests.engine.read_back import client, differences, unstated

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


def test_a_component_that_lost_its_statement_or_has_a_secret_in_it_is_named() -> None:
    def component(kind: str, **inputs: Any) -> dict[str, Any]:
        return {"type": f"gatehouse:index:{kind}", "urn": f"urn:pulumi:test::shop::{kind}::a", "inputs": inputs}

    secret = {"version": 1, "url": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}}
    good = component("ApiFront", reach={"version": 1})
    assert list(unstated([good, component("Alerts"), {"type": "aws:sqs/queue:Queue", "urn": "a"}])) == []
    assert list(unstated([component("Greeter"), component("UrlBackend", reach=secret)])) == [
        "Greeter a has no input reach in the state",
        "UrlBackend a has a secret in its input reach",
    ]
