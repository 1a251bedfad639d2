"""Who called, as the backend learns it, and what a caller cannot make it believe."""

import itertools
import json
from typing import Any

import pytest

from forwarder import identity
from tests.forwarder.loopback import answering, response
from tests.forwarder.setting import Serve, ask, call, event, front, received

SINGLE = (identity.SUBJECT, identity.PRINCIPAL, identity.KEY)
NAMES = [identity.CONTEXT, "X-Authenticated-Scope", *SINGLE, identity.SOURCE, identity.REQUEST]
ARN = "arn:aws:sts::123456789012:assumed-role/caller/session"


def rest(authorizer: dict[str, Any] | None = None, **caller: Any) -> dict[str, Any]:
    given = event("rest")
    given["requestContext"]["identity"] |= {"apiKeyId": None, **caller}
    given["requestContext"]["authorizer"] = authorizer
    return given


def http(authorizer: dict[str, Any] | None = None) -> dict[str, Any]:
    given = event("http_2")
    given["requestContext"]["authorizer"] = authorizer
    return given


NOBODY: list[dict[str, Any]] = [{}, {"sub": ""}, {"sub": None}]
TOKEN = {"sub": "user-2", "scope": "read"}
CASES: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("user pool", rest({"claims": {"sub": "user-1", "scope": "a/read a/write"}}), {identity.SUBJECT: "sub:user-1"}),
    ("function of a REST API", rest({"principalId": "tenant-7", "plan": "gold"}), {identity.PRINCIPAL: "tenant-7"}),
    ("IAM of a REST API", rest(userArn=ARN, caller="AROA:session", accessKey="ASIA"), {identity.PRINCIPAL: ARN}),
    ("key", rest(apiKey="the-secret-key", apiKeyId="abcdef1234"), {identity.KEY: "abcdef1234"}),
    ("open", rest(), {}),
    ("token of an HTTP API", http({"jwt": {"claims": TOKEN, "scopes": ["read"]}}), {identity.SUBJECT: "sub:user-2"}),
    ("IAM of an HTTP API", http({"iam": {"userArn": ARN, "userId": "AROA:session"}}), {identity.PRINCIPAL: ARN}),
    ("function of an HTTP API", http({"lambda": {"plan": "gold"}}), {}),
    ("open HTTP API", http(), {}),
    # A token without a subject names nobody.
    *(("no subject", rest({"claims": {**of, "iss": "x"}}), {identity.SUBJECT: "sub:"}) for of in NOBODY),
    *(("no subject", http({"jwt": {"claims": {**of, "iss": "x"}}}), {identity.SUBJECT: "sub:"}) for of in NOBODY),
]


@pytest.mark.parametrize(("given", "found"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_the_backend_learns_who_called(serve: Serve, given: dict[str, Any], found: dict[str, str]) -> None:
    got = received(serve, given, IDENTITY="true")
    for name in SINGLE:
        assert got.values(name) == ([found[name]] if name in found else []), name
    assert got.values(identity.SOURCE) == ["198.51.100.7"]
    around = given["requestContext"]
    assert got.values(identity.REQUEST) == [around.get("extendedRequestId") or around["requestId"]]
    context = json.loads(got.values(identity.CONTEXT)[0])
    assert context.get("authorizer") == around["authorizer"]
    assert "the-secret-key" not in str(got.headers)


def spellings(name: str) -> list[str]:
    return [name, name.lower(), name.upper(), name.replace("-", "_"), name.replace("-", "."), name.replace("-", "_", 1)]


@pytest.mark.parametrize("wanted", ["true", "false"])
@pytest.mark.parametrize("name", ["rest", "http_2", "http_1"])
def test_a_caller_cannot_claim_to_be_another(serve: Serve, name: str, wanted: str) -> None:
    given = {**event(name), "headers": {}, "multiValueHeaders": {}}
    for spelling in itertools.chain(*map(spellings, NAMES)):
        given["headers"][spelling] = "forged"
        if name != "http_2":
            given["multiValueHeaders"][spelling] = ["forged"]
    got = received(serve, given, IDENTITY=wanted)
    assert "forged" not in str(got.headers)
    if wanted == "false":
        assert not {name.lower() for name in NAMES} & {name for name, _ in got.headers}


@pytest.mark.parametrize(
    "subject", ["admin ", "a\r\nX-Credential-Identifier: b", "a\x00", "zoë", "x" * 1025, 7, ["a"], {"a": "b"}]
)
def test_a_value_that_is_not_fit_is_left_out(serve: Serve, subject: object) -> None:
    got = received(serve, rest({"claims": {"sub": subject}}), IDENTITY="true")
    assert got.values(identity.SUBJECT) == got.values(identity.KEY) == []
    assert json.loads(got.values(identity.CONTEXT)[0])["authorizer"] == {"claims": {"sub": subject}}
    long = received(serve, rest({"claims": {"sub": "user-1", "groups": "g" * 9000}}), IDENTITY="true")
    assert (long.values(identity.CONTEXT), long.values(identity.SUBJECT)) == ([], ["sub:user-1"])


@pytest.mark.parametrize("place", ["identity", "authentication"])
def test_a_clients_certificate_is_named_but_not_sent(serve: Serve, place: str) -> None:
    given = rest() if place == "identity" else http()
    given["requestContext"][place] = {"clientCert": {"subjectDN": "CN=device-1", "clientCertPem": "PEM" * 900}}
    context = json.loads(received(serve, given, IDENTITY="true").values(identity.CONTEXT)[0])
    assert context[place] == {"clientCert": {"subjectDN": "CN=device-1"}}


def test_nothing_of_one_caller_reaches_the_next(serve: Serve) -> None:
    backend = serve(answering(response()))
    forwarder = front(backend.url, IDENTITY="true")
    ask(forwarder, rest({"claims": {"sub": "user-1", "scope": "admin"}}, apiKeyId="key-1", userArn=ARN))
    ask(forwarder, call())
    assert backend.connections == 1
    assert not {name.lower() for name in SINGLE} & {name for name, _ in backend.requests[1].headers}
    assert "user-1" not in str(backend.requests[1].headers)
