"""For stacks of every kind: which headers tell the backend who called, and that no caller can write them."""

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from components.testing.recorder import Graph
from tests.helpers.declare import ProgramError
from tests.helpers.draws import draws
from tests.helpers.stacks import graph_with
from tests.topologies.received_headers import AT_AWS, SOURCE, Caller, Received, received

ARN = "arn:aws:sts::111122223333:assumed-role/caller/session"
CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/x"
FUNCTION = {"arn": "arn:aws:lambda:eu-west-1:111122223333:function:decides"}
POOL = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_x"
AUTHORIZERS: dict[str, dict[str, Any]] = {
    "jwt": {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["gate"]},
    "cognito": {"kind": "cognito", "userPoolArns": [POOL]},
    "lambda": {"kind": "lambda", "function": FUNCTION},
}
# The document's table: header, and its value for a caller that each authorization knows.
NAMED = {
    "jwt": ("X-Authenticated-Userid", "sub:user-1"),
    "cognito": ("X-Authenticated-Userid", "sub:user-1"),
    "iam": ("X-Authenticated-Principal", ARN),
}
NAMES = (
    "X-Authenticated-Userid",
    "X-Authenticated-Scope",
    "X-Authenticated-Principal",
    "X-Credential-Identifier",
    "X-Real-IP",
    "X-Gateway-Request-Id",
    "x-amzn-request-context",
)
KNOWN: dict[str, dict[str, Any]] = {
    "none": {},
    "iam": {"identity": {"userArn": ARN}},
    "jwt": {"authorizer": {"claims": {"sub": "user-1", "scope": "read"}}},
    "cognito": {"authorizer": {"claims": {"sub": "user-1", "scope": "read"}}},
    "lambda": {"authorizer": {"principalId": "tenant-7"}},
}
EC2 = {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80}
FARGATE = {"kind": "fargate", "image": "traefik/whoami:v1.11.0", "port": 80}
SHAPES: dict[str, dict[str, Any]] = {
    "forwarder": {"topology": "public-proxy", "backend": EC2},
    "forwarder, http": {"topology": "public-proxy", "backend": EC2, "kind": "http"},
    "alb": {"topology": "vpc-link", "backend": FARGATE, "ingress": {"kind": "alb"}},
    "nlb": {"topology": "vpc-link", "backend": EC2, "ingress": {"kind": "nlb"}},
    "alb, http": {"topology": "vpc-link", "backend": EC2, "ingress": {"kind": "alb"}, "kind": "http"},
    "nlb, http": {"topology": "vpc-link", "backend": FARGATE, "ingress": {"kind": "nlb"}, "kind": "http"},
    "registry": {"topology": "vpc-link", "backend": FARGATE, "ingress": {"kind": "cloud-map"}, "kind": "http"},
    "private, forwarder": {"topology": "private-api", "backend": EC2},
    "private, alb": {"topology": "private-api", "backend": EC2, "ingress": {"kind": "alb"}},
}


def spelled(name: str) -> set[str]:
    mixed = "".join(char.upper() if place % 2 else char.lower() for place, char in enumerate(name))
    return {name, name.lower(), name.upper(), mixed}


FORGED = [(spelling, "forged") for name in NAMES for spelling in sorted(spelled(name))]


def config(
    shape: str, used: tuple[str, ...], base: str | None, prefix: str, identity: bool | None, proxied: bool
) -> dict[str, Any]:
    parts = dict(SHAPES[shape])
    kind, private = parts.pop("kind", "rest"), parts["topology"] == "private-api"
    routes = [
        {"path": f"{prefix}/{name}", "methods": ["GET"], "authorization": name if name != "none" else "none"}
        for name in used
    ]
    if proxied:
        routes.append({"path": f"{prefix}/by-forwarder", "methods": ["GET"], "target": "proxy"})
    api: dict[str, Any] = {"kind": kind, "stripPrefix": prefix, "routes": routes}
    if own := {name: AUTHORIZERS[name] for name in used if name in AUTHORIZERS}:
        api["authorizers"] = own
    if base is not None:
        api["domain"] = {"name": "api.example.com", "certificateArn": CERTIFICATE, "basePath": base}
        if not private:
            api["domain"]["disableDefaultEndpoint"] = False
    if identity is not None:
        api["identity"] = identity
    return {**parts, "api": {key: value for key, value in api.items() if value != ""}}


def declared(given: dict[str, Any]) -> Graph | None:
    try:
        return graph_with(given)
    except ProgramError as error:
        if "api.identity" not in str(error):
            raise
        return None


def values(got: Received, name: str) -> list[str]:
    return [value for one, value in got.headers if one.lower() == name.lower()]


@settings(max_examples=draws(10), suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(list(SHAPES)),
    st.sets(st.sampled_from(list(KNOWN)), min_size=1),
    st.sampled_from([None, "", "base"]),
    st.sampled_from(["", "/v1", "/forward"]),
    st.sampled_from([None, True, False]),
    st.booleans(),
    st.booleans(),
)
def test_no_caller_names_itself(
    shape: str, drawn: set[str], base: str | None, prefix: str, identity: bool | None, proxied: bool, by_domain: bool
) -> None:
    http = SHAPES[shape].get("kind") == "http"
    used = tuple(sorted(drawn - {"cognito"} if http else drawn - {"jwt"}))
    # A forwarder finds no task in a registry, and has no link to stand beside.
    proxied = proxied and "ingress" in SHAPES[shape] and shape != "registry"
    assume(used)
    graph = declared(config(shape, used, base, prefix, identity, proxied))
    by_rest_link = "ingress" in SHAPES[shape] and not http
    assert (graph is None) == (by_rest_link and identity is True)
    if graph is None:
        return
    identifies = bool(set(used) - {"none"}) if identity is None else identity
    host, mount = ("api.example.com", f"/{base}" if base else "") if by_domain and base is not None else (AT_AWS, "")
    if host == AT_AWS and not http:
        mount = "/live"
    for name in (*used, *(["by-forwarder"] if proxied else [])):
        for below in ("", "/x/y"):
            path = f"{prefix}/{name}{below}"
            known = KNOWN.get(name, {})
            honest = received(graph, path, Caller([], host, mount, known))
            forged = received(graph, path, Caller(FORGED, host, mount, known))
            if honest.way == "rest":
                assert not {one.lower() for one, _ in honest.headers} & {one.lower() for one in NAMES}
                continue
            reserved = {"x-amzn-request-context"} if honest.way == "http" else set()
            for header in set(NAMES) - reserved:
                assert values(forged, header) == values(honest, header), (name, header)
            assert values(honest, "X-Real-IP") == ([SOURCE] if identifies and not by_rest_link else [])
            if identifies and not by_rest_link and name in NAMED:
                header, value = NAMED[name]
                assert values(honest, header) == [value]
                empty = {"authorizer": {"claims": {"iss": "x"}}}
                nobody = received(graph, path, Caller(FORGED, host, mount, empty if "claims" in str(known) else known))
                assert values(nobody, header) == (["sub:"] if "claims" in str(known) else [value])
            if honest.way == "function":
                assert values(honest, "X-Forwarded-Prefix") == list(filter(None, [mount + prefix]))


@pytest.mark.parametrize("shape", ["alb", "nlb", "private, alb"])
def test_identity_behind_a_rest_link_is_refused(shape: str) -> None:
    with pytest.raises(ProgramError, match=r"(?s)api\.identity.*the forwarder"):
        graph_with(config(shape, ("iam",), None, "", True, False))
