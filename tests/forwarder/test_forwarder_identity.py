"""Who called, as the backend learns it, and what a caller cannot make it believe."""

import json
from typing import Any

import pytest

from forwarder import identity, request
from tests.forwarder.loopback import Received, answering, response
from tests.forwarder.setting import Serve, ask, call, event, front

NAMES = [
    identity.CONTEXT,
    identity.SUBJECT,
    "X-Authenticated-Scope",
    identity.PRINCIPAL,
    identity.KEY,
    identity.SOURCE,
    identity.REQUEST,
]
ARN = "arn:aws:sts::123456789012:assumed-role/caller/session"


def received(serve: Serve, given: Any, wanted: str = "true") -> Received:
    backend = serve(answering(response()))
    result = ask(front(backend.url, IDENTITY=wanted), given)
    assert result["statusCode"] == 200, result["body"]
    return backend.requests[0]


def rest(authorizer: dict[str, Any] | None = None, **caller: Any) -> dict[str, Any]:
    given = event("rest")
    given["requestContext"]["identity"] |= caller
    if authorizer is not None:
        given["requestContext"]["authorizer"] = authorizer
    return given


def http(authorizer: dict[str, Any] | None = None) -> dict[str, Any]:
    given = event("http_2_named_stage")
    if authorizer is not None:
        given["requestContext"]["authorizer"] = authorizer
    return given


CASES: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (
        "user pool",
        rest({"claims": {"sub": "user-1", "scope": "a/read a/write", "email": "a@example.com"}}),
        {"subject": "sub:user-1"},
    ),
    ("function of a REST API", rest({"principalId": "tenant-7", "plan": "gold"}), {"principal": "tenant-7"}),
    ("IAM of a REST API", rest(userArn=ARN, caller="AROA:session", accessKey="ASIA"), {"principal": ARN}),
    ("key", rest(apiKey="the-secret-key", apiKeyId="abcdef1234"), {"key": "abcdef1234"}),
    ("open", rest(), {}),
    (
        "token of an HTTP API",
        http({"jwt": {"claims": {"sub": "user-2", "scope": "read"}, "scopes": ["read"]}}),
        {"subject": "sub:user-2"},
    ),
    ("IAM of an HTTP API", http({"iam": {"userArn": ARN, "userId": "AROA:session"}}), {"principal": ARN}),
    ("function of an HTTP API", http({"lambda": {"plan": "gold"}}), {}),
    ("open HTTP API", http(), {}),
]


@pytest.mark.parametrize(("given", "found"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_backend_learns_who_called(serve: Serve, given: dict[str, Any], found: dict[str, str]) -> None:
    got = received(serve, given)
    for key, name in (("subject", identity.SUBJECT), ("principal", identity.PRINCIPAL), ("key", identity.KEY)):
        assert got.values(name) == ([found[key]] if key in found else []), name
    assert got.values(identity.SOURCE) == ["198.51.100.7"]
    around = given["requestContext"]
    assert got.values(identity.REQUEST) == [around.get("extendedRequestId") or around["requestId"]]
    context = json.loads(got.values(identity.CONTEXT)[0])
    assert context.get("authorizer") == around.get("authorizer")
    assert "the-secret-key" not in str(got.headers)


def spellings(name: str) -> list[str]:
    return [name, name.lower(), name.upper(), name.replace("-", "_"), name.replace("-", "."), name.replace("-", "_", 1)]


@pytest.mark.parametrize("wanted", ["true", "false"])
@pytest.mark.parametrize("base", [event("rest"), event("http_2_named_stage"), event("http_1_named_stage")])
def test_a_caller_cannot_claim_to_be_another(serve: Serve, base: dict[str, Any], wanted: str) -> None:
    given = {**base, "headers": {}, "multiValueHeaders": {}}
    for name in NAMES:
        for spelling in spellings(name):
            given["headers"][spelling] = "forged"
            if base.get("version") != "2.0":
                given["multiValueHeaders"][spelling] = ["forged"]
    got = received(serve, given, wanted)
    assert "forged" not in str(got.headers)
    if wanted == "false":
        assert not {name.lower() for name in NAMES} & {name for name, _ in got.headers}


def test_every_name_is_kept_from_the_caller() -> None:
    assert {name.lower() for name in NAMES} <= request.REPLACED


@pytest.mark.parametrize(
    "subject", ["admin ", "a\r\nX-Credential-Identifier: b", "a\x00", "zoë", "x" * 1025, 7, ["a"], {"a": "b"}]
)
def test_a_value_that_is_not_fit_is_left_out(serve: Serve, subject: object) -> None:
    got = received(serve, rest({"claims": {"sub": subject}}))
    assert got.values(identity.SUBJECT) == []
    assert got.values(identity.KEY) == []
    assert json.loads(got.values(identity.CONTEXT)[0])["authorizer"] == {"claims": {"sub": subject}}


@pytest.mark.parametrize("subject", ["", None, "absent"])
def test_a_token_without_a_subject_names_nobody(serve: Serve, subject: str | None) -> None:
    claims = {"iss": "x"} if subject == "absent" else {"iss": "x", "sub": subject}
    assert received(serve, rest({"claims": claims})).values(identity.SUBJECT) == ["sub:"]
    assert received(serve, http({"jwt": {"claims": claims}})).values(identity.SUBJECT) == ["sub:"]


def test_a_context_that_is_too_long_is_left_out(serve: Serve) -> None:
    got = received(serve, rest({"claims": {"sub": "user-1", "groups": "g" * 9000}}))
    assert got.values(identity.CONTEXT) == []
    assert got.values(identity.SUBJECT) == ["sub:user-1"]


@pytest.mark.parametrize("place", ["identity", "authentication"])
def test_a_clients_certificate_is_named_but_not_sent(serve: Serve, place: str) -> None:
    given = rest() if place == "identity" else http()
    given["requestContext"][place] = {"clientCert": {"subjectDN": "CN=device-1", "clientCertPem": "PEM" * 900}}
    context = json.loads(received(serve, given).values(identity.CONTEXT)[0])
    assert context[place] == {"clientCert": {"subjectDN": "CN=device-1"}}


def test_nothing_of_one_caller_reaches_the_next(serve: Serve) -> None:
    backend = serve(answering(response()))
    forwarder = front(backend.url, IDENTITY="true")
    ask(forwarder, rest({"claims": {"sub": "user-1", "scope": "admin"}}, apiKeyId="key-1", userArn=ARN))
    ask(forwarder, call())
    assert backend.connections == 1
    assert not {name.lower() for name in NAMES[1:5]} & {name for name, _ in backend.requests[1].headers}
    assert "user-1" not in str(backend.requests[1].headers)
